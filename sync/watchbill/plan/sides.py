"""Who moved: the policy, the account, both, or only time (rulings 1 and 5).

In sync is decided by comparing; marker and record only show which side left what both had last.
"""

from __future__ import annotations

from watchbill.account.digest import digest_of
from watchbill.account.objects import AnySchedule, EscalationPolicy, ManagedObject, Ref, ServiceRouting
from watchbill.account.record import agreed, owned_part
from watchbill.account.rule_sets import with_refs
from watchbill.account.wanted import Wanted, WantedObject
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


def side(item: WantedObject, want: ManagedObject, current: ManagedObject, wanted: Wanted) -> Class:
    """Of two objects that differ; `want` with its ids."""
    if current.marker is not None and current.marker.state == "writing":
        return "pending"
    before = agreed(item, current)
    if before is None:
        return "drift"
    account = digest_of(owned_part(item, current), before.at)
    policy = digest_of(owned_part(item, wanted.as_of(want, before.at)), before.at)
    if account == before.account:
        return "pending" if policy != before.policy else "upkeep"
    return "conflict" if policy != before.policy else "drift"
