"""A policy of the right form that makes no sense: every verb that answers from the files says where, and how to mend it."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from repositories import Repo
from watchbill.cli.main import root
from watchbill.config.yaml_reader import read_yaml
from watchbill.errors import PolicyInvalid, WatchbillError

SHIPPED = Path(__file__).parents[2] / "policies"
NOW = "2026-11-23T14:00:00Z"
POLICY = """\
settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
people:
  ana: {name: Ana, email: ana@x.example}
  ben: {name: Ben, email: ben@x.example}
  eve: {name: Eve, email: eve@x.example}
rotations:
  first:
    title: First
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew: [ana, ben]
    hours: mon-fri 09:00-18:00
    otherwise: second
  second: {title: Second, same_crew: {as: third, turns_later: 1}}
  third: {title: Third, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben, eve]}
  fourth: {title: Fourth, crew: [ana], hours: mon-fri 09:00-18:00, otherwise: lead}
roles:
  lead: {title: Lead, held_by: eve}
severities:
  P1: {urgency: high, repeat: 0, steps: {0m: domain.primary, 5m: fourth}}
domains:
  web: {title: Web, primary: first, services: [shop], default_severity: P1}
services:
  shop: {title: Shop}
messages:
  word: {title: Word, fields: {impact: {type: line}}, text: "{{ impact }}"}
"""
FAULTS = {
    "hours: mon-fri 09:00-18:00": "hours: ofice",
    "otherwise: second": "otherwise: first",
    "as: third": "as: second",
    "time_zone: Europe/Bucharest": "time_zone: Europe/Nowhere",
    "crew: [ana, ben]\n": "crew: [ana, dan]\n",
    "turn: 1 week\n": "",
    "primary: first": "primary: nowhere",
    "{{ impact }}": "{{ impct }}",
    "held_by: eve": "held_by: zed",
}
ELSEWHERE = {"primary: first", "{{ impact }}", "held_by: eve"}
"""Beside what duty comes from: edits go on, for somebody has to mend it."""
HOLE = "{{ impact }}"
"""In a message: only who prints it needs it whole."""
STRICT = {"publish", "plan", "upgrade-preview"}
"""What prints messages; what only goes on from a policy without any error."""
EDITS = {"tidy", "crew", "override", "leave", "person"}
VERBS = [
    ["who"],
    ["who", "--json"],
    ["who", "web", "--severity", "P1"],
    ["why", "first"],
    ["simulate", "P1", "web", "--tree"],
    ["gaps"],
    ["load"],
    ["show", "first"],
    ["expert"],
    ["vendor"],
    ["diff"],
    ["tidy", "--dry-run"],
    ["upgrade-preview", "first", "--offline"],
    ["publish", "runbook"],
    ["crew", "add", "first", "ben", "--again", "--dry-run"],
    ["override", "add", "first", "ben", "--for", "2h", "--dry-run"],
    ["leave", "add", "ana", "2026-12-22", "2026-12-24", "--dry-run"],
    ["person", "remove", "ben", "--dry-run"],
    ["plan", "--sandbox"],
]


def run(policies: Path, *words: str) -> Result:
    env = {"WATCHBILL_NOW": NOW, "HOME": str(policies.parent)}
    env |= {f"XDG_{what}_HOME": str(policies.parent / what) for what in ("STATE", "CACHE", "DATA")}
    return CliRunner(env=env).invoke(root, ["--policies", str(policies), *words], standalone_mode=False)


def laid_out(folder: Path, text: str) -> Path:
    policies = folder / "policies"
    policies.mkdir(exist_ok=True)
    (policies / "all.yaml").write_text(text, "utf-8")
    return policies


def test_the_policy_makes_sense_without_the_faults(tmp_path: Path) -> None:
    policies = laid_out(tmp_path, POLICY)
    assert [w for w in VERBS if run(policies, *w).exception is not None] == [["diff"]], "there is no git here"


@pytest.mark.parametrize("sound", FAULTS, ids=[text.split("\n")[0] for text in FAULTS.values()])
def test_every_verb_tells_the_place_and_the_remedy(sound: str, tmp_path: Path) -> None:
    assert sound in POLICY
    text = POLICY.replace(sound, FAULTS[sound], 1)
    policies = laid_out(tmp_path, text)
    Repo.new(tmp_path).commit(NOW)
    assert run(policies, "check").return_value == PolicyInvalid.exit_code
    for words in VERBS:
        error = run(policies, *words).exception
        if sound in ELSEWHERE and words[0] in EDITS and error is None:
            continue
        if sound == HOLE and words[0] not in STRICT:
            assert error is None, words
            continue
        assert isinstance(error, PolicyInvalid), (words, error)
        assert error.remedy
        for finding in error.findings:
            assert finding.file.endswith("all.yaml"), words
            assert finding.line, words
            assert finding.hint, words
    assert (policies / "all.yaml").read_text("utf-8") == text


def test_an_unsound_version_of_the_past(tmp_path: Path) -> None:
    repo = Repo.new(tmp_path)
    policies = laid_out(tmp_path, POLICY.replace("hours: mon-fri 09:00-18:00", "hours: ofice"))
    repo.commit("2026-11-01T00:00:00Z")
    laid_out(tmp_path, POLICY)
    repo.commit("2026-11-10T00:00:00Z")
    for words in (["who", "--at", "2026-11-05 12:00"], ["diff", "HEAD~1..HEAD"], ["plan", "--to", "HEAD~1"]):
        error = run(policies, *words).exception
        assert isinstance(error, PolicyInvalid), words
        assert error.findings, words
        assert error.remedy, words
    assert run(policies, "who", "--at", "2026-11-05 12:00", "--as-written").exception is None


ODD: list[Any] = [
    None,
    "",
    "nowhere",
    [],
    {},
    ["nowhere"],
    -1,
    10**18,
    True,
    "9999-12-31",
    "2026-03-29 03:30",
]
ODD += ["99999 weeks", "fri 18:00 - fri 18:00", "nobody", "unset", "n/a", "\x00", "domain.primary", "{{ x }}"]


def places(data: Any) -> list[tuple[Any, Any]]:
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [place for key, value in pairs for place in ((data, key), *places(value))]


@pytest.mark.parametrize("seed", range(2))
def test_one_value_of_the_shipped_policy_is_off(seed: int, tmp_path: Path) -> None:
    """Deleted, odd, or a name of something else: an answer or a documented error, whatever it is."""
    chance = random.Random(seed)
    whole = {p.name: read_yaml(p.read_text("utf-8"), p.name).data for p in sorted(SHIPPED.glob("*.yaml"))}
    names = [key for _, key in places(whole) if isinstance(key, str) and key.islower()]
    policies = laid_out(tmp_path, "")
    (policies / "all.yaml").unlink()
    for _ in range(4):
        edited = copy.deepcopy(whole)
        holder, key = chance.choice([place for place in places(edited) if place[0] is not edited])
        if chance.random() < 0.3:
            del holder[key]
        else:
            holder[key] = chance.choice([chance.choice(ODD), chance.choice(names)])
        for name, data in edited.items():
            (policies / name).write_text(json.dumps(data), "utf-8")
        for words in (["check"], ["who"], ["simulate", "P1", "database"], ["publish", "runbook"]):
            error = run(policies, *words).exception
            documented = error is None or isinstance(error, click.exceptions.Exit | click.ClickException)
            assert documented or (isinstance(error, WatchbillError) and error.exit_code in {2, 3}), (
                words,
                error,
            )


@pytest.mark.parametrize("sound", FAULTS, ids=[text.split("\n")[0] for text in FAULTS.values()])
def test_bare_watchbill_names_nobody_by_a_policy_that_makes_no_sense(sound: str, tmp_path: Path) -> None:
    policies = laid_out(tmp_path, POLICY.replace(sound, FAULTS[sound], 1))
    text, told = run(policies), run(policies, "--json")
    assert (text.exception, told.exception) == (None, None)
    assert "policy: 1 error" in text.output or "errors" in text.output
    assert ("On duty" in text.output) == bool(json.loads(told.output)["answers"]) == (sound == HOLE)
