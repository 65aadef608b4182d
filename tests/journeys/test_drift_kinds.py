"""Whatever kind of edit a named person makes through the back door: told with who, when, before and after;
adopted, the plan is empty; not adopted, apply reverts it and says so."""

from __future__ import annotations

from typing import Any

import pytest

from contract.client import Client
from journeys.conftest import Person
from watchbill.rota.clock import parse_instant
from watchbill.sandbox.server import Sandbox
from watchbill.sandbox.tamper import tamper

pytestmark = pytest.mark.long

EDITED = "2026-11-24T10:30:00Z"
LATER = "2026-11-24T12:00:00Z"
MORE = """\
rotations:
  nights: # kept: by night
    title: Nights
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew: [infra-1, infra-2, infra-3]
ladders:
  billing:
    title: Billing
    steps: {0m: nights, 20m: eng-manager} # kept: first
    repeat: 1
  spare: {title: Spare, steps: {0m: eng-manager}} # kept: on the shelf
services:
  billing: {title: Billing, ladder: billing, urgency: high}
"""


@pytest.fixture
def applied(person: Person, populated: Sandbox) -> tuple[Person, Sandbox]:
    (person.policies / "more.yaml").write_text(MORE)
    someone = person.at(populated)
    ran = someone.watchbill("apply", "--yes")
    assert ran.code == 0, ran.err
    populated.world.move(parse_instant(EDITED))
    return someone, populated


def edit(sandbox: Sandbox, kind: str, name: str, changes: Any) -> None:
    tamper(sandbox.store, kind, name, changes, "cto-holder", clock=sandbox.world.clock)


KINDS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "people": ("schedule", "Nights", {"layers": {"turns": {"users": ["infra-4", "infra-1"]}}}, "infra-4"),
    "zone": ("schedule", "Nights", {"time_zone": "Europe/London"}, "Europe/London"),
    "rename": ("schedule", "Nights", {"name": "Late shift"}, "Late shift"),
    "loops": ("escalation_policy", "Billing", {"num_loops": 4}, "4"),
    "levels": ("escalation_policy", "Billing", {"delays": {"1": 5}}, "5"),
    "policy name": ("escalation_policy", "Billing", {"name": "Money"}, "Money"),
    "service": ("service", "Billing", {"acknowledgement_timeout": 600}, "600"),
    "service name": ("service", "Billing", {"name": "Bills"}, "Bills"),
    "delete service": ("service", "Billing", {"delete": True}, ""),
    "delete policy": ("escalation_policy", "Spare", {"delete": True}, ""),
}


def told(person: Person, value: str) -> None:
    """By whom, when, how, what: as text and as JSON."""
    shown = person.watchbill("drift", WATCHBILL_NOW=LATER)
    assert shown.code == 10, shown.out + shown.err
    assert "by cto-holder in the browser, Tue 2026-11-24 12:30" in shown.out
    drift = person.watchbill("drift", "--json", WATCHBILL_NOW=LATER).json
    (edit,) = drift["attributions"]
    assert (edit["who"], edit["how"], edit["when"]) == ("cto-holder", "browser", EDITED)
    assert edit["fields"]
    if value:
        values = [str(field[side]) for field in edit["fields"] for side in ("before", "after")]
        assert any(value in one for one in values), values
        (change,) = drift["changes"]
        assert all(field["before"] != field["after"] for field in change["fields"])
    assert all(change["drift_id"] for change in drift["changes"])


@pytest.mark.parametrize("kind", KINDS)
def test_adopted_the_plan_is_empty(applied: tuple[Person, Sandbox], kind: str) -> None:
    someone, sandbox = applied
    *what, value = KINDS[kind]
    edit(sandbox, *what)
    told(someone, value)
    ran = someone.watchbill("adopt", WATCHBILL_NOW=LATER)
    assert ran.code == 0, ran.out
    text = (someone.policies / "more.yaml").read_text()
    assert "# kept: first" in text or kind.startswith("levels")
    plan = someone.watchbill("plan", "--exit-code", WATCHBILL_NOW=LATER)
    assert plan.code == 0, plan.out
    assert someone.watchbill("drift", WATCHBILL_NOW=LATER).code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_not_adopted_apply_reverts_it_and_says_so(applied: tuple[Person, Sandbox], kind: str) -> None:
    someone, sandbox = applied
    *what, _ = KINDS[kind]
    edit(sandbox, *what)
    ran = someone.watchbill("apply", "--yes", "--waive", "imminent=put back", WATCHBILL_NOW=LATER)
    assert ran.code == 0, ran.out + ran.err
    assert "edited in the account" in ran.out or "deleted in the account" in ran.out
    assert someone.watchbill("plan", "--exit-code", WATCHBILL_NOW=LATER).code == 0
    assert someone.watchbill("drift", WATCHBILL_NOW=LATER).code == 0


def test_an_object_that_lost_its_line_or_was_made_again_by_hand(applied: tuple[Person, Sandbox]) -> None:
    someone, sandbox = applied
    edit(sandbox, "escalation_policy", "Spare", {"description": "mine now"})
    shown = someone.watchbill("drift", WATCHBILL_NOW=LATER)
    assert shown.code == 10
    assert "by cto-holder in the browser, Tue 2026-11-24 12:30" in shown.out
    assert "claim spare" in shown.out
    assert someone.watchbill("claim", "spare", "--yes", WATCHBILL_NOW=LATER).code == 0
    assert someone.watchbill("drift", WATCHBILL_NOW=LATER).code == 0
    user = next(u for u in sandbox.store.all("user") if u["email"].startswith("infra-1"))["id"]
    edit(sandbox, "escalation_policy", "Spare", {"delete": True})
    with Client(sandbox.url, "other-token-9999") as api:
        rule = {"escalation_delay_in_minutes": 5, "targets": [{"id": user, "type": "user_reference"}]}
        body = {"type": "escalation_policy", "name": "Spare", "escalation_rules": [rule]}
        assert api.post("/escalation_policies", {"escalation_policy": body}).status == 201
    again = someone.watchbill("drift", WATCHBILL_NOW=LATER)
    assert again.code == 10
    assert "not ours" in again.out
    assert "with api token ...9999" in again.out


def test_without_a_trail_it_is_told_that_nobody_knows_who(applied: tuple[Person, Sandbox]) -> None:
    someone, sandbox = applied
    edit(sandbox, "service", "Billing", {"delete": True})
    sandbox.store.execute("DELETE FROM objects WHERE kind='audit'")
    shown = someone.watchbill("drift", WATCHBILL_NOW=LATER)
    assert shown.code == 10
    assert "by unknown" in shown.out
