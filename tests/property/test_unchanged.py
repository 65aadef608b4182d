"""What is taken for unchanged without being drawn has the same shifts when it is drawn."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rota_policies import PEOPLE, counted, frame, overrides, places, policies
from watchbill.model.policy import Policy
from watchbill.plan.effects import effects_between
from watchbill.plan.unchanged import Unchanged
from watchbill.rota.clock import DAY
from watchbill.rota.duty import Roster

Data = dict[str, Any]


@st.composite
def edits(draw: st.DrawFn, data: Data, around: str) -> Data:
    """One of the places from which duty comes, changed; sometimes to what it was."""
    data = deepcopy(data)
    rotations, word = data["rotations"], draw(st.sampled_from(_EDITS))
    handle = draw(st.sampled_from(sorted(rotations)))
    if word == "title":
        rotations[handle]["title"] = "Another"
    elif word == "crew":
        for part in _with_people(rotations[handle]):
            part.append(draw(st.sampled_from(PEOPLE)))
    elif word == "role":
        data["roles"][draw(st.sampled_from(["lead", "desk"]))]["held_by"] = draw(
            st.sampled_from([*PEOPLE, "x"])
        )
    elif word == "hours":
        data["settings"]["hours"]["business"]["windows"] = [
            draw(st.sampled_from(["sat,sun", "mon-fri 09:00-18:00"]))
        ]
    elif word == "holidays":
        data["settings"]["hours"]["nights"]["except_holidays"] = draw(st.sampled_from(["RO", "US"]))
    elif word == "zone":
        data["settings"]["time_zone"] = draw(places)[0]
    elif word == "otherwise" and "otherwise" in rotations["r"]:
        rotations["r"]["otherwise"] = draw(st.sampled_from(["x", "dan", "lead", "desk", "ana"]))
    elif word == "overrides" and not rotations[handle].get("covered_by"):
        others = [o for o in data.get("overrides", ()) if o["rotation"] != handle]
        data["overrides"] = [*others, *draw(overrides(handle, around))]
    elif word == "x":
        rotations["x"] = {"title": "x", **draw(counted(around).filter(lambda c: "shift" not in c["turn"]))}
        rotations["x"].pop("hours", None)
    elif word == "absences":
        data["absences"] = data.get("absences", [])[1:]
    return data


_EDITS = ("title", "crew", "role", "hours", "holidays", "zone", "otherwise", "overrides", "x", "absences")


def _with_people(rotation: Data) -> list[list[str]]:
    parts = [rotation, *rotation.get("crews", ()), *rotation.get("layers", ())]
    return [part[word] for part in parts for word in ("crew", "order") if word in part]


@given(st.data(), policies())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_taken_for_unchanged_has_the_same_shifts(
    draws: st.DataObject, made: tuple[Data, str, int]
) -> None:
    data, _, at = made
    before = Policy.model_validate(data)
    after = Policy.model_validate(draws.draw(edits(data, data["rotations"]["x"]["from"][:10])))
    old, new = Roster(before), Roster(after)
    unchanged = Unchanged(old, new)
    for handle in before.rotations:
        if unchanged.rotation(handle):
            span = at - 20 * DAY, at + 60 * DAY
            assert old.shifts(handle, *span) == new.shifts(handle, *span), handle


def test_a_policy_is_unchanged_beside_itself() -> None:
    week = {"turn": "1 week", "handoff": "mon 09:00", "from": "2026-01-05", "crew": ["ana", "ben"]}
    rotations = {
        "x": week,
        "r": {**week, "hours": "business", "otherwise": "lead"},
        "s": {**week, "hours": "nights", "otherwise": "x"},
    }
    data = frame("Europe/Bucharest", rotations)
    one, two = Policy.model_validate(data), Policy.model_validate(deepcopy(data))
    unchanged = Unchanged(Roster(one), Roster(two))
    assert all(unchanged.rotation(handle) for handle in one.rotations)
    data["rotations"]["x"]["crew"] = ["ben", "ana"]
    other = Policy.model_validate(data)
    unchanged = Unchanged(Roster(one), Roster(other))
    assert [unchanged.rotation(handle) for handle in ("x", "r", "s")] == [False, True, False]
    assert {s.rotation for s in effects_between(one, other, 1_795_442_400).shifts} == {"x", "s"}
    data["roles"]["lead"]["held_by"] = "ana"
    unchanged = Unchanged(Roster(other), Roster(Policy.model_validate(data)))
    assert [unchanged.rotation(handle) for handle in ("x", "r", "s")] == [True, False, True]
