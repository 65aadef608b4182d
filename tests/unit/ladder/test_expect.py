from __future__ import annotations

import pytest

from policy_text import at, policy_of
from watchbill.ladder.expect import Outcome, expectations
from watchbill.rota.duty import Roster

BASE = """
roles: {boss: {title: Boss, held_by: eve}, ghost: {title: Ghost, held_by: unset}}
rotations:
  first: {title: F, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ben, ana]}
  desk: {title: D, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben], hours: business, otherwise: first}
  gone: {title: G, crew: [dan], hours: business}
  dba: {title: DBA, covered_by: first, until: 2027-03-31}
severities:
  P1: {urgency: high, repeat: 0, steps: {0m: domain.primary, 15m: boss, 30m: [cleo, dan]}}
  P4: {urgency: low, repeat: 0, steps: {0m: domain.primary}}
domains:
  db: {title: DB, primary: dba, default_severity: P1}
  api: {title: API, primary: desk, default_severity: P1}
  sec: {title: Sec, primary: first, default_severity: P1, tags: [leak]}
  hollow: {title: Hollow, primary: gone, default_severity: P1}
"""


def asked(text: str) -> Outcome:
    (outcome,) = expectations(Roster(policy_of(BASE + f"expectations:\n  - {{name: it, {text}}}")))
    return outcome


@pytest.mark.parametrize(
    "pages",
    [
        "{0m: first}",
        "{0m: ana, 15m: boss, 30m: [dan, cleo]}",
        "{0m: dba, 15m: eve, 20m: nobody}",
        "{30m: [cleo, dan], 1h: nobody}",
    ],
)
def test_people_are_compared_not_names(pages: str) -> None:
    """2026-11-30 begins a week of ana's."""
    outcome = asked(f"at: 2026-12-01 03:00, incident: {{severity: P1, domain: db}}, pages: {pages}")
    assert outcome.holds, outcome


def test_others_may_be_paged_beside_who_is_named() -> None:
    assert asked("at: 2026-12-01 03:00, incident: {severity: P1, domain: db}, pages: {30m: cleo}").holds


@pytest.mark.parametrize(
    "pages",
    ["{0m: ben}", "{0m: nobody}", "{15m: nobody}", "{20m: boss}", "{0m: [first, boss]}"],
)
def test_a_wrong_expectation_breaks(pages: str) -> None:
    assert not asked(f"at: 2026-12-01 03:00, incident: {{severity: P1, domain: db}}, pages: {pages}").holds


def test_a_target_that_reaches_nobody_proves_nothing() -> None:
    outcome = asked("at: 2026-12-01 03:00, incident: {severity: P1, domain: db}, pages: {20m: ghost}")
    assert not outcome.holds
    assert [rung.vacuous for rung in outcome.rungs if not rung.holds] == [("ghost",)]


def test_the_ladder_is_the_one_that_runs() -> None:
    """An empty level is skipped at once, so the next one comes at its minute."""
    question = "at: 2026-11-28 12:00, incident: {severity: P1, domain: hollow}"
    assert asked(f"{question}, pages: {{0m: boss, 15m: [cleo, dan], 30m: nobody}}").holds
    assert not asked(f"{question}, pages: {{15m: boss}}").holds


def test_low_urgency_and_tags() -> None:
    assert asked(
        "at: 2026-12-01 03:00, incident: {severity: P4, domain: db}, pages: {0m: first, 15m: nobody}"
    ).holds
    assert asked(
        "at: 2026-12-02 11:00, incident: {severity: P1, domain: api, tags: [leak]}, pages: {0m: first}"
    ).holds
    assert not asked("at: 2026-12-02 11:00, incident: {severity: P1, domain: api}, pages: {0m: first}").holds


def test_the_instant_is_opening_plus_minute() -> None:
    """The handoff at 09:00 lies between opening and the step."""
    text = BASE.replace("15m: boss", "15m: first")
    (outcome,) = expectations(
        Roster(
            policy_of(
                text
                + "expectations: [{name: it, at: 2026-11-30 08:50, incident: {severity: P1, domain: db}, pages: {0m: [first, ben], 15m: [first, ana]}}]"
            )
        )
    )
    assert outcome.holds


def test_never_together() -> None:
    """Both crews run against each other, and a fallback is one duty, not two."""
    assert asked("between: [2026-12-01, 2027-03-01], never_together: [first, desk]").holds
    outcome = asked("between: [2026-12-02, 2026-12-03], never_together: [first, dba]")
    (broken,) = outcome.broken
    assert (broken.people, broken.where, broken.spans) == (
        ("ana",),
        ("first", "dba"),
        ((at("2026-12-02"), at("2026-12-03")),),
    )


def test_never_together_with_a_person_or_role() -> None:
    assert not asked("between: [2026-12-01, 2026-12-20], never_together: [first, ana]").holds
    assert asked("between: [2026-12-01, 2026-12-20], never_together: [first, boss, cleo]").holds


def test_always_someone() -> None:
    assert asked("between: [2026-12-01, 2027-03-01], always_someone: [first, desk, dba, boss]").holds
    outcome = asked("between: [2026-12-02, 2026-12-03], always_someone: [first, gone]")
    (broken,) = outcome.broken
    assert (broken.people, broken.where) == ((), ("gone",))
    assert broken.spans == (
        (at("2026-12-02"), at("2026-12-02 09:00")),
        (at("2026-12-02 18:00"), at("2026-12-03")),
    )
    assert not asked("between: [2026-12-02, 2026-12-03], always_someone: [ghost]").holds


def test_off_duty_counts_every_rotation_and_only_shifts() -> None:
    assert asked("between: [2026-12-24, 2026-12-27], off_duty: [eve]").holds, "a role is no duty"
    outcome = asked("between: [2026-12-01, 2026-12-02], off_duty: [ben, ana]")
    assert {broken.people for broken in outcome.broken} == {("ana",)}, "a holiday: the desk falls back to ana"
    outcome = asked("between: [2026-12-02, 2026-12-03], off_duty: [ben]")
    (broken,) = outcome.broken
    assert (broken.where, broken.spans) == (("desk",), ((at("2026-12-02 09:00"), at("2026-12-02 18:00")),))
