"""One pass over an account: each object in words, and what the words refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from watchbill.account.marker import room
from watchbill.account.objects import (
    Account,
    AnySchedule,
    EscalationPolicy,
    NamedObject,
    Ref,
    Schedule,
    Service,
)
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.handles import numbered
from watchbill.adopt.names import PREFIX, Handles, Key
from watchbill.adopt.objects import ladder_data, named, service_data
from watchbill.adopt.sayable import can_be_written, cleaned
from watchbill.adopt.turns import Data
from watchbill.model.people import Person
from watchbill.model.settings import SANDBOX, Settings
from watchbill.private_text import masked
from watchbill.rota.clock import WEEK, Instant
from watchbill.rota.duty import Roster
from watchbill.rota.spans import complement, union

SUPPORT_HOURS = "support-hours"
MAY_BE_EMPTY = "nobody had these hours when this was imported"

_LOOK = 53 * WEEK
_SOON = 9 * WEEK


@dataclass(slots=True)
class Wording:
    account: Account
    handles: Handles
    settings: Settings
    people: Mapping[str, Person]
    """By handle."""
    turns: Mapping[str, Data]
    """Schedule id -> what says who serves when."""
    reasons: Mapping[Key, str]
    """Why an object is not ours."""
    looked_up: Mapping[str, str]
    """Service id -> why only its ladder is set."""
    now: Instant
    duty_hours: Mapping[str, Data] = field(default_factory=dict)
    """Name -> windows, of hours that except holidays."""
    roster: Roster | None = None
    """Of the rotations, once all of them are said."""
    externals: dict[Key, str] = field(default_factory=dict)
    hours: dict[str, str] = field(default_factory=dict)
    """Window in words -> its name."""

    def of(self, obj: NamedObject) -> Data:
        if isinstance(obj, AnySchedule):
            data = self._rotation(obj)
        elif isinstance(obj, EscalationPolicy):
            data = ladder_data(obj, self._target, self._empty)
            if obj.team:
                data["team"] = self._team(obj.team)
        else:
            data = self._service(obj)
        if obj.description and not (isinstance(obj, Service) and obj.id in self.looked_up):
            over = len(obj.description) - room(f"{PREFIX[obj.kind]}/{self.handles.objects[obj.kind, obj.id]}")
            if over > 0:
                raise CannotSay(
                    f"its description leaves no room for watchbill's line: {over} characters too long"
                )
            data = {"title": data.pop("title"), "description": obj.description, **data}
        data = {**data, "pagerduty": {"id": obj.id, **data.pop("pagerduty", {})}}
        layers = obj.layers if isinstance(obj, Schedule) else ()
        texts = (obj.name, data.get("description", ""), *(layer.name for layer in layers))
        if any(masked(text) != text for text in texts):
            raise CannotSay("its name or description holds a phone number, a private link or a key")
        if not can_be_written(data):
            raise CannotSay("its name or description has characters that no policy file may hold")
        return data

    def _rotation(self, schedule: AnySchedule) -> Data:
        data: Data = named(schedule.name)
        if schedule.teams:
            teams = [self._team(team) for team in schedule.teams]
            data["team"] = teams[0] if len(teams) == 1 else teams
        if schedule.time_zone != self.settings.time_zone:
            data["time_zone"] = schedule.time_zone
        return {**data, **self.turns[schedule.id]}

    def _service(self, service: Service) -> Data:
        policy = next((p for p in self.account.policies if p.id == service.policy.id), None)
        if policy is None:
            raise CannotSay("its escalation policy is not there")
        ladder = self._handle_of(policy)
        if service.id in self.looked_up:
            return {**named(service.name), "ladder": ladder, "manage": False}

        def support_hours(window: str) -> str:
            if service.urgency.time_zone != self.settings.time_zone:
                raise CannotSay(f"its support hours are told in {service.urgency.time_zone}")
            number = len(self.hours) + 1
            return self.hours.setdefault(
                window, SUPPORT_HOURS if number == 1 else f"{SUPPORT_HOURS}-{number}"
            )

        return service_data(service, ladder, len(policy.rules), support_hours)

    def _target(self, ref: Ref) -> str:
        if ref.kind == "user":
            if ref.id not in self.handles.people:
                raise CannotSay(
                    f"it pages user {ref.id}, who was deleted or has no e-mail address of their own"
                )
            return self.handles.roles.get(ref.id) or self.handles.people[ref.id]
        schedule = next((s for s in self.account.schedules if s.id == ref.id), None)
        if schedule is None:
            raise CannotSay(f"it pages schedule {ref.id}, which is not there")
        return self._handle_of(schedule)

    def _handle_of(self, obj: AnySchedule | EscalationPolicy) -> str:
        """Its handle; under `external` too where it is not ours."""
        key = (obj.kind, obj.id)
        if key in self.reasons and key not in self.externals:
            self.externals[key] = self._external_handle(key)
        return self.externals.get(key) or self.handles.objects[key]

    def _external_handle(self, key: Key) -> str:
        """A policy's handle is its own kind's; under `external` it must not meet a person or a schedule."""
        handle = self.handles.objects[key]
        if key[0] == "schedule":
            return handle
        others = {h for other, h in self.handles.objects.items() if other[0] != "service" and other != key}
        taken = {*self.people, *others, *self.externals.values(), *self.handles.roles.values()}
        return handle if handle not in taken else numbered(f"{handle[:56]}-policy", taken)

    def _team(self, id_: str) -> str:
        team = next((t for t in self.account.teams if t.id == id_), None)
        if team is None or not can_be_written(team.name) or not team.name:
            raise CannotSay(f"its team {id_} is not there")
        return self.handles.teams[id_]

    def _empty(self, targets: tuple[str, ...]) -> str | None:
        """A level that ends for good some months ahead is not declared: `check` is to speak up in time."""
        roster = self.roster
        assert roster is not None
        if any(target not in roster.policy.rotations for target in targets):
            return None
        until = self.now + _LOOK
        shifts = [s for target in targets for s in roster.shifts(target, self.now, until)]
        free = complement(union((s.start, s.end) for s in shifts), self.now, until)
        if not free or (len(free) == 1 and free[0][0] > self.now + _SOON and free[0][1] == until):
            return None
        return MAY_BE_EMPTY

    def contents(
        self, data: Mapping[str, Mapping[str, Data]], *, everyone: bool = False, ids: bool = True
    ) -> dict[str, Any]:
        """Kind -> handle -> data, handles in order."""
        said = set(_names_in(data))
        roles = {handle: id_ for id_, handle in self.handles.roles.items() if handle in said}
        named_people = said | {self.handles.people[id_] for id_ in roles.values()}
        teams = {
            name
            for item in (*data["rotations"].values(), *data["ladders"].values())
            for name in _listed(item.get("team"))
        }
        settings: Data = {
            "format": 1,
            "organization": self.settings.organization,
            "time_zone": self.settings.time_zone,
            "pagerduty": {
                "account": self.account.name if ids else SANDBOX,
                "new_schedules": self._usual_kind(data["rotations"]),
            },
        }
        hours: Data = {**self.duty_hours, **{name: window for window, name in self.hours.items()}}
        if hours:
            settings["hours"] = hours
        found: dict[str, Any] = {
            "settings": settings,
            "people": {
                handle: person.model_dump(exclude_defaults=True)
                for handle, person in self.people.items()
                if everyone or handle in named_people
            },
            "teams": {
                self.handles.teams[t.id]: {"name": t.name, **({"id": t.id} if ids else {})}
                for t in self.account.teams
                if self.handles.teams[t.id] in teams
            },
            "roles": {
                handle: {"title": self._job_title(id_), "held_by": self.handles.people[id_]}
                for handle, id_ in roles.items()
            },
            "external": {h: self._external(key, ids=ids) for key, h in self.externals.items()},
            **data,
        }
        return {
            kind: dict(sorted(items.items())) if kind != "settings" else items
            for kind, items in found.items()
            if items
        }

    def _usual_kind(self, rotations: Mapping[str, Data]) -> str:
        """Shifts only where nothing else is imported."""
        kinds = {item.get("pagerduty", {}).get("kind") for item in rotations.values()}
        return "shifts" if kinds == {"shifts"} else "layers"

    def _job_title(self, user: str) -> str:
        return next(u.job_title for u in self.account.users if u.id == user)

    def _external(self, key: Key, *, ids: bool) -> Data:
        name = next(obj.name for obj in self.account.objects() if (obj.kind, obj.id) == key)
        sayable = name and can_be_written(name) and "\n" not in name and masked(name) == name
        shown = name if sayable else cleaned(name) or key[1]
        data: Data = {"schedule" if key[0] == "schedule" else "ladder": shown}
        return {**data, "id": key[1]} if ids else data


def _names_in(data: Any) -> Iterable[str]:
    if isinstance(data, dict):
        for value in data.values():
            yield from _names_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from _names_in(value)
    elif isinstance(data, str):
        yield data


def _listed(team: Any) -> list[str]:
    return team if isinstance(team, list) else [team] if team else []
