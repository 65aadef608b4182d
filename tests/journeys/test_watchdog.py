"""The six automatic triggers on a movable clock: the exact pages and words at the exact minutes, once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from stage import Stage, shipped, stage
from watchbill.errors import AccountUnreachable
from watchbill.incident.notes import marks
from watchbill.incident.people import People
from watchbill.incident.situation import last_human_activity
from watchbill.metrics.history import facts_between
from watchbill.pagerduty.answers import Response
from watchbill.pagerduty.transport import Limits, Transport
from watchbill.rota.clock import MINUTE
from watchbill.sandbox.faults import parse_fault
from watchbill.watch.act import Hands
from watchbill.watch.round import Memory, Seen, look
from wires import Fatal, Killed

DOG = "infra-4"
"""Whom the watchdog acts as."""


@dataclass
class Dog:
    """The watchdog, restarted whenever it dies.  A restart forgets everything."""

    live: Stage
    kill_at: int = 0
    moment: str = "before"
    said: list[tuple[int, str, str]] = field(default_factory=list)
    """(minute, channel, text)"""
    writes: int = 0

    def __post_init__(self) -> None:
        self.wire = Fatal(self.live.sandbox.url, self.kill_at, self.moment)
        self.memory = Memory()

    def post(self, channel: str, text: str, mention: Sequence[str] = ()) -> None:
        self.said.append(((self.live.now - self.live.start) // MINUTE, channel, text))

    def round(self) -> list[Seen]:
        acting = self.live.actor(DOG).acting
        transport = Transport(self.live.sandbox.url, SecretStr("any-token"), wire=self.wire)
        hands = Hands(transport, People(self.live.policy, transport), acting, self)
        try:
            return look(self.live.roster, hands, self.memory, self.live.now, robots=frozenset({acting.user}))
        except Killed:
            self.memory = Memory()
            self.wire.revive()
            return []
        finally:
            self.writes = self.wire.writes


Story = Callable[[Stage, int], None]
"""What humans do at each minute, before the watchdog's round."""


def play(live: Stage, story: Story, until: int, *, kill_at: int = 0, moment: str = "before") -> Dog:
    dog = Dog(live, kill_at, moment)
    try:
        for minute in range(until + 1):
            live.minute(minute)
            story(live, minute)
            dog.round()
    finally:
        dog.wire.close()
    return dog


def only_incident(live: Stage) -> str:
    return str(next(iter(live.sandbox.store.all("incident")))["id"])


# -- the stories ---------------------------------------------------------------------------------------------------


def unacknowledged(live: Stage, minute: int) -> None:
    if minute == 0:
        live.open("P3")


def no_progress(live: Stage, minute: int) -> None:
    if minute == 0:
        incident = live.open()
        live.put(incident, "primary-2", status="acknowledged")


def still_working(live: Stage, minute: int) -> None:
    no_progress(live, minute)
    if minute == 28:
        live.note(only_incident(live), "still on it", "primary-2")


def expanding(live: Stage, minute: int) -> None:
    no_progress(live, minute)
    if minute == 7:
        live.escalate(only_incident(live), need="domain-expertise", reason="multiple-systems")


def customer_facing(live: Stage, minute: int) -> None:
    if minute == 0:
        incident = live.open(service="medicalcor-api")
        live.put(incident, "primary-2", status="acknowledged")
    if minute in (20, 40):
        live.note(only_incident(live), "progress", "primary-2")


def security(live: Stage, minute: int) -> None:
    no_progress(live, minute)
    if minute == 4:
        live.escalate(only_incident(live), need="cross-team", reason="customer-data")
    if minute == 25:
        live.note(only_incident(live), "progress", "primary-2")


def financial(live: Stage, minute: int) -> None:
    if minute == 0:
        incident = live.open("P2", service="medicalcor-payments")
        live.put(incident, "primary-2", status="acknowledged")


STORIES: dict[str, tuple[Story, int, list[tuple[int, str]]]] = {
    # A P3's own ladder pages the manager at 30; the trigger makes sure of that level at 15.
    "unacknowledged": (unacknowledged, 20, [(0, "primary-2"), (15, "eng-manager-holder")]),
    "no-progress": (
        no_progress,
        62,
        # At 60 the service's own acknowledgement timeout rings its owner again.
        [(0, "primary-2"), (30, "eng-manager-holder"), (60, "primary-2"), (60, "vp-engineering-holder")],
    ),
    "still-working": (still_working, 57, [(0, "primary-2")]),
    "impact-expanding": (
        expanding,
        20,
        [(0, "primary-2"), (7, "database-lead-holder"), (7, "eng-manager-holder")],
    ),
    "customer-facing-p1": (customer_facing, 45, [(0, "primary-2"), (30, "vp-engineering-holder")]),
    "security": (
        security,
        30,
        [(0, "primary-2"), (4, "security-lead-holder"), (4, "vp-engineering-holder")],
    ),
    "financial": (financial, 10, [(0, "primary-2"), (0, "vp-engineering-holder")]),
}


def told(dog: Dog) -> Counter[tuple[str, str]]:
    """A round later there is a minute less to go."""
    return Counter((channel, re.sub(r"In \d+ min", "In N min", text)) for _, channel, text in dog.said)


@pytest.mark.parametrize("name", STORIES)
def test_the_exact_pages_at_the_exact_minutes_once(name: str) -> None:
    story, until, pages = STORIES[name]
    with stage() as live:
        play(live, story, until)
        assert sorted(live.rung(only_incident(live))) == sorted(pages)


def test_every_trigger_of_the_policy_has_a_story() -> None:
    assert set(STORIES) - {"still-working"} == set(shipped().triggers.automatic)


@pytest.mark.long
@pytest.mark.parametrize("name", STORIES)
def test_killed_before_and_after_every_write_it_ends_the_same(name: str) -> None:
    story, until, pages = STORIES[name]
    with stage() as live:
        undisturbed = play(live, story, until)
        writes, whole = undisturbed.writes, live.notes(only_incident(live))
    assert writes
    at_most = told(undisturbed)
    for at in range(1, writes + 1):
        for moment in ("before", "after"):
            with stage() as live:
                dog = play(live, story, until, kill_at=at, moment=moment)
                rung = live.rung(only_incident(live))
                who = [person for _, person in sorted(rung)]
                assert sorted(who) == sorted(person for _, person in pages), (at, moment)
                wanted = sorted((p, m) for m, p in pages)
                found_at = sorted((p, m) for m, p in rung)
                assert all(late - m <= 1 for (_, m), (_, late) in zip(wanted, found_at, strict=True)), (
                    at,
                    moment,
                    rung,
                )
                found = [m for m in marks(live.situation(only_incident(live)).log) if m.what == "trigger"]
                keys = [(m.values.get("name"), m.values.get("level")) for m in found]
                assert len(keys) == len(set(keys)), (at, moment, keys)
                assert told(dog) <= at_most, (at, moment)
    print(f"{name}: killed {2 * writes} times, {len(whole)} notes")


@pytest.mark.long
@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("how", ["doubled", "lost"])
def test_webhooks_only_say_when_to_look(name: str, how: str) -> None:
    """Doubled or out of order they cause more rounds; lost, the next poll comes later: nothing is done twice, nothing
    is left out."""
    story, until, pages = STORIES[name]
    with stage() as live:
        dog = Dog(live)
        try:
            for minute in range(until + 1):
                live.minute(minute)
                story(live, minute)
                for _ in range(3 if how == "doubled" else int(minute % 2 == 1)):
                    dog.round()
            dog.round()
        finally:
            dog.wire.close()
        wanted = sorted((who, minute) for minute, who in pages)
        found = sorted((who, minute) for minute, who in live.rung(only_incident(live)))
        assert [who for who, _ in found] == [who for who, _ in wanted]
        assert all(0 <= late - at <= 1 for (_, at), (_, late) in zip(wanted, found, strict=True))
        said = [
            mark
            for mark in marks(live.situation(only_incident(live)).log)
            if mark.what in ("trigger", "warning")
        ]
        keys = [(m.what, tuple(sorted((k, v) for k, v in m.values.items() if k != "run"))) for m in said]
        assert len(keys) == len(set(keys))


def test_the_people_at_work_are_warned_five_minutes_before_once() -> None:
    with stage() as live:
        dog = play(live, no_progress, 29)
        warnings = [(minute, text) for minute, _, text in dog.said if "No progress in 30 min?" in text]
        assert [minute for minute, _ in warnings] == [25]
        assert "In 5 min the next level is paged" in warnings[0][1]


def test_what_the_watchdog_does_is_no_progress() -> None:
    """Its own notes and pages do not reset the clock; a note of a human does."""
    with stage() as live:
        play(live, no_progress, 31)
        assert live.situation(only_incident(live)).active_at <= live.now
        dog_user = live.actor(DOG).acting.user
        log = live.situation(only_incident(live)).log
        incident = live.situation(only_incident(live)).incident
        assert last_human_activity(incident, log, frozenset({dog_user})) == live.start


def test_finance_is_told_and_not_paged_and_a_p4_pages_nobody() -> None:
    def quiet(live: Stage, minute: int) -> None:
        if minute == 0:
            live.open("P4", service="medicalcor-payments", urgency="low")

    with stage() as live:
        dog = play(live, financial, 3)
        assert [channel for _, channel, _ in dog.said] == ["inc-20261123-it-is-down", "finance"]
    with stage() as live:
        dog = play(live, quiet, 20)
        incident = only_incident(live)
        assert "vp-engineering-holder" not in [who for _, who in live.rung(incident)]
        assert [channel for _, channel, text in dog.said if "Financial" in text][-1] == "finance"
        assert any("There is no level above 1. Raise the severity" in text for _, _, text in dog.said)


def test_the_ladder_that_is_there_already_is_left_alone() -> None:
    """P1: the ladder itself pages the manager at 15."""

    def story(live: Stage, minute: int) -> None:
        if minute == 0:
            live.open("P1")

    with stage() as live:
        play(live, story, 20)
        assert live.rung(only_incident(live)) == [(0, "primary-2"), (15, "eng-manager-holder")]
        assert not [m for m in marks(live.situation(only_incident(live)).log) if m.what == "trigger"]


def test_a_raised_priority_moves_it_to_its_ladder_at_the_right_level() -> None:
    def story(live: Stage, minute: int) -> None:
        if minute == 0:
            live.open("P3")
        if minute == 18:
            p1 = next(d["id"] for d in live.sandbox.store.all("priority") if d["name"] == "P1")
            live.put(only_incident(live), "primary-1", priority={"id": p1, "type": "priority_reference"})

    with stage() as live:
        play(live, story, 33)
        doc = live.doc(only_incident(live))
        ladder = live.sandbox.store.get("escalation_policy", doc["snapshot"]["id"])
        assert ladder is not None
        assert ladder["name"] == "Database P1"
        rung = live.rung(only_incident(live))
        assert [who for _, who in rung].count("primary-2") == 1, "nobody is paged again from the bottom"
        assert doc["level"] >= 3


@pytest.mark.parametrize(
    ("minute", "pages"),
    [
        (5, [(5, "eng-manager-holder"), (20, "vp-engineering-holder")]),
        (40, [(15, "eng-manager-holder"), (40, "vp-engineering-holder")]),
    ],
)
def test_a_raised_priority_rings_the_next_level_once_and_nobody_from_the_bottom(
    minute: int, pages: list[tuple[int, str]]
) -> None:
    """The ladder that follows it, and the impact that grows by it, are one page."""

    def story(live: Stage, at: int) -> None:
        if at == 0:
            live.open("P3")
        if at == minute:
            p1 = next(d["id"] for d in live.sandbox.store.all("priority") if d["name"] == "P1")
            live.put(only_incident(live), "primary-1", priority={"id": p1, "type": "priority_reference"})

    with stage() as live:
        play(live, story, minute + 16)
        incident = only_incident(live)
        assert live.rung(incident) == [(0, "primary-2"), *pages]
        assert pages_of(live, incident) == 1 + len(pages)
        assert live.situation(incident).incident.policy_name == "Database P1"


def test_a_ladder_that_starts_over_is_left_alone() -> None:
    with stage() as live:
        play(live, lambda live, minute: live.open("P2") and None if minute == 0 else None, 74)
        again = [page for page in live.rung(only_incident(live)) if page[0] >= 50]
        assert again == [(60, "primary-2")]


def test_promised_updates_are_reminded_of_three_times() -> None:
    def story(live: Stage, minute: int) -> None:
        no_progress(live, minute)
        if minute == 1:
            live.escalate(only_incident(live), need="decision-authority", reason="stuck", next_update=20)

    with stage() as live:
        dog = play(live, story, 70)
        reminded = [minute for minute, _, text in dog.said if "was promised" in text]
        assert reminded == [21, 31, 41]


def test_standing_down_is_asked_for_when_it_is_over() -> None:
    def story(live: Stage, minute: int) -> None:
        no_progress(live, minute)
        if minute == 2:
            live.escalate(only_incident(live), need="decision-authority", reason="stuck")
        if minute == 12:
            live.put(only_incident(live), "primary-2", status="resolved")

    with stage() as live:
        dog = play(live, story, 20)
        asked = [(minute, text) for minute, _, text in dog.said if "Stand down" in text]
        assert [minute for minute, _ in asked] == [12]


def test_the_ceo_is_asked_about_ten_minutes_before() -> None:
    def story(live: Stage, minute: int) -> None:
        if minute == 0:
            live.open("P1")

    with stage() as live:
        dog = play(live, story, 121)
        asked = [minute for minute, _, text in dog.said if "major customer impact?" in text]
        assert asked == [110]
        assert (120, "ceo-holder") in live.rung(only_incident(live)), "the page goes out whatever the answer"


@pytest.mark.parametrize("acknowledged", [True, False])
def test_what_is_reopened_begins_anew(acknowledged: bool) -> None:
    """Neither is the manager rung at once for yesterday's silence, nor is a level taken for reached by yesterday's
    page; the metrics miss nothing while it was resolved."""
    with stage() as live:
        incident = live.open("P3")
        dog = Dog(live)
        if acknowledged:
            live.put(incident, "primary-2", status="acknowledged")
        for minute in (16, 31, 32):
            live.minute(minute)
            dog.round()
        live.put(incident, "primary-2", status="resolved")
        yesterday = pages_of(live, incident)
        assert live.rung(incident)[-1][1] == "eng-manager-holder"
        live.minute(600)
        live.put(incident, "primary-2", status="triggered")
        for minute in (600, 604):
            live.minute(minute)
            dog.round()
        assert pages_of(live, incident) == yesterday + 1, "only the first responder"
        live.put(incident, "primary-3", status="acknowledged")
        live.minute(635)
        dog.round()
        dog.wire.close()
        assert live.rung(incident)[-1] == (635, "eng-manager-holder")
        live.put(incident, "primary-3", status="resolved")
        live.minute(700)
        (facts,) = facts_between(
            live.roster, live.people, live.transport, live.start, live.now, live.now, robots=frozenset()
        )
        assert facts.missed == ()


def test_dry_run_touches_nothing() -> None:
    with stage() as live:
        no_progress(live, 0)
        live.minute(45)
        dog = Dog(live)
        dog.wire.close()
        hands = Hands(live.transport, live.people, live.actor(DOG).acting, dog)
        before = live.notes(only_incident(live))
        seen = look(live.roster, hands, Memory(), live.now, robots=frozenset(), dry=True)
        assert [j.name for j in seen[0].judged if j.state == "fires"] == ["no-progress"]
        assert live.notes(only_incident(live)) == before
        assert not dog.said


def test_one_broken_incident_does_not_hold_up_the_others() -> None:
    with stage() as live:
        first, second = (
            live.open("P1", title="first"),
            live.open("P1", title="second", service="medicalcor-api"),
        )
        for incident in (first, second):
            live.put(incident, "primary-2", status="acknowledged")
        live.minute(31)
        live.sandbox.world.faults.replace([parse_fault(f"500:1,path=/incidents/{first}/notes,times=1")])
        dog = Dog(live)
        for _ in range(2):
            dog.round()
        dog.wire.close()
        for incident in (first, second):
            assert (31, "eng-manager-holder") in live.rung(incident)


class Meddler(Fatal):
    """Something happens in the account just before, or right after, the first such request."""

    def __init__(
        self, url: str, moment: str, happens: Callable[[], object], path: str = "POST /incidents/{}/notes"
    ) -> None:
        super().__init__(url, 0, "")
        self.moment = moment
        self.happens: Callable[[], object] | None = happens
        self.request = re.compile(path.replace("{}", "[A-Z0-9]+"))

    def send(self, method: str, path: str, *more: Any) -> Response:
        if self.happens is None or not self.request.fullmatch(f"{method} {path}"):
            return super().send(method, path, *more)
        happens, self.happens = self.happens, None
        if self.moment == "before":
            happens()
        answer = super().send(method, path, *more)
        if self.moment == "after":
            happens()
        return answer


def pages_of(live: Stage, incident: str) -> int:
    """Also those of one person at one instant."""
    store = live.sandbox.store
    calls = [e for e in store.children("log_entry", incident) if e["type"] == "notify_log_entry"]
    return len(calls) + len(store.children("responder", incident))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("acknowledged", [True, False])
def test_two_watchdogs_at_once_ring_and_speak_once(moment: str, acknowledged: bool) -> None:
    with stage() as live:
        incident = live.open("P3")
        if acknowledged:
            live.put(incident, "primary-2", status="acknowledged")
        else:
            live.minute(14)
        first, second = Dog(live), Dog(live)
        first.wire = Meddler(live.sandbox.url, moment, second.round)
        live.minute(30 if acknowledged else 16)
        for _ in range(2):
            first.round()
            second.round()
        assert pages_of(live, incident) == 2, "the first responder, and the next level once"
        assert live.rung(incident)[-1][1] == "eng-manager-holder"
        assert len([t for _, _, t in (*first.said, *second.said) if "Making sure" in t]) == 1
        first.wire.close()
        second.wire.close()


def test_what_somebody_took_while_the_round_was_under_way_is_left_to_them() -> None:
    """What the round read is older than the moment of the page."""
    with stage() as live:
        incident = live.open("P3")
        live.minute(16)
        dog = Dog(live)
        dog.wire = Meddler(
            live.sandbox.url,
            "after",
            lambda: live.put(incident, "primary-2", status="acknowledged"),
            "GET /incidents/{}/log_entries",
        )
        dog.round()
        dog.wire.close()
        assert live.rung(incident) == [(0, "primary-2")]
        assert live.notes(incident) == []


def test_a_move_that_cannot_be_made_is_said_once_and_tried_again_later() -> None:
    with stage() as live:
        incident = live.open("P3")
        ladder = next(d for d in live.sandbox.store.all("escalation_policy") if d["name"] == "Database P1")
        p1 = next(d["id"] for d in live.sandbox.store.all("priority") if d["name"] == "P1")
        live.sandbox.store.put("escalation_policy", {**ladder, "name": "Renamed by hand"})
        live.minute(5)
        live.put(incident, "primary-2", priority={"id": p1, "type": "priority_reference"})
        dog = Dog(live)
        for minute in range(6, 13):
            live.minute(minute)
            dog.round()
        moved = [text for _, _, text in dog.said if "moved from" in text]
        assert len(moved) == 1
        assert sum("has no escalation policy Database P1" in note for note in live.notes(incident)) == 1
        live.sandbox.store.put("escalation_policy", ladder)
        live.minute(37)
        dog.round()
        dog.wire.close()
        assert live.situation(incident).incident.policy_name == "Database P1"


def test_an_account_that_is_away_is_told_by_its_class() -> None:
    with stage() as live:
        silent = Limits(first_contact=0.2)
        with Transport("http://127.0.0.1:1", SecretStr("any-token"), limits=silent) as transport:
            hands = Hands(transport, People(live.policy, transport), live.actor(DOG).acting, live.chat)
            with pytest.raises(AccountUnreachable):
                look(live.roster, hands, Memory(), live.now, robots=frozenset())
