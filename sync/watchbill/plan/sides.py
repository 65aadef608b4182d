"""Who moved: the policy, the account, both, or only time (rulings 1 and 5).

In sync is decided by comparing; the marker's digest only tells which side left what was written last.
"""

from __future__ import annotations

from watchbill.account.digest import as_written, digest_of
from watchbill.account.layers import Compiled
from watchbill.account.objects import (
    AnySchedule,
    EscalationPolicy,
    ManagedObject,
    Ref,
    Schedule,
    ServiceRouting,
    ShiftSchedule,
)
from watchbill.account.rule_sets import with_refs
from watchbill.account.shifts import CompiledShifts
from watchbill.account.wanted import Wanted
from watchbill.plan.document import Class
from watchbill.plan.linked import Links


def with_ids(want: ManagedObject, links: Links) -> ManagedObject:
    """References get the ids of what exists already; the rest still goes by key."""
    if isinstance(want, AnySchedule):
        return want
    if isinstance(want, EscalationPolicy):
        rules = tuple(
            rule.model_copy(update={"targets": tuple(_resolved(ref, links) for ref in rule.targets)})
            for rule in want.rules
        )
        return want.model_copy(update={"rules": rules})
    if isinstance(want, ServiceRouting):
        return with_refs(want, lambda ref: _resolved(ref, links))
    return want.model_copy(update={"policy": _resolved(want.policy, links)})


def _resolved(ref: Ref, links: Links) -> Ref:
    if not ref.key:
        return ref
    known = links.id_of(ref.key)
    return ref.model_copy(update={"id": known}) if known else ref


def side(want: ManagedObject, current: ManagedObject, wanted: Wanted) -> Class:
    """Of two objects that differ; `want` with its ids."""
    marker = current.marker
    if marker is not None and marker.state == "writing":
        return "pending"
    untouched = as_written(current)
    if untouched is None:
        return "drift"
    assert marker is not None
    moved = digest_of(_as_of(want, marker.at, wanted), marker.at) != marker.digest
    if untouched:
        return "pending" if moved else "upkeep"
    return "conflict" if moved else "drift"


def _as_of(want: ManagedObject, at: int, wanted: Wanted) -> ManagedObject:
    """What this policy would have written at `at`: a crew change whose day has come is no edit."""
    if not isinstance(want, AnySchedule):
        return want
    compiled = wanted.wanted_at(want.key, at)
    if isinstance(want, Schedule) and isinstance(compiled, Compiled):
        return want.model_copy(update={"layers": compiled.layers})
    if isinstance(want, ShiftSchedule) and isinstance(compiled, CompiledShifts):
        return want.model_copy(update={"rotations": compiled.rotations})
    return want
