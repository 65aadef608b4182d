"""The audit trail of single objects: newest first, by cursor, at most 31 days a request (facts 9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from watchbill.account.objects import ObjectKind
from watchbill.pagerduty.answers import Item
from watchbill.pagerduty.problems import Forbidden, NotEntitled, NotFound, Refused
from watchbill.pagerduty.read import PATHS, THREADS
from watchbill.pagerduty.transport import Transport
from watchbill.plan.attribution import NO_TRAIL, NOT_ALLOWED, NOT_KEPT, Record, Trail
from watchbill.plan.document import FieldChange
from watchbill.plan.hand_deleted import Deletion
from watchbill.rota.clock import DAY, MINUTE, iso, parse_instant

T = TypeVar("T")

LONGEST_WINDOW = 31 * DAY
KEPT = 365 * DAY
"""PagerDuty keeps the trail for twelve months."""
_PAGE = 100
_MOST_PAGES = 50
"""Of one object in one window; who changed it five thousand times will not be found by reading on."""


_KINDS: tuple[ObjectKind, ...] = ("schedule", "escalation_policy", "service")


@dataclass(frozen=True, slots=True)
class AskedTrail:
    ref: str
    kind: ObjectKind
    id: str
    since: int | None
    """None: as far back as one request goes."""
    shift_based: bool = False


def read_trails(
    transport: Transport, asked: list[AskedTrail], now: int, *, threads: int = THREADS
) -> dict[str, Trail]:
    """By `ref`."""
    with ThreadPoolExecutor(threads) as pool:
        trails = pool.map(lambda one: _trail(transport, one, now), asked)
        return {one.ref: trail for one, trail in zip(asked, trails, strict=True)}


def read_deletions(transport: Transport, now: int) -> tuple[list[Deletion], str]:
    """What was deleted in the last 31 days, newest first; and why nothing can be known, where that is so."""
    params = {
        "since": iso(now + MINUTE - LONGEST_WINDOW),
        "until": iso(now + MINUTE),
        "limit": _PAGE,
        "actions[]": ["delete"],
        "root_resource_types[]": [PATHS[kind].removeprefix("/") for kind in _KINDS],
    }
    try:
        found = _records(transport, "/audit/records", params, _deletion)
    except NotEntitled:
        return [], NO_TRAIL
    except Forbidden:
        return [], NOT_ALLOWED
    except (NotFound, Refused):
        return [], NOT_KEPT
    deletions = [deletion for deletion in found if deletion is not None]
    return sorted(deletions, key=lambda one: -one.record.at), ""


def _deletion(item: Item) -> Deletion | None:
    root = item.get("root_resource") or {}
    kind = next((k for k in _KINDS if str(root.get("type") or "").startswith(k)), "")
    if not kind or item.get("action") != "delete":
        return None
    return Deletion(kind, str(root.get("id") or ""), str(root.get("summary") or ""), _record(item))


def _trail(transport: Transport, asked: AskedTrail, now: int) -> Trail:
    path = f"{'/v3' if asked.shift_based else ''}{PATHS[asked.kind]}/{asked.id}/audit/records"
    until = now + MINUTE
    since = until - LONGEST_WINDOW if asked.since is None else max(asked.since, until - KEPT)
    records: dict[str, Record] = {}
    try:
        while until > since:
            start = max(since, until - LONGEST_WINDOW)
            records |= _window(transport, path, start, until)
            until = start
    except NotEntitled:
        return Trail(unknown=NO_TRAIL)
    except Forbidden:
        return Trail(unknown=NOT_ALLOWED)
    except (NotFound, Refused):
        return Trail(unknown=NOT_KEPT)
    oldest_first = [*records.values()][::-1]
    return Trail(tuple(sorted(oldest_first, key=lambda record: record.at)))


def _window(transport: Transport, path: str, since: int, until: int) -> dict[str, Record]:
    """By the record's id: one on a boundary may come twice."""
    params: dict[str, Any] = {"since": iso(since), "until": iso(until), "limit": _PAGE}
    records = _records(transport, path, params, lambda item: (str(item["id"]), _record(item)))
    return dict(records)


def _records(
    transport: Transport, path: str, params: Mapping[str, Any], read: Callable[[Item], T]
) -> list[T]:
    found: list[T] = []
    for _ in range(_MOST_PAGES):
        answer = transport.get(path, params)
        with answer.reading():
            found += [read(item) for item in answer.items("records")]
        cursor = answer.document().get("next_cursor")
        if not cursor:
            break
        if not isinstance(cursor, str) or cursor == params.get("cursor"):
            raise answer.unusable("`next_cursor` leads nowhere")
        params = {**params, "cursor": cursor}
    return found


def _record(item: Mapping[str, Any]) -> Record:
    method = item.get("method") or {}
    details = item.get("details") or {}
    context = item.get("execution_context") or {}
    return Record(
        at=_instant(str(item.get("execution_time") or "")),
        request_id=str(context.get("request_id") or ""),
        who=", ".join(
            str(actor.get("summary") or actor.get("id") or "") for actor in item.get("actors") or ()
        ),
        method=str(method.get("type") or "other"),
        token_tail=str(method.get("truncated_token") or "").lstrip(".*"),
        action=str(item.get("action") or ""),
        fields=(*_fields(details), *_references(details)),
        described=str(method.get("description") or ""),
    )


def _fields(details: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(path=str(f.get("name") or ""), before=f.get("before_value"), after=f.get("value"))
        for f in details.get("fields") or ()
    )


def _references(details: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Teams or targets that came and went."""

    def told(items: Any) -> str | None:
        return ", ".join(str(x.get("summary") or x.get("id") or "") for x in items or ()) or None

    return tuple(
        FieldChange(path=str(r.get("name") or ""), before=told(r.get("removed")), after=told(r.get("added")))
        for r in details.get("references") or ()
    )


def _instant(text: str) -> int:
    try:
        return parse_instant(text)
    except ValueError:
        return 0
