"""Who made the drift: the account's audit trail, without our own writes.

A record is ours if it names a request of our journals, or was made with our token.  Only where nothing else
explains the drift, what was made with our token and stands in no journal is told: somebody else has that token.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from watchbill.account.digest import as_written
from watchbill.account.objects import Account, ManagedObject, ServiceRouting
from watchbill.plan.document import Change, FieldChange, Notice, Plan
from watchbill.plan.drift import Attribution, drift_changes
from watchbill.rota.clock import MINUTE, iso

NO_TRAIL = "this plan has no audit trail"
NOT_ALLOWED = "the token may not read the audit trail"
NOT_KEPT = "the audit trail does not say"
UNKNOWN = "unknown"

_LAST = 3
"""Edits told of an object that is not ours: it may have a long life of its own."""
_WRITING = 5 * MINUTE
"""How long after a marker's time the write that it tells of may still come."""
_ID = re.compile(r"\b[A-Z0-9]{6,14}\b")


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of the audit trail, about one object or a part of it."""

    at: int
    request_id: str
    who: str
    """Names of the actors; "" where the trail names none, as for a token of the account."""
    method: str
    """browser, api_token, oauth, identity_provider or other."""
    token_tail: str
    action: str
    fields: tuple[FieldChange, ...] = ()
    """Names and values verbatim: PagerDuty documents neither."""
    described: str = ""
    """What the trail says of the method: the name of an app."""


@dataclass(frozen=True, slots=True)
class Trail:
    """`unknown`: why nothing could be read."""

    records: tuple[Record, ...] = ()
    """Oldest first."""
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Ours:
    """By what our own writes are known."""

    requests: Collection[str] = field(default_factory=frozenset)
    token_tail: str = ""


def written_at(obj: ManagedObject) -> int | None:
    """Since when somebody else may have been at it; None = we never wrote it.

    A marker tells the minute after the write, so the edit may be up to a minute older than that.
    """
    return obj.marker.at - MINUTE if obj.marker is not None and obj.marker.digest else None


def trail_of_rules(routing: ServiceRouting, account: Account) -> Trail:
    """Event rules are in no audit trail: the rule set itself tells who saved it last, and nothing before that."""
    since = routing.marker.at if routing.marker is not None and routing.marker.digest else 0
    only_switched = as_written(routing.model_copy(update={"active": True}))
    if routing.edited_at is None or routing.edited_at < since or only_switched:
        return Trail(unknown=NOT_KEPT)
    names = {user.id: user.name for user in account.users}
    who = names.get(routing.edited_by, "")
    record = Record(
        at=routing.edited_at,
        request_id="",
        who=who,
        method="an edit of the event rules",
        token_tail="",
        action="",
    )
    return Trail((record,))


def attribute(
    plan: Plan, account: Account, trails: Mapping[str, Trail], ours: Ours
) -> tuple[Attribution, ...]:
    """`trails`: by ref of the change.  At least one attribution for each drifted object."""
    objects: dict[tuple[str, str], ManagedObject] = {(o.kind, o.id): o for o in account.everything()}
    names = {u.id: u.name for u in account.users} | {t.id: t.name for t in account.teams}
    names |= {obj.id: obj.name for obj in account.everything()}
    found: list[Attribution] = []
    for change in drift_changes(plan):
        current = objects.get((change.kind, change.id))
        since = written_at(current) if current is not None else None
        found += _of(change, trails.get(change.ref, Trail()), since or 0, ours, names)
    return tuple(found)


def attribute_notices(
    notices: Iterable[Notice], account: Account, trails: Mapping[str, Trail], ours: Ours
) -> tuple[Attribution, ...]:
    """Who took an object out of our hands: what was done to it after our last write, or to one never ours.

    `trails`: by kind and id, "service:PABC123".
    """
    names = {u.id: u.name for u in account.users}
    found: list[Attribution] = []
    for notice in notices:
        trail = trails.get(f"{notice.kind}:{notice.id}", Trail())
        if trail.unknown:
            found.append(Attribution(key=notice.key, who=UNKNOWN, how=trail.unknown))
            continue
        wrote = [i for i, record in enumerate(trail.records) if is_ours(record, ours)]
        later = trail.records[wrote[-1] + 1 :] if wrote else trail.records
        by_request: dict[str, list[Record]] = {}
        for number, record in enumerate(later):
            by_request.setdefault(record.request_id or f"record {number}", []).append(record)
        told = [_attribution(notice.key, records, ours, names) for records in by_request.values()]
        found += told[-_LAST:] or [Attribution(key=notice.key, who=UNKNOWN, how=NOT_KEPT)]
    return tuple(found)


def _of(change: Change, trail: Trail, since: int, ours: Ours, names: Mapping[str, str]) -> list[Attribution]:
    if trail.unknown:
        return [Attribution(key=change.key, who=UNKNOWN, how=trail.unknown)]
    later = [r for r in _since_written(trail, since, ours) if r.request_id not in ours.requests]
    others = [r for r in later if not _has_our_token(r, ours)]
    by_request: dict[str, list[Record]] = {}
    for number, record in enumerate(others or [r for r in later if r.at >= since + _WRITING]):
        by_request.setdefault(record.request_id or f"record {number}", []).append(record)
    groups = sorted(by_request.values(), key=lambda records: records[0].at)
    found = [_attribution(change.key, records, ours, names) for records in groups]
    return found or [Attribution(key=change.key, who=UNKNOWN, how=NOT_KEPT)]


def _since_written(trail: Trail, since: int, ours: Ours) -> list[Record]:
    """A marker tells the minute; what came before our own write in that minute was overwritten by it."""
    found = [r for r in trail.records if r.at >= since]
    wrote = [
        i
        for i, r in enumerate(found)
        if r.at < since + _WRITING and (r.request_id in ours.requests or _has_our_token(r, ours))
    ]
    return found[wrote[-1] + 1 :] if wrote else found


def is_ours(record: Record, ours: Ours) -> bool:
    return record.request_id in ours.requests or _has_our_token(record, ours)


def _has_our_token(record: Record, ours: Ours) -> bool:
    return record.method == "api_token" and bool(ours.token_tail) and record.token_tail == ours.token_tail


def _attribution(key: str, records: list[Record], ours: Ours, names: Mapping[str, str]) -> Attribution:
    first = records[0]
    told = [
        FieldChange(path=f.path, before=_named(f.before, names), after=_named(f.after, names))
        for record in records
        for f in record.fields
    ]
    return Attribution(
        key=key,
        who=who(first, ours),
        how=how(first),
        when=iso(first.at),
        fields=tuple(told),
    )


def who(record: Record, ours: Ours) -> str:
    if record.who:
        return record.who
    if record.method != "api_token":
        return UNKNOWN
    if _has_our_token(record, ours):
        return "somebody with watchbill's own token"
    return "somebody with a token of the account"


def how(record: Record) -> str:
    if record.method == "api_token":
        return f"api token ...{record.token_tail}" if record.token_tail else "api token"
    if record.method == "oauth":
        return f"app {record.described}" if record.described else "app"
    return record.method.replace("_", " ")


def _named(value: object, names: Mapping[str, str]) -> object:
    """Ids inside the value as the names they stand for."""
    if not isinstance(value, str):
        return value
    return _ID.sub(lambda found: names.get(found[0], found[0]), value)
