"""What an adopted change is made of: edits of the YAML, and the policy's own words for what the account means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from watchbill.adopt.cannot import CannotSay
from watchbill.config.edit import insert_key, remove
from watchbill.config.edit_update import update_value
from watchbill.config.yaml_data import Data
from watchbill.config.yaml_reader import read_yaml
from watchbill.findings import Place

Change = Callable[[str, Place, str], str]
"""(text, path in it, file) -> text"""
RefKey = tuple[str, str]
"""(kind, vendor id)"""


@dataclass(frozen=True, slots=True)
class Edit:
    place: Place
    change: Change


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to say it.  It is written only if the plan has nothing left to say about the object then."""

    edits: tuple[Edit, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """The policy's words for the account's ids."""

    people: Mapping[str, str]
    """User id -> handle."""
    refs: Mapping[str, RefKey]
    """Whatever a ladder may name -> whom or what it pages."""
    ladders: Mapping[str, str]
    """Escalation policy id -> handle under `ladders` or `external`."""
    teams: Mapping[str, str]
    """Team id -> handle."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Any id -> the account's name."""

    def target(self, ref: RefKey, prefer: tuple[str, ...] = ()) -> str:
        """The word that stood there if it still means the same, else the plainest one.  Raises CannotSay."""
        said = next((name for name in prefer if self.refs.get(name) == ref), None)
        if said is None and ref[0] == "user":
            said = self.people.get(ref[1])
        if said is None:
            said = next((name for name, known in self.refs.items() if known == ref), None)
        if said is None:
            raise CannotSay(f"it pages {self.names.get(ref[1], ref[1])!r}, which the policy does not know")
        return said

    def team(self, id_: str) -> str:
        if id_ not in self.teams:
            raise CannotSay(f"its team {self.names.get(id_, id_)!r} is not among the policy's `teams`")
        return self.teams[id_]


def put(*path: str, value: Any) -> Change:
    """A value below the object, several keys deep; None takes it out.  What is there already stays as it is."""

    def change(text: str, place: Place, file: str) -> str:
        where = (*place, *path[:-1])
        holder = held(text, where)
        if holder is None and value is not None:
            return put(*path[:-1], value={path[-1]: value})(text, place, file)
        if not isinstance(holder, dict) or path[-1] not in holder:
            return text if value is None else insert_key(text, where, path[-1], value, file=file)
        if value is None:
            return remove(text, (*where, path[-1]), file=file)
        return update_value(text, (*where, path[-1]), value, file=file)

    return change


def held(text: str, place: Place) -> Data:
    """None where nothing is."""
    data = read_yaml(text, "").data
    for step in place:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def renamed(raw: Mapping[str, Any], name: str, comes_out: str) -> Change:
    """`comes_out`: what this name becomes when it is a title.  The exact name goes where the old one stood."""
    if "name" in raw.get("pagerduty", {}) or comes_out != name:
        return put("pagerduty", "name", value=name)
    return put("title", value=name)
