"""Which schedule is a rotation's, and what counts as an answer about who is on call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from rota_stories import policy_of
from unit.pagerduty.scripted import Outcome, ScriptedWire, answer, transport
from watchbill.errors import AccountError
from watchbill.ladder.live import Reading, Stint
from watchbill.pagerduty.oncalls import OnCalls
from watchbill.rota.clock import iso, parse_instant

NOW = parse_instant("2026-11-23T14:00:00Z")
END = NOW + 3600
ANA = {"crew": ["ana"], "title": "First"}
Json = dict[str, Any]


def schedule(id_: str, name: str, key: str = "", kind: str = "schedule") -> Json:
    marker = f"words\nwatchbill/1 {key} 3f9c2a @2026-11-23T14:00Z" if key else ""
    return {"id": id_, "type": kind, "name": name, "summary": name, "description": marker}


class Account:
    """Schedules by policy, and who is on call in which."""

    def __init__(
        self, *schedules: Json, on_call: Mapping[str, Json] | None = None, paged: bool = True
    ) -> None:
        self.schedules = {one["id"]: one for one in schedules}
        self.on_call = on_call if on_call is not None else {id_: user("Ana") for id_ in self.schedules}
        self.paged = paged
        self.asked: list[str] = []

    def __call__(self, method: str, path: str, params: Mapping[str, Any]) -> Outcome:
        self.asked.append(path)
        if path == "/escalation_policies":
            targets = [
                {"id": one["id"], "type": f"{one['type']}_reference", "summary": one["name"]}
                for one in self.schedules.values()
            ]
            rule = {"escalation_delay_in_minutes": 5, "targets": targets if self.paged else []}
            return listed("escalation_policies", [{"id": "P1", "escalation_rules": [rule]}])
        if path == "/oncalls":
            entries = [
                {"user": who, "schedule": self.schedules[id_], "start": iso(NOW - 60), "end": iso(END)}
                for id_, who in self.on_call.items()
                if id_ in params["schedule_ids[]"]
            ]
            return listed("oncalls", entries)
        id_ = path.rpartition("/")[2]
        if ("v3" in path) != ("v3" in self.schedules[id_]["type"]):
            return answer(400, {"error": {"message": "use the shift-based /v3/schedules API", "code": 2001}})
        return answer(200, {"schedule": self.schedules[id_]})


def user(name: str, email: str = "") -> Json:
    address = email or f"{name.lower()}@x.example"
    return {"id": f"U-{name}", "name": name, "summary": name, "email": address}


def listed(wrapper: str, items: list[Json], **more: Any) -> Outcome:
    return answer(200, {wrapper: items, "more": False, "total": len(items), **more})


def read(account: Any, spec: Json = ANA, **rotations: Any) -> Reading:
    policy = policy_of(spec, rotations=rotations)
    return OnCalls(transport(ScriptedWire(last=account)), policy, NOW, END).of(list(policy.rotations))


def people(found: Reading, rotation: str = "r") -> list[str] | None:
    entries = found.on_call.get(rotation)
    return None if entries is None else [entry.person for entry in entries]


def test_by_name_marker_and_pin() -> None:
    assert people(read(Account(schedule("S1", "First")))) == ["ana"]
    assert people(read(Account(schedule("S1", "Renamed", "rotation/r")))) == ["ana"]
    pinned = {**ANA, "pagerduty": {"id": "S2"}}
    on_call = {"S1": user("Ben"), "S2": user("Cleo")}
    both = Account(schedule("S1", "First", "rotation/r"), schedule("S2", "Other"), on_call=on_call)
    assert people(read(both, pinned)) == ["cleo"]


def test_a_marker_beats_the_name_of_another_schedule() -> None:
    on_call = {"S1": user("Ben"), "S2": user("Cleo")}
    account = Account(schedule("S1", "First"), schedule("S2", "Old name", "rotation/r"), on_call=on_call)
    assert people(read(account)) == ["cleo"]


def test_names_that_were_swapped_by_hand() -> None:
    on_call = {"S1": user("Ben"), "S2": user("Cleo")}
    first, second = schedule("S1", "Second", "rotation/r"), schedule("S2", "First", "rotation/s")
    found = read(Account(first, second, on_call=on_call), s={"crew": ["ana"], "title": "Second"})
    assert (people(found), people(found, "s")) == (["ben"], ["cleo"])


def test_of_two_schedules_with_one_marker_the_one_of_that_name_counts() -> None:
    on_call = {"S1": user("Ben"), "S2": user("Cleo")}
    copied = schedule("S1", "Copy of First", "rotation/r"), schedule("S2", "First", "rotation/r")
    assert people(read(Account(*copied, on_call=on_call))) == ["cleo"]


@pytest.mark.parametrize("kind", ["schedule", "schedule_v3"])
def test_nobody_on_call_is_an_answer_also_in_a_renamed_schedule(kind: str) -> None:
    account = Account(schedule("S1", "Renamed", "rotation/r", kind), on_call={})
    assert people(read(account)) == []


def test_what_no_escalation_policy_pages_is_not_answered() -> None:
    assert people(read(Account(schedule("S1", "First"), paged=False))) is None


def test_a_user_whom_the_policy_lacks_keeps_the_name_and_never_becomes_somebody_else() -> None:
    strangers = {"S1": user("Tudor Pop", "tudor@elsewhere.example")}
    assert people(read(Account(schedule("S1", "First"), on_call=strangers))) == ["Tudor Pop"]
    namesake = {"S1": user("ana", "ana@elsewhere.example")}
    assert people(read(Account(schedule("S1", "First"), on_call=namesake))) == ["ana (ana@elsewhere.example)"]
    deleted = {"S1": {"id": "U9", "summary": "Gone", "type": "user_reference"}}
    assert people(read(Account(schedule("S1", "First"), on_call=deleted))) == ["Gone"]


@pytest.mark.parametrize(
    "pages",
    [
        [answer(200, {"oncalls": [], "more": True})],
        [answer(200, {"oncalls": [], "more": False, "total": 3})],
        [answer(200, {"oncalls": [{"user": None}], "more": False})],
        [answer(200, {"wrong": []})],
        [answer(200, [])],
        [answer(200, {"oncalls": [], "more": True, "total": 10_001})],
        [answer(403, {"error": {"message": "no"}})],
    ],
)
def test_an_answer_that_is_not_whole_is_an_error_and_not_an_empty_schedule(pages: list[Outcome]) -> None:
    account = Account(schedule("S1", "First"))
    script = list(pages)

    def some(method: str, path: str, params: Mapping[str, Any]) -> Outcome:
        return script.pop(0) if path == "/oncalls" else account(method, path, params)

    with pytest.raises(AccountError):
        read(some)


def test_pages_are_followed_to_the_end() -> None:
    account = Account(schedule("S1", "First"))
    entry = {"schedule": account.schedules["S1"], "start": iso(NOW)}

    def paged(method: str, path: str, params: Mapping[str, Any]) -> Outcome:
        if path != "/oncalls":
            return account(method, path, params)
        begin = params["offset"]
        items = [
            {**entry, "user": user("Ana"), "end": iso(END + n)} for n in range(begin, min(begin + 100, 250))
        ]
        return answer(200, {"oncalls": items, "more": begin + 100 < 250, "total": 250})

    found = read(paged).on_call["r"]
    assert len(found) == 250
    assert found[-1] == Stint("ana", NOW, END + 249)
