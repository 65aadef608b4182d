"""What must be done before what.

Whatever is made or changed comes before the things that point at it; what goes away comes after them; an
override comes after its schedule; a name is freed before another object takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

from watchbill.account.objects import EscalationPolicy, ManagedObject, Ref, Service, ServiceRouting
from watchbill.account.rule_sets import policies_of
from watchbill.plan.document import Change, IntegrationWrite, Notice, OverrideWrite

_RANK = {"schedule": 0, "override": 1, "escalation_policy": 2, "service": 3, "routing": 4, "integration": 5}


def points_at(obj: ManagedObject | IntegrationWrite | OverrideWrite | None) -> tuple[Ref, ...]:
    if isinstance(obj, EscalationPolicy):
        return tuple(ref for rule in obj.rules for ref in rule.targets if ref.kind != "user")
    if isinstance(obj, ServiceRouting):
        return (obj.service, *policies_of(obj))
    if isinstance(obj, IntegrationWrite):
        return (obj.service,)
    return (obj.policy,) if isinstance(obj, Service) else ()


def ordered(
    changes: Sequence[Change], before: Mapping[str, ManagedObject]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """In order; and those that cannot be had, since they wait for each other or for such ones.

    `before`: ref of a change -> the object as the account has it.
    """
    needs = {change.ref: set(change.depends_on) for change in changes}
    duty = _listed_duty(changes)
    by_key: dict[tuple[str, str], str] = {
        (c.kind, c.key): c.ref for c in changes if c.action not in ("delete", "forget")
    }
    by_id: dict[tuple[str, str], str] = {(c.kind, c.id): c.ref for c in changes if c.id}
    for change in changes:
        found = _needs(change, by_key, by_id)
        listed = [ref for need in found if change.kind != "override" for ref in duty.get(need, ())]
        needs[change.ref] |= {*found, *listed}
    users: dict[tuple[str, str], set[str]] = {}
    for ref, obj in before.items():
        for target in points_at(obj):
            users.setdefault((target.kind, target.id), set()).add(ref)
    for gone in (change for change in changes if change.action == "delete" and change.kind != "override"):
        needs[gone.ref] |= users.get((gone.kind, gone.id), set()) & needs.keys() - {gone.ref}
    _names_freed_first(changes, before, needs)
    done = _sorted(changes, needs)
    ready = {change.ref for change in done}
    return (
        tuple(c.model_copy(update={"depends_on": tuple(sorted(needs[c.ref]))}) for c in done),
        tuple(c for c in changes if c.ref not in ready),
    )


def upkeep_of(changes: Sequence[Change]) -> list[Change]:
    """The upkeep, in order, without what needs a change of another class first."""
    kept: dict[str, Change] = {}
    for change in changes:
        if change.class_ == "upkeep" and all(ref in kept for ref in change.depends_on):
            kept[change.ref] = change
    return list(kept.values())


def _listed_duty(changes: Sequence[Change]) -> dict[str, list[str]]:
    """Ref of a schedule -> the custom shifts that are made on it: until they are there, it may reach nobody."""
    found: dict[str, list[str]] = {}
    for change in changes:
        want = change.want
        if change.action == "create" and isinstance(want, OverrideWrite) and want.slot.kind == "custom_shift":
            found.setdefault(f"schedule:{want.schedule_key}", []).append(change.ref)
    return found


def _needs(
    change: Change, by_key: Mapping[tuple[str, str], str], by_id: Mapping[tuple[str, str], str]
) -> set[str]:
    if isinstance(change.want, OverrideWrite):
        schedule = by_key.get(("schedule", change.want.schedule_key))
        return {schedule} if schedule is not None else set()
    found = set()
    for ref in points_at(change.want):
        needed = by_key.get((ref.kind, ref.key)) if ref.key else by_id.get((ref.kind, ref.id))
        if needed is not None:
            found.add(needed)
    return found


def _names_freed_first(
    changes: Iterable[Change], before: Mapping[str, ManagedObject], needs: dict[str, set[str]]
) -> None:
    """A rename gives its old name free for whoever takes it."""
    takers: dict[tuple[str, str], set[str]] = {}
    for change in changes:
        if change.want is not None:
            takers.setdefault((change.kind, change.name.casefold()), set()).add(change.ref)
    for holder in changes:
        held = before.get(holder.ref)
        if held is not None and held.name.casefold() != holder.name.casefold():
            for taker in takers.get((holder.kind, held.name.casefold()), set()) - {holder.ref}:
                needs[taker].add(holder.ref)


def _sorted(changes: Sequence[Change], needs: Mapping[str, set[str]]) -> list[Change]:
    """Ready ones in a fixed order: makes and changes from schedules up, then deletes from services down.

    Those that wait for each other, and for them, never get ready.
    """
    place = {change.ref: _place(change, i) for i, change in enumerate(changes)}
    by_ref = {change.ref: change for change in changes}
    missing = {ref: len(needed & by_ref.keys()) for ref, needed in needs.items()}
    for_whom: dict[str, list[str]] = {}
    for ref, needed in needs.items():
        for one in needed:
            for_whom.setdefault(one, []).append(ref)
    waiting = [(place[ref], ref) for ref, count in missing.items() if not count]
    heapify(waiting)
    done: list[Change] = []
    while waiting:
        _, ref = heappop(waiting)
        done.append(by_ref[ref])
        for other in for_whom.get(ref, ()):
            missing[other] -= 1
            if not missing[other]:
                heappush(waiting, (place[other], other))
    return done


def _place(change: Change, written: int) -> tuple[bool, int, int]:
    late = change.action in ("delete", "forget") and change.kind != "override"
    return late, -_RANK[change.kind] if late else _RANK[change.kind], written


def swapped_names(stuck: Sequence[Change]) -> Notice:
    around = ", ".join(dict.fromkeys(change.key for change in stuck))
    return Notice(
        rule="swapped-names",
        severity="error",
        message=f"these changes wait for each other, and are left out: {around}",
        hint="two objects cannot trade names at once; give one of them another name first",
    )
