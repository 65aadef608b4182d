"""Every verb that names who is on duty names the person that PagerDuty has on call; without PagerDuty the files answer,
and the first line states it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contract.client import Client
from journeys.conftest import NOW, Person
from policy_text import SETTINGS
from repositories import Repo
from stage import Stage, stage
from watchbill.rota.clock import HOUR, iso
from watchbill.sandbox.faults import parse_fault
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

LIVE = "source: PagerDuty (sandbox), laid over the policy"
FILES = "source: the policy files; "
SILENT = f"{FILES}PagerDuty did not answer within 2 s"
PRIMARY, INFRA = "medicalcor-primary", "medicalcor-infra"
VERBS = (["who", "primary"], [], ["simulate", "P1", "database"], ["why", "primary"], ["gaps"])


def at_the_stage(person: Person, live: Stage) -> Person:
    env = {
        **person.at(live.sandbox).env,
        "WATCHBILL_NOW": iso(live.now),
        "WATCHBILL_AS": live.email("infra-1"),
    }
    return Person(person.folder, env)


def stand_in(live: Stage, title: str, who: str, hours: int = 2) -> None:
    """By hand, in PagerDuty, from now on."""
    (schedule,) = live.sandbox.store.named("schedule", title)
    user = live.people.user(who)
    assert user is not None
    span = {"start": iso(live.now), "end": iso(live.now + hours * HOUR)}
    override = {**span, "user": {"id": user.id, "type": "user_reference"}}
    live.transport.post(f"/schedules/{schedule['id']}/overrides", {"overrides": [override]})


def on_call(live: Stage, title: str) -> str:
    """By PagerDuty's own word."""
    with Client(live.sandbox.url, live.sandbox.token) as api:
        entries = api.get("/oncalls", limit=100).body["oncalls"]
    (name,) = {e["user"]["summary"] for e in entries if (e["schedule"] or {}).get("summary") == title}
    return str(name)


def persons(answers: list[dict[str, Any]], rotation: str) -> set[str]:
    return {answer["person"] for answer in answers if answer["rotation"] == rotation}


def test_everybody_names_who_pagerduty_has_on_call(person: Person) -> None:
    with stage() as live:
        me = at_the_stage(person, live)
        stand_in(live, PRIMARY, "backend-1")
        taken = me.watchbill("chat", "console", stdin="take infra 2h\nwho infra\nnext infra\nquit\n")
        assert taken.code == 0, taken.err
        there = {"primary": on_call(live, PRIMARY), "infra": on_call(live, INFRA)}
        assert there == {"primary": "backend-1", "infra": "infra-1"}
        said = taken.out[taken.out.index("> who infra") :]
        assert LIVE in said
        assert "infra-1  until Mon 23 Nov 05:00, override" in said

        asked = me.watchbill("who", "--json").json
        assert asked["source"]["account"] == "sandbox"
        bare = me.watchbill("--json").json
        for rotation, who in there.items():
            assert persons(asked["answers"], rotation) == persons(bare["answers"], rotation) == {who}
            why = me.watchbill("why", rotation, "--json").json
            assert (why["person"], why["because"], why["foreign_override"]["cause"]) == (
                who,
                "override",
                "override",
            )
        (primary,) = [a for a in asked["answers"] if a["asked"] == "primary"]
        assert primary["foreign_override"] == {
            "person": "backend-1",
            "instead_of": ["primary-2"],
            "since": iso(live.now),
            "until": iso(live.now + 2 * HOUR),
            "cause": "override",
        }
        run = me.watchbill("simulate", "P1", "database", "--json").json
        (first,) = run["steps"][0]["targets"]
        assert (first["person"], first["foreign_override"]["person"]) == ("backend-1", "backend-1")
        assert [d["rotation"] for d in asked["source"]["differences"]] == ["primary", "infra"]
        named = "Primary On-Call: override in PagerDuty: backend-1 until Mon 23 Nov 05:00"
        for verb in VERBS:
            ran = me.watchbill(*verb)
            assert ran.out.splitlines()[0] == LIVE, verb
            assert named in ran.out, verb
        assert (
            me.watchbill("who", "primary", "--offline").out.splitlines()[0] == f"{FILES}--offline was given"
        )

        live.sandbox.close()
        for verb in VERBS:
            ran = me.watchbill(*verb)
            assert (ran.code, ran.out.splitlines()[0]) == (0, SILENT), verb
            assert verb == ["gaps"] or "primary-2" in ran.out, verb
        assert SILENT in me.watchbill("chat", "console", stdin="who primary\nquit\n").out
        assert me.watchbill("who", "--live").code == 14


@contextmanager
def never_answers() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as hole:
        yield f"http://127.0.0.1:{hole.getsockname()[1]}"


@contextmanager
def drips() -> Iterator[str]:
    """Answers at once, and its body takes a minute."""
    options = SandboxOptions(rate_limit=0, faults=(parse_fault("slow-body:seconds=60"),))
    with Sandbox(clock=NOW, options=options) as sandbox:
        yield sandbox.url


@pytest.mark.parametrize("account", [never_answers, drips])
def test_two_seconds_are_enough_for_a_silent_account(person: Person, account: Any) -> None:
    with account() as url:
        ran = person.watchbill("who", "primary", PAGERDUTY_URL=url, PAGERDUTY_TOKEN="token-of-twenty-chars")
    assert (ran.code, ran.out.splitlines()[0]) == (0, SILENT)
    assert "On duty at" in ran.out


@pytest.mark.parametrize("words", [["who"], ["who", "--offline"], ["simulate", "P1", "database"]])
def test_no_http_client_is_loaded_where_no_account_is_asked(person: Person, words: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['watchbill', *{words!r}]\n"
        "from watchbill.cli.main import run\n"
        "try:\n    run()\nexcept SystemExit as leave:\n    assert not leave.code, leave.code\n"
        "print('LOADED', sorted({'httpx2', 'pagerduty', 'aiohttp', 'sqlite3'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=person.folder,
        env=person.env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(FILES)
    assert done.stdout.rstrip().endswith("LOADED []")


def test_a_refused_token_is_named(person: Person, sandbox: Sandbox) -> None:
    options = SandboxOptions(rate_limit=0, tokens=("the-only-good-token-1",))
    with Sandbox(clock=NOW, options=options) as strict:
        env = {"PAGERDUTY_URL": strict.url, "PAGERDUTY_TOKEN": "another-token-000001"}
        ran = person.watchbill("who", "primary", **env)
        assert ran.out.startswith(f"{FILES}PagerDuty cannot be asked: ")
        assert ran.code == 0
        assert person.watchbill("who", "primary", "--live", **env).code == 14
        assert person.watchbill("who", "primary", "--offline", "--live", **env).code == 2


def test_a_question_makes_no_sandbox_and_leaves_no_trace_in_one(person: Person) -> None:
    data = Path(person.env["XDG_DATA_HOME"])
    ran = person.watchbill("who", "primary")
    assert ran.out.splitlines()[0] == f"{FILES}no account is set"
    assert person.watchbill("who", "primary", "--live").code == 14
    assert not data.exists()
    assert person.watchbill("apply", "--yes").code == 0
    (state,) = data.rglob("*.sqlite")
    before = state.read_bytes()
    for verb in VERBS:
        assert person.watchbill(*verb).out.splitlines()[0] == LIVE
    assert state.read_bytes() == before
    assert "source: PagerDuty (sandbox)" in person.watchbill("who", "--live").out


def test_an_option_before_a_verb_that_does_not_know_it_is_refused(person: Person) -> None:
    for option in ("--sandbox", "--live", "--offline", "--proposed"):
        ran = person.watchbill(option, "apply", "--yes")
        assert ran.code == 2
        assert f"{option} before apply has no effect" in ran.err
    assert not Path(person.env["XDG_DATA_HOME"]).exists()
    before, after = (person.watchbill(*words) for words in (("--offline", "who"), ("who", "--offline")))
    assert before.out == after.out


def test_a_proposal_is_answered_by_its_own_policy_and_the_overrides_in_pagerduty(person: Person) -> None:
    with stage() as live:
        me = at_the_stage(person, live)
        rotations = person.policies / "rotations.yaml"
        text = rotations.read_text("utf-8")
        assert "crew: [primary-1, primary-2, primary-3, primary-4]" in text
        rotations.write_text(
            text.replace("crew: [primary-1, primary-2,", "crew: [primary-2, primary-1,"), "utf-8"
        )
        applied = "Primary On-Call: PagerDuty's schedule differs: primary-2 until"
        there, proposed = (me.watchbill("who", "primary", *more) for more in ((), ("--proposed",)))
        assert (applied in there.out, applied in proposed.out) == (True, True)
        assert "Primary On-Call  primary-2" in there.out
        assert "Primary On-Call  primary-1" in proposed.out
        stand_in(live, PRIMARY, "backend-1")
        assert "Primary On-Call  backend-1" in me.watchbill("who", "primary", "--proposed").out


def test_the_past_and_the_far_future_are_answered_by_the_files(person: Person, populated: Sandbox) -> None:
    me = person.at(populated)
    past = me.watchbill("who", "primary", "--at", "-3d")
    assert past.out.splitlines()[0] == f"{FILES}PagerDuty is not asked about the past"
    far = me.watchbill("simulate", "P1", "database", "--at", "+14w")
    assert far.out.splitlines()[0] == f"{FILES}PagerDuty answers at most 90 days ahead"
    assert me.watchbill("who", "--live", "--at", "-3d").code == 2


def test_a_schedule_that_no_policy_pages_is_answered_by_the_files(tmp_path: Path) -> None:
    """Before the first apply PagerDuty has nothing; that is no empty level."""
    repo = Repo.new(tmp_path / "repository")
    people = "people: {ana: {name: Ana, email: ana@x.example}}\n"
    repo.write(
        "policies/all.yaml", f"{SETTINGS}{people}rotations: {{first: {{title: First, crew: [ana]}}}}\n"
    )
    with Sandbox(clock=NOW) as sandbox:
        env = {"WATCHBILL_NOW": NOW, "HOME": str(tmp_path), "NO_COLOR": "1"}
        ran = Person(repo.folder, env).at(sandbox).watchbill("who")
    assert ran.code == 0, ran.err
    assert "from the policy files, because no escalation policy pages it: First" in ran.out
    assert "  First  Ana" in ran.out
