"""An escalation never goes down: at every boundary, whoever has the incident, and whatever the policy's guidance says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from journeys.conftest import ROOT
from stage import Stage, stage
from watchbill.chat.context import Context
from watchbill.chat.live_forms import escalation_form
from watchbill.errors import GuardRefused, UsageError
from watchbill.incident.escalate import carry_out
from watchbill.incident.notes import Mark, with_mark
from watchbill.incident.ports import Silent
from watchbill.sandbox.options import ABILITIES
from watchbill.watch.act import Hands, finish, unfinished

LEVELS = 5


@pytest.fixture
def live() -> Iterator[Stage]:
    with stage() as running:
        yield running


def plain(live: Stage, incident: str) -> int:
    return 1


def by_the_clock(live: Stage, incident: str) -> int:
    live.minute(31)
    return 3


def by_hand(live: Stage, incident: str) -> int:
    live.put(incident, "primary-1", escalation_level=4)
    return 4


def at_the_top(live: Stage, incident: str) -> int:
    live.put(incident, "primary-1", escalation_level=5)
    return 5


def acknowledged(live: Stage, incident: str) -> int:
    live.minute(16)
    live.put(incident, "eng-manager-holder", status="acknowledged")
    return 2


def others_joined(live: Stage, incident: str) -> int:
    live.put(incident, "primary-2", status="acknowledged")
    live.escalate(incident, level=2, reason="stuck")
    live.escalate(incident, level=3, reason="stuck")
    return 3


def snoozed(live: Stage, incident: str) -> int:
    others_joined(live, incident)
    body = {"duration": 3600}
    live.transport.post(f"/incidents/{incident}/snooze", body, sender=live.email("primary-2"))
    return 3


def snooze_is_over(live: Stage, incident: str) -> int:
    """The ladder goes on from where it stood; who joined has joined."""
    snoozed(live, incident)
    live.minute(61)
    return 1


def given_to_somebody(live: Stage, incident: str) -> int:
    live.minute(16)
    user = live.people.user("infra-1")
    assert user is not None
    live.put(incident, "primary-1", assignments=[{"assignee": {"id": user.id, "type": "user_reference"}}])
    return 2


def starts_over(live: Stage, incident: str) -> int:
    """After the last level and its wait, from the bottom."""
    live.escalate(incident, level=2, reason="stuck")
    live.minute(15 + 30 + 60 + 30 + 1)
    return 1


def opened_again(live: Stage, incident: str) -> int:
    by_hand(live, incident)
    live.put(incident, "primary-1", status="resolved")
    live.put(incident, "primary-1", status="triggered")
    return 1


WAYS = [
    plain,
    by_the_clock,
    by_hand,
    at_the_top,
    acknowledged,
    others_joined,
    snoozed,
    snooze_is_over,
    given_to_somebody,
    starts_over,
    opened_again,
]


@pytest.mark.parametrize("way", WAYS)
def test_only_what_is_higher_is_offered_and_taken(live: Stage, way: Callable[[Stage, str], int]) -> None:
    incident = live.open()
    present = way(live, incident)
    assert live.situation(incident).present == present
    rung, doc, notes = live.rung(incident), live.doc(incident), live.notes(incident)
    for level in range(1, present + 1):
        with pytest.raises(GuardRefused) as refused:
            live.escalate(incident, level=level, reason="stuck", emergency="at once")
        assert f"level {present} (" in refused.value.message
        assert "phone 1" in refused.value.remedy
    for level in (0, -1, LEVELS + 1):
        with pytest.raises(UsageError):
            live.escalate(incident, level=level, reason="stuck", emergency="at once")
    assert (live.rung(incident), live.doc(incident), live.notes(incident)) == (rung, doc, notes)
    offered = levels_offered(live, incident)
    assert offered == list(range(present + 1, LEVELS + 1))
    for level in offered:
        done = live.escalate(incident, level=level, reason="stuck", emergency="at once")
        assert done.rung.people
        assert live.situation(incident).present == level


def levels_offered(live: Stage, incident: str) -> list[int]:
    field = next(
        f for f in escalation_form(chatting(live), live.situation(incident)).fields if f.name == "to"
    )
    assert field.initial in {value for value, _ in field.choices}
    return [int(value.split()[1]) for value, _ in field.choices if value.startswith("level")]


def chatting(live: Stage) -> Context:
    def connect() -> None:
        raise AssertionError("a form needs no account")

    return Context(
        policies=ROOT / "policies",
        policy=live.policy,
        now=live.now,
        person="primary-1",
        asker="primary-1",
        channel="",
        chat=live.chat,
        connect=connect,  # type: ignore[arg-type]
    )


def test_what_would_be_lost_is_named(live: Stage) -> None:
    incident = live.open()
    live.minute(36)
    with pytest.raises(GuardRefused) as down:
        live.escalate(incident, level=1, reason="stuck")
    assert "vp-engineering-holder would lose the incident" in down.value.message
    assert "level 2 (Engineering Manager) would be paged 15 minutes from now" in down.value.message
    with pytest.raises(GuardRefused) as same:
        live.escalate(incident, level=3, reason="stuck")
    assert "level 4 (CTO) would be paged 30 minutes from now instead of 24 minutes" in same.value.message
    live.put(incident, "vp-engineering-holder", status="acknowledged")
    with pytest.raises(GuardRefused, match="vp-engineering-holder would lose the incident"):
        live.escalate(incident, level=2, reason="stuck")


@pytest.mark.parametrize("change", [{"status": "acknowledged"}, {"escalation_level": 3}])
def test_who_takes_it_at_the_same_moment_keeps_it(live: Stage, change: dict[str, Any]) -> None:
    incident = live.open()
    prepared = live.prepare(incident, level=2, reason="stuck")
    live.put(incident, "primary-2", **change)
    doc = live.doc(incident)
    with pytest.raises(GuardRefused, match="moved on"):
        carry_out(live.transport, live.people, live.actor(), live.chat, prepared)
    assert live.doc(incident) == doc


def test_it_holds_in_a_policy_without_guidance(live: Stage) -> None:
    bare = Stage(live.sandbox, live.transport, live.policy.model_copy(update={"guidance": {}}))
    incident = bare.open()
    bare.minute(31)
    for level in (1, 2, 3):
        with pytest.raises(GuardRefused):
            bare.escalate(incident, level=level)
    assert bare.doc(incident)["level"] == 3
    bare.escalate(incident, level=5)
    assert bare.doc(incident)["level"] == 5


def test_one_level_and_no_needs_leave_nothing_to_offer(live: Stage) -> None:
    incident = live.open("P4")
    assert levels_offered(live, incident) == []
    triggers = live.policy.triggers.model_copy(update={"needs": {}})
    live.policy = live.policy.model_copy(update={"triggers": triggers})
    with pytest.raises(UsageError, match="no level is above level 1"):
        levels_offered(live, incident)


def test_the_watchdog_makes_up_for_a_page_without_taking_the_incident_down() -> None:
    """The ladder went on while the watchdog was away, and the account has no responder requests."""
    with stage(abilities=tuple(a for a in ABILITIES if a != "coordinated_responding")) as live:
        incident = live.open()
        mark = Mark("trigger", {"name": "no-progress", "level": "2", "who": "infra-1"})
        live.note(incident, with_mark("making sure of level 2", mark), "primary-1")
        live.minute(31)
        situation = live.situation(incident)
        (left,) = unfinished(situation, live.people)
        hands = Hands(live.transport, live.people, live.actor().acting, Silent())
        told = finish(hands, situation, left)
        assert live.doc(incident)["level"] == 3
        assert "infra-1 could not be paged by PagerDuty: call them" in told.problems
