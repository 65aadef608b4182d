"""Before the first write: does the whole plan still fit the account?  In bulk where that takes fewer requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from watchbill.account.objects import ManagedObject, NamedObject, ObjectKind, ServiceRouting, ShiftSchedule
from watchbill.apply.fit import is_as_wanted, stale_because
from watchbill.apply.ground import Ground
from watchbill.apply.resolve import NotYetMade, with_ids
from watchbill.apply.routing import read_routing, switched_on
from watchbill.pagerduty.problems import NotFound
from watchbill.pagerduty.read import PATHS, THREADS, find_objects, read_object, read_objects
from watchbill.pagerduty.shift_read import find_shift_schedules
from watchbill.plan.document import Change, IntegrationWrite, OverrideWrite

FEW = 10
"""Up to this many objects of a kind are read one by one."""


def stale_changes(changes: Sequence[Change], ground: Ground) -> dict[str, str]:
    """Ref of a change -> why it does not fit any more.  One that was carried out already fits."""
    looked_at = [c for c in changes if c.kind not in ("override", "integration")]
    found = _read(looked_at, ground)
    ids = {c.key: found[c.ref].id for c in looked_at if c.ref in found}
    stale = {}
    for change in looked_at:
        obj = found.get(change.ref)
        why = stale_because(change, obj)
        if why and not (obj is not None and _carried_out(change, obj, ids, ground.now)):
            stale[change.ref] = why
    return stale


def _carried_out(change: Change, found: ManagedObject, ids: Mapping[str, str], now: int) -> bool:
    """By an earlier run of this plan.  What points at objects still to be made cannot have been."""
    if change.action == "forget" or (change.kind == "routing" and change.action == "delete"):
        return found.marker is None
    if change.want is None or isinstance(change.want, OverrideWrite | IntegrationWrite):
        return False
    try:
        want = with_ids(change.want, ids)
    except NotYetMade:
        return False
    if isinstance(found, ServiceRouting):
        found = switched_on(found)
    return is_as_wanted(want, found, now)


def _read(changes: Sequence[Change], ground: Ground) -> Mapping[str, ManagedObject]:
    """By ref.  For a create: what has its marker already."""
    found: dict[str, ManagedObject] = {}
    with ThreadPoolExecutor(THREADS) as pool:
        for kind in PATHS:
            of_kind = [c for c in changes if c.kind == kind]
            alone = [
                c for c in of_kind if isinstance(c.want, ShiftSchedule)
            ]  # no list shows more than its name
            others = [c for c in of_kind if not isinstance(c.want, ShiftSchedule)]
            if len(others) > FEW:
                listed = read_objects(ground.transport, [kind], now=ground.planned_at, pool=pool)
                by_id = {obj.id: obj for obj in listed}
                by_key = {obj.key: obj for obj in listed if obj.key}
                seen = {c.ref: by_id.get(c.id) if c.id else by_key.get(c.key) for c in others}
                found |= {ref: obj for ref, obj in seen.items() if obj is not None}
                others = [c for c in others if c.want is None and c.id and c.ref not in found]
            one_by_one = [*alone, *others]
            objects = list(pool.map(lambda c, kind=kind: _one(kind, c, ground), one_by_one))
            found |= {c.ref: obj for c, obj in zip(one_by_one, objects, strict=True) if obj is not None}
        routings = [c for c in changes if c.kind == "routing"]
        rules = pool.map(lambda c: read_routing(c, ground), routings)
        found |= {c.ref: obj for c, obj in zip(routings, rules, strict=True) if obj is not None}
    return found


def _one(kind: ObjectKind, change: Change, ground: Ground) -> NamedObject | None:
    at, shifts = ground.planned_at, isinstance(change.want, ShiftSchedule)
    if change.id:
        try:
            return read_object(ground.transport, kind, change.id, now=at, shifts=shifts)
        except NotFound:
            return None
    named: Sequence[NamedObject]
    if shifts:
        named = find_shift_schedules(ground.transport, name=change.name, key=change.key, now=at)
    else:
        named = find_objects(ground.transport, kind, name=change.name, key=change.key, now=at)
    return next((obj for obj in named if obj.key == change.key), None)
