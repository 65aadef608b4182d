"""A few reads at once, in threads that hold up no exit: who waits for them may give up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
AT_ONCE = 8


def side_by_side(calls: Sequence[Callable[[], T]]) -> list[T]:
    """The results in order.  Raises the first error; what has not begun by then is left out."""
    if len(calls) <= 1:
        return [call() for call in calls]
    results: dict[int, T] = {}
    failures: list[BaseException] = []
    places = iter(range(len(calls)))
    lock = threading.Lock()

    def work() -> None:
        while not failures:
            with lock:
                place = next(places, None)
            if place is None:
                return
            try:
                results[place] = calls[place]()
            except BaseException as failed:  # noqa: BLE001  raised where the results are wanted
                failures.append(failed)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(AT_ONCE, len(calls)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [results[place] for place in range(len(calls))]
