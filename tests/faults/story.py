"""An account that was applied once, and a policy that wants much of it changed: what the kill tests play."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from faults.dying import read, told, unpaged
from unit.apply.plans import (
    NIGHT,
    NOW,
    WORKDAYS,
    change,
    ladder,
    layer,
    override_change,
    plan,
    plan_for,
    rotation_ref,
    schedule,
    service,
    user_ref,
)
from watchbill.account.objects import Account, ManagedObject
from watchbill.apply.execute import execute
from watchbill.apply.outcome import Outcome
from watchbill.pagerduty.transport import Exchange, Transport
from watchbill.plan.document import Change, OverrideWrite, Plan
from watchbill.rota.clock import DAY, WEEK, iso
from watchbill.sandbox.load import ensure_users, save_account
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

OPTIONS = SandboxOptions(rate_limit=0)


@dataclass(frozen=True)
class Story:
    """An account that was applied once, and what the policy wants of it now."""

    document: dict[str, Any]
    wanted: list[ManagedObject]
    slots: list[Change]
    end: list[str]
    foreign: list[str]
    requests: int
    """Of an undisturbed run."""

    def sandbox(self) -> Sandbox:
        return Sandbox(clock=iso(NOW), load=self.document, options=OPTIONS)

    def plan(self, account: Account) -> Plan:
        ids = {s.key: s.id for s in account.schedules}
        return plan_for(self.wanted, account, slots=[_placed(slot, ids) for slot in self.slots])


def _placed(slot: Change, ids: Mapping[str, str]) -> Change:
    assert isinstance(slot.want, OverrideWrite)
    where = {"schedule_id": ids.get(slot.want.schedule_key, "")}
    return slot.model_copy(update={"want": slot.want.model_copy(update=where)})


def _at_first(crew: list[str], more: int) -> list[ManagedObject]:
    ana, bogdan, *_ = crew
    two = [layer(*crew, restrictions=WORKDAYS), layer(*crew, name="Layer 2", turn_seconds=DAY)]
    return [
        schedule("primary", two),
        schedule("backend", [layer(*crew)]),
        schedule("frontend", [layer(ana, bogdan)]),
        schedule("old", [layer(ana)]),
        ladder("backend", [[rotation_ref("backend")], [user_ref(ana)]]),
        ladder("primary", [[rotation_ref("primary")]]),
        ladder("old", [[rotation_ref("old")]]),
        service("checkout", "backend"),
        *(schedule(f"kept-{i}", [layer(ana)]) for i in range(more)),
        *(schedule(f"gone-{i}", [layer(bogdan)]) for i in range(more)),
    ]


def _later(crew: list[str], more: int) -> list[ManagedObject]:
    ana, bogdan, carmen, dan = crew
    handoff = NOW + WEEK
    return [
        schedule(
            "primary",
            [
                layer(*crew, restrictions=WORKDAYS),
                layer(dan, name="Layer 3", restrictions=NIGHT),
                layer(*crew, name="Layer 2", turn_seconds=DAY),
            ],
        ),
        schedule("backend", [layer(*crew, end=handoff), layer(ana, carmen, name="Layer 2", start=handoff)]),
        schedule("frontend", [layer(ana, bogdan)], description="Other words."),
        schedule("data", [layer(carmen, dan)]),
        schedule("mobile", [layer(dan)]),
        ladder("backend", [[rotation_ref("backend")], [rotation_ref("data"), user_ref(dan)]]),
        ladder("primary", [[rotation_ref("primary"), user_ref(bogdan)]], loops=3),
        ladder("data", [[rotation_ref("data")], [rotation_ref("mobile")]]),
        service("checkout", "data", description="Pays."),
        ladder("mobile", [[rotation_ref("mobile")]]),
        service("api", "primary"),
        *(
            schedule(f"kept-{i}", [layer(ana, end=handoff), layer(ana, dan, name="Layer 2", start=handoff)])
            for i in range(more)
        ),
        *(schedule(f"new-{i}", [layer(carmen)]) for i in range(more)),
        *(ladder(f"new-{i}", [[rotation_ref(f"new-{i}")]]) for i in range(more)),
        *(service(f"new-{i}", f"new-{i}") for i in range(more)),
    ]


def tell(more: int = 0) -> Story:
    """15 writes, and 5 for each one `more`."""
    with Sandbox(clock=iso(NOW), options=OPTIONS) as sandbox, tempfile.TemporaryDirectory() as state:
        ensure_users(
            sandbox.store, [{"name": n, "email": f"{n}@example.com"} for n in ("ana", "bob", "cat", "dan")]
        )
        crew = [u["id"] for u in sandbox.store.all("user") if u["role"] != "owner"]
        foreign = [
            schedule("theirs", [layer(crew[3])]).model_copy(update={"marker": None, "name": "theirs"}),
            ladder("theirs", [[user_ref(crew[3])]]).model_copy(update={"marker": None, "name": "theirs"}),
        ]
        with Transport(sandbox.url, SecretStr("t")) as transport:
            first = plan(
                [*plan_for(_at_first(crew, more), read(sandbox, NOW)).changes, *(change(f) for f in foreign)]
            )
            outcome = execute(first, transport, now=NOW, state=Path(state))
            assert outcome.complete, outcome
        slots = [
            override_change("primary", crew[1], NOW + DAY, NOW + 2 * DAY),
            override_change("data", crew[0], NOW + DAY, NOW + 2 * DAY),
        ]
        story = Story(save_account(sandbox.store), _later(crew, more), slots, [], [], 0)
    with story.sandbox() as sandbox, tempfile.TemporaryDirectory() as state:
        begin = told(read(sandbox, NOW), NOW)
        outcome, holes = _apply(story, sandbox, Path(state))
        assert outcome.complete, outcome
        assert outcome.writes == 15 + 5 * more
        assert holes == [], "a service reached nobody between two writes"
        end = told(read(sandbox, NOW), NOW)
    assert begin != end
    return Story(
        story.document,
        story.wanted,
        slots,
        end,
        [line for line in begin if "nobody" in line],
        outcome.requests,
    )


def _apply(story: Story, sandbox: Sandbox, state: Path) -> tuple[Outcome, list[str]]:
    """The outcome, and the services that had a hole after some write."""
    holes: list[str] = []

    def look(seen: Exchange) -> None:
        if seen.method != "GET":
            holes.extend(unpaged(sandbox, NOW))

    with Transport(sandbox.url, SecretStr("t"), on_exchange=look) as transport:
        return execute(story.plan(read(sandbox, NOW)), transport, now=NOW, state=state), holes


def check(story: Story, sandbox: Sandbox) -> None:
    found = told(read(sandbox, NOW), NOW)
    assert [line for line in found if "nobody" in line] == story.foreign
    assert found == story.end
