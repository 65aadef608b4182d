"""Everybody's and everything's handle in one import, and why an object cannot have one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from pydantic import TypeAdapter, ValidationError

from watchbill.account.objects import Account, NamedObject, ShiftSchedule, User
from watchbill.adopt.handles import Called, handles_for, slug
from watchbill.adopt.sayable import cleaned
from watchbill.model.base import HANDLE, PLACEHOLDER
from watchbill.model.people import Email
from watchbill.private_text import masked

PREFIX = {"schedule": "rotation", "escalation_policy": "ladder", "service": "service"}
KIND_WORD = {"schedule": "schedule", "escalation_policy": "escalation policy", "service": "service"}

DERIVED_ELSEWHERE = "watchbill makes overrides on it for another policy"

Key = tuple[str, str]
"""(kind, vendor id)"""


@dataclass(slots=True)
class Handles:
    people: dict[str, str]
    """Of users who can be found again by their e-mail."""
    teams: dict[str, str]
    objects: dict[Key, str]
    refused: dict[Key, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    """User id -> handle of the hat that the user's job title names and nobody else wears."""


def handles_of(account: Account) -> Handles:
    given, refused = _marked(account)
    rotations = {id_: handle for (kind, id_), handle in given.items() if kind == "schedule"}
    addresses = Counter(user.email for user in account.users)
    able = [user for user in account.users if addresses[user.email] == 1 and _is_email(user.email)]
    people = handles_for(
        (Called(u.id, (masked(u.name), u.email.partition("@")[0])) for u in able),
        "person",
        rotations.values(),
    )
    objects: dict[Key, str] = {}
    for kind, members in (
        ("schedule", account.schedules),
        ("escalation_policy", account.policies),
        ("service", account.services),
    ):
        mine = {id_: handle for (of, id_), handle in given.items() if of == kind}
        taken = people.values() if kind == "schedule" else ()
        called = (Called(obj.id, (masked(obj.name),)) for obj in members)
        found = handles_for(called, KIND_WORD[kind], taken, mine)
        objects |= {(kind, id_): handle for id_, handle in found.items()}
    teams = handles_for((Called(team.id, (team.name,)) for team in account.teams), "team")
    return Handles(people, teams, objects, refused, _roles(account, people, objects))


def _roles(account: Account, people: Mapping[str, str], objects: Mapping[Key, str]) -> dict[str, str]:
    titles = Counter(user.job_title.casefold() for user in account.users)
    alone = [u for u in account.users if u.id in people and titles[u.job_title.casefold()] == 1]
    told = [u for u in alone if (title := u.job_title) and slug(title) and cleaned(title) == title]
    taken = {*people.values(), *objects.values()}
    return handles_for((Called(u.id, (u.job_title,)) for u in told), "role", taken)


def person_data(user: User, zone: str, zones: frozenset[str]) -> dict[str, str]:
    """Name and e-mail; never a phone number, an address of a calendar, or anything else of theirs."""
    name = cleaned(user.name)
    data = {"name": user.email if name in ("", PLACEHOLDER) else name, "email": user.email}
    if user.time_zone != zone and user.time_zone in zones:
        data["time_zone"] = user.time_zone
    return data


def _marked(account: Account) -> tuple[dict[Key, str], dict[Key, str]]:
    """What watchbill owns already keeps its handle, so that its marker stays true."""
    given: dict[Key, str] = {}
    refused: dict[Key, str] = {}
    twice = Counter((obj.kind, obj.marker.key) for obj in account.objects() if obj.marker)
    for obj in account.objects():
        if obj.marker is None:
            continue
        prefix, _, handle = obj.marker.key.partition("/")
        reason = _unfit(obj, prefix, handle, twice[obj.kind, obj.marker.key])
        if reason:
            refused[obj.kind, obj.id] = reason
        else:
            given[obj.kind, obj.id] = handle
    return given, refused


def _unfit(obj: NamedObject, prefix: str, handle: str, count: int) -> str:
    assert obj.marker is not None
    if count > 1:
        return f"{count} objects carry the marker {obj.marker.key}"
    if obj.marker.version != 1 or obj.marker.state == "writing":
        return "its marker says that a write is under way, or is of another version"
    if obj.marker.derived and not isinstance(obj, ShiftSchedule):
        return DERIVED_ELSEWHERE
    if prefix != PREFIX[obj.kind] or not re.fullmatch(HANDLE, handle):
        return f"another policy owns it, as {obj.marker.key}"
    return ""


@cache
def _email() -> TypeAdapter[str]:
    return TypeAdapter(Email)


def _is_email(text: str) -> bool:
    try:
        _email().validate_python(text)
    except ValidationError:
        return False
    return True
