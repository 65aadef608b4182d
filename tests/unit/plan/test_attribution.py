"""Whose hand it was: our own writes are left out, everybody else is named as well as the trail can."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pretend import NOW, applied_from_nothing, plan_for, shipped_policy
from watchbill.account.objects import Account
from watchbill.plan.attribution import Ours, Record, Trail, attribute
from watchbill.plan.document import FieldChange, Plan
from watchbill.plan.drift import Attribution, Drift, drift_of
from watchbill.rota.clock import HOUR

LATER = NOW + HOUR
OURS = Ours(frozenset({"ours-1"}), "1234")
HUMAN = Record(LATER, "theirs-1", "Ana Pop", "browser", "", "update")
REF = "schedule:rotation/infra"


@pytest.fixture(scope="module")
def drifted() -> tuple[Plan, Account]:
    policy = shipped_policy()
    pretend = applied_from_nothing(policy)
    account = pretend.account
    edited = tuple(
        s.model_copy(update={"time_zone": "Europe/London"}) if s.key == "rotation/infra" else s
        for s in account.schedules
    )
    account = account.model_copy(update={"schedules": edited})
    return plan_for(policy, account, LATER), account


def told(drifted: tuple[Plan, Account], *records: Record, unknown: str = "") -> list[Attribution]:
    plan, account = drifted
    assert [c.ref for c in drift_of(plan).changes] == [REF]
    return list(attribute(plan, account, {REF: Trail(records, unknown)}, OURS))


def test_a_human_in_the_browser(drifted: tuple[Plan, Account]) -> None:
    ids = {user.name: user.id for user in drifted[1].users}
    name, id_ = next(iter(ids.items()))
    fields = (FieldChange(path="users", before=None, after=f'["{id_}"]'),)
    (edit,) = told(drifted, replace(HUMAN, fields=fields))
    assert (edit.key, edit.who, edit.how) == ("rotation/infra", "Ana Pop", "browser")
    assert edit.when == "2026-11-23T15:00:00Z"
    assert [f.after for f in edit.fields] == [f'["{name}"]'], "names for ids"


def test_our_own_writes_are_left_out_by_request_and_by_token(drifted: tuple[Plan, Account]) -> None:
    by_request = Record(LATER, "ours-1", "", "api_token", "9999", "update")
    by_token = Record(LATER, "elsewhere", "", "api_token", "1234", "update")
    assert [e.who for e in told(drifted, by_request, by_token, HUMAN)] == ["Ana Pop"]


def test_what_came_before_the_last_write_is_no_drift(drifted: tuple[Plan, Account]) -> None:
    (edit,) = told(drifted, replace(HUMAN, at=NOW - HOUR))
    assert (edit.who, edit.when) == ("unknown", None)


def test_an_edit_in_the_minute_of_our_write_is_told_apart_by_its_order(
    drifted: tuple[Plan, Account],
) -> None:
    ours = Record(NOW, "ours-1", "", "api_token", "1234", "update")
    before, after = replace(HUMAN, at=NOW), replace(HUMAN, at=NOW, request_id="after", who="Bogdan")
    assert [e.who for e in told(drifted, before, ours, after)] == ["Bogdan"]


def test_two_records_of_one_request_are_one_edit(drifted: tuple[Plan, Account]) -> None:
    part = replace(HUMAN, fields=(FieldChange(path="name", before="a", after="b"),))
    (edit,) = told(drifted, HUMAN, part)
    assert [f.path for f in edit.fields] == ["name"]


def test_robots_are_told_by_their_token_or_app(drifted: tuple[Plan, Account]) -> None:
    robot = Record(LATER, "r", "", "api_token", "7777", "update")
    app = Record(LATER + 1, "a", "Ana Pop", "oauth", "", "update", described="Terraform")
    assert [(e.who, e.how) for e in told(drifted, robot, app)] == [
        ("somebody with a token of the account", "api token ...7777"),
        ("Ana Pop", "app Terraform"),
    ]


def test_our_token_in_another_hand_is_told_where_nothing_else_explains_it(
    drifted: tuple[Plan, Account],
) -> None:
    foreign = Record(LATER, "elsewhere", "", "api_token", "1234", "update")
    (edit,) = told(drifted, foreign)
    assert "own token" in edit.who


def test_an_account_without_a_trail_says_so(drifted: tuple[Plan, Account]) -> None:
    (edit,) = told(drifted, unknown="this plan has no audit trail")
    assert (edit.who, edit.how) == ("unknown", "this plan has no audit trail")


def test_the_document_reads_back(drifted: tuple[Plan, Account]) -> None:
    drift = drift_of(drifted[0], tuple(told(drifted, HUMAN)))
    assert Drift.model_validate_json(drift.model_dump_json(by_alias=True)) == drift
    assert drift.format == "watchbill.drift/1"
