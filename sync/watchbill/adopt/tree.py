"""A whole account as a policy.

The order of proof: each rotation by itself (`rotation`), then all together through the mappers that plan makes
its wishes with: whatever would come out otherwise than the account has it is left unmanaged, with its reason,
and the rest is made again without it, until nothing differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from watchbill.account.canon import form_of
from watchbill.account.digest import same
from watchbill.account.objects import (
    Account,
    AnySchedule,
    ManagedObject,
    Marker,
    NamedObject,
    Service,
    ShiftSchedule,
)
from watchbill.account.record import record_of
from watchbill.account.wanted import Wanted, wanted
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.choose import Choice, chosen
from watchbill.adopt.doubles import doubles
from watchbill.adopt.names import PREFIX, Handles, Key, handles_of, person_data
from watchbill.adopt.portable import made_portable
from watchbill.adopt.rests import Rests
from watchbill.adopt.rotation import told, turns_of, zones
from watchbill.adopt.rules_left import rules_left
from watchbill.adopt.shift_rotation import Known, shift_turns_of
from watchbill.adopt.turns import Data
from watchbill.adopt.wording import Wording
from watchbill.model.ladders import Ladder
from watchbill.model.ladders import Service as ServiceSpec
from watchbill.model.people import Person
from watchbill.model.policy import Policy
from watchbill.model.rotations import Rotation
from watchbill.model.settings import Settings
from watchbill.private_text import masked
from watchbill.rota.clock import Instant
from watchbill.rota.duty import Roster

_MODELS: dict[str, type[Rotation | Ladder | ServiceSpec]] = {
    "schedule": Rotation,
    "escalation_policy": Ladder,
    "service": ServiceSpec,
}
_KINDS = {"schedule": "rotations", "escalation_policy": "ladders", "service": "services"}


@dataclass(frozen=True, slots=True)
class Left:
    """An object of the account that the policy does not manage, or of which only the ladder is set."""

    kind: str
    name: str
    id: str
    reason: str
    external: str = ""
    """Its handle under `external`, where something needs it."""
    looked_up: bool = False
    """A service with `manage: false`."""


@dataclass(frozen=True, slots=True)
class Imported:
    data: dict[str, Any]
    """Kind -> what its files say."""
    policy: Policy
    left: tuple[Left, ...]
    notes: tuple[str, ...]
    users_left: int
    """Users whom nothing names."""


def import_account(
    account: Account, *, organization: str, now: Instant, choice: Choice | None = None, portable: bool = False
) -> Imported:
    """`portable`: no ids, for another account.  Raises UsageError where a filter fits nothing."""
    account = account.model_copy(update={"overrides": {}})
    markers = {s.id: s.marker for s in account.schedules if s.marker is not None}
    choice = choice or Choice()
    picked = chosen(account, choice)
    notes: list[str] = []
    if portable:
        account, notes = made_portable(account, now)
    making = _Making(account, picked, handles_of(account), organization, now, portable, markers)
    making.make()
    return making.result([*notes, *making.rests.notes], everyone=choice.everyone)


@dataclass(slots=True)
class _Making:
    account: Account
    picked: set[Key]
    handles: Handles
    organization: str
    now: Instant
    portable: bool
    markers: Mapping[str, Marker]
    """Schedule id -> the marker that it has, though a portable tree knows nothing of it."""
    reasons: dict[Key, str] = field(default_factory=dict)
    looked_up: dict[str, str] = field(default_factory=dict)
    """Service id -> why only its ladder is set."""
    turns: dict[str, Data] = field(default_factory=dict)
    rests: Rests = field(init=False)
    data: dict[str, dict[str, Data]] = field(default_factory=dict)
    wording: Wording = field(init=False)
    """Of the last pass."""
    settings: Settings = field(init=False)
    people: dict[str, Person] = field(init=False)
    proved: Wanted = field(init=False)
    """Of the last pass."""

    def __post_init__(self) -> None:
        zone = _usual_zone(self.account, self.picked)
        self.settings = Settings(format=1, organization=self.organization, time_zone=zone)
        self.rests = Rests(self.account, self.markers, self.handles, self.portable, self.reasons)
        self.people = {}
        for user in self.account.users:
            if handle := self.handles.people.get(user.id):
                self.people[handle] = Person.model_validate(person_data(user, zone, zones()))

    def make(self) -> None:
        self.reasons |= {k: "it is not among what was asked for" for k in self._all() if k not in self.picked}
        self.reasons |= {k: why for k, why in self.handles.refused.items() if k in self.picked}
        for key, why in doubles(self.account):
            self.reasons.setdefault(key, why)
        for schedule in self.account.schedules:
            self._turns(schedule)
        self.rests.look(self.turns, self._known)
        while self._assemble():
            pass

    def _all(self) -> Iterable[Key]:
        return ((obj.kind, obj.id) for obj in self.account.objects())

    def _turns(self, schedule: AnySchedule) -> None:
        if (schedule.kind, schedule.id) in self.reasons:
            return
        try:
            if isinstance(schedule, ShiftSchedule):
                self.turns[schedule.id] = shift_turns_of(schedule, self._known)
            else:
                self.turns[schedule.id] = turns_of(
                    schedule, self.handles.people, self.settings, self.people, self.now
                )
        except CannotSay as cannot:
            self.reasons[schedule.kind, schedule.id] = cannot.reason

    @property
    def _known(self) -> Known:
        return Known(self.handles.people, self.people, self.settings, self.now)

    def _assemble(self) -> bool:
        """Everything that has no reason against it.  True if a new reason was found, so that it was in vain."""
        before = (len(self.reasons), len(self.looked_up))
        turns, hours = self.rests.turns_now(self.turns)
        self.data = {kind: {} for kind in _KINDS.values()}
        self.wording = Wording(
            self.account,
            self.handles,
            self.settings,
            self.people,
            turns,
            self.reasons,
            self.looked_up,
            self.now,
            duty_hours=hours,
        )
        for schedule in self.account.schedules:
            self._say(schedule)
        self.wording.roster = Roster(self._policy())
        for policy in self.account.policies:
            self._say(policy)
        for service in self.account.services:
            self._say(service)
        if (len(self.reasons), len(self.looked_up)) != before:
            return True
        self._prove()
        return (len(self.reasons), len(self.looked_up)) != before

    def _say(self, obj: NamedObject) -> None:
        key = (obj.kind, obj.id)
        if key in self.reasons:
            return
        try:
            data = self.wording.of(obj)
            _MODELS[obj.kind].model_validate(data)
        except CannotSay as cannot:
            self._refuse(obj, cannot.reason)
        except ValidationError as error:
            self._refuse(obj, f"the format refuses it: {told(error)}")
        else:
            self.data[_KINDS[obj.kind]][self.handles.objects[key]] = data

    def _refuse(self, obj: NamedObject, reason: str) -> None:
        """A service falls back to being looked up: its policy is still ours to set."""
        if isinstance(obj, Service) and obj.id not in self.looked_up and not self.portable:
            self.looked_up[obj.id] = reason
        else:
            self.reasons[obj.kind, obj.id] = reason

    def _policy(self) -> Policy:
        return Policy.model_validate(self.wording.contents(self.data))

    def _prove(self) -> None:
        """All of it through the mappers: what differs from the account, or is refused, is not ours."""
        policy = self._policy()
        found = self.proved = wanted(policy, self.account, roster=Roster(policy), now=self.now)
        by_key = {f"{PREFIX[kind]}/{h}": (kind, id_) for (kind, id_), h in self.handles.objects.items()}
        objects: dict[Key, NamedObject] = {(o.kind, o.id): o for o in self.account.objects()}
        differs = {by_key[key]: why for key, why in found.refused.items()}
        for item in found.objects:
            obj = objects[by_key[item.want.key]]
            want, has = form_of(item.want, now=self.now), form_of(obj, now=self.now)
            if want != has and not _same_duty(item.want, obj, self.now):
                fields = ", ".join(k.replace("_", " ") for k in has if want.get(k) != has[k])
                differs[obj.kind, obj.id] = f"the words cannot say its {fields} exactly"
        for kind in _KINDS:
            first = [(key, why) for key, why in differs.items() if key[0] == kind]
            for key, why in first:
                self._refuse(objects[key], why)
            if first:
                return  # what points at these is judged again without them

    def result(self, notes: list[str], *, everyone: bool) -> Imported:
        data = self.wording.contents(self.data, everyone=everyone, ids=not self.portable)
        if self.portable:
            for kind in _KINDS.values():
                data |= (
                    {kind: {h: _without_id(item) for h, item in data[kind].items()}} if kind in data else {}
                )
        else:
            data |= self._recorded(data)
        left = []
        for obj in self.account.objects():
            key = (obj.kind, obj.id)
            looked_up = isinstance(obj, Service) and key not in self.reasons
            reason = self.looked_up.get(obj.id) if looked_up else self.reasons.get(key)
            external = self.wording.externals.get(key, "")
            if reason and (key in self.picked or external):
                name = masked(obj.name)
                left.append(Left(obj.kind, name, obj.id, masked(reason), external, looked_up))
        ours = {
            id_ for kind, id_ in self.handles.objects if kind == "service" and (kind, id_) not in self.reasons
        }
        notes += rules_left(self.account, ours, portable=self.portable)
        policy = Policy.model_validate(data)
        users_left = len(self.account.users) - len(data.get("people", {}))
        return Imported(data, policy, tuple(left), tuple(notes), users_left)

    def _recorded(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """With a record of what was read next to each pinned id."""
        objects: dict[Key, NamedObject] = {(o.kind, o.id): o for o in self.account.objects()}
        found = {kind: dict(data[kind]) for kind in _KINDS.values() if kind in data}
        for item in self.proved.objects:
            items = found[_KINDS[item.want.kind]]
            handle = item.want.key.partition("/")[2]
            pinned = items[handle]["pagerduty"]
            current = objects[item.want.kind, pinned["id"]]
            read = record_of(item, current, self.proved, self.now).text
            own = {"id": pinned["id"], "read": read, **{k: v for k, v in pinned.items() if k != "id"}}
            items[handle] = {**items[handle], "pagerduty": own}
        return found


def _same_duty(want: ManagedObject, has: NamedObject, now: Instant) -> bool:
    return isinstance(has, ShiftSchedule) and same(want, has, now=now)


def _usual_zone(account: Account, picked: set[Key]) -> str:
    """The most common one; of equally common ones the first by name."""
    schedules = [s.time_zone for s in account.schedules if (s.kind, s.id) in picked]
    services = [s.urgency.time_zone for s in account.services if (s.kind, s.id) in picked]
    for found in (schedules, services, [u.time_zone for u in account.users]):
        counted = Counter(zone for zone in found if zone in zones())
        if counted:
            return min(counted, key=lambda zone: (-counted[zone], zone))
    return "Etc/UTC"


def _without_id(item: Data) -> Data:
    kept = {k: v for k, v in item.get("pagerduty", {}).items() if k != "id"}
    rest = {k: v for k, v in item.items() if k != "pagerduty"}
    return {**rest, "pagerduty": kept} if kept else rest
