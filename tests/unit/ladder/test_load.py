from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from policy_text import at, policy_of
from watchbill.ladder.load import fairness_of, load_of, short_rests
from watchbill.ladder.outlook import Outlook
from watchbill.rota.clock import HOUR
from watchbill.rota.duty import Roster

TEXT = """
rotations:
  nights: {title: N, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben], hours: daily 21:00-07:00}
  days: {title: D, turn: 1 day, handoff: daily 09:00, from: 2026-01-05, crew: [ben, cleo, dan], hours: business, otherwise: ana}
people:
  ana: {name: Ana, email: ana@x.example, time_zone: America/New_York}
  ben: {name: Ben, email: ben@x.example}
  cleo: {name: Cleo, email: cleo@x.example}
  dan: {name: Dan, email: dan@x.example}
"""
ZONES = {"ana": "America/New_York"}
HOLIDAYS = {
    "2026-10-26": False,
    "2026-11-30": True,
    "2026-12-01": True,
    "2026-12-25": True,
    "2026-12-26": True,
}


def outlook(text: str, since: str, until: str) -> Outlook:
    return Outlook(Roster(policy_of(text)), at(since), at(until))


@pytest.mark.parametrize(("since", "until"), [("2026-10-20", "2026-11-04"), ("2026-11-28", "2026-12-04")])
def test_hours_are_as_counted_by_half_hours(since: str, until: str) -> None:
    """The first span has the clock changes of both zones, the second two holidays and a weekend."""
    look = outlook(TEXT, since, until)
    roster = look.roster
    counted: dict[str, list[float]] = {}
    for instant in range(look.since, look.until, HOUR // 2):
        on_duty = {
            s.person for r in ("nights", "days") for s in roster.shifts(r, instant, instant + 1) if s.person
        }
        for person in on_duty:
            local = datetime.fromtimestamp(instant, UTC).astimezone(
                ZoneInfo(ZONES.get(person, "Europe/Bucharest"))
            )
            sums = counted.setdefault(person, [0, 0, 0, 0])
            sums[0] += 0.5
            sums[1] += 0.5 * (local.hour >= 22 or local.hour < 6)
            sums[2] += 0.5 * (local.weekday() >= 5)
            sums[3] += 0.5 * HOLIDAYS.get(f"{local:%Y-%m-%d}", False)
    found = {e.person: [e.hours, e.night_hours, e.weekend_hours, e.holiday_hours] for e in load_of(look)}
    assert found == counted


def test_an_hour_in_two_rotations_is_one_hour() -> None:
    text = "rotations:\n  a: {title: A, crew: [ana]}\n  b: {title: B, crew: [ana], hours: daily 09:00-21:00}"
    (load,) = load_of(outlook(text, "2026-11-23", "2026-11-25"))
    assert (load.hours, load.by_rotation, load.shifts, load.shortest_rest) == (
        48,
        (("a", 48), ("b", 24)),
        1,
        None,
    )


def test_fairness_compares_those_who_share_turns() -> None:
    look = outlook(TEXT, "2026-11-23 09:00", "2026-12-07 09:00")
    by_rotation = {fair.rotation: fair for fair in fairness_of(look, load_of(look))}
    nights = by_rotation["nights"]
    assert nights.most[1] == nights.least[1] == nights.mean == 70
    assert nights.spread == 1
    assert {by_rotation["days"].most[0], by_rotation["days"].least[0]} <= {"ben", "cleo", "dan"}, (
        "not the fallback"
    )


def test_short_rests_count_whatever_the_rotation() -> None:
    text = (
        "rotations:\n  day: {title: Day, crew: [ana], hours: mon-fri 09:00-17:00}\n"
        "  late: {title: Late, crew: [ana], hours: mon-fri 21:00-23:00}\n  bot: {title: Bot, crew: [ben], hours: daily 09:00-20:00}\n"
        "  robot: {title: Robot, crew: [box], hours: 'daily 09:00-20:00'}\n"
        "people:\n  ana: {name: Ana, email: ana@x.example}\n  ben: {name: Ben, email: ben@x.example}\n"
        "  box: {name: Box, email: box@x.example, human: false}\n"
    ).replace("daily 09:00-20:00}", "daily 09:00-22:01}")
    found = {rest.person: rest for rest in short_rests(outlook(text, "2026-11-23", "2026-11-30"))}
    assert set(found) == {"ana", "ben"}
    assert found["ana"].shortest == (at("2026-11-23 17:00"), at("2026-11-23 21:00"))
    assert len(found["ana"].rests) == 5 + 4, "evenings of five days, nights between them"


def test_eleven_hours_are_enough() -> None:
    text = "rotations:\n  day: {title: Day, crew: [ana], hours: daily 09:00-22:00}"
    assert short_rests(outlook(text, "2026-11-23", "2026-11-30")) == []
