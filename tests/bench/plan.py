"""`watchbill plan` on a large account, 20 ms away: requests and seconds, beside one GET for each object.

1,250 schedules, 1,000 policies, 2,800 users; twenty crews are changed in the policy, twenty in the account.  Then,
without any account, what planning itself takes for 250, 500 and 1,000 rotations.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from pydantic import SecretStr

from watchbill.account.objects import Account, EscalationPolicy, Schedule, User
from watchbill.account.wanted import Wanted, wanted
from watchbill.model.policy import Policy
from watchbill.pagerduty.layer_writes import layer_writes
from watchbill.pagerduty.transport import Transport
from watchbill.plan.build import build
from watchbill.plan.document import Plan, PolicyIdentity
from watchbill.plan.effects import effects_between
from watchbill.rota.clock import parse_instant
from watchbill.rota.duty import Roster
from watchbill.sandbox.store import Store

ROTATIONS, LADDERS, PEOPLE = 1250, 1000, 2800
CHANGED = 20
LATENCY_MS = 20
THREADS = 8
BUDGET = 960
"""Requests a minute that PagerDuty allows."""
START = "2026-11-23T14:00:00Z"
NOW = parse_instant(START)
ZONES = ("Europe/Bucharest", "America/Chicago", "Asia/Kolkata", "Etc/UTC")
Data = dict[str, Any]


def rotation(n: int, *, changed: bool) -> Data:
    """Of ten: five weekly, two daily, two with office hours and a fallback, one with a crew to come."""
    crew = [f"p{(n * 7 + i * 3) % PEOPLE}" for i in range(3 + n % 5)]
    if changed:
        crew[-1] = f"p{(n * 7 + 1) % PEOPLE}"
    made: Data = {
        "title": f"Rotation {n:05d}",
        "time_zone": ZONES[n // 10 % 4],
        "pagerduty": {"id": id_("PS", n)},
    }
    turns: Data = {"turn": "1 week", "handoff": "mon 09:00"}
    if n % 10 in (5, 6):
        turns = {"turn": "1 day", "handoff": "daily 08:00"}
    if n % 10 in (7, 8):
        made |= {"hours": "office", "otherwise": f"r{n // 10 * 10}"}
    if n % 10 == 9:
        orders = [{"from": "2026-01-05", "order": crew}, {"from": "2026-12-07", "order": crew[::-1]}]
        return {**made, **turns, "crews": orders}
    return {**made, **turns, "from": "2026-01-05", "crew": crew}


def id_(kind: str, n: int) -> str:
    return f"{kind}{n:05d}"


def policy_data(rotations: int, ladders: int, *, changed: int = 0, every: int = 10) -> Data:
    """`changed`: so many crews differ, one of `every` so many rotations."""
    steps = ("0m", "15m", "45m")
    return {
        "settings": {
            "format": 1,
            "organization": "Bench",
            "time_zone": ZONES[0],
            "hours": {"office": ["mon-fri 09:00-18:00"]},
            "pagerduty": {"account": "sandbox", "new_schedules": "layers"},
            "guards": {"max_changed": "90%"},
        },
        "people": {f"p{n}": {"name": f"Person {n}", "email": f"p{n}@x.example"} for n in range(PEOPLE)},
        "rotations": {
            f"r{n}": rotation(n, changed=n < changed * every and n % every == 0) for n in range(rotations)
        },
        "ladders": {
            f"l{n}": {
                "title": f"Policy {n:05d}",
                "steps": {at: f"r{(n * 3 + i * 11) % rotations}" for i, at in enumerate(steps)},
                "repeat": 2,
                "pagerduty": {"id": id_("PE", n)},
            }
            for n in range(ladders)
        },
    }


def empty_account() -> Account:
    users = (User(id=id_("PU", n), name=f"Person {n}", email=f"p{n}@x.example") for n in range(PEOPLE))
    return Account(name="sandbox", at=NOW, users=tuple(users))


def wanted_of(policy: Policy, account: Account) -> Wanted:
    return wanted(policy, account, roster=Roster(policy), now=NOW)


def document(want: Wanted, account: Account) -> Data:
    """The account that holds exactly this, as `sandbox serve --load` takes it."""
    objects = [item.want for item in want.objects]
    ids = {obj.key: obj.id for obj in objects}
    return {
        "users": [{"id": user.id, "name": user.name, "email": user.email} for user in account.users],
        "schedules": [_schedule(x) for x in objects if isinstance(x, Schedule)],
        "escalation_policies": [_policy(x, ids) for x in objects if isinstance(x, EscalationPolicy)],
    }


def _schedule(obj: Schedule) -> Data:
    bodies = layer_writes(obj.layers, (), NOW).bodies
    layers = [{**body, "id": f"PL{obj.id[2:]}{i}"} for i, body in enumerate(bodies)]
    return {"id": obj.id, "name": obj.name, "time_zone": obj.time_zone, "schedule_layers": layers[::-1]}


def _policy(obj: EscalationPolicy, ids: Mapping[str, str]) -> Data:
    rules = [
        {
            "id": f"PR{obj.id[2:]}{i}",
            "escalation_delay_in_minutes": rule.delay_minutes,
            "targets": [{"id": ids[ref.key], "type": "schedule_reference"} for ref in rule.targets],
        }
        for i, rule in enumerate(obj.rules)
    ]
    return {"id": obj.id, "name": obj.name, "num_loops": obj.loops, "escalation_rules": rules}


@contextmanager
def served(folder: Path, account: Data) -> Iterator[str]:
    (folder / "account.json").write_text(json.dumps(account))
    words = ["serve", "--json", "--rate-limit", "0", "--clock", START, "--latency-ms", str(LATENCY_MS)]
    words += ["--load", str(folder / "account.json"), "--state", str(folder / "state.sqlite")]
    process = subprocess.Popen(
        [sys.executable, "-m", "watchbill", "sandbox", *words], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def planned(folder: Path, url: str) -> tuple[float, float, Data]:
    """Seconds on the clock and of the processor, and the plan."""
    env = {**os.environ, "PAGERDUTY_URL": url, "PAGERDUTY_TOKEN": "bench-token", "WATCHBILL_NOW": START}
    env |= {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}
    began, used = perf_counter(), os.times().children_user
    done = subprocess.run(
        [sys.executable, "-m", "watchbill", "plan", "--json", "--quiet"],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        check=True,
    )
    return perf_counter() - began, os.times().children_user - used, json.loads(done.stdout)


def one_by_one(url: str, account: Data) -> tuple[int, float]:
    """As tools do that know objects by their ids."""
    paths = [f"/{kind}/{item['id']}" for kind, items in account.items() for item in items]
    began = perf_counter()
    with Transport(url, SecretStr("bench-token")) as transport, ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(transport.get, paths):
            pass
        return transport.tally.total, perf_counter() - began


def requests_so_far(folder: Path) -> int:
    store = Store(folder / "state.sqlite")
    try:
        return len(store.logged())
    finally:
        store.close()


def against_an_account() -> None:
    empty = empty_account()
    account = document(wanted_of(Policy.model_validate(policy_data(ROTATIONS, LADDERS)), empty), empty)
    for item in account["schedules"][5 : CHANGED * 10 : 10]:
        item["schedule_layers"][0]["users"].reverse()
    print(
        f"{ROTATIONS} schedules, {LADDERS} policies, {PEOPLE} users, {LATENCY_MS} ms away; {os.cpu_count()} cores"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "policies").mkdir()
        with served(folder, account) as url:
            before = 0
            for what, changed in (("plan", 0), ("plan, again", 0), ("plan, crews edited", CHANGED)):
                if changed or not before:
                    text = json.dumps(policy_data(ROTATIONS, LADDERS, changed=changed), indent=1)
                    (folder / "policies" / "policy.yaml").write_text(text)
                took, used, plan = planned(folder, url)
                count, before = requests_so_far(folder) - before, requests_so_far(folder)
                print(
                    f"{what:20} {took:7.2f} s {count:6} requests; {used:.2f} s of the processor, {len(plan['changes'])} changes"
                )
                if not changed:
                    fewest = count
            count, took = one_by_one(url, account)
            print(
                f"{'one GET each':20} {took:7.2f} s {count:6} requests, {count / fewest:.0f} times as many;",
                end="",
            )
            print(f" {count / BUDGET:.1f} minutes of an account's budget beside {fewest / BUDGET:.2f}")


def as_account(want: Wanted, empty: Account) -> Account:
    objects = [item.want for item in want.objects]
    ids = {obj.key: obj.id for obj in objects}

    def with_ids(obj: EscalationPolicy) -> EscalationPolicy:
        rules = [
            rule.model_copy(
                update={
                    "targets": tuple(r.model_copy(update={"id": ids[r.key], "key": ""}) for r in rule.targets)
                }
            )
            for rule in obj.rules
        ]
        return obj.model_copy(update={"key": "", "rules": tuple(rules)})

    schedules = (x.model_copy(update={"key": ""}) for x in objects if isinstance(x, Schedule))
    policies = (with_ids(x) for x in objects if isinstance(x, EscalationPolicy))
    return empty.model_copy(update={"schedules": tuple(schedules), "policies": tuple(policies)})


def planning() -> None:
    """The worst case: every crew has changed."""
    print("\nprocessor seconds without any account; every crew changed, four ladders to five rotations")
    print("rotations   compile     build   between   each per rotation, in ms")
    for count in (250, 500, 1000):
        before, after = (
            Policy.model_validate(policy_data(count, count * 4 // 5, changed=changed, every=1))
            for changed in (0, count)
        )
        empty = empty_account()
        account = as_account(wanted_of(before, empty), empty)
        took = [process_time()]
        want = wanted_of(after, account)
        took.append(process_time())
        plan = plan_of(after, want, account)
        took.append(process_time())
        effects_between(before, after, NOW)
        took.append(process_time())
        assert len(plan.changes) == count, len(plan.changes)
        each = [end - start for start, end in pairwise(took)]
        print(f"{count:9}" + "".join(f"{s:10.2f}" for s in each), end="")
        print("   " + " ".join(f"{s / count * 1000:5.2f}" for s in each))


def plan_of(policy: Policy, want: Wanted, account: Account) -> Plan:
    identity = PolicyIdentity(commit=None, digest="0" * 64)
    return build(want, account, policy, identity=identity, now=NOW, tool="bench")


if __name__ == "__main__":
    against_an_account()
    planning()
