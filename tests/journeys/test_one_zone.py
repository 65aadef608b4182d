"""The times of one answer are in one zone, whatever zones rotations and people have."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from journeys.conftest import Person

POLICY = """
settings: {format: 1, organization: Example, time_zone: Europe/Bucharest}
people:
  ana: {name: Ana, email: ana@x.example, time_zone: Asia/Tokyo}
  ben: {name: Ben, email: ben@x.example, time_zone: America/New_York}
rotations:
  home: {title: Home, turn: 12 hours, from: 2026-11-02 08:00, crew: [ana, ben], hours: mon-fri 09:00-18:00}
  abroad: {title: Abroad, time_zone: America/New_York, turn: 1 day, handoff: daily 09:00, from: 2026-11-02, crew: [ana, ben], hours: mon-fri 09:00-17:00}
  far: {title: Far, time_zone: Asia/Tokyo, turn: 1 day, handoff: daily 09:00, from: 2026-11-02, crew: [ben, ana], hours: mon-fri 09:00-17:00}
absences:
  - {person: ana, first_day: 2026-11-24, last_day: 2026-12-03}
ladders:
  api: {title: API, steps: {0m: home, 15m: abroad, 30m: far}}
"""
STAMP = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{4}-\d\d-\d\d \d\d:\d\d)")
EDGES = {
    ("Europe/Bucharest", "09:00"),
    ("Europe/Bucharest", "18:00"),
    ("Europe/Bucharest", "08:00"),
    ("Europe/Bucharest", "20:00"),
    ("America/New_York", "09:00"),
    ("America/New_York", "17:00"),
    ("Asia/Tokyo", "09:00"),
    ("Asia/Tokyo", "17:00"),
    ("Asia/Tokyo", "00:00"),
}
"""Every handoff, every border of hours, and of the leave."""


@pytest.fixture
def spread(person: Person) -> Person:
    for path in person.policies.glob("*"):
        path.unlink()
    (person.policies / "policy.yaml").write_text(POLICY, "utf-8")
    return person


@pytest.mark.parametrize("words", [("gaps",), ("check",), ("check", "--format", "github"), ("why", "abroad")])
def test_times_are_borders_of_duty_in_the_policys_zone(spread: Person, words: tuple[str, ...]) -> None:
    """A time of another zone's wall clock would be no border of any duty."""
    told = " ".join(spread.watchbill(*words).out.split())
    stamps = STAMP.findall(told)
    assert stamps
    here = ZoneInfo("Europe/Bucharest")
    strange = []
    for stamp in stamps:
        moment = datetime.strptime(stamp, "%Y-%m-%d %H:%M").replace(tzinfo=here)
        clocks = {(name, moment.astimezone(ZoneInfo(name)).strftime("%H:%M")) for name, _ in EDGES}
        if not clocks & EDGES and not stamp.endswith("16:00"):  # 16:00 is now
            strange.append(stamp)
    assert strange == []


def test_a_shift_abroad_in_gaps(spread: Person) -> None:
    """New York's 09:00 is 16:00 here."""
    told = spread.watchbill("gaps").out
    assert "(Europe/Bucharest)" in told.splitlines()[2]
    abroad = told[told.index("Abroad") :]
    assert "Tue 2026-11-24 00:00 to Tue 2026-11-24 16:00" in abroad


def test_an_incident_names_its_zone(spread: Person) -> None:
    from stage import stage

    with stage() as live:
        live.open(title="Logins fail")
        me = Person(spread.folder, {**spread.at(live.sandbox).env})
        said = me.watchbill("incident", "show", "--incident-id", "1").out
        assert re.search(r"since \w{3} [\d-]+ \d\d:\d\d Europe/Bucharest \(", said), said
