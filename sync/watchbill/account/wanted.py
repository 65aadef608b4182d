"""What the policy wants an account to hold: schedules, escalation policies, services and overrides, by key.

What cannot be had is a finding and a refused key with its reason; the rest goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from watchbill.account.ahead import LaterCrew
from watchbill.account.kinds import Kinds
from watchbill.account.labels import routing_key
from watchbill.account.ladders import ladder_key, map_ladder, place_of, rotation_key
from watchbill.account.layers import Compiled, Refused, layers_for
from watchbill.account.lookup import Lookup
from watchbill.account.marker import room, tidy
from watchbill.account.objects import (
    Account,
    AnySchedule,
    ManagedObject,
    OverrideSlot,
    Schedule,
    ServiceRouting,
    ShiftSchedule,
    Slot,
)
from watchbill.account.routing import map_routing, wanted_routings
from watchbill.account.services import map_service, service_key
from watchbill.account.serving import serving_people
from watchbill.account.shifts import CompiledShifts, shifts_for
from watchbill.account.wanted_slots import WantedOverride, WantedSlots, slots_on_layers, slots_on_shifts
from watchbill.findings import Finding, Place
from watchbill.ladder.compose import ComposedLadder, compose
from watchbill.model.ladders import LadderPagerDuty
from watchbill.model.policy import Policy
from watchbill.model.rotations import Rotation, RotationPagerDuty
from watchbill.model.text import ReadRecord
from watchbill.rota.duty import Roster

LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Pin:
    """An id that the YAML gives, with the record of what was read under it."""

    id: str
    read: ReadRecord | None


@dataclass(frozen=True, slots=True)
class WantedObject:
    want: ManagedObject
    """With its key; with an id where the policy pins one."""
    previously: str = ""
    """The key it had before."""
    policy_only: bool = False
    """A service of which only the escalation policy is set; it carries no marker."""
    place: Place = ()
    pins_kind: bool = False
    """The YAML knows of the kind that the schedule has."""
    pin: Pin | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    objects: tuple[WantedObject, ...]
    overrides: Mapping[str, tuple[WantedOverride, ...]] = field(default_factory=dict)
    """By schedule key; running and future ones."""
    declared: Mapping[str, tuple[OverrideSlot, ...]] = field(default_factory=dict)
    """The policy's own ones, whole; on shifts one is made as several."""
    cancelled: Mapping[str, tuple[Slot, ...]] = field(default_factory=dict)
    """Declared ones that the policy takes back."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Key -> why it cannot be written now.  Such an object is left as it is."""
    findings: tuple[Finding, ...] = ()
    later: Mapping[str, LaterCrew] = field(default_factory=dict)
    """By schedule key: the first crew that is not written yet."""
    people: Mapping[str, str] = field(default_factory=dict)
    """Vendor id of a user -> handle."""
    wanted_at: Callable[[str, int], Compiled | CompiledShifts | None] = field(default=lambda key, at: None)
    """What the same policy would have made of a schedule at another time: tells time from edits."""

    def as_of(self, want: ManagedObject, at: int) -> ManagedObject:
        """What this policy would have written at `at`: a crew change whose day has come is no edit."""
        if not isinstance(want, AnySchedule):
            return want
        compiled = self.wanted_at(want.key, at)
        if isinstance(want, Schedule) and isinstance(compiled, Compiled):
            return want.model_copy(update={"layers": compiled.layers})
        if isinstance(want, ShiftSchedule) and isinstance(compiled, CompiledShifts):
            return want.model_copy(update={"rotations": compiled.rotations})
        return want


def keys_of(policy: Policy) -> frozenset[str]:
    """Of every object that this policy wants, account or not: what `history` is made of."""
    schedules = (rotation_key(handle) for handle, spec in policy.rotations.items() if spec.has_schedule)
    services = (service_key(handle) for handle in policy.services)
    routings = map(routing_key, wanted_routings(policy))
    return frozenset((*schedules, *map(ladder_key, compose(policy)), *services, *routings))


def pins_of(policy: Policy) -> dict[str, Pin]:
    """By key."""
    found: dict[str, RotationPagerDuty | LadderPagerDuty] = {}
    found |= {rotation_key(handle): spec.pagerduty for handle, spec in policy.rotations.items()}
    found |= {ladder_key(handle): spec.pagerduty for handle, spec in policy.ladders.items()}
    found |= {service_key(handle): spec.pagerduty for handle, spec in policy.services.items()}
    return {key: Pin(given.id, given.read) for key, given in found.items() if given.id}


def wanted(policy: Policy, account: Account, *, roster: Roster, now: int) -> Wanted:
    gathered = _Gathered(policy, account, roster, now)
    for handle, rotation in policy.rotations.items():
        if rotation.has_schedule:
            gathered.schedule(handle, rotation)
    gathered.ladders_and_services()
    gathered.judge_names()
    return gathered.result()


class _Gathered:
    def __init__(self, policy: Policy, account: Account, roster: Roster, now: int) -> None:
        self.policy, self.roster, self.now = policy, roster, now
        self.lookup = Lookup(policy, account)
        self.objects: list[WantedObject] = []
        self.pins = pins_of(policy)
        self.slots: dict[str, WantedSlots] = {}
        self.refused: dict[str, str] = {}
        self.later: dict[str, LaterCrew] = {}
        self.kinds = Kinds(policy, account)
        self._earlier: dict[tuple[str, int], Compiled | CompiledShifts | None] = {}

    def schedule(self, handle: str, rotation: Rotation) -> None:
        key, place = rotation_key(handle), ("rotations", handle)
        serving = serving_people(self.policy, handle, self.now)
        users = self.lookup.users(serving)
        unknown = [name for name in serving if name not in users]
        teams = [self.lookup.team(team, (*place, "team")) for team in rotation.team]
        teamless = None in teams and not self.lookup.is_sandbox
        if unknown or teamless:
            missing = [f"no PagerDuty user for {name}" for name in unknown]
            missing += ["a team is missing"] if teamless else []
            self.refused[key] = "; ".join(missing)
            return
        compiled = self._compiled(handle, users, self.now)
        if isinstance(compiled, Refused):
            self.refused[key] = compiled.reason
            self.lookup.report(
                "cannot-express", f"{rotation.title}: {compiled.reason}", compiled.nearest, place
            )
            return
        before = rotation_key(rotation.previously) if rotation.previously else ""
        team_ids = tuple(sorted(team for team in teams if team is not None))
        pins_kind = bool(rotation.pagerduty.id) and rotation.pagerduty.kind is not None
        want = self._schedule(handle, compiled, team_ids)
        self._add(WantedObject(want, before, place=place, pins_kind=pins_kind))
        if compiled.later is not None:
            self.later[key] = compiled.later
        if isinstance(compiled, Compiled):
            self.slots[key] = slots_on_layers(self.policy, handle, users, compiled, self.now)
            return
        self.slots[key] = slots_on_shifts(self.policy, handle, users, compiled, self.now)
        self.lookup.findings += compiled.findings
        if self.kinds.was_upgraded(handle):
            message = (
                f"{rotation.title} is shift-based now, and its events are not the ones that were written"
            )
            hint = "it was upgraded or rebuilt in PagerDuty; from now on it is compared and written as shifts"
            self.lookup.report("became-shift-based", message, hint, place, note=True)

    def _compiled(
        self, handle: str, users: Mapping[str, str], at: int
    ) -> Compiled | CompiledShifts | Refused:
        mapper = layers_for if self.kinds.of(handle) == "layers" else shifts_for
        return mapper(self.policy, handle, self.roster, users, at)

    def _schedule(
        self, handle: str, compiled: Compiled | CompiledShifts, teams: tuple[str, ...]
    ) -> AnySchedule:
        rotation = self.policy.rotations[handle]
        common = {
            "key": rotation_key(handle),
            "id": rotation.pagerduty.id or "",
            "name": tidy(rotation.vendor_name),
            "time_zone": self.policy.zone_of(handle),
            "description": tidy(rotation.description),
            "teams": teams,
        }
        if isinstance(compiled, Compiled):
            return Schedule.model_validate({**common, "layers": compiled.layers})
        return ShiftSchedule.model_validate({**common, "rotations": compiled.rotations})

    def ladders_and_services(self) -> None:
        ladders = compose(self.policy)
        pins = {handle: r.pagerduty.id for handle, r in self.policy.rotations.items() if r.pagerduty.id}
        for ladder in ladders.values():
            mapped = map_ladder(ladder, self.lookup, pins)
            if mapped.policy is None:
                self.refused[ladder_key(ladder.key)] = "; ".join(mapped.why)
            else:
                before = ladder_key(ladder.previously) if ladder.previously else ""
                self._add(WantedObject(mapped.policy, before, place=place_of(ladder)))
        routed = wanted_routings(self.policy)
        for handle, spec in self.policy.services.items():
            service = map_service(handle, spec, self.lookup, ladders)
            if service is None:
                continue
            if service.service is None:
                self.refused[service_key(handle)] = service.why
                continue
            before = service_key(spec.previously) if spec.previously else ""
            place = ("services", handle)
            self._add(WantedObject(service.service, before, service.policy_only, place))
            if handle in routed:
                self._routing(handle, service.service.name, ladders, before)

    def _routing(self, handle: str, name: str, ladders: Mapping[str, ComposedLadder], before: str) -> None:
        found = map_routing(handle, self.lookup, ladders, name)
        if found is not None:
            was = routing_key(before.partition("/")[2]) if before else ""
            self._add(WantedObject(found, was, place=("services", handle)))

    def judge_names(self) -> None:
        """One name, one object of a kind; and no name longer than PagerDuty keeps."""
        taken: dict[tuple[str, str], WantedObject] = {}
        for item in self.objects:
            kind, name = item.want.kind, item.want.name
            first = taken.setdefault((kind, name), item)
            if first is not item:
                message = f"{item.want.key} and {first.want.key} would both be named {name!r} in PagerDuty"
                self._refuse(
                    item, "name-collision", message, "give one of them another title or pagerduty.name"
                )
            elif len(name) > LONGEST_NAME:
                message = f"the name of {item.want.key} has {len(name)} characters"
                self._refuse(
                    item, "name-too-long", message, f"PagerDuty keeps {LONGEST_NAME}; shorten the title"
                )
        self.objects = [item for item in self.objects if item.want.key not in self.refused]

    def result(self) -> Wanted:
        return Wanted(
            objects=tuple(self.objects),
            overrides={key: found.wanted for key, found in self.slots.items() if found.wanted},
            declared={key: found.declared for key, found in self.slots.items() if found.declared},
            cancelled={key: found.cancelled for key, found in self.slots.items() if found.cancelled},
            refused=self.refused,
            findings=tuple(self.lookup.findings),
            later=self.later,
            people=self.lookup.people,
            wanted_at=self._wanted_at,
        )

    def _wanted_at(self, key: str, at: int) -> Compiled | CompiledShifts | None:
        if (key, at) not in self._earlier:
            self._earlier[key, at] = self._compile_at(key, at)
        return self._earlier[key, at]

    def _compile_at(self, key: str, at: int) -> Compiled | CompiledShifts | None:
        handle = key.partition("/")[2]
        users = self.lookup.users(serving_people(self.policy, handle, at))
        compiled = self._compiled(handle, users, at)
        return None if isinstance(compiled, Refused) else compiled

    def _add(self, item: WantedObject) -> None:
        over = 0
        if not item.policy_only and not isinstance(item.want, ServiceRouting):
            over = len(item.want.description) - room(item.want.key)
        if over > 0:
            message = f"the description of {item.want.key} is {over} characters too long for PagerDuty"
            self._refuse(
                item, "description-too-long", message, "shorten it; watchbill adds one line of its own"
            )
        else:
            self.objects.append(replace(item, pin=self.pins.get(item.want.key)))

    def _refuse(self, item: WantedObject, rule: str, message: str, hint: str) -> None:
        self.refused[item.want.key] = message
        self.lookup.report(rule, message, hint, item.place)
