"""Accounts that nobody would make on purpose: loaded, read over HTTP, imported, planned, and made again elsewhere.

After an import `check` has no error and the plan is empty.  Applied to an empty account with the same users, the
portable tree puts the same people on call at every level of every policy that it has, and a second plan is empty.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contract.client import Client
from journeys.hostile_account import hostile_account
from journeys.test_import import Level, _plain, by_level, everything, oncalls
from unit.adopt.world import NOW, Brought, brought, judged
from watchbill.account.objects import Account
from watchbill.account.wanted import wanted
from watchbill.apply.execute import execute
from watchbill.model.ladders import step_targets
from watchbill.pagerduty.read import read_account
from watchbill.pagerduty.transport import Transport
from watchbill.plan.build import build
from watchbill.plan.document import Plan, PolicyIdentity
from watchbill.rota.clock import DAY, HOUR, iso
from watchbill.rota.duty import Roster
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

OPTIONS = SandboxOptions(rate_limit=0, strict_zones=False)
INSTANTS = 1000
ASKED = 60
DELETED = "PUSER088"
FEW = range(4)
MANY = range(4, 40)


def read(sandbox: Sandbox, name: str) -> Account:
    with Transport(sandbox.url, SecretStr("t")) as transport:
        return read_account(transport, name=name, now=NOW, since=NOW, until=NOW + DAY)


def plan(found: Brought, account: Account) -> Plan:
    want = wanted(found.policy, account, roster=Roster(found.policy), now=NOW)
    identity = PolicyIdentity(commit=None, digest="0" * 64)
    return build(want, account, found.policy, identity=identity, now=NOW, tool="test")


def imports(data: dict[str, Any]) -> None:
    with Sandbox(clock=iso(NOW), load=data, options=OPTIONS) as sandbox:
        found = judged(read(sandbox, "acme"))
        told = {left.id for left in found.imported.left}
        for one in data["schedules_v3"]:
            assert one["id"] in told | {r.pagerduty.id for r in found.policy.rotations.values()}


def comes_out_the_same(data: dict[str, Any], seed: int, state: Path) -> None:
    empty = {part: data[part] for part in ("users", "teams")}
    with (
        Sandbox(clock=iso(NOW), load=data, options=OPTIONS) as old,
        Sandbox(clock=iso(NOW), load=empty, options=OPTIONS) as new,
    ):
        found = brought(read(old, "sandbox"), portable=True)
        assert not found.errors, found.errors
        first = plan(found, read(new, "sandbox"))
        errors = {n.rule for n in first.notices if n.severity == "error"}
        assert errors <= {"schedule-missing", "policy-missing", "left-alone", "waits-for"}, first.notices
        with Transport(new.url, SecretStr("t")) as transport:
            outcome = execute(first, transport, now=NOW, state=state)
        assert outcome.complete, [s for s in outcome.steps if not s.is_done]
        assert not plan(found, read(new, "sandbox")).changes
        same_people(old, new, _needs_others(found), random.Random(seed))


def _needs_others(found: Brought) -> set[str]:
    """Titles of ladders that page what was left unmanaged: elsewhere it is not there."""
    ladders = found.policy.ladders.values()
    pages = {x.title: {name for step in x.steps.values() for name in step_targets(step)} for x in ladders}
    return {
        _plain(title).casefold() for title, names in pages.items() if names & found.policy.external.keys()
    }


def same_people(old: Sandbox, new: Sandbox, but: set[str], dice: random.Random) -> None:
    """At 1,000 instants of 89 days, as the schedules render; at some of them also as /oncalls has it.

    Levels that reach nobody in all that time are passed over at once, so they do not count: elsewhere they may be
    left out.  Of policies with one name only those are compared that kept it.
    """
    with Client(old.url) as left, Client(new.url) as right:
        begin, end = NOW + HOUR, NOW + 89 * DAY
        names = Counter(
            _plain(one["name"]).casefold()
            for one in everything(left, "/escalation_policies", "escalation_policies")
        )
        sides = [_in_order(by_level(api, begin, end), names) for api in (left, right)]
        both = {name for name in sides[0].keys() & sides[1].keys() if name.casefold() not in but}
        assert len(both) >= len(sides[1].keys() - but) // 2, "most are compared"
        for number in range(INSTANTS):
            at = begin + dice.randrange(end - begin)
            here = [{name: _manned(side[name], at) for name in both} for side in sides]
            assert here[0] == here[1], iso(at)
            if number < ASKED:
                asked = [_asked(oncalls(api, at), both) for api in (left, right)]
                assert asked[0] == asked[1], iso(at)
                assert asked[0] == {name: people for name, people in here[0].items() if people}


def _in_order(
    found: dict[Level, list[tuple[int, int, str]]], names: Counter[str]
) -> dict[str, list[list[tuple[int, int, str]]]]:
    """Policy -> the spans of each level that ever has somebody."""
    ordered: dict[str, list[list[tuple[int, int, str]]]] = {}
    for (name, _), spans in sorted(found.items()):
        if names[name.casefold()] == 1:
            ordered.setdefault(name, [])
            alive = [span for span in spans if span[2] != DELETED]
            if alive:
                ordered[name].append(alive)
    return ordered


def _manned(levels: list[list[tuple[int, int, str]]], at: int) -> list[set[str]]:
    found = [{who for start, end, who in spans if start <= at < end} for spans in levels]
    return [people for people in found if people]


def _asked(found: dict[Level, set[str]], names: Collection[str]) -> dict[str, list[set[str]]]:
    said: dict[str, list[set[str]]] = {}
    for (name, _), people in sorted(found.items()):
        if name in names:
            said.setdefault(name, []).append(people)
    return said


@pytest.mark.parametrize("seed", FEW)
def test_a_few(seed: int, tmp_path: Path) -> None:
    imports(hostile_account(seed))
    comes_out_the_same(hostile_account(seed), seed, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("seed", MANY)
def test_many(seed: int, tmp_path: Path) -> None:
    imports(hostile_account(seed))
    comes_out_the_same(hostile_account(seed), seed, tmp_path)
