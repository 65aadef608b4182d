"""`gaps`, `load`, `why` and `diff` as text and Markdown: nothing from a file moves the cursor or becomes a link."""

from __future__ import annotations

import pytest

from policy_text import at, policy_of
from watchbill.ladder.changes import ladder_changes
from watchbill.ladder.load import ShortRest, fairness_of, load_of
from watchbill.ladder.outlook import Outlook
from watchbill.ladder.why import why
from watchbill.plan.effects import effects_between
from watchbill.report.diff import Difference, Version, diff_markdown, diff_text
from watchbill.report.imported import ImportAnswer, LeftUnmanaged, import_text
from watchbill.report.load import bar, load_text
from watchbill.report.outlook import Holes, gaps_text
from watchbill.report.why import why_text
from watchbill.report.written import CommitRead, Source, source_text
from watchbill.rota.clock import HOUR, WEEK
from watchbill.rota.duty import Roster

NOW = at("2026-11-23 16:00")
POLICY = """
rotations:
  r: {title: "R @team #1 <b>", turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben], hours: business}
ladders: {api: {title: "A | @all", steps: {0m: r, 5m: cleo}}}
"""


def test_gaps_and_load_stay_on_their_lines() -> None:
    policy = policy_of(POLICY)
    look = Outlook(Roster(policy), NOW, NOW + WEEK)
    holes = Holes(look.since, look.until, look.gaps(), look.double_duty(), [("r", "ana")], [])
    text = gaps_text(holes, policy, color=False, declared=False, width=80)
    assert "R @team #1 <b>" in text
    assert "\x1b" not in text
    assert "\x1b[31m" in gaps_text(holes, policy, color=True, declared=False, width=80)
    loads = load_of(look)
    told = load_text(loads, fairness_of(look, loads), policy, look.since, look.until, color=False, width=80)
    assert all(len(line) <= 110 for line in told.splitlines())


def test_long_names_stay_within_the_width() -> None:
    long = "Concierge of the Digital Studio (In Hours Rota), Secondary and Tertiary"
    policy = policy_of(POLICY.replace("R @team #1 <b>", long))
    policy = policy.model_copy(
        update={"people": {**policy.people, "ana": policy.people["ana"].model_copy(update={"name": long})}}
    )
    rest = ShortRest("ana", ((NOW, NOW + 8 * HOUR), (NOW + WEEK, NOW + WEEK + 9 * HOUR)))
    holes = Holes(NOW, NOW + WEEK, [], [], [("r", "ana")], [rest])
    text = gaps_text(holes, policy, color=False, declared=False, width=80)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "Never on call" in text
    assert "short breaks in all" in " ".join(text.split())


def test_an_import_stays_within_the_width_and_says_what_the_other_account_must_have() -> None:
    reason = "bob and cleo are on call at the same time, in turns that go on side by side"
    left = LeftUnmanaged(kind="schedule", name="Primary", id="P1", reason=reason, external="primary")
    answer = ImportAnswer(
        account="sandbox", files=("a.yaml",), counts={"people": 1, "ladders": 2}, left=(left,), users_left=1
    )
    for portable in (False, True):
        text = import_text(answer, "policies", portable=portable, width=80)
        assert all(len(line) <= 80 for line in text.splitlines())
        assert text.startswith("1 file written to policies: 1 person, 2 ladders\n1 user left out: ")
        assert reason in " ".join(text.split())
        assert ("which the other account must have" in " ".join(text.split())) is portable


@pytest.mark.parametrize("width", [8, 30])
def test_bars_grow_with_what_they_show(width: int) -> None:
    bars = [bar(value, 100, width) for value in range(101)]
    assert bars[0] == ""
    assert bars[1] != "", "whoever has anything is seen"
    assert bars[100] == "█" * width
    assert [len(b) for b in bars] == sorted(len(b) for b in bars)
    assert bar(0, 0, width) == ""


def test_why_shows_where_it_is_written() -> None:
    policy = policy_of(POLICY)
    evil = CommitRead("a" * 40, NOW, "Eve\x1b[2J", "red\nherring")
    source = Source("policies/r.yaml", 3, 5, evil)
    text = why_text(why(Roster(policy), "r", NOW), policy, lambda places: source, color=False, width=80)
    assert "policies/r.yaml:3-5, aaaaaaaaa 2026-11-23 Eve" in text
    assert "\x1b" not in text
    assert not any(line.strip().startswith("herring") for line in text.splitlines())
    assert source_text(Source("x", 1, 1, None, "not committed yet")) == "x:1, not committed yet"


def test_why_in_a_follower_says_after_or_before() -> None:
    text = POLICY.replace("ladders:", "  s: {title: S, same_crew: {as: r, turns_later: -1}}\nladders:")
    policy = policy_of(text)
    told = why_text(why(Roster(policy), "s", NOW), policy, lambda places: None, color=False, width=80)
    assert "1 turn before R" in " ".join(told.split())


def difference(before: str, after: str) -> tuple[str, str]:
    one, other = policy_of(before), policy_of(after)
    found = Difference(
        Version(None),
        Version(CommitRead("b" * 40, NOW, "Ana", "closes #7, see @boss")),
        effects_between(one, other, NOW),
        tuple(ladder_changes(one, other)),
        tuple(Outlook(Roster(other), NOW, NOW + WEEK).gaps()),
        (),
    )
    return diff_text(found, one, other, color=False, width=100), diff_markdown(found, one, other)


def test_diff_tells_shifts_ladders_and_gaps() -> None:
    text, markdown = difference(
        POLICY, POLICY.replace("[ana, ben]", "[ben, ana]").replace("5m: cleo", "5m: dan")
    )
    for told in (text, markdown):
        assert "Ana" in told
        assert "cleo → dan" in told
        assert "Levels that reach nobody".lower() in told.lower()
    assert "| start | end | before | after |" in markdown
    assert "@boss" not in markdown
    assert "#7" not in markdown
    assert "<b>" not in markdown


def test_a_rotation_that_is_gone_keeps_its_name() -> None:
    text, _ = difference(POLICY, "ladders: {api: {title: A, steps: {0m: cleo}}}")
    assert "R @team #1 <b>" in text
    assert "nobody instead of" in text


def test_ladders_compare_steps_holders_and_settings() -> None:
    roles = "roles: {boss: {title: Boss, held_by: %s}}\nladders: {a: {title: A, repeat: %s, steps: {0m: ana, 5m: boss}}}"
    changes = ladder_changes(policy_of(roles % ("ben", 1)), policy_of(roles % ("cleo", 2)))
    (change,) = changes
    assert [(s.minute, s.before, s.after) for s in change.steps] == [(5, ("boss (ben)",), ("boss (cleo)",))]
    assert change.others == ("repeat",)
    assert ladder_changes(policy_of(roles % ("ben", 1)), policy_of(roles % ("ben", 1))) == []
