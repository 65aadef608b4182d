"""After an apply, what the files answer is what the account says: at random instants, and for a whole year."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.client import Client
from journeys.conftest import NOW, ROOT, Person, clean_environment
from watchbill.config.load import load_valid
from watchbill.ladder.answers import who
from watchbill.ladder.compose import compose
from watchbill.ladder.simulate import simulate
from watchbill.model.policy import Policy
from watchbill.rota.clock import DAY, iso, parse_instant
from watchbill.rota.duty import Roster
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

INSTANTS = 500
WINDOWS = 5
START = parse_instant(NOW)
Interval = tuple[int, int, str]


@pytest.fixture(scope="module")
def policy() -> Policy:
    found = load_valid(ROOT / "policies").policy
    assert found is not None
    return found


@pytest.fixture(scope="module")
def applied(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home: Path = tmp_path_factory.mktemp("home")
    with Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0)) as sandbox:
        people = policy.people.items()
        ensure_users(
            sandbox.store, ({"name": h, "email": p.email, "time_zone": "Etc/UTC"} for h, p in people)
        )
        ran = Person(ROOT, clean_environment(home)).at(sandbox).watchbill("apply", "--yes")
        assert ran.code == 0, ran.err
        yield sandbox


@pytest.fixture(scope="module")
def api(applied: Sandbox) -> Iterator[Client]:
    with Client(applied.url, applied.token) as client:
        yield client


@pytest.fixture(scope="module")
def handles(api: Client, policy: Policy) -> dict[str, str]:
    """User id -> handle."""
    by_email = {person.email: handle for handle, person in policy.people.items()}
    users = api.get("/users", limit=100).body["users"]
    return {user["id"]: by_email[user["email"]] for user in users if user["email"] in by_email}


def on_call(api: Client, handles: dict[str, str], policy_id: str, at: int) -> dict[int, set[str]]:
    """Level -> handles."""
    query = {"escalation_policy_ids[]": policy_id, "since": iso(at), "until": iso(at), "limit": 100}
    body = api.get("/oncalls", **query).body
    assert not body["more"]
    found: dict[int, set[str]] = {}
    for entry in body["oncalls"]:
        found.setdefault(entry["escalation_level"], set()).add(handles[entry["user"]["id"]])
    return found


def test_simulate_and_who_equal_the_accounts_on_calls(
    applied: Sandbox, api: Client, handles: dict[str, str], policy: Policy
) -> None:
    dice = random.Random(20261123)
    roster = Roster(policy)
    ids = {p["name"]: p["id"] for p in api.get("/escalation_policies", limit=100).body["escalation_policies"]}
    cells = [(severity, domain) for domain in policy.domains for severity in policy.severities]
    assert len(compose(policy)) == len(ids) == 21
    compared = 0
    for window in range(WINDOWS):
        begin = START + window * 73 * DAY
        applied.move(iso(begin))
        for _ in range(INSTANTS // WINDOWS):
            at = begin + dice.randrange(72 * DAY)
            severity, domain = dice.choice(cells)
            run = simulate(roster, severity, domain, at)
            for step in run.steps:
                paged = {target.person for target in step.targets}
                said = on_call(api, handles, ids[run.ladder.vendor_name], step.at)
                assert paged == said[step.level], f"{severity} {domain} level {step.level} at {iso(step.at)}"
                compared += 1
            primary = policy.domains[domain].primary
            first = on_call(api, handles, ids[run.ladder.vendor_name], at)[1]
            assert {answer.person for answer in who(roster, [primary], at)} <= first
    assert compared >= INSTANTS


def test_every_schedule_renders_the_policys_shifts_for_a_year(
    applied: Sandbox, api: Client, handles: dict[str, str], policy: Policy
) -> None:
    schedules = {s["name"]: s["id"] for s in api.get("/schedules", limit=100).body["schedules"]}
    since, until = START + DAY, START + 366 * DAY
    roster = Roster(policy)
    for handle, rotation in policy.rotations.items():
        if rotation.covered_by:
            continue
        body = api.get(
            f"/schedules/{schedules[rotation.vendor_name]}", since=iso(since), until=iso(until)
        ).body["schedule"]
        entries = [
            (parse_instant(e["start"]), parse_instant(e["end"]), handles[e["user"]["id"]])
            for e in body["final_schedule"]["rendered_schedule_entries"]
        ]
        mine = [(s.start, s.end, s.person or "") for s in roster.shifts(handle, since, until)]
        assert joined(entries) == joined(mine), handle


def joined(entries: list[Interval]) -> list[Interval]:
    made: list[Interval] = []
    for start, end, person in sorted(entries):
        if made and made[-1][1] == start and made[-1][2] == person:
            made[-1] = (made[-1][0], end, person)
        else:
            made.append((start, end, person))
    return made
