"""Reading and writing a served sandbox over HTTP, every exchange judged by PagerDuty's official document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from contract.openapi import Contract, read_deviations
from shared import openapi_path
from unit.apply.plans import (
    NOW,
    change,
    ladder,
    layer,
    override_change,
    plan,
    rotation_ref,
    schedule,
    service,
    user_ref,
    whole,
)
from watchbill.account.canon import form_of
from watchbill.account.digest import as_written
from watchbill.account.objects import Account, Urgency
from watchbill.apply.execute import execute
from watchbill.apply.outcome import Outcome
from watchbill.pagerduty.read import read_account
from watchbill.pagerduty.transport import Transport
from watchbill.plan.document import Plan
from watchbill.rota.clock import DAY, HOUR, WEEK, iso
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.server import Sandbox

PEOPLE = ("ana", "bogdan", "carmen", "dan")


@dataclass
class Bench:
    sandbox: Sandbox
    transport: Transport
    users: dict[str, str]
    state: Path

    def read(self, *overrides_of: str, now: int = NOW) -> Account:
        return read_account(
            self.transport,
            name="sandbox",
            now=now,
            since=now,
            until=now + 60 * DAY,
            overrides_of=overrides_of,
            contacts=True,
        )

    def apply(self, what: Plan, now: int = NOW) -> Outcome:
        return execute(what, self.transport, now=now, state=self.state)

    @property
    def crew(self) -> list[str]:
        return [self.users[p] for p in PEOPLE]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Sandbox(clock=iso(NOW), record=True) as sandbox:
        ensure_users(sandbox.store, [{"name": p.title(), "email": f"{p}@example.com"} for p in PEOPLE])
        with Transport(sandbox.url, SecretStr(sandbox.token)) as transport:
            made = Bench(sandbox, transport, {}, tmp_path)
            made.users = {u.email.partition("@")[0]: u.id for u in made.read().users}
            yield made
            _judge(sandbox)


def _judge(sandbox: Sandbox) -> None:
    contract = Contract(openapi_path(), [d for d in read_deviations() if d.about != "client"])
    problems = []
    for seen in sandbox.exchanges():
        problems += contract.request_problems(seen.method, seen.path, seen.query, seen.headers, seen.body)
        problems += contract.response_problems(seen.method, seen.path, seen.status, seen.answer)
    assert sandbox.exchanges(), "nothing was judged"
    assert [str(p) for p in problems] == []


def _all_applied(outcome: Outcome) -> None:
    assert [(s.ref, s.status, s.reason) for s in outcome.steps if s.status != "applied"] == []
    assert outcome.exit_code == 0


def test_everything_is_made_and_reads_back_as_wanted(bench: Bench) -> None:
    wanted = whole(bench.crew)
    outcome = bench.apply(wanted)
    _all_applied(outcome)
    assert [n for s in outcome.steps for n in s.notes] == []
    assert all(s.request_ids for s in outcome.steps)
    account = bench.read()
    assert {s.name for s in account.schedules} == {"medicalcor-primary", "medicalcor-backend"}
    assert all(as_written(obj) for obj in account.objects())
    primary = next(s for s in account.schedules if s.name == "medicalcor-primary")
    assert [x.name for x in primary.layers] == ["Layer 1", "Layer 2"], "base first"
    slots = bench.read(primary.id).overrides[primary.id]
    assert [s.match for s in slots] == [(bench.users["bogdan"], NOW + DAY, NOW + 2 * DAY)]
    (checkout,) = account.services
    assert (checkout.ack_timeout, checkout.resolve_timeout) == (3600, None)
    assert checkout.urgency.urgency == "severity_based"


def test_the_same_plan_again_writes_nothing(bench: Bench) -> None:
    wanted = whole(bench.crew)
    _all_applied(bench.apply(wanted))
    again = bench.apply(wanted)
    assert {s.status for s in again.steps} == {"already"}
    assert again.writes == 0
    assert again.exit_code == 0


def _one_schedule(bench: Bench) -> Account:
    _all_applied(bench.apply(plan([change(schedule("primary", [layer(*bench.crew)]))])))
    return bench.read()


def test_a_crew_change_keeps_the_running_layer_and_ends_it_at_the_handoff(bench: Bench) -> None:
    before = _one_schedule(bench).schedules[0]
    handoff = NOW + WEEK
    want = schedule(
        "primary",
        [layer(*bench.crew, end=handoff), layer(*bench.crew[:2], start=handoff, name="Layer 2")],
    )
    _all_applied(bench.apply(plan([change(want, before)])))
    after = bench.read().schedules[0]
    assert form_of(after, now=NOW) == form_of(want, now=NOW)
    assert after.layers[0].id == before.layers[0].id


def test_taking_a_planned_crew_change_back_gives_the_layer_no_end_again(bench: Bench) -> None:
    start = _one_schedule(bench).schedules[0]
    handoff = NOW + WEEK
    changed = schedule(
        "primary",
        [layer(*bench.crew, end=handoff), layer(*bench.crew[:2], start=handoff, name="Layer 2")],
    )
    _all_applied(bench.apply(plan([change(changed, start)])))
    back = schedule("primary", [layer(*bench.crew)])
    _all_applied(bench.apply(plan([change(back, bench.read().schedules[0])])))
    after = bench.read().schedules[0]
    assert form_of(after, now=NOW) == form_of(back, now=NOW)
    assert as_written(after)
    later = bench.read(now=NOW + 2 * WEEK).schedules[0]
    assert form_of(later, now=NOW + 2 * WEEK) == form_of(back, now=NOW + 2 * WEEK)


def test_precedence_survives_a_change_of_a_stack_of_layers(bench: Bench) -> None:
    ana, bogdan, carmen, dan = bench.crew
    base, top = layer(ana, name="base"), layer(bogdan, carmen, name="top")
    _all_applied(bench.apply(plan([change(schedule("primary", [base, top]))])))
    current = bench.read().schedules[0]
    assert [x.name for x in current.layers] == ["base", "top"]
    middle = layer(dan, name="middle")
    want = schedule("primary", [base, middle, top])
    outcome = bench.apply(plan([change(want, current)]))
    _all_applied(outcome)
    assert outcome.steps[0].notes == ()
    assert [x.name for x in bench.read().schedules[0].layers] == ["base", "middle", "top"]


def test_an_edit_by_hand_after_the_plan_stops_everything_before_the_first_write(bench: Bench) -> None:
    current = _one_schedule(bench).schedules[0]
    waiting = plan(
        [
            change(ladder("backend", [[user_ref(bench.crew[0])]])),
            change(schedule("primary", [layer(*bench.crew[:2])]), current),
        ]
    )
    edited = schedule("primary", [layer(*bench.crew)], description="edited")
    _all_applied(bench.apply(plan([change(edited, current)])))
    outcome = bench.apply(waiting)
    assert outcome.exit_code == 12
    assert outcome.writes == 0
    assert [(s.ref, s.status) for s in outcome.failed] == [("schedule:rotation/primary", "stale")]
    assert [s.ref for s in outcome.not_started] == ["escalation_policy:ladder/backend"]


def test_a_refused_change_blocks_only_what_needs_it(bench: Bench) -> None:
    broken = schedule("broken", [layer("PNOBODY")])
    needs_it = ladder("broken", [[rotation_ref("broken")]])
    fine = schedule("fine", [layer(*bench.crew)])
    outcome = bench.apply(
        plan(
            [
                change(broken),
                change(needs_it, needs=["schedule:rotation/broken"]),
                change(service("svc", "broken"), needs=["escalation_policy:ladder/broken"]),
                change(fine),
            ]
        )
    )
    assert [s.status for s in outcome.steps] == ["failed", "blocked", "blocked", "applied"]
    assert "users is invalid" in outcome.steps[0].reason
    assert outcome.exit_code == 13


def test_an_update_waits_for_the_update_it_needs(bench: Bench) -> None:
    _all_applied(bench.apply(whole(bench.crew)))
    account = bench.read()
    primary = next(s for s in account.schedules if s.key == "rotation/primary")
    on_it = next(p for p in account.policies if p.key == "ladder/primary")
    broken = schedule("primary", [layer("PNOBODY", name="Layer 3")])
    longer = on_it.model_copy(update={"loops": 5})
    outcome = bench.apply(
        plan([change(broken, primary), change(longer, on_it, needs=["schedule:rotation/primary"])])
    )
    assert [s.status for s in outcome.steps] == ["failed", "blocked"]
    assert bench.read().policies == account.policies


def test_a_name_that_is_taken_is_left_alone(bench: Bench) -> None:
    foreign = schedule("primary", [layer(bench.crew[0])]).model_copy(update={"marker": None})
    _all_applied(bench.apply(plan([change(foreign)])))
    outcome = bench.apply(plan([change(schedule("primary", [layer(*bench.crew)]))]))
    assert outcome.steps[0].status == "failed"
    assert "not ours" in outcome.steps[0].reason
    assert outcome.writes == 0


def test_claim_forget_and_delete(bench: Bench) -> None:
    foreign = schedule("primary", [layer(bench.crew[0])]).model_copy(update={"marker": None})
    _all_applied(bench.apply(plan([change(foreign)])))
    ours = schedule("primary", [layer(bench.crew[0])])
    _all_applied(bench.apply(plan([change(ours, bench.read().schedules[0], action="claim")])))
    claimed = bench.read().schedules[0]
    assert claimed.key == "rotation/primary"
    _all_applied(bench.apply(plan([change(ours, claimed, action="forget")])))
    forgotten = bench.read().schedules[0]
    assert forgotten.marker is None
    assert forgotten.description == "Who is paged."
    _all_applied(bench.apply(plan([change(ours, forgotten, action="delete")])))
    assert bench.read().schedules == ()


def test_a_delete_that_pagerduty_refuses_says_why(bench: Bench) -> None:
    _all_applied(bench.apply(whole(bench.crew)))
    used = next(s for s in bench.read().schedules if s.key == "rotation/primary")
    outcome = bench.apply(plan([change(used, used, action="delete")]))
    assert outcome.steps[0].status == "failed"
    assert "being used by escalation policies" in outcome.steps[0].reason
    assert outcome.steps[0].remedy


def test_ladders_keep_the_ids_of_their_steps(bench: Bench) -> None:
    ana, bogdan, carmen, dan = (user_ref(u) for u in bench.crew)
    _all_applied(bench.apply(plan([change(ladder("db", [[ana], [bogdan, carmen]]))])))
    before = bench.read().policies[0]
    want = ladder("db", [[dan], [ana], [bogdan, carmen]], handoff_notices="always")
    _all_applied(bench.apply(plan([change(want, before)])))
    after = bench.read().policies[0]
    assert form_of(after, now=NOW) == form_of(want, now=NOW)
    assert [r.id for r in after.rules[1:]] == [r.id for r in before.rules]


def test_a_service_with_support_hours_and_back(bench: Bench) -> None:
    _all_applied(bench.apply(whole(bench.crew)))
    hours = Urgency(
        type="use_support_hours",
        urgency="high",
        outside="low",
        time_zone="Europe/Bucharest",
        weekdays=(0, 1, 2, 3, 4),
        start=9 * HOUR,
        end=18 * HOUR,
    )
    for wanted in (hours, Urgency(urgency="severity_based")):
        current = bench.read().services[0]
        want = service("checkout", "primary", policy=current.policy, urgency=wanted)
        _all_applied(bench.apply(plan([change(want, current)])))
        assert bench.read().services[0].urgency == wanted


def test_overrides_are_made_once_and_taken_back(bench: Bench) -> None:
    current = _one_schedule(bench).schedules[0]
    bogdan = bench.users["bogdan"]
    running = (NOW - HOUR, NOW + HOUR)
    for start, end in (running, (NOW + DAY, NOW + 2 * DAY)):
        made = override_change("primary", bogdan, start, end, schedule_id=current.id)
        _all_applied(bench.apply(plan([made])))
        assert [s.status for s in bench.apply(plan([made])).steps] == ["already"]
    for start, end in (running, (NOW + DAY, NOW + 2 * DAY)):
        gone = override_change("primary", bogdan, start, end, action="delete", schedule_id=current.id)
        _all_applied(bench.apply(plan([gone])))
        assert [s.status for s in bench.apply(plan([gone])).steps] == ["already"]
    assert bench.read(current.id).overrides[current.id] == ()


def test_people_are_known_as_loud_or_not(bench: Bench) -> None:
    assert {u.email.partition("@")[0]: u.loud for u in bench.read().users}["ana"] is True


def test_shift_based_schedules_are_seen_with_their_marker(bench: Bench) -> None:
    mark = "watchbill/1 rotation/x 3f9c2a @2026-11-01T10:00Z"
    body = {"name": "upgraded", "time_zone": "UTC", "description": f"Words.\n{mark}"}
    made = bench.transport.post("/v3/schedules", {"schedule": body}).body["schedule"]
    (found,) = bench.read().schedules
    assert (found.shape, found.key, found.time_zone) == ("shifts", "rotation/x", "Etc/UTC")
    want = schedule("x", [layer(*bench.crew)])
    before = want.model_copy(update={"id": made["id"]})
    outcome = bench.apply(plan([change(want, before)]))
    assert outcome.steps[0].status == "stale"
    assert outcome.writes == 0
