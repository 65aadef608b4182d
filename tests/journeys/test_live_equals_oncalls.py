"""At random instants, with other people's overrides in PagerDuty, `who --live` names the people that `/oncalls` names,
and names each difference to the files.  The judge reads `/oncalls` by itself."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.client import Client
from inprocess import Desk, desk
from watchbill.config.load import load_valid
from watchbill.model.policy import Policy
from watchbill.rota.clock import DAY, HOUR, iso, parse_instant
from watchbill.rota.duty import Roster

NAMES = ("ana", "ben", "cleo", "dan", "eva", "zoe")
STRANGER = "zoe"
"""A user of the account whom the policy does not have."""
POLICY = """
settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  hours: {business: {windows: [mon-fri 09:00-18:00]}}
  pagerduty: {account: acme, new_schedules: KIND}
people:
  ana: {name: Ana, email: ana@x.example}
  ben: {name: Ben, email: ben@x.example}
  cleo: {name: Cleo, email: cleo@x.example}
  dan: {name: Dan, email: dan@x.example}
  eva: {name: Eva, email: eva@x.example}
rotations:
  weekly: {title: Weekly, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben, cleo]}
  daily: {title: Daily, turn: 1 day, handoff: daily 08:00, from: 2026-01-05, crew: [ben, dan, eva, ana]}
  office: {title: Office, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [dan, eva], hours: business, otherwise: weekly}
  days: {title: Days, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [eva, cleo], hours: business}
  spare: {title: Spare, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [cleo, dan]}
  front: {title: Front, covered_by: daily, until: 2027-06-30}
ladders:
  api: {title: API, repeat: 1, steps: {0m: [weekly, days], 15m: [office, daily]}}
services:
  shop: {title: Shop, ladder: api}
"""
ROTATIONS = ("weekly", "daily", "office", "days")
"""With a schedule that an escalation policy pages."""
INSTANTS, FIRST = 4, 16


@pytest.fixture(params=["layers", "shifts"])
def applied(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, *NAMES) as made:
        made.says(POLICY.replace("KIND", request.param))
        ran = made.applies()
        assert ran.code == 0, ran.out
        yield made


def test_a_few_instants(applied: Desk) -> None:
    assert compare(applied, INSTANTS) > 0


@pytest.mark.long
def test_many_instants(applied: Desk) -> None:
    count = int(os.environ.get("WATCHBILL_EXAMPLES", "250"))
    assert compare(applied, count) > count // 4


def compare(at_desk: Desk, instants: int) -> int:
    """How many differences were named."""
    dice = random.Random(20261201)
    policy = load_valid(at_desk.policies).policy
    assert policy is not None
    named = 0
    with Client(at_desk.sandbox.url, at_desk.sandbox.token) as api:
        users = {user["name"].casefold(): user["id"] for user in api.get("/users", limit=100).body["users"]}
        for _ in range(FIRST):
            stand_in(api, users, dice, parse_instant(at_desk.now))
        for _ in range(instants):
            stand_in(api, users, dice, parse_instant(at_desk.now))
            instant = parse_instant(at_desk.now) + dice.randrange(20 * DAY)
            named += one(at_desk, api, policy, instant)
    return named


def one(at_desk: Desk, api: Client, policy: Policy, at: int) -> int:
    ran = at_desk.watchbill("who", "--live", "--json", "--at", iso(at))
    assert ran.code == 0, ran.out
    told = json.loads(ran.out)
    assert told["source"]["kind"] == "pagerduty"
    assert told["source"]["from_files"] == ["spare"]
    on_call = by_schedule(api, at)
    roster = Roster(policy)
    differing = 0
    for rotation in ROTATIONS:
        title = policy.rotations[rotation].title
        answers = [answer for answer in told["answers"] if answer["asked"] == rotation]
        assert {answer["person"] for answer in answers} - {None} == on_call.get(title, set()), (
            title,
            iso(at),
        )
        by_files = {shift.person for shift in roster.shifts(rotation, at, at + 1)} - {None}
        found = [d for d in told["source"]["differences"] if d["rotation"] == rotation and covers(d, at)]
        if on_call.get(title, set()) == by_files:
            assert found == []
            assert all(answer["foreign_override"] is None for answer in answers)
            continue
        (difference,) = found
        assert set(difference["on_call"]) == on_call.get(title, set())
        assert set(difference["by_files"]) == by_files
        foreign = [answer["foreign_override"] for answer in answers if answer["person"] not in by_files]
        assert all(f is not None and f["person"] not in by_files for f in foreign)
        differing += 1
    assert {answer["person"] for answer in told["answers"] if answer["asked"] == "front"} == on_call["Daily"]
    return differing


def covers(difference: dict[str, Any], at: int) -> bool:
    return parse_instant(difference["since"]) <= at < parse_instant(difference["until"])


def by_schedule(api: Client, at: int) -> dict[str, set[str]]:
    body = api.get("/oncalls", since=iso(at), until=iso(at), limit=100).body
    assert not body["more"]
    found: dict[str, set[str]] = {}
    for entry in body["oncalls"]:
        name = entry["user"]["summary"]
        person = name if name.casefold() == STRANGER else name.casefold()
        found.setdefault(entry["schedule"]["summary"], set()).add(person)
    return found


def stand_in(api: Client, users: dict[str, str], dice: random.Random, now: int) -> None:
    """Somebody makes an override by hand; on shift-based schedules now and then a shift beside the others."""
    begin = now + dice.randrange(20 * DAY)
    end = begin + dice.randrange(1, 30) * HOUR
    user = users[dice.choice(NAMES)]
    name = dice.choice(("Weekly", "Daily", "Office", "Days", "Spare"))
    layers = {s["name"]: s["id"] for s in api.get("/schedules", limit=100).body["schedules"]}
    if name in layers:
        override = {"start": iso(begin), "end": iso(end), "user": {"id": user, "type": "user_reference"}}
        answer = api.post(f"/schedules/{layers[name]}/overrides", {"overrides": [override]})
        assert answer.status == 201, answer.body
        return
    path = next(
        f"/v3/schedules/{s['id']}" for s in api.get("/v3/schedules").body["schedules"] if s["summary"] == name
    )
    member = {"type": "user_member", "user_id": user}
    if dice.random() < 0.3:
        shift = {"type": "custom_shift", "start_time": iso(begin), "end_time": iso(end)}
        shift["assignments"] = [{"type": "shift_assignment", "member": member}]
        answer = api.post(f"{path}/custom_shifts", {"custom_shifts": [shift]})
        assert answer.status == 201, answer.body
        return
    query = {"include[]": "final_schedule", "since": iso(begin), "until": iso(begin + 1), "overflow": "true"}
    shifts = api.get(path, **query).body["schedule"]["final_schedule"]["computed_shift_assignments"]
    turns = [s for s in shifts if s["source"]["type"] == "schedule_rotation"]
    if not turns or turns[0]["member"].get("user_id") in (None, user):
        return
    override = {
        "type": "override_shift",
        "rotation_id": turns[0]["source"]["rotation_id"],
        "start_time": iso(begin),
        "end_time": min(iso(end), turns[0]["end_time"]),
        "overridden_member": turns[0]["member"],
        "overriding_member": member,
    }
    answer = api.post(f"{path}/overrides", {"overrides": [override]})
    assert answer.status == 201, answer.body
