"""Whole lists: pages followed by results received, several at once, smaller ones when they come too slowly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from watchbill.errors import AccountUnfit
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

Item = dict[str, Any]


@dataclass
class Listing:
    """`size` shrinks for good when pages of it are too slow."""

    path: str
    wrapper: str
    params: Mapping[str, Any] = field(default_factory=dict)
    size: int = 100


@dataclass(frozen=True, slots=True)
class _Page:
    items: list[Item]
    more: bool
    total: int | None


def read_list(transport: Transport, listing: Listing, pool: ThreadPoolExecutor) -> list[Item]:
    """Call it from outside the pool: it waits for what it submits there."""
    return finish_list(transport, listing, pool, start_list(transport, listing, pool))


def read_in_turn(transport: Transport, listing: Listing) -> list[Item]:
    """Page after page, in this thread.  For lists that are short, or grow only at their beginning."""
    items: list[Item] = []
    more = True
    while more:
        _within_ceiling(listing, len(items) + listing.size)
        page = _page(transport, listing, len(items), listing.size, with_total=False)
        items += page.items
        more = page.more and bool(page.items)
    return _unique(items)


def start_list(transport: Transport, listing: Listing, pool: ThreadPoolExecutor) -> Future[_Page]:
    return pool.submit(_span, transport, listing, 0, listing.size, True)


def finish_list(
    transport: Transport, listing: Listing, pool: ThreadPoolExecutor, first: Future[_Page]
) -> list[Item]:
    """What is made or deleted meanwhile moves others across the pages' bounds: then the list is read again."""
    for attempt in range(ATTEMPTS):
        page = (first if not attempt else start_list(transport, listing, pool)).result()
        found = _unique(_rest(transport, listing, pool, page))
        if page.total is None or len(found) >= page.total:
            break
    return found


def _rest(transport: Transport, listing: Listing, pool: ThreadPoolExecutor, page: _Page) -> list[Item]:
    """With the first page."""
    items = list(page.items)
    if page.more and page.total is not None:
        _within_ceiling(listing, page.total)
        step = listing.size
        rest = [
            pool.submit(_span, transport, listing, offset, min(step, page.total - offset), False)
            for offset in range(len(items), page.total, step)
        ]
        for part in rest:
            page = part.result()
            items.extend(page.items)
    while page.more and page.items:
        _within_ceiling(listing, len(items) + listing.size)
        page = _span(transport, listing, len(items), listing.size, False)
        items.extend(page.items)
    return items


def _span(transport: Transport, listing: Listing, offset: int, count: int, with_total: bool) -> _Page:
    """`count` items from `offset`, in as many requests as it takes."""
    items: list[Item] = []
    total = None
    while True:
        page = _page(transport, listing, offset + len(items), count - len(items), with_total and not items)
        items.extend(page.items)
        total = total if page.total is None else page.total
        if not page.more or not page.items or len(items) >= count:
            return _Page(items, page.more, total)


def _page(transport: Transport, listing: Listing, offset: int, count: int, with_total: bool) -> _Page:
    while True:
        limit = min(count, listing.size)
        params = {**listing.params, "limit": limit, "offset": offset}
        if with_total:
            params["total"] = "true"
        try:
            body = transport.get(listing.path, params, patient=limit <= SMALLEST).body
        except TooSlow:
            listing.size = max(SMALLEST, limit // 2)
            continue
        found = body.get(listing.wrapper) if isinstance(body, dict) else None
        items = found if isinstance(found, list) else []
        total = body.get("total") if isinstance(body, dict) else None
        more = bool(body.get("more")) if isinstance(body, dict) else False
        return _Page(items, more, total if isinstance(total, int) else None)


def _within_ceiling(listing: Listing, count: int) -> None:
    if count > CEILING:
        raise AccountUnfit(
            f"{listing.path} has more than {CEILING:,} entries, which is as many as PagerDuty lists",
            remedy="this account is too large to be read whole; use one account per organization",
        )


def _unique(items: Sequence[Item]) -> list[Item]:
    """A list that grows while it is read shows some entries twice."""
    return list({str(item.get("id")): item for item in items}.values())


def unwrapped(body: object, wrapper: str) -> Item:
    inner = body.get(wrapper) if isinstance(body, dict) else None
    if not isinstance(inner, dict):
        raise AccountUnfit(
            f"PagerDuty's answer has no `{wrapper}`",
            remedy="check PAGERDUTY_URL: it may point at something that is not PagerDuty",
        )
    return inner
