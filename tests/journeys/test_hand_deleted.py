"""Somebody deletes what is ours in the account: drift with a name, and made again; what we deleted is no drift."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.conftest import NOW
from journeys.small import SECOND, Small, done, told
from watchbill.sandbox.options import ABILITIES, SandboxOptions
from watchbill.sandbox.server import Sandbox

NO_SERVICE = ("services:\n  shop: {title: Shop, ladder: api}\n", "")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    with Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0)) as sandbox:
        made = Small.new(tmp_path, sandbox)
        made.change(NO_SERVICE)
        yield made


def delete(small: Small, kind: str, name: str, by: str) -> None:
    small.watchbill("sandbox", "tamper", kind, name, json.dumps({"delete": True}), "--by", by)


def test_who_deleted_it_and_when_is_in_plan_and_drift(small: Small) -> None:
    small.apply()
    delete(small, "escalation_policy", "API", "Ben")
    plan = small.plan()
    (change,) = plan["changes"]
    assert (change["action"], change["class"], change["key"]) == ("create", "drift", "ladder/api")
    (why,) = told(plan, "deleted-by-hand")
    by = "by Ben (browser), Mon 2026-11-23 16:00"
    assert why == f"escalation policy 'API' was deleted in the account {by}; it is made again"
    text = small.watchbill("plan").out
    assert "+ escalation policy API (deleted in the account)" in text
    assert max(map(len, text.splitlines())) <= 80

    drift = small.watchbill("drift", "--json", code=10).json
    (edit,) = drift["attributions"]
    assert (edit["key"], edit["who"], edit["how"], edit["when"]) == ("ladder/api", "Ben", "browser", NOW)
    assert "by Ben in the browser" in small.watchbill("drift", code=10).out
    adopted = small.watchbill("adopt")
    assert "it was deleted in the account" in adopted.out
    assert "api:" not in (small.repo.folder / "policies/all.yaml").read_text("utf-8")
    assert small.plan()["changes"] == []
    small.repo.git("checkout", "--quiet", "--", "policies")

    small.apply()
    assert small.sandbox.store.named("escalation_policy", "API")
    assert small.watchbill("drift").code == 0


def test_what_we_deleted_and_want_again_is_pending(small: Small) -> None:
    small.apply()
    before = small.text
    small.change((SECOND, ""), (", 15m: second", ""))
    small.apply(0, "--waive", "imminent=agreed")
    assert not small.sandbox.store.named("schedule", "Second")
    small.say(before)
    plan = small.plan()
    assert ("create", "rotation/second") in done(plan)
    assert {c["class"] for c in plan["changes"]} == {"pending"}
    assert not told(plan, "deleted-by-hand")


@pytest.mark.long
def test_something_new_is_no_drift_and_a_first_apply_asks_nothing(small: Small) -> None:
    small.plan()
    assert not [r for r in small.sandbox.requests() if "audit" in r.path], "an empty account tells nothing"
    small.apply()
    small.change((SECOND, SECOND + SECOND.replace("second", "third").replace("Second", "Third")))
    assert {c["class"] for c in small.plan()["changes"]} == {"pending"}


@pytest.mark.long
def test_a_foreign_object_of_that_name_that_went_long_ago_is_none_of_ours(small: Small) -> None:
    small.apply()
    ana = small.named("user", "Ana")["id"]
    start = {"start": "2026-11-23T09:00:00Z", "rotation_virtual_start": "2026-11-23T09:00:00Z"}
    users = {"users": [{"user": {"id": ana, "type": "user_reference"}}]}
    layer = {**start, **users, "rotation_turn_length_seconds": 86_400}
    body = {"type": "schedule", "name": "Third", "time_zone": "UTC", "schedule_layers": [layer]}
    small.request("post", "/schedules", {"schedule": body})
    delete(small, "schedule", "Third", "Ben")
    text = small.text.replace(SECOND, SECOND + SECOND.replace("second", "third").replace("Second", "Third"))
    small.repo.write("policies/all.yaml", text)
    small.repo.commit("2026-11-23T15:00:00Z")
    plan = small.plan()
    assert ("create", "rotation/third") in done(plan)
    assert {c["class"] for c in plan["changes"]} == {"pending"}


def test_without_a_trail_the_journal_knows_that_it_was_there(tmp_path: Path) -> None:
    less = tuple(a for a in ABILITIES if a != "audit_trail_reporting")
    with Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0, abilities=less)) as sandbox:
        small = Small.new(tmp_path, sandbox)
        small.change(NO_SERVICE)
        small.apply()
        delete(small, "escalation_policy", "API", "Ben")
        plan = small.plan()
        assert [c["class"] for c in plan["changes"]] == ["drift"]
        (why,) = told(plan, "deleted-by-hand")
        by = "by unknown: this plan has no audit trail"
        assert why == f"escalation policy 'API' was deleted in the account {by}; it is made again"
        assert "unknown: this plan has no audit trail" in small.watchbill("drift", code=10).out
        shutil.rmtree(Path(small.person.env["XDG_STATE_HOME"]))
        assert [c["class"] for c in small.plan()["changes"]] == ["pending"], "another machine cannot know"
