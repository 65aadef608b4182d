"""Whole lists: pages followed by results received, several at once, smaller ones when they come too slowly.

A list is whole or an error: every page has its wrapper, its paging fields and entries of the right types, and as many
entries came as the list counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from watchbill.errors import AccountUnfit
from watchbill.pagerduty.answers import AnswerUnusable, Item
from watchbill.pagerduty.problems import TooSlow
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import DAY

ATTEMPTS = 3
"""Times a list is read in all while it keeps changing between its pages."""
CEILING = 10_000
"""PagerDuty answers 400 to offset + limit beyond it."""
SMALLEST = 5
LONGEST_RANGE = 360 * DAY
"""PagerDuty answers no `since` and `until` that are more than a year apart."""

T = TypeVar("T")


@dataclass
class Listing(Generic[T]):
    """`read`: makes one entry; may raise ValidationError and the like.  `size` shrinks for good when its pages are too slow."""

    path: str
    wrapper: str
    read: Callable[[Item], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    size: int = 100


@dataclass(frozen=True, slots=True)
class _Page(Generic[T]):
    items: list[tuple[str, T]]
    """With their ids."""
    more: bool
    total: int | None


def read_list(transport: Transport, listing: Listing[T], pool: ThreadPoolExecutor) -> list[T]:
    """Call it from outside the pool: it waits for what it submits there.  Raises AnswerUnusable."""
    return finish_list(transport, listing, pool, start_list(transport, listing, pool))


def read_in_turn(transport: Transport, listing: Listing[T]) -> list[T]:
    """Page after page, in this thread.  For lists that are short, or grow only at their beginning."""
    page = _page(transport, listing, 0, listing.size, with_total=False)
    return list(_followed(transport, listing, page).values())


def start_list(transport: Transport, listing: Listing[T], pool: ThreadPoolExecutor) -> Future[_Page[T]]:
    return pool.submit(_span, transport, listing, 0, listing.size, True)


def finish_list(
    transport: Transport, listing: Listing[T], pool: ThreadPoolExecutor, first: Future[_Page[T]]
) -> list[T]:
    """What is made or deleted meanwhile moves others across the pages' bounds: then the list is read again."""
    for attempt in range(ATTEMPTS):
        page = (first if not attempt else start_list(transport, listing, pool)).result()
        found = _rest(transport, listing, pool, page)
        if page.total is None or len(found) >= page.total:
            return list(found.values())
    raise _not_whole(listing, f"{len(found)} of {page.total} entries came, {ATTEMPTS} times")


def _rest(
    transport: Transport, listing: Listing[T], pool: ThreadPoolExecutor, page: _Page[T]
) -> dict[str, T]:
    """By id, with the first page.  A list that grows while it is read shows some entries twice."""
    if not page.more or page.total is None:
        return _followed(transport, listing, page)
    _within_ceiling(listing, page.total)
    count, step = len(page.items), listing.size
    rest = [
        pool.submit(_span, transport, listing, offset, min(step, page.total - offset), False)
        for offset in range(count, page.total, step)
    ]
    items = dict(page.items)
    for part in rest:
        page = part.result()
        items.update(page.items)
        count += len(page.items)
    return _followed(transport, listing, page, items, count)


def _followed(
    transport: Transport,
    listing: Listing[T],
    page: _Page[T],
    before: Mapping[str, T] | None = None,
    count: int = 0,
) -> dict[str, T]:
    """One page after another, as long as each adds something.  `count`: entries of the pages `before`, this one too."""
    items = {**(before or {}), **dict(page.items)}
    count = count or len(page.items)
    while page.more:
        if not page.items:
            raise _not_whole(listing, "an empty page announces more")
        _within_ceiling(listing, count + listing.size)
        page = _span(transport, listing, count, listing.size, False)
        known = len(items)
        items.update(page.items)
        count += len(page.items)
        if page.more and len(items) == known:
            raise _not_whole(listing, "it repeats a page")
    return items


def _span(transport: Transport, listing: Listing[T], offset: int, count: int, with_total: bool) -> _Page[T]:
    """`count` items from `offset`, in as many requests as it takes."""
    items: list[tuple[str, T]] = []
    total = None
    while True:
        page = _page(transport, listing, offset + len(items), count - len(items), with_total and not items)
        items.extend(page.items)
        total = total if page.total is None else page.total
        if not page.more or not page.items or len(items) >= count:
            return _Page(items, page.more, total)


def _page(transport: Transport, listing: Listing[T], offset: int, count: int, with_total: bool) -> _Page[T]:
    while True:
        limit = min(count, listing.size)
        params = {**listing.params, "limit": limit, "offset": offset}
        if with_total:
            params["total"] = "true"
        try:
            answer = transport.get(listing.path, params, patient=limit <= SMALLEST)
        except TooSlow:
            listing.size = max(SMALLEST, limit // 2)
            continue
        with answer.reading():
            items = [(str(item["id"]), listing.read(item)) for item in answer.items(listing.wrapper)]
        return _Page(items, answer.more(), answer.total())


def _within_ceiling(listing: Listing[T], count: int) -> None:
    if count > CEILING:
        raise AccountUnfit(
            f"{listing.path} has more than {CEILING:,} entries, which is as many as PagerDuty lists",
            remedy="this account is too large to be read whole; use one account per organization",
        )


def _not_whole(listing: Listing[T], why: str) -> AnswerUnusable:
    return AnswerUnusable(
        f"PagerDuty's answers to GET {listing.path} are not whole: {why}", remedy="run it again"
    )


def plainly(item: Item) -> Item:
    """For lists whose entries are used as they come."""
    return item
