"""Classic paging: limit, offset, more, total."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from watchbill.sandbox.call import Call, Reply
from watchbill.sandbox.errors import invalid
from watchbill.sandbox.store import Doc

CEILING = 10_000


def window(call: Call, *, default: int = 25, most: int = 100) -> tuple[int, int]:
    """limit (capped, not refused) and offset; beyond the ceiling is refused."""
    limit, offset = _number(call, "limit", default), _number(call, "offset", 0)
    limit = min(max(limit, 1), most)
    if offset + limit > CEILING:
        raise invalid(f"Offset plus limit must be at most {CEILING}")
    return limit, offset


def _number(call: Call, name: str, default: int) -> int:
    text = call.first(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise invalid(f"{name.capitalize()} must be a whole number of at least 0")
    return int(text)


def listing(
    call: Call,
    key: str,
    kind: str,
    view: Callable[[Doc], Any],
    *,
    ids_in: Iterable[str] | None = None,
    by_creation: bool = False,
) -> Reply:
    limit, offset = window(call)
    docs, total = call.store.page(
        kind,
        limit=limit,
        offset=offset,
        query=call.first("query"),
        ids_in=ids_in,
        descending=call.first("sort_by") == "name:desc",
        by_creation=by_creation,
    )
    return _reply(call, key, [view(doc) for doc in docs], limit, offset, total)


def sliced(call: Call, key: str, items: list[Any], view: Callable[[Any], Any] = lambda item: item) -> Reply:
    limit, offset = window(call)
    return _reply(call, key, [view(i) for i in items[offset : offset + limit]], limit, offset, len(items))


def part_of_list(call: Call, key: str, items: list[Any], view: Callable[[Any], Any]) -> Reply:
    """As v3 has it: no `total`."""
    limit, offset = window(call)
    shown = [view(item) for item in items[offset : offset + limit]]
    return Reply({key: shown, "limit": limit, "offset": offset, "more": offset + len(shown) < len(items)})


def _reply(call: Call, key: str, shown: list[Any], limit: int, offset: int, total: int) -> Reply:
    return Reply(
        {
            key: shown,
            "limit": limit,
            "offset": offset,
            "more": offset + len(shown) < total,
            "total": total if call.flag("total") else None,
        }
    )
