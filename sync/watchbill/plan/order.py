"""What must be done before what.

Whatever is made or changed comes before the things that point at it; what goes away comes after them; an
override comes after its schedule; a name is freed before another object takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from watchbill.account.objects import EscalationPolicy, ManagedObject, Ref, Service
from watchbill.plan.document import Change, OverrideWrite

_RANK = {"schedule": 0, "override": 1, "escalation_policy": 2, "service": 3}


def points_at(obj: ManagedObject | OverrideWrite | None) -> tuple[Ref, ...]:
    if isinstance(obj, EscalationPolicy):
        return tuple(ref for rule in obj.rules for ref in rule.targets if ref.kind != "user")
    return (obj.policy,) if isinstance(obj, Service) else ()


def ordered(changes: Sequence[Change], before: Mapping[str, ManagedObject]) -> tuple[Change, ...]:
    """`before`: ref of a change -> the object as the account has it.  Raises CycleError."""
    needs = {change.ref: set(change.depends_on) for change in changes}
    by_key: dict[tuple[str, str], str] = {
        (c.kind, c.key): c.ref for c in changes if c.action not in ("delete", "forget")
    }
    by_id: dict[tuple[str, str], str] = {(c.kind, c.id): c.ref for c in changes if c.id}
    for change in changes:
        needs[change.ref] |= _needs(change, by_key, by_id)
    for gone in (change for change in changes if change.action == "delete" and change.kind != "override"):
        users = (ref for ref, obj in before.items() if any(r.id == gone.id for r in points_at(obj)))
        needs[gone.ref] |= {ref for ref in users if ref in needs and ref != gone.ref}
    for name_holder in changes:
        held = before.get(name_holder.ref)
        if held is not None:
            _free_first(name_holder, held, changes, needs)
    done = _sorted(changes, needs)
    return tuple(c.model_copy(update={"depends_on": tuple(sorted(needs[c.ref]))}) for c in done)


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


def _free_first(
    holder: Change, held: ManagedObject, changes: Iterable[Change], needs: dict[str, set[str]]
) -> None:
    """A rename gives its old name free for whoever takes it."""
    for taker in changes:
        same_kind = taker.kind == holder.kind and taker.ref != holder.ref
        if same_kind and taker.want is not None and taker.name == held.name != holder.name:
            needs[taker.ref].add(holder.ref)


def _sorted(changes: Sequence[Change], needs: Mapping[str, set[str]]) -> list[Change]:
    """Ready ones in a fixed order: makes and changes from schedules up, then deletes from services down."""
    place = {change.ref: _place(change, i) for i, change in enumerate(changes)}
    by_ref = {change.ref: change for change in changes}
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    waiting: list[str] = list(sorter.get_ready())
    done: list[Change] = []
    while waiting:
        waiting.sort(key=lambda ref: place[ref], reverse=True)
        ref = waiting.pop()
        done.append(by_ref[ref])
        sorter.done(ref)
        waiting.extend(sorter.get_ready())
    return done


def _place(change: Change, written: int) -> tuple[bool, int, int]:
    late = change.action in ("delete", "forget") and change.kind != "override"
    return late, -_RANK[change.kind] if late else _RANK[change.kind], written


__all__ = ["CycleError", "ordered", "points_at"]
