"""PagerDuty's answer laid over the files: what differs, and who has duty then."""

from __future__ import annotations

import pytest

from rota_stories import local, policy_of
from watchbill.ladder.live import Difference, Live, Reading, Stint, lay_over
from watchbill.rota.duty import Roster, Shift

MONDAY, NOON, EVENING = local("2026-01-05"), local("2026-01-05 12:00"), local("2026-01-05 18:00")
TUESDAY, FRIDAY = local("2026-01-06"), local("2026-01-09")
ANA = {"crew": ["ana"]}
BOTH = {"crew": ["ana", "ben"], "together": True}


def live(
    spec: dict[str, object],
    entries: list[Stint],
    overrides: list[Stint] | None = None,
    since: int = MONDAY,
    until: int = TUESDAY,
) -> Live:
    read = {} if overrides is None else {"r": tuple(overrides)}
    return lay_over(Roster(policy_of(spec)), Reading(since, until, {"r": tuple(entries)}, read))


def on_duty(found: Live, at: int) -> dict[str | None, str]:
    return {shift.person: shift.because for shift in found.roster.shifts("r", at, at + 1)}


def test_no_difference_leaves_the_files_roster() -> None:
    found = live(ANA, [Stint("ana", MONDAY, FRIDAY)])
    assert found.differences == ()
    assert on_duty(found, NOON) == {"ana": "turn"}


def test_an_override_is_named_with_its_span_and_ends_by_itself() -> None:
    entries = [Stint("ana", MONDAY, NOON), Stint("cleo", NOON, EVENING), Stint("ana", EVENING, FRIDAY)]
    found = live(ANA, entries, [Stint("cleo", NOON, EVENING)])
    (only,) = found.differences
    assert only == Difference("r", ("cleo",), ("ana",), NOON, EVENING, "override")
    assert found.difference("r", NOON) is only
    assert found.difference("r", EVENING) is None
    assert on_duty(found, NOON) == {"cleo": "override"}
    assert on_duty(found, EVENING) == {"ana": "turn"}


def test_without_an_override_of_that_person_the_schedule_differs() -> None:
    found = live(ANA, [Stint("ben", MONDAY, FRIDAY)], [Stint("cleo", MONDAY, FRIDAY)])
    assert [d.cause for d in found.differences] == ["schedule"]
    assert on_duty(found, NOON) == {"ben": "pagerduty"}


def test_the_cause_is_open_until_the_overrides_are_read() -> None:
    assert [d.cause for d in live(ANA, [Stint("ben", MONDAY, FRIDAY)]).differences] == ["unread"]


def test_half_of_a_difference_is_an_override() -> None:
    found = live(ANA, [Stint("ben", MONDAY, FRIDAY)], [Stint("ben", MONDAY, NOON)], until=EVENING)
    causes = [(d.start, d.end, d.cause) for d in found.differences]
    assert causes == [(MONDAY, NOON, "override"), (NOON, FRIDAY, "schedule")]


def test_nobody_on_call_is_a_difference() -> None:
    found = live(ANA, [Stint("ana", MONDAY, NOON)], [])
    (only,) = found.differences
    assert only == Difference("r", (), ("ana",), NOON, TUESDAY, "schedule")
    assert only.missing == ("ana",)
    assert on_duty(found, EVENING) == {None: "pagerduty"}


def test_a_place_that_an_override_leaves_vacant() -> None:
    found = live(ANA, [], [Stint("", MONDAY, TUESDAY)])
    assert [d.cause for d in found.differences] == ["override"]


def test_somebody_on_call_where_the_files_have_nobody() -> None:
    spec = {"crew": ["ana"], "hours": "mon 09:00-12:00"}
    found = live(spec, [Stint("ana", local("2026-01-05 09:00"), EVENING)], [])
    (only,) = found.differences
    assert only == Difference("r", ("ana",), (), NOON, EVENING, "schedule")
    assert on_duty(found, NOON) == {"ana": "pagerduty"}


def test_of_several_only_who_differs_is_replaced() -> None:
    entries = [Stint("ana", MONDAY, FRIDAY), Stint("cleo", MONDAY, FRIDAY)]
    found = live(BOTH, entries, [Stint("cleo", MONDAY, FRIDAY)])
    (only,) = found.differences
    assert (only.added, only.missing) == (("cleo",), ("ben",))
    assert on_duty(found, NOON) == {"ana": "turn", "cleo": "override"}


def test_more_people_than_the_files_have() -> None:
    entries = [Stint("ana", MONDAY, FRIDAY), Stint("ben", NOON, EVENING), Stint("cleo", NOON, FRIDAY)]
    found = live(ANA, entries, [])
    assert [(d.on_call, d.start, d.end) for d in found.differences] == [
        (("ana", "ben", "cleo"), NOON, EVENING),
        (("ana", "cleo"), EVENING, FRIDAY),
    ]
    shifts = found.roster.shifts("r", MONDAY, TUESDAY)
    assert Shift(NOON, TUESDAY, "cleo", "pagerduty", "r") in shifts
    assert [s for s in shifts if s.person == "ana"] == [Shift(MONDAY, TUESDAY, "ana", "turn", "r")]


def test_a_person_whom_the_policy_does_not_have_is_kept_by_name() -> None:
    found = live(ANA, [Stint("Tudor Pop", MONDAY, FRIDAY)], [])
    assert on_duty(found, NOON) == {"Tudor Pop": "pagerduty"}
    assert found.roster.policy.title_of("Tudor Pop") == "Tudor Pop"


def test_a_shift_that_the_window_cuts_is_whole() -> None:
    found = live(ANA, [Stint("ben", MONDAY, FRIDAY)], [], since=NOON, until=EVENING)
    assert [(d.start, d.end) for d in found.differences] == [(MONDAY, FRIDAY)]


def test_a_rotation_that_pagerduty_does_not_answer_for_stays_as_the_files_have_it() -> None:
    roster = Roster(policy_of(ANA, rotations={"x": {"crew": ["ben"]}, "y": {"covered_by": "r"}}))
    found = lay_over(roster, Reading(MONDAY, TUESDAY, {"r": (Stint("cleo", MONDAY, TUESDAY),)}))
    assert found.from_files == ("x",)
    assert [s.person for s in found.roster.shifts("x", NOON, NOON + 1)] == ["ben"]
    covered = found.roster.shifts("y", NOON, NOON + 1)
    assert [s.person for s in covered] == ["cleo"]


@pytest.mark.parametrize("followed", [False, True])
def test_a_fallback_follows_an_override_of_the_other_rotation_only_where_pagerduty_does(
    followed: bool,
) -> None:
    spec = {"crew": ["ana"], "hours": "mon 09:00-12:00", "otherwise": "x"}
    roster = Roster(policy_of(spec, rotations={"x": {"crew": ["ben"]}}))
    rest = Stint("cleo" if followed else "ben", NOON, TUESDAY)
    answer = {"x": (Stint("cleo", MONDAY, FRIDAY),), "r": (Stint("ana", MONDAY, NOON), rest)}
    found = lay_over(roster, Reading(local("2026-01-05 09:00"), TUESDAY, answer, {"x": answer["x"], "r": ()}))
    assert [s.person for s in found.roster.shifts("x", EVENING, EVENING + 1)] == ["cleo"]
    assert list(on_duty(found, EVENING)) == [rest.person]
    assert ("r" in {d.rotation for d in found.differences}) == followed
