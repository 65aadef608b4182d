"""Who can never be on call: `crew` counts turns, the hours cut them."""

from __future__ import annotations

from math import gcd

import pytest

from policy_text import NAMES, at, policy_of
from watchbill.ladder.never import never_on_call
from watchbill.rota.duty import Roster

NOW = "2026-11-23 16:00"


def never(spec: str, now: str = NOW, more: str = "") -> list[str]:
    return never_on_call(Roster(policy_of(f"rotations:\n  r: {{title: R, {spec}}}\n{more}")), "r", at(now))


def test_seven_people_on_daily_turns_with_weekday_hours_two_never_are() -> None:
    crew = ", ".join(NAMES)
    found = never(
        f"turn: 1 day, handoff: daily 09:00, from: 2026-01-05, crew: [{crew}], hours: mon-fri 09:00-17:00"
    )
    assert found == ["fay", "gil"], "2026-01-05 is a Monday: places six and seven are Saturday and Sunday"


@pytest.mark.parametrize("people", range(2, 8))
def test_on_daily_turns_only_multiples_of_seven_lose_anybody(people: int) -> None:
    crew = ", ".join(NAMES[:people])
    found = never(
        f"turn: 1 day, handoff: daily 09:00, from: 2026-01-05, crew: [{crew}], hours: mon-fri 09:00-17:00"
    )
    assert len(found) == (2 if gcd(people, 7) == 7 else 0)


@pytest.mark.parametrize("people", range(2, 8))
@pytest.mark.parametrize("counted", ["clock", "elapsed"])
def test_even_crews_on_half_day_turns_lose_half_when_only_one_half_day_counts(
    people: int, counted: str
) -> None:
    """By facts: even-sized roster on 12 h turns with half-day windows.  In real time the clock changes move them on."""
    crew = ", ".join(NAMES[:people])
    found = never(
        f"turn: 12 hours, counted: {counted}, from: 2026-01-05 10:00, crew: [{crew}], hours: daily 10:00-22:00",
        "2026-11-23 10:00",
    )
    lost = people // 2 if people % 2 == 0 else 0
    assert len(found) == lost


def test_turns_of_shifts_serve_everybody() -> None:
    crew = ", ".join(NAMES)
    assert never(f"turn: 1 shift, from: 2026-01-05, crew: [{crew}], hours: mon-fri 09:00-17:00") == []


def test_who_leaves_with_a_crew_that_ends_soon_is_not_named() -> None:
    found = never(
        "turn: 1 week, handoff: mon 09:00, hours: business, crews: [{from: 2026-01-05, order: [ana, ben, cleo, dan]},"
        " {from: 2026-11-30, order: [ben, cleo, dan]}]"
    )
    assert found == [], "ana's last turn may well have been"


def test_a_crew_to_come_is_looked_at() -> None:
    crew = ", ".join(NAMES)
    found = never(
        "turn: 1 day, handoff: daily 09:00, hours: mon-fri 09:00-17:00,"
        f" crews: [{{from: 2026-01-05, order: [ana, ben]}}, {{from: 2026-11-30, order: [{crew}]}}]"
    )
    assert found == ["fay", "gil"]


def test_a_followed_crew_under_other_hours() -> None:
    crew = ", ".join(NAMES)
    lead = f"  lead: {{title: L, turn: 1 day, handoff: daily 09:00, from: 2026-01-05, crew: [{crew}]}}"
    found = never("same_crew: {as: lead, turns_later: 1}, hours: mon-fri 09:00-17:00", more=lead)
    assert found == ["eve", "fay"], "one turn later: who led on Friday and Saturday"


def test_a_layer_hidden_by_a_later_one() -> None:
    found = never(
        "layers: [{turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]},"
        " {turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [cleo, ben]}]"
    )
    assert found == ["ana"]


def test_vacant_turns_and_rotations_without_turns_name_nobody() -> None:
    assert (
        never(
            "turn: 1 day, handoff: daily 09:00, from: 2026-01-05, crew: [ana, nobody], hours: mon-fri 09:00-17:00"
        )
        == []
    )
    assert never("covered_by: ana, until: 2027-01-01") == []
    assert never("listed: true") == []
