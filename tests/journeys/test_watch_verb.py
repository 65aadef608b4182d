"""`watchbill watch` as a process: once, for long, and while things break."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from journeys.conftest import Person
from slack_server import TOKEN, SlackServer
from stage import Stage, stage
from watchbill.rota.clock import iso

DOG = "infra-4@medicalcor.example"


def keeper(person: Person, live: Stage) -> Person:
    who = person.at(live.sandbox)
    return Person(who.folder, {**who.env, "WATCHBILL_NOW": iso(live.now)})


def test_a_dry_run_explains_and_once_acts_once(person: Person) -> None:
    with stage() as live:
        incident = live.open()
        live.put(incident, "primary-2", status="acknowledged")
        live.minute(33)
        me = keeper(person, live)
        dry = me.watchbill("watch", "--once", "--dry-run")
        assert dry.code == 0, dry.err
        assert "fires  No progress in 30 min: level 2 of 5" in dry.out
        assert "no     Financial system affected: its service is not financial" in dry.out
        assert live.notes(incident) == []
        for _ in range(2):
            ran = me.watchbill("watch", "--once", "--as", DOG)
            assert ran.code == 0, ran.err
        assert len(live.notes(incident)) == 1
        assert live.rung(incident)[-1] == (33, "eng-manager-holder")


def test_with_a_token_it_speaks_in_slack_and_an_answer_is_one_press_away(person: Person) -> None:
    with stage() as live, SlackServer({"U0PRIMARY2": live.email("primary-2")}) as slack:
        incident = live.open()
        number = live.doc(incident)["number"]
        live.put(incident, "primary-2", status="acknowledged")
        me = keeper(person, live)
        me.env.update(SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL=slack.api)
        live.minute(26)
        me.env["WATCHBILL_NOW"] = iso(live.now)
        ran = me.watchbill("watch", "--once", "--as", DOG)
        assert ran.code == 0, ran.err
        warned = slack.made("chat.postMessage")[0].body
        assert warned["channel"] == "#inc-20261123-it-is-down"
        (button,) = warned["blocks"][-1]["elements"]
        assert button["text"]["text"] == "Still working"
        assert button["value"] == f"update {number} still working on it"
        slack.refuse["chat.postMessage"] = "channel_not_found"
        told = me.watchbill("incident", "update", "--incident-id", incident, "better", "--as", DOG)
        assert told.code == 0
        assert "#inc-20261123-it-is-down was not told: Slack has no public channel" in told.err


def test_it_must_know_as_whom_it_acts(person: Person) -> None:
    with stage() as live:
        me = keeper(person, live)
        assert me.watchbill("watch", "--once").code == 2
        stranger = me.watchbill("watch", "--once", "--as", "nobody@x.example")
        assert stranger.code == 2
        assert "no user" in stranger.err


def test_it_outlives_a_broken_policy_and_an_account_that_is_away(person: Person, tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    with stage() as live:
        me = keeper(person, live)
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "watchbill",
                "watch",
                "--every",
                "5",
                "--as",
                DOG,
                "--heartbeat",
                str(beat),
            ],
            cwd=me.folder,
            env=me.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            wait_for(beat.exists)
            (person.policies / "severities.yaml").write_text("severities: {P1: {}}\n", "utf-8")
            beat.unlink()
            wait_for(beat.exists)
            incident = live.doc(live.open())
            live.sandbox.store.put("incident", {**incident, "urgency": "of a kind nobody thought of"})
            time.sleep(8)
            live.sandbox.store.put("incident", incident)
            beat.unlink()
            wait_for(beat.exists)
        finally:
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=30)
        assert process.returncode == 0, out
        assert "goes on by the last good one" in out
        assert "is not usable: `urgency` is not usable" in out
        assert "PagerDuty is back" in out


def wait_for(what: object, seconds: float = 60) -> None:
    assert callable(what)
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)
