from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pretend import NOW, Pretend, applied_from_nothing, empty_account, plan_for, shipped_policy
from watchbill.apply.outcome import Outcome, Step
from watchbill.model.people import Person
from watchbill.model.policy import Policy
from watchbill.plan.document import Plan, sealed
from watchbill.plan.drift import drift_of
from watchbill.report.outcome import outcome_json, outcome_markdown, render_outcome
from watchbill.report.plan_html import plan_html
from watchbill.report.plan_json import plan_json
from watchbill.report.plan_markdown import LONGEST, escape, plan_markdown
from watchbill.report.plan_text import render_drift, render_plan
from watchbill.report.safe import cells


def named() -> Policy:
    """Two people with names that look like markup and mentions."""
    policy = shipped_policy()
    people = {
        "infra-3": Person(name="@octo | <b>Ana</b>", email="infra-3@medicalcor.example"),
        "infra-4": Person(name="Ben #12 *bold*", email="infra-4@medicalcor.example"),
    }
    return policy.model_copy(update={"people": {**policy.people, **people}})


def crew(policy: Policy, *people: str) -> Policy:
    spec = policy.rotations["infra"].model_copy(update={"crew": people})
    return policy.model_copy(update={"rotations": {**policy.rotations, "infra": spec}})


@pytest.fixture(scope="module")
def first() -> Plan:
    policy = named()
    return plan_for(policy, empty_account(policy, NOW), NOW)


@pytest.fixture(scope="module")
def applied(first: Plan) -> Pretend:
    pretend = Pretend(empty_account(named(), NOW))
    pretend.apply(first, NOW)
    return pretend


@pytest.fixture(scope="module")
def moved(applied: Pretend) -> tuple[Plan, Policy]:
    policy = crew(named(), "infra-1", "infra-2", "infra-4", "infra-3")
    return plan_for(policy, applied.account, NOW), policy


def text(plan: Plan, policy: Policy, **options: Any) -> str:
    return render_plan(plan, policy, **{"color": False, "width": 80, **options})


def test_people_come_first(moved: tuple[Plan, Policy]) -> None:
    lines = text(*moved).splitlines()
    assert lines[0] == "Plan for sandbox, Mon 2026-11-23 16:00 (Europe/Bucharest)"
    assert lines[2] == "ON CALL NOW CHANGES"
    assert lines[3] == "  Infrastructure On-Call: @octo | <b>Ana</b> → Ben #12 *bold*"
    whole = "\n".join(lines)
    told = " ".join(whole.split())
    assert "Ben #12 *bold* for @octo | <b>Ana</b>: Mon 2026-11-23 16:00 to Mon 2026-11-30 09:00" in told
    assert "  Mon 2026-11-23 16:00  Mon 2026-11-30 09:00  @octo | <b>Ana<…  Ben #12 *bold*" in whole
    assert whole.index("Who takes") < whole.index("Changes\n")
    assert "imminent" in whole
    assert whole.endswith("1 change: 1 schedule to change")


def test_a_long_plan_begins_with_its_summary_and_lists_names_by_kind(first: Plan) -> None:
    whole, folded = text(first, named(), whole=True), text(first, named())
    assert whole.count("\n") > 300 > 3 * folded.count("\n")
    for shown in (whole, folded):
        assert shown.split("\n\n")[1].startswith(f"{len(first.changes)} changes: 4 schedules to create")
    assert "  + 21 escalation policies to create" in folded
    for change in first.changes:
        if change.kind != "override":
            assert change.name in folded, change.name
    assert "--full" in folded.splitlines()[-1]
    assert "--full" not in whole


def test_what_is_edited_in_the_account_is_never_folded(first: Plan) -> None:
    changes = (first.changes[0].model_copy(update={"class_": "drift"}), *first.changes[1:])
    folded = text(first.model_copy(update={"changes": changes}), named())
    assert f"schedule {changes[0].name} (deleted in the account)" in folded
    assert "  + 21 escalation policies to create" in folded


def test_a_short_plan_is_shown_whole(moved: tuple[Plan, Policy]) -> None:
    assert text(*moved) == text(*moved, whole=True)
    assert "--full" not in text(*moved)


def test_everything_is_told_within_80_columns(first: Plan, moved: tuple[Plan, Policy]) -> None:
    for shown in (text(first, named()), text(first, named(), whole=True), text(*moved)):
        assert all(cells(line) <= 80 for line in shown.splitlines())
    for change in first.changes:
        if change.kind != "override":
            assert f"+ {change.kind.replace('_', ' ')} {change.name}" in text(first, named(), whole=True)


def test_all_times_are_in_the_policys_zone(moved: tuple[Plan, Policy]) -> None:
    """Whatever zone a rotation or a person has."""
    plan, policy = moved
    told = text(plan, policy)
    assert "first change Mon 2026-11-23 16:00" in told
    people = {h: p.model_copy(update={"time_zone": "America/Chicago"}) for h, p in policy.people.items()}
    rotations = {h: r.model_copy(update={"time_zone": "Asia/Tokyo"}) for h, r in policy.rotations.items()}
    abroad = policy.model_copy(update={"people": people, "rotations": rotations})
    assert text(plan, abroad) == told


def test_no_colour_is_no_colour(first: Plan) -> None:
    assert "\x1b" not in text(first, named())
    coloured = text(first, named(), color=True)
    assert re.sub(r"\x1b\[[0-9]+m", "", coloured) == text(first, named())


def test_nothing_to_do(applied: Pretend) -> None:
    plan = plan_for(named(), applied.account, NOW)
    assert text(plan, named()).endswith("In sync: no changes")
    assert "in sync" in plan_markdown(plan, named())


def test_unchanged_is_said(applied: Pretend) -> None:
    policy = named()
    severities = {h: s.model_copy(update={"repeat": 3}) for h, s in policy.severities.items()}
    plan = plan_for(policy.model_copy(update={"severities": severities}), applied.account, NOW)
    assert "On call now: unchanged" in text(plan, policy)
    assert "**On call now: unchanged**" in plan_markdown(plan, policy)


def test_drift_is_told_apart() -> None:
    policy = named()
    pretend = applied_from_nothing(policy)
    pretend.edit("ladder/database-P1", loops=9)
    plan = plan_for(policy, pretend.account, NOW)
    assert "escalation policy Database P1 (edited in the account)" in text(plan, policy)
    shown = render_drift(drift_of(plan), policy, pending=2, color=False, width=80)
    assert "9 times" in shown
    assert "2 other changes pending" in shown
    quiet = render_drift(
        drift_of(plan).model_copy(update={"changes": ()}), policy, pending=0, color=False, width=80
    )
    assert "Nobody edited anything" in quiet


def test_markdown_mentions_nobody_and_breaks_no_table(moved: tuple[Plan, Policy]) -> None:
    shown = plan_markdown(*moved)
    assert "[!CAUTION]" in shown
    assert not re.search(r"(?<![\w`])@\w", shown)
    assert not re.search(r"#\d", shown)
    assert "<b>" not in shown
    tables = [line for line in shown.splitlines() if line.startswith("|")]
    assert tables
    for line in tables:
        bars = len(re.findall(r"(?<!\\)\|", line))
        assert bars == 5, line


@given(st.text(max_size=80))
def test_escaped_text_has_no_markup_left(words: str) -> None:
    shown = escape(words)
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)(?:\\\\)*[<>|*_`\[\]]", shown)
    assert not re.search(r"[@#]\w", shown, re.ASCII)


def test_long_plans_fit_into_a_comment(first: Plan) -> None:
    assert len(plan_markdown(first, named())) <= LONGEST
    short = plan_markdown(first, named(), limit=4_000)
    assert len(short) <= 4_000
    assert first.digest[:12] in short
    assert "58 changes" in short


def test_json_reads_back_and_fits_the_schema(first: Plan, moved: tuple[Plan, Policy]) -> None:
    schema = Plan.model_json_schema(by_alias=True)
    for plan in (first, moved[0]):
        document = json.loads(plan_json(plan))
        jsonschema.validate(document, schema)
        assert document["format"] == "watchbill.plan/1"
        assert {c["class"] for c in document["changes"]} <= {"pending", "drift", "conflict", "upkeep"}
        assert Plan.model_validate_json(plan_json(plan)) == sealed(plan)


def step(status: str, **fields: Any) -> Step:
    base = {
        "ref": "schedule:rotation/x",
        "action": "create",
        "kind": "schedule",
        "key": "rotation/x",
        "name": "x",
    }
    return Step.model_validate({**base, "status": status, **fields})


def test_an_outcome_says_what_was_not_done() -> None:
    outcome = Outcome(
        account="sandbox",
        plan_digest="0",
        steps=(
            step("applied", wrote=True),
            step("failed", name="y\x1b[2J", reason="PagerDuty said no", remedy="say please"),
            step("blocked", name="z", reason="waits for y"),
        ),
        interrupted=True,
        requests=5,
        writes=2,
    )
    shown = render_outcome(outcome, color=False, width=80)
    assert "failed: schedule y·[2J" in shown
    assert "→ say please" in shown
    assert "blocked: schedule z" in shown
    assert "Interrupted" in shown
    assert "1 of 3 changes done" in shown
    assert "created: 1 schedule" in shown
    assert "**failed**" in outcome_markdown(outcome)
    assert Outcome.model_validate_json(outcome_json(outcome)) == outcome
    done = Outcome(account="sandbox", plan_digest="0", steps=(step("already"),))
    assert "nothing written" in render_outcome(done, color=False, width=80)


class _Balanced(HTMLParser):
    """Every element is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_is_whole_and_names_stay_names(
    first: Plan, applied: Pretend, moved: tuple[Plan, Policy]
) -> None:
    for plan, policy in ((first, named()), moved, (plan_for(named(), applied.account, NOW), named())):
        page = plan_html(plan, policy)
        parser = _Balanced()
        parser.feed(page)
        assert not parser.open
        assert "<script" not in page
        assert "http" not in page.lower()
    page = plan_html(*moved)
    assert "<b>Ana" not in page
    assert "@octo | &lt;b&gt;Ana&lt;/b&gt;" in page
    assert "On call now changes" in page
