"""The probes against sandboxes that read differently; killed, dropped and stopped, they leave nothing behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from contract.client import Client
from contract.openapi import Contract, read_deviations
from shared import openapi_path
from watchbill.doctor.diagnosis import Probed
from watchbill.doctor.lab import DESCRIPTION, PREFIX, remove_scratch
from watchbill.doctor.probing import PROBES, Outcome, probe_account, scratch_lines
from watchbill.doctor.read import read_facts
from watchbill.errors import AccountError
from watchbill.pagerduty.answers import NoAnswer, Response
from watchbill.pagerduty.transport import Limits, Transport
from watchbill.rota.clock import parse_instant
from watchbill.rota.readings import Reading
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox
from wires import Fatal, Killed, Through

CLOCK = "2026-11-23T14:00:00Z"
NOW = parse_instant(CLOCK)
KINDS = ("schedule", "schedule_v3", "escalation_policy", "override", "event", "rotation")


@contextmanager
def account(options: SandboxOptions | None = None, *, record: bool = False) -> Iterator[Sandbox]:
    """With a stranger's schedule that looks a little like scratch."""
    options = replace(options or SandboxOptions(), rate_limit=0)
    with Sandbox(clock=CLOCK, options=options, record=record) as sandbox:
        ensure_users(sandbox.store, [{"name": n, "email": f"{n}@example.com"} for n in ("ana", "ben")])
        with Client(sandbox.url) as api:
            user = sandbox.store.all("user")[0]["id"]
            layer = {
                "start": CLOCK,
                "rotation_virtual_start": CLOCK,
                "rotation_turn_length_seconds": 86_400,
                "users": [{"user": {"id": user, "type": "user_reference"}}],
            }
            for name, description in ((f"{PREFIX} of mine", "keep"), ("Other", DESCRIPTION)):
                body = {"type": "schedule", "name": name, "time_zone": "Etc/UTC", "description": description}
                api.post("/schedules", {"schedule": {**body, "schedule_layers": [layer]}})
            api.post("/v3/schedules", {"schedule": {"name": f"{PREFIX} v3 of mine", "time_zone": "Etc/UTC"}})
        yield sandbox


def held(sandbox: Sandbox) -> dict[str, list[str]]:
    return {kind: sorted(str(doc.get("name")) for doc in sandbox.store.all(kind)) for kind in KINDS}


def probe(sandbox: Sandbox, wire: Any = None) -> Outcome:
    with Transport(sandbox.url, SecretStr("t"), wire=wire, limits=Limits(patience=1.0)) as transport:
        return probe_account(transport, read_facts(transport, lambda: NOW), NOW, "Europe/Bucharest")


def answers(outcome: Outcome) -> dict[str, Probed]:
    return {probed.about: probed for probed in outcome.probed}


def test_every_question_is_settled_and_nothing_is_left() -> None:
    with account(record=True) as sandbox:
        before = held(sandbox)
        outcome = probe(sandbox)
        assert held(sandbox) == before
        exchanges = sandbox.exchanges()
    assert [probed.answer for probed in outcome.probed if not probed.settled] == []
    assert [probed.about for probed in outcome.probed] == [p.about for p in PROBES]
    assert [line.level for line in outcome.lines] == ["ok"]
    assert all(probed.fact and probed.question and probed.means for probed in outcome.probed)
    contract = Contract(openapi_path(), [d for d in read_deviations() if d.about != "client"])
    problems = [
        str(p)
        for e in exchanges
        for p in contract.request_problems(e.method, e.path, e.query, e.headers, e.body)
    ]
    assert problems == []


def test_no_scratch_schedule_is_ever_on_a_service() -> None:
    with account(record=True) as sandbox:
        probe(sandbox)
        assert not [e for e in sandbox.exchanges() if e.method != "GET" and e.path.startswith("/services")]


OTHERWISE: list[tuple[SandboxOptions, dict[str, str]]] = [
    (
        SandboxOptions(
            reverse_layers=False,
            omitted_layers="end",
            end_left_out="clear",
            lost_overrides=True,
            unique_names=False,
            reading=Reading(odd_turns="clock", before_virtual_start="nobody", excluded="vanishes"),
        ),
        {
            "layer-order": "in the order in which they were sent",
            "omitted-layer": "is ended",
            "end-left-out": "clears it",
            "overrides-survive": "loses overrides",
            "duplicate-schedule-name": "two schedules may",
            "duplicate-policy-name": "two policies may",
            "odd-turns": "stay on the wall clock",
            "before-virtual-start": "nobody is on",
            "excluded": "is skipped",
        },
    ),
    (
        SandboxOptions(
            layers_with_ids="stored",
            create_schedule_status=200,
            keep_rule_ids=False,
            omitted_layers="refuse",
            reading=Reading(window_end="elapsed", counting="active", under_way="whole"),
        ),
        {
            "layer-order-with-ids": "keep their stored order",
            "create-status": "with 200",
            "rule-ids": "new ids",
            "omitted-layer": "is refused",
            "window-end": "length in real time",
            "counting": "is skipped",
            "under-way": "shown whole",
        },
    ),
]


def test_accounts_that_read_otherwise_are_told_apart() -> None:
    with account() as plain:
        usual = answers(probe(plain))
    for options, words in OTHERWISE:
        with account(options) as sandbox:
            before = held(sandbox)
            found = answers(probe(sandbox))
            assert held(sandbox) == before
        changed = {about for about in found if found[about].answer != usual[about].answer}
        assert changed == words.keys()
        for about, word in words.items():
            assert found[about].settled
            assert word in found[about].answer


def test_a_read_only_token_and_a_lonely_account_try_nothing() -> None:
    with account(SandboxOptions(read_only_tokens=("t",))) as sandbox:
        outcome = probe(sandbox)
        assert (outcome.lines[0].level, outcome.probed) == ("fail", ())
    with Sandbox(clock=CLOCK) as lonely:
        outcome = probe(lonely)
        assert (outcome.lines[0].level, outcome.probed) == ("fail", ())
        assert held(lonely)["schedule"] == []


def wire_of(url: str, at: int, moment: str) -> Fatal:
    return Fatal(
        url, at, moment, counts=lambda method, path: method != "GET" and not path.endswith("/preview")
    )


def writes() -> int:
    with account() as sandbox:
        wire = wire_of(sandbox.url, 0, "")
        probe(sandbox, wire)
        return wire.writes


@pytest.mark.long
@pytest.mark.parametrize("moment", ["before", "after", "drop"])
def test_killed_or_dropped_at_any_write_the_next_run_leaves_nothing(moment: str) -> None:
    count = writes()
    assert count > 50
    with account() as sandbox:
        before = held(sandbox)
        for at in range(1, count + 1):
            wire = wire_of(sandbox.url, at, moment)
            if moment == "drop":
                probe(sandbox, wire)
                assert held(sandbox) == before, at
                continue
            with pytest.raises(Killed):
                probe(sandbox, wire)
            with Transport(sandbox.url, SecretStr("t")) as transport:
                remove_scratch(transport)
            assert held(sandbox) == before, at


@pytest.mark.parametrize(("at", "moment"), [(1, "after"), (5, "before"), (30, "after")])
def test_the_next_run_finds_what_a_killed_one_left(at: int, moment: str) -> None:
    with account() as sandbox:
        before = held(sandbox)
        with pytest.raises(Killed):
            probe(sandbox, wire_of(sandbox.url, at, moment))
        assert held(sandbox) != before
        with Transport(sandbox.url, SecretStr("t")) as transport:
            assert [line.level for line in scratch_lines(transport)] == ["warn"]
        outcome = probe(sandbox)
        assert held(sandbox) == before
        assert "of an earlier run" in outcome.lines[0].says


def test_an_account_that_goes_away_leaves_the_rest_unsettled() -> None:
    with account() as sandbox:
        wire = wire_of(sandbox.url, 0, "")
        with Transport(sandbox.url, SecretStr("t"), wire=wire, limits=Limits(patience=0.2)) as transport:
            facts = read_facts(transport, lambda: NOW)

            def gone(_: Probed) -> None:
                wire.send = refuse  # type: ignore[method-assign]

            def refuse(*_: Any) -> Response:
                raise NoAnswer("no route", sent=False, slow=False)

            outcome = probe_account(transport, facts, NOW, "Europe/Bucharest", gone)
    assert [probed.settled for probed in outcome.probed] == [True] + [False] * (len(PROBES) - 1)
    assert outcome.lines[0].level == "fail"
    assert "again" in outcome.lines[0].remedy


def test_facts_of_a_token_that_may_nothing_are_an_error() -> None:
    with (
        account(SandboxOptions(tokens=("right",))) as sandbox,
        Transport(sandbox.url, SecretStr("wrong")) as transport,
        pytest.raises(AccountError),
    ):
        read_facts(transport, lambda: NOW)


def test_what_a_list_shows_late_is_removed_by_its_id() -> None:
    with account() as sandbox:
        before = held(sandbox)
        with Transport(sandbox.url, SecretStr("t"), wire=_Late(sandbox.url)) as transport:
            outcome = probe_account(transport, read_facts(transport, lambda: NOW), NOW, "Etc/UTC")
        assert held(sandbox) == before
    assert [line.level for line in outcome.lines] == ["ok"]


class _Late(Through):
    """Lists never show what was made in this run."""

    def send(self, method: str, path: str, *more: Any) -> Response:
        answer = super().send(method, path, *more)
        if method != "GET" or "query" not in more[0]:
            return answer
        listed = answer.json()
        kept = {
            key: [x for x in value if "of mine" in str(x)] if isinstance(value, list) else value
            for key, value in listed.items()
        }
        if kept.get("total") is not None:
            kept["total"] = sum(len(value) for value in kept.values() if isinstance(value, list))
        return Response(answer.status, answer.headers, json.dumps(kept).encode())
