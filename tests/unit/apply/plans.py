"""Small plans for tests, made by hand: one rotation or more, a ladder on each, a service on the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from watchbill.account.canon import form_of
from watchbill.account.digest import fingerprint_of
from watchbill.account.objects import (
    Account,
    EscalationPolicy,
    Layer,
    ManagedObject,
    Marker,
    OverrideSlot,
    Ref,
    Restriction,
    Rule,
    Schedule,
    Service,
    Urgency,
)
from watchbill.plan.document import Action, Change, OverrideWrite, Plan, PolicyIdentity, plan_digest
from watchbill.rota.clock import DAY, HOUR, WEEK, iso, parse_instant

NOW = parse_instant("2026-11-23T14:00:00Z")
MONDAY = parse_instant("2026-01-05T07:00:00Z")  # 09:00 in Bucharest
NIGHT = (Restriction(weekday=None, start=18 * HOUR, duration=15 * HOUR),)
WORKDAYS = tuple(Restriction(weekday=day, start=9 * HOUR, duration=9 * HOUR) for day in range(5))


T = TypeVar("T", Schedule, EscalationPolicy, Service)


def layer(*users: str, **given: Any) -> Layer:
    return Layer(
        **{"name": "Layer 1", "users": users, "turn_seconds": WEEK, "virtual_start": MONDAY, **given}
    )


def schedule(key: str, layers: Sequence[Layer], **given: Any) -> Schedule:
    name = f"medicalcor-{key}"
    fields = {
        "key": f"rotation/{key}",
        "name": name,
        "time_zone": "Europe/Bucharest",
        "layers": tuple(layers),
    }
    return owned(Schedule(**{**fields, "description": "Who is paged.", **given}))


def ladder(key: str, targets: Sequence[Sequence[Ref]], **given: Any) -> EscalationPolicy:
    rules = tuple(Rule(delay_minutes=15, targets=tuple(step)) for step in targets)
    return owned(
        EscalationPolicy(**{"key": f"ladder/{key}", "name": f"{key} P1", "rules": rules, "loops": 2, **given})
    )


def service(key: str, on: str, **given: Any) -> Service:
    fields = {
        "key": f"service/{key}",
        "name": key,
        "policy": Ref(kind="escalation_policy", key=f"ladder/{on}"),
    }
    return owned(
        Service(**{**fields, "urgency": Urgency(urgency="severity_based"), "ack_timeout": 3600, **given})
    )


def owned(obj: T) -> T:
    return obj.model_copy(update={"marker": obj.marker or Marker(key=obj.key, digest="", at=0)})


def rotation_ref(key: str) -> Ref:
    return Ref(kind="schedule", key=f"rotation/{key}")


def user_ref(id_: str) -> Ref:
    return Ref(kind="user", id=id_)


def change(
    want: ManagedObject,
    current: ManagedObject | None = None,
    *,
    action: Action | None = None,
    needs: Iterable[str] = (),
) -> Change:
    gone = action in ("delete", "forget")
    return Change(
        action=action or ("create" if current is None else "update"),
        class_="pending",
        kind=want.kind,
        key=want.key,
        name=want.name,
        id=current.id if current else "",
        want=None if gone else want.model_copy(update={"id": current.id if current else ""}),
        fingerprint=fingerprint_of(current) if current else "",
        depends_on=tuple(needs),
    )


def override_change(
    schedule_key: str, user: str, start: int, end: int, *, action: Action = "create", schedule_id: str = ""
) -> Change:
    key = f"rotation/{schedule_key}"
    return Change(
        action=action,
        class_="pending",
        kind="override",
        key=f"{key}/{iso(start)}/{user}",
        name=f"override on {schedule_key}",
        want=OverrideWrite(
            schedule_key=key, schedule_id=schedule_id, slot=OverrideSlot(user=user, start=start, end=end)
        ),
        depends_on=(f"schedule:{key}",),
    )


def plan(changes: Iterable[Change], *, at: int = NOW, account: str = "sandbox") -> Plan:
    made = Plan(
        tool="0",
        account=account,
        at=iso(at),
        policy=PolicyIdentity(commit=None, digest="d" * 64),
        changes=tuple(changes),
    )
    return made.model_copy(update={"digest": plan_digest(made)})


def whole(users: Sequence[str], rotations: Sequence[str] = ("primary", "backend")) -> Plan:
    """Schedules, a ladder over each, a service, an override: all to be created."""
    changes: list[Change] = []
    for i, key in enumerate(rotations):
        crew = [*users[i:], *users[:i]]
        night = layer(*crew, name="Layer 2", restrictions=NIGHT, turn_seconds=DAY)
        changes.append(change(schedule(key, [layer(*crew, restrictions=WORKDAYS), night])))
    for key in rotations:
        want = ladder(key, [[rotation_ref(key)], [rotation_ref(rotations[0]), user_ref(users[-1])]])
        changes.append(change(want, needs=[f"schedule:rotation/{r}" for r in {key, rotations[0]}]))
    checkout = service("checkout", rotations[0])
    changes.append(change(checkout, needs=[f"escalation_policy:ladder/{rotations[0]}"]))
    changes.append(override_change(rotations[0], users[1], NOW + DAY, NOW + 2 * DAY))
    return plan(changes)


def plan_for(wanted: Sequence[ManagedObject], account: Account, *, slots: Sequence[Change] = ()) -> Plan:
    """What is ours and not wanted is deleted.  `slots`: changes of overrides, left as they are."""
    current = {obj.key: obj for obj in account.objects() if obj.key}
    changes, keys = [], {obj.key for obj in wanted}
    for obj in wanted:
        have = current.get(obj.key)
        resolved = _known(obj, current)
        if have is None or form_of(resolved, now=NOW) != form_of(have, now=NOW):
            needs = [f"{ref.kind}:{ref.key}" for ref in _points_at(obj)]
            changes.append(change(resolved, have, needs=needs))
    gone = [obj for obj in reversed(account.objects()) if obj.key and obj.key not in keys]
    changes += [change(obj, obj, action="delete", needs=[c.ref for c in changes]) for obj in gone]
    return plan([*changes, *slots])


def _points_at(obj: ManagedObject) -> list[Ref]:
    if isinstance(obj, EscalationPolicy):
        return [ref for rule in obj.rules for ref in rule.targets if ref.key]
    return [obj.policy] if isinstance(obj, Service) and obj.policy.key else []


def _known(obj: ManagedObject, current: Mapping[str, ManagedObject]) -> ManagedObject:
    """References get the ids of what is there; the rest still goes by key."""

    def resolved(ref: Ref) -> Ref:
        return ref.model_copy(update={"id": current[ref.key].id}) if ref.key in current else ref

    if isinstance(obj, EscalationPolicy):
        rules = tuple(
            r.model_copy(update={"targets": tuple(resolved(t) for t in r.targets)}) for r in obj.rules
        )
        return obj.model_copy(update={"rules": rules})
    return obj.model_copy(update={"policy": resolved(obj.policy)}) if isinstance(obj, Service) else obj
