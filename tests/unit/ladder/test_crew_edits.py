from __future__ import annotations

import pytest

from policy_text import at, policy_of
from watchbill.ladder.crew_edits import CrewEdited, edited_in_place
from watchbill.plan.effects import effects_between
from watchbill.rota.clock import WEEK
from watchbill.rota.duty import Roster

NOW = at("2026-11-23 16:00")
RUNNING = "turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben, cleo]"


def edits(before: str, after: str) -> list[CrewEdited]:
    one, other = (policy_of(f"rotations: {{r: {{title: R, {spec}}}}}") for spec in (before, after))
    return list(edited_in_place(one, other, NOW, NOW + 8 * WEEK))


@pytest.mark.parametrize(
    "after",
    [
        RUNNING + ", hours: business",
        RUNNING.replace("title", "title") + ", description: other words",
        "turn: 1 week, handoff: mon 09:00, crews: [{from: 2026-01-05, order: [ana, ben, cleo]}, {from: 2026-11-30, order: [cleo, ana, ben, dan]}]",
        "turn: 1 week, handoff: mon 09:00, crews: [{from: 2026-01-05, order: [ana, ben, cleo], reason: as before}]",
        RUNNING.replace("from: 2026-01-05", "from: 2026-01-26"),
        RUNNING.replace("[ana, ben, cleo]", "[ben, cleo, ana], first: ana"),
        f"layers: [{{{RUNNING}}}]",
        f"layers: [{{{RUNNING}, hours: mon-fri 09:00-18:00}}, {{{RUNNING}, hours: [mon-fri 18:00-09:00, sat 09:00 - mon 09:00]}}]",
        f"layers: [{{{RUNNING}, until: 2026-11-30 09:00}}, {{{RUNNING.replace('2026-01-05', '2026-11-30')}}}]",
    ],
)
def test_what_moves_nobody_before_a_new_crew_is_no_edit(after: str) -> None:
    assert edits(RUNNING, after) == []


@pytest.mark.parametrize(
    "after",
    [
        RUNNING.replace("cleo]", "cleo, dan]"),
        RUNNING.replace("ben, cleo", "cleo, ben"),
        RUNNING.replace("from: 2026-01-05", "from: 2026-01-12"),
        RUNNING.replace("mon 09:00", "mon 10:00"),
        RUNNING + ", turns_each: 2",
        "turn: 1 week, handoff: mon 09:00, crews: [{from: 2026-01-05, order: [ana, ben, cleo]}, {from: 2026-11-23, order: [dan, ana]}]",
        "layers: [{turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, cleo, ben]}]",
    ],
)
def test_an_edit_in_place_names_exactly_the_turns_that_move(after: str) -> None:
    (found,) = edits(RUNNING, after)
    one, other = (Roster(policy_of(f"rotations: {{r: {{title: R, {spec}}}}}")) for spec in (RUNNING, after))
    for hour in range(NOW, NOW + 8 * WEEK, 5 * 3600):
        before, now = (roster.shifts("r", hour, hour + 1)[0].person for roster in (one, other))
        told = [(m.before, m.after) for m in found.moved if m.start <= hour < m.end]
        assert told == ([(before, now)] if before != now else []), hour


def test_a_handoff_that_moves_within_the_free_time_is_no_edit() -> None:
    hours = ", hours: business"
    assert edits(RUNNING + hours, RUNNING.replace("mon 09:00", "mon 08:00") + hours) == []


def test_only_what_comes_before_the_next_new_crew_counts() -> None:
    before = "turn: 1 week, handoff: mon 09:00, crews: [{from: 2026-01-05, order: [ana, ben, cleo]}]"
    after = "turn: 1 week, handoff: mon 09:00, crews: [{from: 2026-01-05, order: [ana, cleo, ben]}, {from: 2026-12-07, order: [dan]}]"
    (found,) = edits(before, after)
    assert found.moved[0].start == NOW
    assert found.moved[-1].end <= at("2026-12-07 09:00")


def test_a_new_rotation_and_a_renamed_title_are_no_edits() -> None:
    before, after = policy_of("rotations: {}"), policy_of(f"rotations: {{r: {{title: R, {RUNNING}}}}}")
    assert not list(edited_in_place(before, after, NOW, NOW + WEEK))
    assert not list(edited_in_place(after, before, NOW, NOW + WEEK))


def test_a_new_handle_for_the_same_address_is_the_same_person() -> None:
    people = (
        "people:\n  ben: {name: Ben, email: ben@x.example}\n  cleo: {name: Cleo, email: cleo@x.example}\n"
    )
    text = "rotations: {r: {title: R, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben, cleo]}}\n"
    before = policy_of(f"\n{people}  ana: {{name: Ana, email: ana@x.example}}\n{text}")
    renamed, another = (
        policy_of(f"\n{people}  amy: {{name: Amy, email: {mail}@x.example}}\n{text.replace('ana,', 'amy,')}")
        for mail in ("ANA", "amy")
    )
    assert list(edited_in_place(before, renamed, NOW, NOW + 8 * WEEK)) == []
    assert not [s for s in effects_between(before, renamed, NOW).shifts if s.before != s.after]
    assert list(edited_in_place(before, another, NOW, NOW + 8 * WEEK))
    assert [s for s in effects_between(before, another, NOW).shifts if s.before != s.after]
