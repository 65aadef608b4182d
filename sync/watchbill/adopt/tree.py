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
from watchbill.account.wanted import wanted
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.choose import Choice, chosen
from watchbill.adopt.names import DERIVED_ELSEWHERE, PREFIX, Handles, Key, handles_of, person_data
from watchbill.adopt.portable import made_portable
from watchbill.adopt.rotation import told, turns_of, zones
from watchbill.adopt.sayable import masked
from watchbill.adopt.shift_rest import Rest, fallback_of, renamed_hours, with_rest
from watchbill.adopt.shift_rotation import Known, shift_turns_of
from watchbill.adopt.turns import Data
from watchbill.adopt.wording import Wording
from watchbill.model.ladders import Ladder
from watchbill.model.ladders import Service as ServiceSpec
from watchbill.model.people import Person
from watchbill.model.policy import Policy
from watchbill.model.rotations import Rotation
from watchbill.model.settings import Settings
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
    return making.result([*notes, *making.notes], everyone=choice.everyone)


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
    rests: dict[str, Rest] = field(default_factory=dict)
    """Schedule id -> its turns with fallback and holidays."""
    data: dict[str, dict[str, Data]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    wording: Wording = field(init=False)
    """Of the last pass."""
    settings: Settings = field(init=False)
    people: dict[str, Person] = field(init=False)

    def __post_init__(self) -> None:
        zone = _usual_zone(self.account, self.picked)
        self.settings = Settings(format=1, organization=self.organization, time_zone=zone)
        self.people = {}
        for user in self.account.users:
            if handle := self.handles.people.get(user.id):
                self.people[handle] = Person.model_validate(person_data(user, zone, zones()))

    def make(self) -> None:
        self.reasons |= {k: "it is not among what was asked for" for k in self._all() if k not in self.picked}
        self.reasons |= {k: why for k, why in self.handles.refused.items() if k in self.picked}
        self._refuse_doubles()
        for schedule in self.account.schedules:
            self._turns(schedule)
        for schedule in self.account.schedules:
            if isinstance(schedule, ShiftSchedule) and schedule.id in self.turns:
                self._rest(schedule)
        while self._assemble():
            pass

    def _all(self) -> Iterable[Key]:
        return ((obj.kind, obj.id) for obj in self.account.objects())

    def _refuse_doubles(self) -> None:
        names = Counter((obj.kind, obj.name) for obj in self.account.objects())
        for obj in self.account.objects():
            if names[obj.kind, obj.name] > 1:
                ids = sorted(o.id for o in self.account.objects() if (o.kind, o.name) == (obj.kind, obj.name))
                why = f"several have this name: {', '.join(ids)}; rename all but one in PagerDuty"
                self.reasons.setdefault((obj.kind, obj.id), why)
            self._refuse_if_like_another(obj)

    def _refuse_if_like_another(self, obj: NamedObject) -> None:
        """Blanks at the ends are dropped when a name is written, so of such names only the bare one can be ours."""
        like = [
            other
            for other in self.account.objects()
            if other.kind == obj.kind and other.name.strip() == obj.name.strip() and other.name != obj.name
        ]
        bare = [o for o in like if o.name == o.name.strip()]
        if like and (bare or min(o.id for o in like) < obj.id):
            other = (bare or like)[0]
            why = f"its name differs from that of {other.id} in blanks only; rename it in PagerDuty"
            self.reasons.setdefault((obj.kind, obj.id), why)

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

    def _rest(self, schedule: ShiftSchedule) -> None:
        """What watchbill wrote says more than its events."""
        marker = self.markers.get(schedule.id)
        fallback = fallback_of(schedule, self._known)
        other = self._rotation_called(fallback) if fallback else None
        rest = with_rest(schedule, self._known, marker, other)
        if rest is not None:
            self.rests[schedule.id] = rest
        elif marker is not None and marker.derived:
            self._derived_elsewhere(schedule)

    def _rotation_called(self, name: str) -> tuple[str, Data] | None:
        """By its marker, or by the handle it gets."""
        for schedule in self.account.schedules:
            marker, handle = self.markers.get(schedule.id), self.handles.objects[schedule.kind, schedule.id]
            key = marker.key if marker is not None else f"{PREFIX[schedule.kind]}/{handle}"
            if key == f"{PREFIX[schedule.kind]}/{name}" and schedule.id in self.turns:
                return handle, {
                    "title": handle,
                    "time_zone": schedule.time_zone,
                    **self.turns[schedule.id],
                }
        return None

    def _derived_elsewhere(self, schedule: AnySchedule) -> None:
        if self.portable:
            self.notes.append(
                f"schedule {masked(schedule.name)!r}: overrides that watchbill made for holidays and leave stay behind"
            )
        else:
            self.reasons[schedule.kind, schedule.id] = DERIVED_ELSEWHERE

    def _turns_now(self) -> tuple[dict[str, Data], dict[str, Data]]:
        """And the hours that they name.  A fallback needs the rotation that it copies."""
        handles = {h: key for key, h in self.handles.objects.items() if key[0] == "schedule"}
        for id_, rest in list(self.rests.items()):
            if rest.leans_on and handles[rest.leans_on] in self.reasons:
                del self.rests[id_]
                schedule = next(s for s in self.account.schedules if s.id == id_)
                if rest.hours:
                    self._derived_elsewhere(schedule)
        hours: dict[str, Data] = {}
        turns = dict(self.turns)
        for id_, rest in self.rests.items():
            turns[id_] = renamed_hours(rest, hours)
        return turns, hours

    @property
    def _known(self) -> Known:
        return Known(self.handles.people, self.people, self.settings, self.now)

    def _assemble(self) -> bool:
        """Everything that has no reason against it.  True if a new reason was found, so that it was in vain."""
        before = (len(self.reasons), len(self.looked_up))
        turns, hours = self._turns_now()
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
        found = wanted(policy, self.account, roster=Roster(policy), now=self.now)
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
        left = []
        for obj in self.account.objects():
            key = (obj.kind, obj.id)
            looked_up = isinstance(obj, Service) and key not in self.reasons
            reason = self.looked_up.get(obj.id) if looked_up else self.reasons.get(key)
            external = self.wording.externals.get(key, "")
            if reason and (key in self.picked or external):
                name = masked(obj.name)
                left.append(Left(obj.kind, name, obj.id, masked(reason), external, looked_up))
        policy = Policy.model_validate(data)
        users_left = len(self.account.users) - len(data.get("people", {}))
        return Imported(data, policy, tuple(left), tuple(notes), users_left)


def _same_duty(want: ManagedObject, has: NamedObject, now: Instant) -> bool:
    return isinstance(has, ShiftSchedule) and same(want, has, now=now)


def _usual_zone(account: Account, picked: set[Key]) -> str:
    """The most common one; of equally common ones the first by name."""
    schedules = [s.time_zone for s in account.schedules if (s.kind, s.id) in picked]
    for found in (schedules, [u.time_zone for u in account.users]):
        counted = Counter(zone for zone in found if zone in zones())
        if counted:
            return min(counted, key=lambda zone: (-counted[zone], zone))
    return "Etc/UTC"


def _without_id(item: Data) -> Data:
    kept = {k: v for k, v in item.get("pagerduty", {}).items() if k != "id"}
    rest = {k: v for k, v in item.items() if k != "pagerduty"}
    return {**rest, "pagerduty": kept} if kept else rest
