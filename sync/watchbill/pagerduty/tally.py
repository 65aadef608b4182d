"""How many requests went out, of all and of a part of the work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

_ALSO: ContextVar[tuple[Tally, ...]] = ContextVar("counted_also", default=())


@dataclass
class Tally:
    requests: Counter[str] = field(default_factory=Counter)
    """By method, tries included."""
    retries: int = 0
    limited: int = 0
    """Answers with 429."""

    @property
    def total(self) -> int:
        return self.requests.total()

    @property
    def writes(self) -> int:
        return self.total - self.requests["GET"]


@contextmanager
def counted(tally: Tally) -> Iterator[None]:
    """The requests that this thread sends meanwhile are counted in `tally` too."""
    token = _ALSO.set((*_ALSO.get(), tally))
    try:
        yield
    finally:
        _ALSO.reset(token)


def counted_also() -> tuple[Tally, ...]:
    return _ALSO.get()


def count_also(tallies: tuple[Tally, ...]) -> None:
    """For the threads of a pool, which do not take over what the thread that made them counts."""
    _ALSO.set(tallies)
