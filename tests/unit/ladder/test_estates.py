"""Real schedules, told in the policy's words, against PagerDuty's own rendering of the same documents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policy_text import SETTINGS, policy_of
from shared import shared
from watchbill.ladder.never import never_on_call
from watchbill.ladder.outlook import Outlook
from watchbill.model.text import DAY_NAMES
from watchbill.rota.clock import DAY, WEEK, parse_instant, zone
from watchbill.rota.duty import Roster
from watchbill.rota.render import render_document
from watchbill.rota.spans import complement, total, union

ESTATES = ("chicago-bratislava", "cloud-team-weekday-weekend")
NOW = parse_instant("2026-11-23T14:00:00Z")
UNTIL = NOW + 8 * WEEK  # no clock change in it


@pytest.fixture(params=ESTATES)
def estate(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared(f"estates/{request.param}.json").read_text("utf-8"))
    return found


def handle(identity: str) -> str:
    return identity.lower()


def told(estate: dict[str, Any]) -> str:
    """The estate as a policy, in YAML (of which JSON is a part)."""
    people = {handle(u["id"]): {"name": u["name"], "email": u["email"]} for u in estate["users"]}
    rotations = {
        handle(s["id"]): {
            "title": s["name"],
            "time_zone": s["time_zone"],
            "layers": [layer(item, s["time_zone"]) for item in reversed(s["schedule_layers"])],
        }
        for s in estate["schedules"]
    }
    ladders = {}
    for policy in estate["escalation_policies"]:
        steps, minute = {}, 0
        for rule in policy["escalation_rules"]:
            steps[f"{minute}m"] = [handle(target["id"]) for target in rule["targets"]]
            minute += rule["escalation_delay_in_minutes"]
        ladders[handle(policy["id"])] = {"title": policy["name"], "steps": steps}
    kinds = {"people": people, "rotations": rotations, "ladders": ladders}
    return SETTINGS + "".join(f"\n{kind}: {json.dumps(value)}" for kind, value in kinds.items())


def layer(item: dict[str, Any], zone_name: str) -> dict[str, Any]:
    start = zone(zone_name).at(parse_instant(item["rotation_virtual_start"]))
    seconds = item["rotation_turn_length_seconds"]
    clock = start.strftime("%H:%M")
    turns: dict[str, Any] = {
        "turn": f"{seconds // 3600} hours",
        "counted": "elapsed",
        "from": f"{start:%Y-%m-%d %H:%M}",
    }
    if seconds == WEEK:
        turns = {
            "turn": "1 week",
            "handoff": f"{DAY_NAMES[start.weekday()]} {clock}",
            "from": f"{start:%Y-%m-%d}",
        }
    elif seconds == DAY:
        turns = {"turn": "1 day", "handoff": f"daily {clock}", "from": f"{start:%Y-%m-%d}"}
    crew = [handle(user["user"]["id"]) for user in item["users"]]
    return {"name": item["name"], "crew": crew, "hours": [window(r) for r in item["restrictions"]], **turns}


def window(restriction: dict[str, Any]) -> str:
    day = restriction["start_day_of_week"] - 1
    start, seconds = restriction["start_time_of_day"][:5], restriction["duration_seconds"]
    second = int(start[:2]) * 3600 + int(start[3:]) * 60 + seconds
    end = f"{second % DAY // 3600:02d}:{second % 3600 // 60:02d}"
    last = DAY_NAMES[(day + second // DAY) % 7]
    return f"{DAY_NAMES[day]} {start}-{end}" if seconds < DAY else f"{DAY_NAMES[day]} {start} - {last} {end}"


def rendered(schedule: dict[str, Any], until: int = UNTIL) -> list[dict[str, Any]]:
    return list(render_document(schedule, since=NOW, until=until)["entries"])  # type: ignore[arg-type]


def test_duty_is_what_pagerduty_renders(estate: dict[str, Any]) -> None:
    roster = Roster(policy_of(told(estate)))
    for schedule in estate["schedules"]:
        ours = [(s.start, s.end, s.person) for s in roster.shifts(handle(schedule["id"]), NOW, UNTIL)]
        theirs = [
            (parse_instant(e["start"]), parse_instant(e["end"]), handle(e["user"]))
            for e in rendered(schedule)
        ]
        assert spans_by_person(ours) == spans_by_person(theirs)


def spans_by_person(shifts: list[tuple[int, int, Any]]) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for start, end, person in shifts:
        found.setdefault(person, []).append((start, end))
    return {person: union(spans) for person, spans in found.items()}


def test_gaps_are_what_no_target_of_a_level_covers(estate: dict[str, Any]) -> None:
    schedules = {s["id"]: s for s in estate["schedules"]}
    expected = {}
    for policy in estate["escalation_policies"]:
        for level, rule in enumerate(policy["escalation_rules"], start=1):
            targets = [target["id"] for target in rule["targets"]]
            if all(target in schedules for target in targets):
                covered = union(
                    (parse_instant(e["start"]), parse_instant(e["end"]))
                    for target in targets
                    for e in rendered(schedules[target])
                )
                free = complement(covered, NOW, UNTIL)
                if free:
                    expected[handle(policy["id"]), level] = total(free)
    found = Outlook(Roster(policy_of(told(estate))), NOW, UNTIL).gaps()
    assert {(gap.ladder, gap.level): gap.seconds for gap in found} == expected


def test_without_the_weekend_layer_its_level_is_empty_on_weekends(estate: dict[str, Any]) -> None:
    for schedule in estate["schedules"]:
        schedule["schedule_layers"] = [
            item for item in schedule["schedule_layers"] if item["rotation_turn_length_seconds"] != WEEK
        ]
    test_gaps_are_what_no_target_of_a_level_covers(estate)
    assert Outlook(Roster(policy_of(told(estate))), NOW, UNTIL).gaps()


def test_nobody_of_these_crews_is_never_on_call(estate: dict[str, Any]) -> None:
    """Three people advance by two places a day, which is odd against three: all serve."""
    roster = Roster(policy_of(told(estate)))
    assert {
        name for s in estate["schedules"] for name in never_on_call(roster, handle(s["id"]), NOW)
    } == set()


@pytest.mark.parametrize(
    ("now", "half_never"), [("2026-07-06T14:00:00Z", True), ("2026-11-23T14:00:00Z", False)]
)
def test_a_fourth_person_on_half_day_turns_halves_the_crew(now: str, half_never: bool) -> None:
    """Turns of 43,200 s count real time from a day in May: in winter each reaches one hour into the other half."""
    estate: dict[str, Any] = json.loads(shared("estates/chicago-bratislava.json").read_text("utf-8"))
    (schedule,) = estate["schedules"]
    for number in (7, 8):
        identity = f"PUSER{number:03d}"
        estate["users"].append({"id": identity, "name": identity, "email": f"{identity}@x.example"})
    half_days = [
        item for item in schedule["schedule_layers"] if item["rotation_turn_length_seconds"] == DAY // 2
    ]
    half_days[0]["users"].append({"user": {"id": "PUSER007"}})
    half_days[1]["users"].append({"user": {"id": "PUSER008"}})
    members = {user["user"]["id"] for item in schedule["schedule_layers"] for user in item["users"]}
    since = parse_instant(now)
    entries = render_document(schedule, since=since, until=since + 8 * WEEK)["entries"]
    serving = {entry["user"] for entry in entries}
    found = never_on_call(Roster(policy_of(told(estate))), handle(schedule["id"]), since)
    assert set(found) == {handle(identity) for identity in members - serving}
    assert bool(found) is half_never
