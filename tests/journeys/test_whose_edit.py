"""After an import: a change of the policy is pending, an edit in the account is drift, both at once a conflict.

What each pair has to be comes from what the test did, never from the plan.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inprocess import START, Desk
from journeys.test_import import ESTATES, estate
from journeys.test_import_shifts import upgraded
from unit.adopt.world import daily, document, layer, policy, schedule, service, weekly
from watchbill.rota.clock import DAY, HOUR
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox
from watchbill.sandbox.tamper import tamper

PAIRS = int(os.environ.get("WATCHBILL_EXAMPLES", "200"))
LATER = "2026-11-24T10:00:00Z"
KINDS = {"rotations": "schedule", "ladders": "escalation_policy", "services": "service"}

Data = dict[str, Any]


def by_hand() -> Data:
    """Layers of one name, one person alone, ended layers, a team, services."""
    workdays = [weekly(day, "09:00:00", 9 * HOUR) for day in range(1, 6)]
    nights = [weekly(day, "18:00:00", 15 * HOUR) for day in range(1, 6)]
    stack = [
        layer(1, 2, 3, name="Layer", turn=7 * DAY, restrictions=workdays),
        layer(4, name="Layer", turn=7 * DAY, virtual="2026-03-02T08:00:00Z", restrictions=nights),
        layer(5, 6, name="Layer", turn=DAY, restrictions=[weekly(6, "10:00:00", 8 * HOUR)]),
        layer(7, name="Gone", end="2024-01-01T00:00:00Z"),
        layer(8, name="Ending", end="2026-11-24T00:00:00Z", restrictions=[daily("20:00:00", HOUR)]),
    ]
    schedules = [
        schedule(1, *stack, name="Stack", zone="Europe/Bucharest"),
        schedule(2, layer(1, 2, 3, 4, turn=7 * DAY), name="Weekly", zone="Europe/Bucharest"),
        schedule(3, layer(5, turn=7 * DAY, virtual="2025-05-05T06:00:00Z"), name="Alone", zone="UTC"),
    ]
    policies = [
        policy(1, ["PSCHD001"], ["PSCHD002"], ["PSCHD003"], name="Main", num_loops=2),
        policy(2, ["PSCHD002", "PUSER007"], ["PSCHD003"], name="Second", delay=10),
    ]
    services = [service(1, "PESCP001", name="Shop"), service(2, "PESCP002", name="Back office")]
    return document(*schedules, policies=policies, services=services)


WORLDS: dict[str, Callable[[], Data]] = {
    **{name: lambda name=name: estate(name) for name in ESTATES},
    "by-hand": by_hand,
    "by-hand, upgraded": lambda: {**by_hand(), "upgrade": True},
}


@contextmanager
def imported(home: Path, world: Data) -> Iterator[Desk]:
    """`upgrade` in it: its schedules become shift-based first."""
    document_ = {part: value for part, value in world.items() if part != "upgrade"}
    with Sandbox(clock=START, load=document_, options=SandboxOptions(rate_limit=0), record=True) as sandbox:
        if world.get("upgrade"):
            assert upgraded(sandbox)
        desk = Desk(home, sandbox)
        ran = desk.watchbill("import", "--out", str(desk.policies))
        assert ran.code == 0, ran.out
        desk.repo.commit(START, "import")
        sandbox.move(LATER)
        desk.now = LATER
        yield desk


@dataclass(frozen=True)
class Item:
    """One object of the policy, as its file has it."""

    path: Path
    kind: str
    handle: str
    id: str

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def block(self) -> str:
        found = re.search(rf"(?ms)^  {re.escape(self.handle)}:.*?(?=^  \S|\Z)", self.text)
        assert found is not None, self.handle
        return found[0]

    def replace(self, pattern: str, new: str) -> bool:
        """Whether something was replaced."""
        block = self.block
        changed = re.sub(pattern, new, block, count=1)
        if changed != block:
            self.path.write_text(self.text.replace(block, changed), "utf-8")
        return changed != block


def items(desk: Desk) -> list[Item]:
    found = []
    for path in sorted(desk.policies.rglob("*.yaml")):
        kind = path.read_text("utf-8").splitlines()[1].rstrip(":")
        if kind in KINDS:
            text = path.read_text("utf-8")
            for block in re.finditer(r"(?ms)^  (\S+):.*?(?=^  \S|\Z)", text):
                id_ = re.search(r"id: (\w+)", block[0])
                if id_ is not None and 'title: "' not in block[0]:  # PagerDuty takes no such name again
                    found.append(Item(path, kind, block[1], id_[1]))
    return found


def crew(item: Item, change: Callable[[list[str]], list[str]]) -> bool:
    found = re.search(r"crew: \[(.*?)\]", item.block)
    if found is None or "turn:" not in item.block:
        return False
    before = found[1].split(", ")
    after = change(before)
    return after != before and item.replace(r"crew: \[.*?\]", f"crew: [{', '.join(after)}]")


OURS: dict[str, Callable[[Item], bool]] = {
    "title": lambda item: item.replace(r"title: .*", f"title: Ours {item.id}"),
    "description": lambda item: item.replace(r"(title: .*)", r"\1\n    description: Ours"),
    "crew gains one": lambda item: crew(item, lambda who: [*who, "user6"]),
    "crew loses one": lambda item: crew(item, lambda who: who[1:] or who),
    "crew in another order": lambda item: crew(item, lambda who: who[::-1]),
    "hours": lambda item: item.replace(r"hours: mon-fri 09:00", "hours: mon-fri 10:00"),
    "last wait": lambda item: item.replace(r"last_wait: \w+", "last_wait: 47m"),
    "a target more": lambda item: item.replace(r"0m: ([\w-]+)([,}\n])", r"0m: [\1, user6]\2"),
    "repeat": lambda item: item.replace(r"repeat: \d", "repeat: 5"),
    "ack timeout": lambda item: item.replace(r"ack_timeout: \w+", "ack_timeout: 55m"),
    "resolves": lambda item: item.replace(r"urgency: high", "urgency: high\n    resolve_after: 6h"),
}
NEED = {
    "crew gains one": "rotations",
    "crew loses one": "rotations",
    "crew in another order": "rotations",
    "a target more": "ladders",
}


def people(desk: Desk, *handles: str) -> None:
    """Everybody who may be named is in the policy; the account has them already."""
    path = desk.policies / "people.yaml"
    text = path.read_text("utf-8")
    for handle in handles:
        if f"  {handle}:" not in text:
            email = f"{handle}@truth.example"
            ensure_users(desk.sandbox.store, [{"name": handle.title(), "email": email}])
            text += f"  {handle}: {{name: {handle.title()}, email: {email}}}\n"
    path.write_text(text, "utf-8")
    desk.repo.commit(desk.now, "people")


def theirs(desk: Desk, item: Item, what: str, number: int = 0) -> None:
    """An edit by hand; another text for another `number`."""
    edits: dict[str, dict[str, Any]] = {
        "name": {"name": f"Theirs {item.id}"},
        "description": {"description": f"Theirs {number}"},
        "zone": {"time_zone": "America/Denver"},
        "loops": {"num_loops": 7},
        "timeout": {"acknowledgement_timeout": 999 * 60},
    }
    kind = KINDS[item.kind]
    document_ = desk.sandbox.store.get(kind, item.id) or desk.sandbox.store.get(f"{kind}_v3", item.id)
    assert document_ is not None
    name = document_["name"]
    tamper(desk.sandbox.store, kind, name, edits[what], clock=desk.sandbox.world.clock)


THEIRS = {"schedule": ("name", "description", "zone"), "escalation_policy": ("name", "description", "loops")}
THEIRS["service"] = ("name", "description", "timeout")


def classes(desk: Desk) -> dict[str, str]:
    """By vendor id."""
    ran = desk.watchbill("plan", "--json", "-q")
    assert ran.code in {0, 10}, ran.out
    plan = json.loads(ran.out)
    return {change["id"]: change["class"] for change in plan["changes"] if change["kind"] != "override"}


def texts(desk: Desk) -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in desk.policies.rglob("*.yaml")}


@pytest.mark.parametrize("world", WORLDS)
def test_every_change_of_the_policy_is_pending_and_adopt_leaves_it(world: str, tmp_path: Path) -> None:
    with imported(tmp_path, WORLDS[world]()) as desk:
        people(desk, "user6")
        start, asked = texts(desk), len(desk.sandbox.exchanges())
        done = set()
        for name, change in OURS.items():
            for item in items(desk):
                if NEED.get(name, item.kind) == item.kind and name not in done and change(item):
                    done.add(name)
        assert len(done) > 4, done
        desk.repo.commit(desk.now, "ours")
        assert set(classes(desk).values()) == {"pending"}
        drift = desk.watchbill("drift")
        assert drift.code == 0, drift.out
        before = texts(desk)
        assert before != start
        adopted = desk.watchbill("adopt")
        assert adopted.code == 0, adopted.out
        assert texts(desk) == before
        assert all(x.method == "GET" for x in desk.sandbox.exchanges()[asked:])


@pytest.mark.parametrize("world", WORLDS)
def test_then_an_edit_in_the_account_is_the_only_drift(world: str, tmp_path: Path) -> None:
    with imported(tmp_path, WORLDS[world]()) as desk:
        *others, last = items(desk)
        assert OURS["title"](others[0])
        desk.repo.commit(desk.now, "ours")
        theirs(desk, last, "description")
        assert classes(desk) == {others[0].id: "pending", last.id: "drift"}
        assert desk.watchbill("drift").code == 10
        before = texts(desk)
        ran = desk.watchbill("adopt")
        assert ran.code == 0, ran.out
        changed = [path for path, text in texts(desk).items() if text != before[path]]
        assert changed == [last.path]
        assert f"+++ {last.path}" in ran.out
        assert re.search(r"(?m)^\+ +description: Theirs 0$", ran.out), "the edit is shown"
        assert classes(desk) == {others[0].id: "pending"}
        assert desk.watchbill("drift").code == 0


def one_pair(desk: Desk, number: int) -> None:
    """A policy edit, an account edit, both on one object, or both to the same end."""
    rng = random.Random(number)
    all_ = items(desk)
    ours, other = rng.choice(all_), rng.choice(all_)
    what = rng.choice(["policy", "account", "both", "same end", "two objects"])
    expected: dict[str, str] = {}
    if what in ("policy", "both", "two objects"):
        able = [name for name in OURS if NEED.get(name, ours.kind) == ours.kind]
        rng.shuffle(able)
        assert any(OURS[name](ours) for name in able)
        expected[ours.id] = "pending"
    edited = ours if what == "both" else other
    edit = rng.choice(THEIRS[KINDS[edited.kind]])
    if what in ("account", "both") or (what == "two objects" and edited.id != ours.id):
        theirs(desk, edited, edit, number)
        expected[edited.id] = "conflict" if edited.id in expected else "drift"
    if what == "same end":
        theirs(desk, edited, "description", number)
        assert edited.replace(r"(title: .*)", rf"\1\n    description: Theirs {number}")
    desk.repo.commit(desk.now, f"pair {number}")
    assert classes(desk) == expected, (number, what, ours, edited, edit)
    if "drift" not in expected.values():
        before = texts(desk)
        ran = desk.watchbill("adopt", "-q")
        assert ran.code == (10 if "conflict" in expected.values() else 0), ran.out
        assert texts(desk) == before, (number, what, ran.out)


def pairs(home: Path, numbers: range) -> None:
    """One import of each estate; after each pair both sides are put back."""
    for place, (name, world) in enumerate(WORLDS.items()):
        folder = home / name
        folder.mkdir()
        with imported(folder, world()) as desk:
            people(desk, "user6")
            before = texts(desk)
            objects = {kind: desk.sandbox.store.all(kind) for kind in (*KINDS.values(), "schedule_v3")}
            for number in numbers[place :: len(WORLDS)]:
                one_pair(desk, number)
                for path, text in before.items():
                    path.write_text(text, "utf-8")
                for kind, documents in objects.items():
                    for document_ in documents:
                        desk.sandbox.store.put(kind, document_)
            desk.repo.commit(desk.now, "as imported")
            assert classes(desk) == {}


def test_some_pairs_of_edits_are_classified(tmp_path: Path) -> None:
    pairs(tmp_path, range(5))


@pytest.mark.long
def test_many_pairs_of_edits_are_classified(tmp_path: Path) -> None:
    pairs(tmp_path, range(100, 100 + PAIRS))
