"""The comment on a pull request: its first ten lines say who is affected, how, and from when."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from journeys.conftest import Person
from stage import START, applied_account, shipped
from watchbill.plan.drift import Drift
from watchbill.report.github_drift import drift_body
from watchbill.sandbox.load import ensure_users, load_account
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox
from watchbill.sandbox.tamper import tamper

Edit = tuple[str, str, str]
"""File, pattern, replacement."""

P1_STEPS = r"( +)15m: eng-manager\n( +30m: vp-engineering\n +1h: cto)"
P1_EXPECTED = r"15m: eng-manager, 30m: vp-engineering, 1h: cto, 2h: ceo"
BILLING = """domains:
  billing:
    title: Billing
    primary: backend
    secondary: backend-lead
    services: [medicalcor-billing]
    default_severity: P2
"""


@dataclass(frozen=True)
class Pull:
    edits: tuple[Edit, ...]
    who: str
    how: str
    when: str = "from the merge"


PULLS = {
    "hire": Pull(
        (
            ("rotations", r"backend-2, backend-3\]", "backend-2, backend-3, backend-4]"),
            ("people", "  infra-1:", "  backend-4: {name: placeholder, email: b4@x.example}\n  infra-1:"),
            ("expectations", r"\{0m: backend-2\}", "{0m: backend-3}"),
        ),
        "backend-4",
        "is newly on call",
        "from Wed 2026-12-02 09:00",
    ),
    "leaver": Pull(
        (("rotations", "primary-2, primary-3, primary-4", "primary-2, primary-4"),),
        "primary-3",
        "is no longer on call, 168 h less",
        "from Mon 2026-11-23 09:00",
    ),
    "swap": Pull(
        (("rotations", "infra-1, infra-2", "infra-2, infra-1"),),
        "infra-1",
        "is on call at other times, as many hours",
    ),
    "P1 after 10 min": Pull(
        (
            ("severities", P1_STEPS, r"\g<1>10m: eng-manager\n\2"),
            ("expectations", P1_EXPECTED, P1_EXPECTED.replace("15m", "10m")),
        ),
        "Engineering Manager",
        "is paged 5 minutes earlier (10 instead of 15 min) for a P1 in 5 domains",
    ),
    "P1 after 45 min": Pull(
        (
            ("severities", P1_STEPS, r"\g<1>30m: vp-engineering\n\g<1>45m: eng-manager\n\g<1>1h: cto"),
            ("expectations", r"  - name: a P1 of the database(.|\n)*?(?=  - name)", ""),
        ),
        "Engineering Manager",
        "is paged 30 minutes later (45 instead of 15 min) for a P1 in 5 domains",
    ),
    "new domain": Pull(
        (
            ("domains", "domains:\n", BILLING),
            ("services", "services:\n", "services:\n  medicalcor-billing: {title: Billing}\n"),
        ),
        "Engineering Manager after 15 min",
        "New ladder for a P1 in Billing: Backend On-Call at once",
    ),
    "guards loosened": Pull(
        (("settings", r"max_deletions: 2, max_changed: 30%", "max_deletions: 500, max_changed: 100%"),),
        "Nobody",
        "is paged differently and no shift moves",
    ),
    "routing changed": Pull(
        (("settings", "routing: domain-severity", "routing: severity"),),
        "6 services",
        "Incidents of 6 services page through P2 instead of their own policies",
    ),
    "level removed": Pull(
        (("severities", r"      1h: cto\n", ""), ("expectations", ", 1h: cto, 2h: ceo", ", 2h: ceo")),
        "CTO",
        "is no longer paged (after 60 min until now) for a P1 in 5 domains",
    ),
    "level added": Pull(
        (("severities", r"(      30m: eng-manager\n)", r"\1      1h: vp-engineering\n"),),
        "VP Engineering",
        "is paged too, after 60 min, for a P3 in 5 domains",
    ),
    "service urgency": Pull(
        (("services", r"(MedicalCor Payments), urgency: by-severity", r"\1, urgency: low"),),
        "MedicalCor Payments",
        "have urgency low instead of by severity",
    ),
    "repeats": Pull(
        (("severities", r"(repeat: )2\n  P2", r"\g<1>1\n  P2"),),
        "All",
        "are paged again once instead of 2 times, if nobody answers for a P1 in 6 domains",
    ),
}


@pytest.fixture(scope="module")
def applied() -> Iterator[Sandbox]:
    """An account on which the shipped policy is applied; nothing here writes to it."""
    with Sandbox(clock=START, options=SandboxOptions(rate_limit=0)) as sandbox:
        load_account(sandbox.store, applied_account())
        ensure_users(sandbox.store, [{"name": "backend-4", "email": "b4@x.example", "time_zone": "Etc/UTC"}])
        yield sandbox


@pytest.fixture
def team(person: Person, applied: Sandbox) -> Person:
    """A repository with one commit."""
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        who = ("-c", "user.name=ana", "-c", "user.email=ana@x.example")
        subprocess.run(["git", *who, *words], cwd=person.folder, check=True)
    return Person(person.folder, {**person.env, "WATCHBILL_NOW": START}).at(applied)


def edited(team: Person, pull: Pull) -> None:
    for name, old, new in pull.edits:
        path = team.policies / f"{name}.yaml"
        text, number = re.subn(old, new, path.read_text("utf-8"), count=1)
        assert number == 1, (name, old)
        path.write_text(text, "utf-8")


@pytest.mark.parametrize("name", PULLS)
def test_the_first_ten_lines_say_who_how_and_when(name: str, team: Person) -> None:
    pull = PULLS[name]
    edited(team, pull)
    comment = team.watchbill("plan", "--format", "markdown")
    first = comment.out.splitlines()[:10]
    assert any(all(part in line for part in (pull.who, pull.how, pull.when)) for line in first), "\n".join(
        [*first, comment.err]
    )
    assert "nothing" not in comment.out
    if name in {"guards loosened", "routing changed"}:
        assert "This changes the rules" in first[3]


def test_ladders_come_before_people(team: Person) -> None:
    edited(team, PULLS["hire"])
    edited(team, PULLS["P1 after 10 min"])
    lines = team.watchbill("plan", "--format", "markdown").out.splitlines()
    ladder = next(i for i, line in enumerate(lines) if "5 minutes earlier" in line)
    assert ladder < next(i for i, line in enumerate(lines) if "is newly on call" in line)


@pytest.mark.parametrize(
    "name", ["hire", "leaver", "swap", "new domain", "routing changed", "repeats", "service urgency"]
)
def test_the_plan_and_diff_count_the_same(name: str, team: Person) -> None:
    edited(team, PULLS[name])
    plan = team.watchbill("plan", "--json").json["effects"]
    diff = team.watchbill("diff", "--json").json["effects"]
    assert diff["people"] == plan["people"]
    assert diff["until"] == plan["until"]
    assert sorted(diff["paging"], key=str) == sorted(plan["paging"], key=str)


def test_the_people_to_notify_include_who_is_paged_earlier(team: Person) -> None:
    edited(team, PULLS["P1 after 10 min"])
    shown = team.watchbill("plan", "--notices")
    text = " ".join(shown.out.split())
    assert "to eng-manager-holder (@eng-manager in Slack" in text, shown.err
    assert "Engineering Manager: you are paged 5 minutes earlier (10 instead of 15 min)" in text


def test_drift_of_a_ladder_says_what_putting_it_back_does(team: Person, applied: Sandbox) -> None:
    """The last test here: it edits the account."""
    clock = applied.world.clock
    tamper(applied.store, "escalation_policy", "Database P1", {"num_loops": 4}, clock=clock)
    report = team.watchbill("drift", "--json")
    drift = Drift.model_validate(report.json)
    body = drift_body(drift, drift.changes[0], shipped())
    assert "All are paged again 2 times instead of 4 times" in body
    assert "for a P1 in Database, from the apply" in body
    assert "from the merge" not in team.watchbill("drift").out
