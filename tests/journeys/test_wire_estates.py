"""Accounts that existed before: read with all their oddities, and rewritten without anybody's shift moving."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from shared import estate_names, shared
from unit.apply.plans import NOW, change, layer, owned, plan, schedule
from watchbill.account.objects import Account, Schedule
from watchbill.apply.execute import execute
from watchbill.pagerduty.read import read_account, read_wire
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import WireSchedule
from watchbill.rota.clock import DAY, WEEK, iso
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

ESTATES = estate_names()


@pytest.fixture(params=ESTATES)
def estate(request: pytest.FixtureRequest) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(shared(f"estates/{request.param}.json").read_text(encoding="utf-8"))
    return document


@pytest.fixture(params=["keep", "end", "refuse"])
def sandbox(request: pytest.FixtureRequest, estate: dict[str, Any]) -> Iterator[Sandbox]:
    """Under each reading of what PagerDuty does to a layer that a write leaves out."""
    options = SandboxOptions(omitted_layers=request.param)
    with Sandbox(clock=iso(NOW), load=estate, options=options) as made:
        yield made


def read(transport: Transport) -> Account:
    return read_account(transport, name="estate", now=NOW, since=NOW, until=NOW + DAY)


def rendered(transport: Transport, id_: str) -> list[tuple[int, int, str]]:
    wire = read_wire(transport, "schedule", id_, rendered=(NOW, NOW + 8 * WEEK))
    assert isinstance(wire, WireSchedule)
    assert wire.final_schedule is not None
    entries = wire.final_schedule.rendered_schedule_entries
    return [(e.start, e.end, e.user.id if e.user else "") for e in entries]


def test_claiming_every_schedule_moves_nobody(
    sandbox: Sandbox, estate: dict[str, Any], tmp_path: Path
) -> None:
    with Transport(sandbox.url, SecretStr("t")) as transport:
        account = read(transport)
        assert len(account.schedules) == len(estate["schedules"])
        assert len(account.policies) == len(estate["escalation_policies"])
        before = {s.id: rendered(transport, s.id) for s in account.schedules}
        claims = [
            change(owned(s.model_copy(update={"key": f"rotation/r{i}"})), s, action="claim")
            for i, s in enumerate(account.schedules)
        ]
        outcome = execute(plan(claims), transport, now=NOW, state=tmp_path)
        assert outcome.complete, outcome
        assert {s.id: rendered(transport, s.id) for s in account.schedules} == before
        after = read(transport)
        assert [[x.id for x in s.layers] for s in after.schedules] == [
            [x.id for x in s.layers] for s in account.schedules
        ]


def test_copying_every_schedule_renders_the_same(sandbox: Sandbox, tmp_path: Path) -> None:
    with Transport(sandbox.url, SecretStr("t")) as transport:
        account = read(transport)
        copies = [
            schedule(f"copy-{i}", s.layers, name=f"copy of {i}", time_zone=s.time_zone)
            for i, s in enumerate(account.schedules)
        ]
        outcome = execute(plan([change(c) for c in copies]), transport, now=NOW, state=tmp_path)
        assert outcome.complete, outcome
        made = {s.name: s for s in read(transport).schedules}
        for original, copy in zip(account.schedules, copies, strict=True):
            late = _without_overrides(transport, original, NOW + DAY)
            assert _without_overrides(transport, made[copy.name], NOW + DAY) == late


def _without_overrides(transport: Transport, found: Schedule, since: int) -> list[Any]:
    answer = transport.get(
        f"/schedules/{found.id}",
        {"since": iso(since), "until": iso(since + 8 * WEEK), "time_zone": "Etc/UTC"},
    )
    layers = answer.body["schedule"]["schedule_layers"]
    shown = [x["rendered_schedule_entries"] for x in layers]
    return [[(e["start"], e["end"], e["user"]["id"]) for e in entries] for entries in shown if entries]


def test_an_account_that_lists_layers_the_other_way_is_not_written(tmp_path: Path) -> None:
    options = SandboxOptions(reverse_layers=False)
    with Sandbox(clock=iso(NOW), options=options) as sandbox:
        ensure_users(sandbox.store, [{"name": n, "email": f"{n}@example.com"} for n in ("ana", "bogdan")])
        ana, bogdan = (u["id"] for u in sandbox.store.all("user") if u["role"] != "owner")
        with Transport(sandbox.url, SecretStr("t")) as transport:
            stack = [layer(ana, name="base"), layer(bogdan, name="top")]
            made = execute(plan([change(schedule("a", stack))]), transport, now=NOW, state=tmp_path)
            assert made.steps[0].status == "failed"
            assert "layers" in made.steps[0].reason
            current = read(transport).schedules[0]
            want = schedule("a", [*current.layers[:1], layer(ana, bogdan, name="new")])
            outcome = execute(plan([change(want, current)]), transport, now=NOW, state=tmp_path)
            assert outcome.writes == 0
            assert "opposite order" in outcome.steps[0].reason
