"""What watchbill does not own, it never touches: three hundred objects of others beside a policy that changes at random.

Through the command line, against a served account, for as many applies as the session affords.  After each one every
document that is not ours is compared to the byte, in the sandbox's own store.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from faults import at_random, foreign
from faults.judges import Row, parents, rows
from repositories import Repo
from watchbill.cli.main import root
from watchbill.errors import WatchbillError
from watchbill.rota.clock import HOUR, iso, parse_instant
from watchbill.sandbox.load import load_account
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox
from watchbill.sandbox.tamper import tamper

START = "2026-11-23T14:00:00Z"
FULL = os.environ.get("WATCHBILL_FAULTS") == "full"
KINDS = (
    "user",
    "team",
    "schedule",
    "schedule_v3",
    "escalation_policy",
    "service",
    "override",
    "tag",
    "webhook_subscription",
)
APPLIES, SEEDS = (50, (1, 2, 3)) if FULL else (8, (1,))
GUARDS = ("deletions", "changed", "imminent", "empty-level", "no-human", "coverage-gap")


@dataclass
class Account:
    sandbox: Sandbox
    repo: Repo
    env: dict[str, str]
    rng: random.Random
    baseline: dict[Row, str]
    data: at_random.Data
    now: int = parse_instant(START)
    codes: Counter[int] = field(default_factory=Counter)
    edits: Counter[str] = field(default_factory=Counter)
    parents: dict[Row, str] = field(default_factory=dict)

    def watchbill(self, *words: str) -> tuple[int, str]:
        env = {**self.env, "WATCHBILL_NOW": iso(self.now)}
        done = CliRunner(env=env).invoke(root, words, standalone_mode=False)
        if isinstance(done.exception, WatchbillError):
            return done.exception.exit_code, f"{done.output}{done.exception.message}"
        if done.exception is not None:
            raise done.exception
        return done.return_value or 0, done.output

    def passes(self, seconds: int) -> None:
        self.now += seconds
        self.sandbox.move(iso(self.now))

    def writes(self, data: at_random.Data) -> None:
        text = json.dumps({k: v for k, v in data.items() if v and not k.startswith("_")}, indent=1)
        self.repo.write("policies/policy.yaml", text)

    def policy_changes(self) -> str:
        """To another one that `check` takes."""
        while True:
            what, data = at_random.edited(self.rng, self.data, at_random.day(self.now))
            self.writes(data)
            if self.watchbill("check", "-q")[0] == 0:
                self.data = data
                self.repo.commit(iso(self.now), what)
                return what

    def applies(self, *words: str) -> tuple[int, str]:
        waivers = [word for guard in GUARDS for word in ("--waive", f"{guard}=at random")]
        ran = self.watchbill("apply", "--yes", *waivers, *words)
        self.codes[ran[0]] += 1
        return ran

    def people_edit(self) -> str:
        """Something by hand.  What is new by it is not ours, and what was not ours is from now on as it left it."""
        edit = self.rng.choice(
            (self._theirs, self._theirs, self._override, self._override, self._ours, self._name)
        )
        before = rows(self.sandbox)
        what = edit()
        after = rows(self.sandbox)
        for row in before.keys() | after.keys():
            if before.get(row) != after.get(row) and (row in self.baseline or row not in before):
                self.baseline.pop(row, None)
                self.baseline |= {row: after[row]} if row in after else {}
        self.parents |= parents(self.sandbox)
        self.edits[edit.__name__.strip("_")] += 1
        return what

    def _theirs(self) -> str:
        kind = self.rng.choice(["schedule", "schedule_v3", "escalation_policy", "service", "team", "user"])
        id_ = self.rng.choice([id_ for of, id_ in self.baseline if of == kind])
        change = self.rng.choice([{"description": f"by hand {self.now}"}, {"name": f"By hand {self.now}"}])
        if kind == "user":
            change = {"name": f"By hand {self.now}"}
        tamper(self.sandbox.store, kind, id_, change, clock=self.sandbox.world.clock)
        return f"{kind} {id_} edited by hand"

    def _override(self) -> str:
        """On any schedule of ours or others, that of a rotation with a fallback included."""
        schedule = self.rng.choice(self.sandbox.store.all("schedule"))
        foreign.override(self.sandbox, schedule["id"], self.rng, self.now)
        return f"an override by hand on {schedule['name']}"

    def _ours(self) -> str:
        """To be put back by the next apply."""
        kind = self.rng.choice(["schedule", "escalation_policy"])
        ours = [doc for doc in self.sandbox.store.all(kind) if (kind, doc["id"]) not in self.baseline]
        doc = self.rng.choice(ours)
        change: at_random.Data = (
            {"num_loops": 7} if kind == "escalation_policy" else {"time_zone": "Asia/Tokyo"}
        )
        tamper(self.sandbox.store, kind, doc["id"], change, clock=self.sandbox.world.clock)
        return f"our {doc['name']} edited by hand"

    def _name(self) -> str:
        """A schedule of the name that the policy's next rotation will want."""
        name = f"Rotation {self.data['_made'] + 1}"
        if not self.sandbox.store.named("schedule", name):
            any_layer = json.loads(
                self.baseline[self.rng.choice([r for r in self.baseline if r[0] == "schedule"])]
            )
            load_account(self.sandbox.store, {"schedules": [foreign.copy(any_layer, name)]})
        return f"{name} made by hand"

    def claims_one(self, told: str) -> None:
        """What was in the way becomes ours."""
        key = re.findall(r"`watchbill claim (r\d+)`", told)
        if not key or self.rng.random() < 0.5:
            return
        (doc,) = self.sandbox.store.named("schedule", self.data["rotations"][key[0]]["title"])
        waivers = [word for guard in GUARDS for word in ("--waive", f"{guard}=at random")]
        code, told = self.watchbill("claim", key[0], "--yes", *waivers)
        assert code in (0, 14), told
        found = self.sandbox.store.get("schedule", doc["id"]) or {}
        if f"watchbill/1 rotation/{key[0]} " in (found.get("description") or ""):
            del self.baseline["schedule", doc["id"]]
            self.edits["claim"] += 1
        else:
            assert "other-kind" in told, told

    def judge(self, when: str) -> None:
        """An override made by hand goes with its schedule, when the policy gives that up."""
        found = rows(self.sandbox)
        for row in [row for row in self.baseline if row not in found and row[0].endswith("override")]:
            schedule = self.parents[row]
            if ("schedule", schedule) not in found and ("schedule_v3", schedule) not in found:
                del self.baseline[row]
        changed = {row: (doc, found.get(row)) for row, doc in self.baseline.items() if found.get(row) != doc}
        assert not changed, f"{when}: {changed}"
        self.parents |= parents(self.sandbox)


@pytest.fixture(params=SEEDS)
def account(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Account]:
    rng = random.Random(request.param)
    ours = [
        {"id": f"PUS{n:03}", "name": p.upper(), "email": f"{p}@x.example"}
        for n, p in enumerate(at_random.PEOPLE)
    ]
    now = parse_instant(START)
    options = SandboxOptions(rate_limit=0)
    with Sandbox(clock=START, load=foreign.document(rng, ours, now), options=options) as sandbox:
        baseline = foreign.settle(sandbox, rng, now)
        repo = Repo.new(tmp_path / "repository")
        folders = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
        env = {"PAGERDUTY_URL": sandbox.url, "PAGERDUTY_TOKEN": sandbox.token, **folders}
        env["HOME"] = str(tmp_path)
        made = Account(sandbox, repo, env, rng, baseline, at_random.first(rng))
        monkeypatch.chdir(repo.folder)
        made.writes(made.data)
        repo.commit(START, "first")
        code, told = made.applies()
        assert code == 0, told
        yield made


def test_what_is_not_ours_stays_as_it_is(account: Account) -> None:
    account.judge("the first apply")
    for number in range(1, APPLIES + 1):
        account.passes(account.rng.randrange(1, 60) * HOUR)
        what = f"{number}: {account.people_edit()}; {account.policy_changes()}"
        code, told = account.applies()
        assert code == 0 or (code == 14 and "in sync, but for" in told), f"{what}: {told}"
        account.judge(what)
        account.claims_one(told)
        account.judge(f"a claim after {what}")
    kept = Counter(kind for kind, _ in account.baseline)
    assert sum(n for kind, n in kept.items() if kind in KINDS) >= 300
    print(f"{APPLIES} applies ended {dict(account.codes)}; by hand: {dict(account.edits)}")
    print(f"untouched: {dict(kept)}")
