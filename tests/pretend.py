"""Applying a plan without any network: what an account holds once everything in the plan was written."""

from __future__ import annotations

from functools import cache, reduce
from itertools import count
from typing import Any

from shared import ROOT
from watchbill.account.digest import bridges_of, marker_for
from watchbill.account.event_changes import change_plan
from watchbill.account.event_steps import after
from watchbill.account.objects import (
    Account,
    CustomShiftSlot,
    EscalationPolicy,
    ManagedObject,
    OverrideSlot,
    Priority,
    Ref,
    Service,
    ServiceRouting,
    ShiftEvent,
    ShiftOverrideSlot,
    ShiftRotation,
    ShiftSchedule,
    Slot,
    User,
)
from watchbill.account.rule_sets import with_refs
from watchbill.account.sources import sources_at
from watchbill.account.wanted import wanted
from watchbill.config.load import load_valid
from watchbill.model.policy import Policy
from watchbill.plan.build import build
from watchbill.plan.document import INTEGRATION, Change, IntegrationWrite, OverrideWrite, Plan, PolicyIdentity
from watchbill.rota.clock import parse_instant
from watchbill.rota.duty import Roster

TOOL = "0"
NOW = parse_instant("2026-11-23T14:00:00Z")
"""A Monday."""
_LISTS = {
    "schedule": "schedules",
    "escalation_policy": "policies",
    "service": "services",
    "routing": "routings",
}


@cache
def shipped_policy() -> Policy:
    policy = load_valid(ROOT / "policies").policy
    assert policy is not None
    return policy


def plan_for(policy: Policy, account: Account, now: int, **options: Any) -> Plan:
    """As the command line makes it."""
    identity = PolicyIdentity(commit=None, digest="0" * 64)
    wishes = wanted(policy, account, roster=Roster(policy), now=now)
    return build(wishes, account, policy, identity=identity, now=now, tool=TOOL, **options)


def empty_account(policy: Policy, at: int, *, name: str = "sandbox") -> Account:
    """With a user for every person, and the teams of the policy."""
    users = tuple(
        User(id=f"PU{number:04d}", name=f"User {handle}", email=person.email.lower())
        for number, (handle, person) in enumerate(policy.people.items())
    )
    priorities = tuple(Priority(id=f"PP{severity}", name=severity) for severity in policy.severities)
    return Account(name=name, at=at, users=users, priorities=priorities)


def with_rotation(policy: Policy, handle: str, **fields: Any) -> Policy:
    spec = policy.rotations[handle].model_copy(update=fields)
    return policy.model_copy(update={"rotations": {**policy.rotations, handle: spec}})


def applied_from_nothing(policy: Policy) -> Pretend:
    """An account after its first plan."""
    pretend = Pretend(empty_account(policy, NOW))
    pretend.apply(plan_for(policy, pretend.account, NOW), NOW)
    return pretend


class Pretend:
    """Writes go straight into the account's normal form, with ids, markers and digests."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._numbers = count(1)

    def apply(self, plan: Plan, at: int) -> Account:
        made: dict[str, str] = {obj.key: obj.id for obj in self.account.everything() if obj.key}
        for change in plan.changes:
            self._write(change, made, at)
        self.account = self.account.model_copy(update={"at": at})
        return self.account

    def edit(self, key: str, **fields: Any) -> None:
        """As a human would: the marker stays what it was."""
        for obj in self.account.everything():
            if obj.marker is not None and obj.marker.key == key:
                self._put(obj.model_copy(update=fields))

    def put(self, obj: ManagedObject) -> None:
        self._put(obj)

    def add_override(self, schedule_key: str, user: str, start: int, end: int) -> None:
        schedule = next(s for s in self.account.schedules if s.marker and s.marker.key == schedule_key)
        slot = OverrideSlot(user=user, start=start, end=end, id=f"PO{next(self._numbers):04d}")
        self._put_overrides(schedule.id, [*self.account.overrides.get(schedule.id, ()), slot])

    def _write(self, change: Change, made: dict[str, str], at: int) -> None:
        if isinstance(change.want, OverrideWrite):
            self._override(change, made)
        elif isinstance(change.want, IntegrationWrite):
            identity = change.want.service.id or made[change.want.service.key]
            service = next(s for s in self.account.services if s.id == identity)
            self._put(service.model_copy(update={"integrations": (INTEGRATION,)}))
        elif change.action == "delete":
            self._drop(change.kind, change.id)
        elif change.action == "forget":
            found = next(o for o in self.account.everything() if (o.kind, o.id) == (change.kind, change.id))
            self._put(found.model_copy(update={"marker": None, "key": ""}))
        else:
            assert change.want is not None
            identity = change.id or _service_of(change, made) or f"PX{next(self._numbers):04d}"
            made[change.key] = identity
            obj = _pointing(change.want.model_copy(update={"id": identity}), made)
            if isinstance(obj, ShiftSchedule):
                obj = self._turned(obj, at)
            if obj.marker is not None:
                obj = obj.model_copy(update={"marker": marker_for(obj, at, obj.marker.derived)})
            self._put(obj)

    def _override(self, change: Change, made: dict[str, str]) -> None:
        assert isinstance(change.want, OverrideWrite)
        schedule = change.want.schedule_id or made[change.want.schedule_key]
        if not isinstance(change.want.slot, OverrideSlot):
            self._on_shifts(schedule, change.want.slot, change.action == "delete")
            return
        there = list(self.account.overrides.get(schedule, ()))
        if change.action == "delete":
            there = [slot for slot in there if slot.id != change.id]
        else:
            there.append(change.want.slot.model_copy(update={"id": f"PO{next(self._numbers):04d}"}))
        self._put_overrides(schedule, there)

    def _turned(self, want: ShiftSchedule, at: int) -> ShiftSchedule:
        """Every step written; what has begun begins in the past, as PagerDuty says it."""
        stored = self.schedule(want.id) if any(s.id == want.id for s in self.account.schedules) else None
        rotations = {r.key: r.events for r in want.rotations}
        custom: tuple[CustomShiftSlot, ...] = ()
        if stored is not None:
            bridges = bridges_of(stored)
            plan = change_plan(stored.rotations, want.rotations, at, bridges)
            rotations = reduce(after, plan.steps, plan.state).rotations
            custom = tuple(slot for slot in stored.custom_shifts if slot not in bridges)
        ids = {r.id for r in stored.rotations} if stored is not None else set()

        def written(event: ShiftEvent) -> ShiftEvent:
            since = None if event.since is None or event.since <= at else event.since
            return event.model_copy(update={"id": event.id or f"PE{next(self._numbers):04d}", "since": since})

        return want.model_copy(
            update={
                "custom_shifts": custom,
                "rotations": tuple(
                    ShiftRotation(
                        id=name if name in ids else f"PR{next(self._numbers):04d}",
                        events=tuple(map(written, events)),
                    )
                    for name, events in rotations.items()
                ),
            }
        )

    def schedule(self, identity: str) -> ShiftSchedule:
        found = next(s for s in self.account.schedules if identity in (s.id, s.key))
        assert isinstance(found, ShiftSchedule)
        return found

    def add_slot(self, key: str, slot: Slot) -> None:
        """As a human makes an override or a custom shift."""
        self._on_shifts(self.schedule(key).id, slot, False)

    def _on_shifts(self, identity: str, slot: Slot, gone: bool) -> None:
        schedule = self.schedule(identity)
        if isinstance(slot, CustomShiftSlot):
            rest = tuple(s for s in schedule.custom_shifts if s.match != slot.match)
            made = () if gone else (slot.model_copy(update={"id": f"PC{next(self._numbers):04d}"}),)
            self._put(schedule.model_copy(update={"custom_shifts": (*rest, *made)}))
            return
        assert isinstance(slot, ShiftOverrideSlot)
        there = [
            s for s in self.account.shift_overrides.get(identity, ()) if not (gone and s.match == slot.match)
        ]
        if not gone:
            sources = sources_at(schedule, slot)
            assert sources, "an override of somebody who has no duty there"
            there += [
                slot.model_copy(update={"id": f"PO{next(self._numbers):04d}", "source": source})
                for source in sources
            ]
        overrides = {**self.account.shift_overrides, identity: tuple(there)}
        self.account = self.account.model_copy(update={"shift_overrides": overrides})

    def _put_overrides(self, schedule: str, slots: list[OverrideSlot]) -> None:
        overrides = {**self.account.overrides, schedule: tuple(slots)}
        self.account = self.account.model_copy(update={"overrides": overrides})

    def _put(self, obj: ManagedObject) -> None:
        name = _LISTS[obj.kind]
        rest = tuple(o for o in getattr(self.account, name) if o.id != obj.id)
        self.account = self.account.model_copy(update={name: (*rest, obj)})

    def _drop(self, kind: str, identity: str) -> None:
        name = _LISTS[kind]
        rest = tuple(o for o in getattr(self.account, name) if o.id != identity)
        self.account = self.account.model_copy(update={name: rest})


def _service_of(change: Change, made: dict[str, str]) -> str:
    """The rule set of a service has its id."""
    return made[change.want.service.key] if isinstance(change.want, ServiceRouting) else ""


def _pointing(obj: ManagedObject, made: dict[str, str]) -> ManagedObject:
    """As read back: references by id only."""

    def known(ref: Ref) -> Ref:
        return Ref(kind=ref.kind, id=ref.id or made[ref.key])

    if isinstance(obj, EscalationPolicy):
        rules = tuple(
            rule.model_copy(update={"targets": tuple(known(ref) for ref in rule.targets)})
            for rule in obj.rules
        )
        return obj.model_copy(update={"rules": rules})
    if isinstance(obj, ServiceRouting):
        return with_refs(obj, known)
    return obj.model_copy(update={"policy": known(obj.policy)}) if isinstance(obj, Service) else obj
