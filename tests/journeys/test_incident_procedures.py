"""The runbook's procedures on live incidents: exact people, pages and notes, at the exact minutes."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from stage import Stage, stage
from watchbill.errors import GuardRefused, UsageError
from watchbill.incident import phone, stand_down
from watchbill.incident.engaged import engaged
from watchbill.incident.notes import marks
from watchbill.incident.update import publish_update

WORDS = {
    "impact": ["logins fail"],
    "tried": ["restart - no change"],
    "why": ["stuck"],
    "ask": ["look at the locks"],
}


@pytest.fixture
def live() -> Iterator[Stage]:
    with stage() as running:
        yield running


def paged(live: Stage, incident: str, since: int) -> list[str]:
    return [who for minute, who in live.rung(incident) if minute >= since]


# -- levels ------------------------------------------------------------------------------------------------------


def test_the_next_level_is_paged_by_the_ladder(live: Stage) -> None:
    incident = live.open()
    live.minute(4)
    done = live.escalate(incident, level=2, said=WORDS)
    assert done.rung.how == "level"
    assert live.rung(incident)[-1] == (4, "eng-manager-holder")
    assert live.doc(incident)["level"] == 2
    note = live.notes(incident)[-1]
    assert "1. restart - no change" in note
    assert "**Duration:** 4 minutes" in note
    channel, text, mention = live.chat.said[-1]
    assert channel == "inc-20261123-it-is-down"
    assert text in note
    assert mention == ("eng-manager-holder",)


def test_after_an_acknowledgement_the_owner_keeps_it(live: Stage) -> None:
    incident = live.open()
    live.put(incident, "primary-2", status="acknowledged")
    live.minute(6)
    assert live.escalate(incident, level=2, said=WORDS).rung.how == "responders"
    after = live.situation(incident)
    assert after.incident.status == "acknowledged"
    assert (after.level, after.engaged) == (1, 2)
    assert live.rung(incident)[-1] == (6, "eng-manager-holder")


def test_without_responder_requests_the_level_is_set_and_said() -> None:
    from watchbill.sandbox.options import ABILITIES

    with stage(abilities=tuple(a for a in ABILITIES if a != "coordinated_responding")) as live:
        incident = live.open()
        live.put(incident, "primary-2", status="acknowledged")
        assert live.escalate(incident, level=2, said=WORDS).rung.how == "level-again"
        assert live.doc(incident)["level"] == 2
        nobody = live.escalate(incident, need="legal-guidance", said=WORDS).rung
        assert (nobody.how, nobody.missed) == ("nobody", ("legal-holder", "ciso-holder"))


def test_nobody_is_asked_twice(live: Stage) -> None:
    incident = live.open()
    live.put(incident, "primary-2", status="acknowledged")
    for _ in range(2):
        live.escalate(incident, need="decision-authority", said=WORDS)
    assert [who for _, who in live.rung(incident)].count("eng-manager-holder") == 1


# -- the seven don'ts --------------------------------------------------------------------------------------------


def test_levels_are_not_skipped_without_a_reason(live: Stage) -> None:
    incident = live.open()
    with pytest.raises(GuardRefused, match=r"level 3 would skip level 2 \(Engineering Manager\)"):
        live.escalate(incident, level=3, said=WORDS)
    assert live.notes(incident) == []
    live.escalate(incident, level=3, said=WORDS, emergency="the manager is on a plane")
    assert live.doc(incident)["level"] == 3
    assert "the manager is on a plane" in str(marks(live.situation(incident).log)[-1].values)


def test_what_was_tried_is_asked_first(live: Stage) -> None:
    incident = live.open()
    untried = {key: value for key, value in WORDS.items() if key != "tried"}
    with pytest.raises(GuardRefused, match="tried-first: document what you've tried first"):
        live.escalate(incident, level=2, said=untried)
    live.escalate(incident, level=2, said=untried, reason="risky-mitigation")
    assert "nothing yet: You need approval for a risky mitigation" in live.notes(incident)[-1]


@pytest.mark.parametrize("field", ["impact", "why", "ask"])
def test_the_template_is_filled_in_full(live: Stage, field: str) -> None:
    incident = live.open()
    with pytest.raises(GuardRefused, match=f"does not say {field}"):
        live.escalate(incident, level=2, said={k: v for k, v in WORDS.items() if k != field})


def test_the_runbooks_one_line_pages_at_once_and_the_words_follow(live: Stage) -> None:
    incident = live.open()
    done = live.escalate(incident, level=2)
    assert live.doc(incident)["level"] == 2
    assert [w.rule for w in done.prepared.warnings] == ["template-complete"]
    assert marks(live.situation(incident).log)[-1].values["context"] == "to-follow"


def test_who_is_reached_by_mail_only_is_told_apart(live: Stage) -> None:
    user = next(u for u in live.sandbox.store.all("user") if u["email"] == live.email("eng-manager-holder"))
    for rule in live.sandbox.store.children("notification_rule", user["id"]):
        live.sandbox.store.delete("notification_rule", rule["id"])
    done = live.escalate(live.open(), level=2, said=WORDS)
    assert any("eng-manager-holder by e-mail only" in w.message for w in done.prepared.warnings)
    assert any("Use phone or PagerDuty" in w.hint for w in done.prepared.warnings)


def test_whoever_is_paged_is_promised_the_next_word(live: Stage) -> None:
    incident = live.open()
    live.escalate(incident, level=2, said=WORDS, next_update=20)
    assert marks(live.situation(incident).log)[-1].values["next-update"] == "2026-11-23T01:20:00Z"


# -- needs -------------------------------------------------------------------------------------------------------

NEEDS = {
    "domain-expertise": (["database-lead-holder"], []),
    "more-hands": (["primary-3"], []),
    "decision-authority": (["eng-manager-holder"], []),
    "cross-team": (["vp-engineering-holder"], []),
    "external-vendor": (["integration-lead-holder"], []),
    "customer-communication": (["eng-manager-holder"], ["customer-success"]),
    "legal-guidance": (["legal-holder", "ciso-holder"], []),
}


def test_each_need_of_the_policy_is_tried(live: Stage) -> None:
    assert set(NEEDS) == set(live.policy.triggers.needs)


@pytest.mark.parametrize("need", NEEDS)
def test_a_need_pages_who_has_it(live: Stage, need: str) -> None:
    people, told = NEEDS[need]
    incident = live.open()
    live.put(incident, "primary-2", status="acknowledged")
    live.minute(9)
    live.escalate(incident, need=need, said=WORDS)
    assert sorted(paged(live, incident, 9)) == sorted(people)
    assert [channel for channel, _, _ in live.chat.said] == ["inc-20261123-it-is-down", *told]
    assert live.situation(incident).incident.status == "acknowledged"


# -- paths -------------------------------------------------------------------------------------------------------


def walk(live: Stage, incident: str, path: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    while True:
        live.minute((live.now - live.start) // 60 + 3)
        try:
            done = live.escalate(incident, path=path, said=WORDS, confirmed=True)
        except UsageError as over:
            if "all were taken" not in over.message:
                raise
            return found
        found.append(tuple(sorted(done.rung.people)))


def test_the_technical_path(live: Stage) -> None:
    incident = live.open()
    live.put(incident, "primary-2", status="acknowledged")
    assert walk(live, incident, "technical") == [
        ("primary-2",),
        ("database-lead-holder",),
        ("database-lead-holder",),
        ("vp-engineering-holder",),
        ("cto-holder",),
    ]
    assert [who for _, who in live.rung(incident)].count("database-lead-holder") == 1


def test_the_severity_path_agrees_with_the_matrix(live: Stage) -> None:
    incident = live.open()
    live.put(incident, "primary-2", status="acknowledged")
    assert walk(live, incident, "severity") == [
        ("primary-2",),
        ("eng-manager-holder",),
        ("vp-engineering-holder",),
        ("cto-holder",),
        ("ceo-holder",),
    ]


def test_the_security_path_goes_on_to_the_ciso_when_the_lead_is_silent(live: Stage) -> None:
    incident = live.open(service="medicalcor-security")
    assert walk(live, incident, "security") == [
        ("security-2",),
        ("security-lead-holder",),
        ("ciso-holder",),
        ("legal-holder", "vp-engineering-holder"),
        ("cto-holder",),
        ("ceo-holder",),
    ]


def test_the_security_path_leaves_the_ciso_out_when_the_lead_answers(live: Stage) -> None:
    incident = live.open(service="medicalcor-security")
    for _ in range(2):
        live.escalate(incident, path="security", said=WORDS)
    live.put(incident, "security-lead-holder", status="acknowledged")
    live.minute(5)
    assert set(live.escalate(incident, path="security", said=WORDS).rung.people) == {
        "legal-holder",
        "vp-engineering-holder",
    }


def test_a_condition_is_confirmed_by_a_human(live: Stage) -> None:
    incident = live.open()
    live.put(incident, "primary-2", status="acknowledged")
    for _ in range(4):
        live.escalate(incident, path="severity", said=WORDS)
    with pytest.raises(GuardRefused, match="P1 > 2 hours, major customer impact"):
        live.escalate(incident, path="severity", said=WORDS)
    assert "ceo-holder" not in [who for _, who in live.rung(incident)]


def test_whom_nobody_stands_behind_the_remedy_pages_somebody_now(live: Stage) -> None:
    incident = live.open()
    cto = live.policy.roles["cto"].model_copy(update={"held_by": "unset"})
    policy = live.policy.model_copy(update={"roles": {**live.policy.roles, "cto": cto}})
    vacant = Stage(live.sandbox, live.transport, policy)
    with pytest.raises(UsageError, match="reaches nobody now") as caught:
        vacant.escalate(incident, page="cto", said=WORDS)
    assert "--to-level" in caught.value.remedy


# -- phone -------------------------------------------------------------------------------------------------------


def test_whom_to_call_five_minutes_apart(live: Stage) -> None:
    calls = phone.phone_list(live.roster, live.situation(live.open()))
    assert [(c.after, c.person) for c in calls.calls] == [
        (0, "primary-2"),
        (5, "eng-manager-holder"),
        (10, "vp-engineering-holder"),
        (15, "cto-holder"),
        (20, "ceo-holder"),
    ]


def test_each_attempt_is_written_down_and_the_next_is_due(live: Stage) -> None:
    incident = live.open()
    for person, then in (
        ("primary-2", "eng-manager-holder"),
        ("eng-manager-holder", "vp-engineering-holder"),
    ):
        situation = live.situation(incident)
        phone.log_attempt(live.transport, live.actor(), situation, person, "no-answer", live.policy)
        assert f"called {person}: no answer" in live.notes(incident)[-1]
        due = phone.next_call(phone.phone_list(live.roster, live.situation(incident)))
        assert due is not None
        assert due.person == then


def test_the_phone_is_for_p1_after_hours() -> None:
    with (
        stage("2026-11-23T08:00:00Z") as live,
        pytest.raises(GuardRefused, match="only outside business hours"),
    ):
        phone.phone_list(live.roster, live.situation(live.open()))
    with stage() as live, pytest.raises(GuardRefused, match="only for P1, and this is P2"):
        phone.phone_list(live.roster, live.situation(live.open("P2")))


# -- update and stand-down ---------------------------------------------------------------------------------------


def test_an_update_is_published_and_promises_the_next(live: Stage) -> None:
    incident = live.open()
    live.minute(7)
    done = publish_update(
        live.transport,
        live.actor(),
        live.chat,
        live.situation(incident),
        "rolled back",
        channel="c",
        minutes=15,
    )
    assert done.published
    assert done.text == "Update on #1 It is down: rolled back\nNext update: 01:22 UTC"
    assert live.sandbox.store.children("status_update", incident)[0]["message"] == done.text
    assert live.situation(incident).active_at == live.now


def test_standing_down_releases_everybody_but_the_owner(live: Stage) -> None:
    incident = live.open()
    live.put(incident, "primary-2", status="acknowledged")
    live.escalate(incident, need="decision-authority", said=WORDS)
    live.escalate(incident, need="cross-team", said=WORDS)
    live.minute(40)
    plan = stand_down.prepare(
        live.policy, live.people, live.situation(incident), reason="", met=[1], needed="yes"
    )
    assert {one.handle for one in plan.leaving} == {"eng-manager-holder", "vp-engineering-holder"}
    assert [one.handle for one in plan.staying] == ["primary-2"]
    live.chat.said.clear()
    done = stand_down.carry_out(live.transport, live.actor(), live.chat, plan, channel="inc")
    assert not done.problems
    assert len(done.cancelled) == 2
    assert "- Reason: Issue is contained and no longer expanding" in plan.text
    assert "- Next update: 02:40 UTC" in plan.text
    assert [text for _, text, _ in live.chat.said] == [plan.text, plan.thanks]
    after = live.situation(incident)
    assert [one.handle for one in engaged(after, live.people)] == ["primary-2"]
    assert after.marks[-1].values["needed"] == "yes"


def test_standing_down_wants_a_criterion_and_somebody_who_stays(live: Stage) -> None:
    incident = live.open()
    situation = live.situation(incident)
    with pytest.raises(GuardRefused, match="at least one criterion"):
        stand_down.prepare(live.policy, live.people, situation, reason="x")
    with pytest.raises(GuardRefused, match="nobody would be left"):
        stand_down.prepare(live.policy, live.people, situation, reason="x", met=[1], names=["primary-2"])
    with pytest.raises(UsageError, match="not engaged"):
        stand_down.prepare(live.policy, live.people, situation, reason="x", met=[1], names=["cto-holder"])


# -- who acts ----------------------------------------------------------------------------------------------------


def test_the_human_is_named_and_must_be_known(live: Stage) -> None:
    incident = live.open()
    live.escalate(incident, level=2, said=WORDS, by="backend-1")
    log = live.situation(incident).log
    assert {live.people.handle(e.agent.id) for e in log if e.what == "annotate"} == {"backend-1"}
    with pytest.raises(UsageError, match="nobody in the policy's people"):
        live.people.actor("bot@medicalcor.example")
    user = next(u for u in live.sandbox.store.all("user") if u["email"] == live.email("infra-2"))
    live.sandbox.store.delete("user", user["id"])
    with pytest.raises(UsageError, match="the account has no user"):
        live.people.actor(live.email("infra-2"))


# -- the level, which PagerDuty does not tell ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_the_level_read_from_the_log_is_the_sandboxs_own(live: Stage, seed: int) -> None:
    rng = random.Random(seed)
    incident = live.open(rng.choice(["P1", "P2"]), rng.choice(["medicalcor-database", "medicalcor-api"]))
    minute = 0
    for _ in range(8):
        minute += rng.choice([1, 7, 16, 31])
        live.minute(minute)
        doc = live.doc(incident)
        if doc["status"] != "acknowledged" and rng.random() < 0.3:
            live.put(incident, "primary-2", status="acknowledged")
        elif rng.random() < 0.3:
            live.put(incident, "primary-2", escalation_level=rng.randint(1, len(doc["snapshot"]["rules"])))
        assert live.situation(incident).level == live.doc(incident)["level"]
