"""`adopt` takes nothing out of the YAML that is newer there than in the account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inprocess import Desk, desk
from watchbill.sandbox.tamper import tamper

LATER = "2026-11-24T10:00:00Z"
LAST = "2026-11-25T10:00:00Z"
POLICY = """\
settings:
  format: 1
  organization: Truth
  time_zone: Europe/Bucharest
  pagerduty: {account: sandbox, new_schedules: layers}
people:
  ana: {name: Ana, email: ana@x.example}
  ben: {name: Ben, email: ben@x.example}
rotations:
  first: {title: First, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}
severities:
  P1: {urgency: high, repeat: 1, steps: {0m: domain.primary, 15m: ben}}
domains:
  api: {title: API, primary: first, services: [shop], default_severity: P1}
  web: {title: Web, primary: first, services: [site], default_severity: P1}
ladders:
  spare: {title: Spare, steps: {0m: first}}
services:
  shop: {title: Shop}
  site: {title: Site}
"""


@pytest.fixture
def applied(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, "ana", "ben") as made:
        made.says(POLICY)
        ran = made.applies()
        assert ran.code == 0, ran.out
        made.sandbox.move(LATER)
        made.now = LATER
        yield made


def edit(made: Desk, name: str, **changes: object) -> None:
    tamper(made.sandbox.store, "escalation_policy", name, dict(changes), clock=made.sandbox.world.clock)


def test_words_of_a_severity_are_kept_for_a_domain_that_waits_for_an_apply(applied: Desk) -> None:
    """The severity's step is every domain's: the one that nobody edited would get the delay too."""
    edit(applied, "API P1", delays={"1": 40})
    applied.says(POLICY.replace("title: Web,", "title: Website,"))
    before = (applied.policies / "policy.yaml").read_text("utf-8")
    ran = applied.watchbill("adopt")
    assert (ran.code, (applied.policies / "policy.yaml").read_text("utf-8")) == (10, before)
    assert "would change too" in " ".join(ran.out.split())


def test_what_was_deleted_and_then_changed_by_the_policy_stays(applied: Desk) -> None:
    edit(applied, "Spare", delete=True)
    applied.now = LAST
    applied.sandbox.move(LAST)
    applied.says(
        POLICY.replace("title: Spare, steps: {0m: first}", "title: Spare, steps: {0m: first, 20m: ana}")
    )
    before = (applied.policies / "policy.yaml").read_text("utf-8")
    ran = applied.watchbill("adopt")
    assert ran.code == 10, ran.out
    assert (applied.policies / "policy.yaml").read_text("utf-8") == before
    assert "the policy changed it after that" in " ".join(ran.out.split())
    assert applied.watchbill("adopt", "spare").code == 0
    assert "spare" not in (applied.policies / "policy.yaml").read_text("utf-8")


def test_what_was_deleted_and_not_changed_since_is_taken_out(applied: Desk) -> None:
    edit(applied, "Spare", delete=True)
    applied.now = LAST
    applied.sandbox.move(LAST)
    ran = applied.watchbill("adopt")
    assert ran.code == 0, ran.out
    assert "spare" not in (applied.policies / "policy.yaml").read_text("utf-8")
