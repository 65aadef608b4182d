"""What the matrices play: a policy that was applied once, and the one that is wanted now.

The kinds of writes come from the plan.  To try another kind, add a variant: two policies, and what the account
needs beside the people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from textwrap import indent
from typing import Any

from contract.client import Client
from policy_text import PEOPLE
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

OPTIONS = SandboxOptions(rate_limit=0)
SETTINGS = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  hours: {office: mon-fri 09:00-18:00, long: mon-fri 08:00-20:00}
  pagerduty: {new_schedules: layers}
"""


def _as_it_is(sandbox: Sandbox) -> None:
    """Nothing more is needed."""


@dataclass(frozen=True)
class Variant:
    """`first` and `then` are policies, settings and people included."""

    name: str
    first: str
    then: str
    prepare: Callable[[Sandbox], None] = _as_it_is
    """Before the first apply.  The people of the policy are users already."""
    by_hand: Callable[[Sandbox], None] = _as_it_is
    """After the first apply; what it adds is not ours."""
    options: SandboxOptions = OPTIONS
    reads_every: int = 1
    """Every so many reads are disturbed; a read changes nothing, so killed there is killed after the write before."""
    at_least: int = 40
    """Changes."""
    looks_every: int = 1
    """In a disturbed run every so many writes are looked at; in the one that is not, each."""

    def __str__(self) -> str:
        return self.name


def post(sandbox: Sandbox, path: str, body: dict[str, Any]) -> Any:
    with Client(sandbox.url) as client:
        answer = client.post(path, body)
        assert answer.status < 300, answer.body
        return answer.body


def user(sandbox: Sandbox, name: str) -> dict[str, str]:
    return {"id": sandbox.store.named("user", name)[0]["id"], "type": "user_reference"}


def other_team(sandbox: Sandbox) -> None:
    """A schedule, a policy and a service of people who do not use watchbill."""
    layer = {
        "name": "Layer 1",
        "start": "2026-01-05T09:00:00Z",
        "rotation_virtual_start": "2026-01-05T09:00:00Z",
        "rotation_turn_length_seconds": 86_400,
        "users": [{"user": user(sandbox, "Gil")}, {"user": user(sandbox, "Ana")}],
    }
    schedule = {"type": "schedule", "name": "Theirs", "time_zone": "Asia/Tokyo", "schedule_layers": [layer]}
    made = post(sandbox, "/schedules", {"schedule": schedule})["schedule"]
    rule = {
        "escalation_delay_in_minutes": 5,
        "targets": [{"id": made["id"], "type": "schedule_reference"}, user(sandbox, "Fay")],
    }
    policy = {"type": "escalation_policy", "name": "Theirs", "escalation_rules": [rule]}
    policy = post(sandbox, "/escalation_policies", {"escalation_policy": policy})["escalation_policy"]
    service = {
        "type": "service",
        "name": "Theirs",
        "escalation_policy": {"id": policy["id"], "type": "escalation_policy_reference"},
    }
    post(sandbox, "/services", {"service": service})


def swap_in(schedule: str, person: str, start: str, end: str) -> Callable[[Sandbox], None]:
    """An override made by hand on one of our schedules."""

    def make(sandbox: Sandbox) -> None:
        (found,) = sandbox.store.named("schedule", schedule)
        override = {"start": start, "end": end, "user": user(sandbox, person)}
        post(sandbox, f"/schedules/{found['id']}/overrides", {"overrides": [override]})

    return make


def beside_shifts(schedule: str, event: str, instead_of: str) -> Callable[[Sandbox], None]:
    """On one of our shift-based schedules, made by hand: an override of a later turn, and a custom shift."""

    def make(sandbox: Sandbox) -> None:
        later = {"start": "2026-12-09T10:00:00Z", "end": "2026-12-09T20:00:00Z"}
        (ours,) = sandbox.store.named("schedule_v3", schedule)
        events = [e["name"] for e in sandbox.store.all("event") if e["schedule"] == ours["id"]]
        (event_name,) = [name for name in events if name.startswith(event)]
        override = {"event": event_name, "instead_of": instead_of, "user": "Fay", **later}
        night = {"user": "Gil", "start": "2026-11-24T22:00:00Z", "end": "2026-11-25T04:00:00Z"}
        for changes in ({"add_override": override}, {"add_custom_shift": night}):
            body = {"kind": "schedule_v3", "name": schedule, "changes": changes, "by": "Gil"}
            post(sandbox, "/_sandbox/tamper", body)

    return make


def policy_text(rotations: str, ladders: str, services: str, overrides: str = "") -> str:
    parts = {"rotations": rotations, "ladders": ladders, "services": services, "overrides": overrides}
    return (
        SETTINGS
        + PEOPLE
        + "".join(f"{k}:\n{indent(v.strip(chr(10)), '  ')}\n" for k, v in parts.items() if v)
    )


_WEEKLY = "turn: 1 week, handoff: mon 09:00, from: 2026-01-05"
_DAILY = "turn: 1 day, handoff: daily 09:00, from: 2026-01-05"


def layers(more: int) -> Variant:
    """Layer-based schedules, their ladders and services.  For each one `more` a crew changes, a rotation goes and
    another comes with a ladder and a service."""
    kept = [f"kept-{i}: {{title: Kept {i}, {_WEEKLY}, crew: [ana, ben]}}" for i in range(more)]
    gone = [f"gone-{i}: {{title: Gone {i}, crew: [cleo]}}" for i in range(more)]
    new = [f"new-{i}: {{title: New {i}, {_DAILY}, crew: [dan, eve]}}" for i in range(more)]
    first = policy_text(
        f"""
primary: {{title: Primary, {_DAILY}, crew: [ana, ben, cleo, dan]}}
backend: {{title: Backend, {_WEEKLY}, crew: [ana, ben, cleo], hours: office, otherwise: primary}}
frontend: {{title: Frontend, {_WEEKLY}, crew: [ana, ben]}}
old: {{title: Old, crew: [ana]}}
"""
        + "\n".join([*kept, *gone]),
        """
backend: {title: Backend, steps: {0m: backend, 15m: ana}, repeat: 2}
primary: {title: Primary, steps: {0m: primary}, repeat: 1}
old: {title: Old, steps: {0m: old}}
""",
        "checkout: {title: Checkout, ladder: backend, urgency: high}",
        "- {rotation: primary, person: dan, from: 2026-12-01 09:00, until: 2026-12-02 09:00}",
    )
    then = policy_text(
        f"""
primary: {{title: Primary, {_DAILY}, crew: [ana, ben, dan, eve]}}
backend:
  title: Backend
  turn: 1 week
  handoff: mon 09:00
  crews: [{{from: 2026-01-05, order: [ana, ben, cleo]}}, {{from: 2026-11-30, order: [ben, cleo, eve]}}]
  hours: long
  otherwise: primary
web: {{title: Web, previously: frontend, {_WEEKLY}, crew: [ana, ben]}}
data: {{title: Data, {_WEEKLY}, crew: [cleo, dan], hours: office, otherwise: primary}}
"""
        + "\n".join([*(line.replace("ana, ben", "ben, dan, ana") for line in kept), *new]),
        """
backend: {title: Backend, steps: {0m: backend, 15m: [data, dan]}, repeat: 2}
primary: {title: First of all, steps: {0m: [primary, ben]}, repeat: 3}
data: {title: Data, steps: {0m: data, 10m: web}}
web: {title: Web, steps: {0m: web}}
"""
        + "\n".join(f"new-{i}: {{title: New {i}, steps: {{0m: new-{i}}}}}" for i in range(more)),
        """
checkout: {title: Checkout, ladder: data, urgency: high, description: Pays.}
api: {title: API, ladder: primary, urgency: low}
"""
        + "\n".join(f"new-{i}: {{title: New {i}, ladder: new-{i}, urgency: high}}" for i in range(more)),
        """
- {rotation: primary, person: dan, from: 2026-12-01 09:00, until: 2026-12-02 09:00, cancelled: true}
- {rotation: primary, person: eve, from: 2026-12-03 09:00, until: 2026-12-04 09:00}
- {rotation: data, person: ana, from: 2026-11-28 09:00, until: 2026-11-29 09:00}
""",
    )
    by_hand = swap_in("Primary", "Fay", "2026-11-25T10:00:00Z", "2026-11-25T20:00:00Z")
    return Variant(f"layers-{more}", first, then, other_team, by_hand)


def few_shifts() -> Variant:
    """Shift-based schedules, as few as show every step: a dated crew, one that changes now, one that is new."""
    first = policy_text(
        f"""
backend: {{title: Backend, {_WEEKLY}, crew: [ana, ben, cleo]}}
web: {{title: Web, {_DAILY}, crew: [ana, ben]}}
old: {{title: Old, crew: [ana]}}
""",
        """
backend: {title: Backend, steps: {0m: backend}, repeat: 2}
web: {title: Web, steps: {0m: web}, repeat: 2}
""",
        """
checkout: {title: Checkout, ladder: backend, urgency: high}
site: {title: Site, ladder: web, urgency: high}
""",
    )
    then = policy_text(
        f"""
backend:
  title: Backend
  turn: 1 week
  handoff: mon 09:00
  crews: [{{from: 2026-01-05, order: [ana, ben, cleo]}}, {{from: 2026-11-30, order: [ben, cleo, eve]}}]
web: {{title: Web, {_DAILY}, crew: [dan, ben, ana]}}
data: {{title: Data, {_WEEKLY}, crew: [cleo, dan]}}
""",
        """
backend: {title: Backend, steps: {0m: backend, 5m: data}, repeat: 2}
web: {title: Web, steps: {0m: web}, repeat: 2}
""",
        """
checkout: {title: Checkout, ladder: backend, urgency: high}
site: {title: Site, ladder: web, urgency: high}
""",
        "- {rotation: data, person: ana, from: 2026-11-28 09:00, until: 2026-11-29 09:00}",
    )
    return as_shifts(
        Variant("few-shifts", first, then, by_hand=beside_shifts("Backend", "turns", "Cleo")), "few-shifts"
    )


def as_shifts(variant: Variant, name: str) -> Variant:
    kinds = ("new_schedules: layers", "new_schedules: shifts")
    return replace(variant, name=name, first=variant.first.replace(*kinds), then=variant.then.replace(*kinds))


def their_rules(service: str) -> Callable[[Sandbox], None]:
    """Rules of somebody else in the rule set of one of our services, one above ours and one below."""

    def make(sandbox: Sandbox) -> None:
        (found,) = sandbox.store.named("service", service)
        path = sandbox.store.get("orchestration_path", f"service/{found['id']}")
        assert path is not None
        first, *others = path["sets"]
        above = {
            "label": "Quiet while they test",
            "conditions": [{"expression": "event.source matches 'staging'"}],
            "actions": {"suppress": True},
        }
        below = {
            "label": "Theirs",
            "conditions": [{"expression": "event.class matches 'theirs'"}],
            "actions": {"annotate": "Look at their wiki", "route_to": "more"},
        }
        more = {"id": "more", "rules": [{"label": "Late", "conditions": [], "actions": {"suspend": 300}}]}
        sets = [{**first, "rules": [above, *first["rules"], below]}, *others, more]
        body = {"sets": sets, "catch_all": path["catch_all"]}
        with Client(sandbox.url) as client:
            answer = client.put(f"/event_orchestrations/services/{found['id']}", {"orchestration_path": body})
            assert answer.status == 200, answer.body

    return make


def routing() -> Variant:
    """Event rules: severities move, a domain comes, a service leaves its domain; rules of others are between."""
    severities = """
severities:
  P1: {urgency: high, steps: {0m: domain.primary, 15m: ana}, from_alerts: [critical], repeat: 1}
  P2: {urgency: high, steps: {0m: domain.primary}, from_alerts: [%s], repeat: 0}
  P4: {urgency: low, steps: {0m: domain.primary}, from_alerts: [%s], repeat: 0}
"""
    domains = """
domains:
  web: {title: Web, primary: web, services: [%s], default_severity: P2}
  safety: {title: Safety, primary: safety, services: [vault], default_severity: P1, tags: [security], steps: {0m: safety, 10m: ben}}
"""
    data = "  data: {title: Data, primary: safety, services: [lake], default_severity: P2}\n"
    rotations = f"""
web: {{title: Web, {_DAILY}, crew: [ana, ben, cleo, dan]}}
safety: {{title: Safety, {_WEEKLY}, crew: [dan, eve]}}
"""
    first = policy_text(
        rotations + "old: {title: Old, crew: [ana]}\n",
        "old: {title: Old, steps: {0m: old}}",
        "shop: {title: Shop}\npay: {title: Pay}\nvault: {title: Vault}\n",
    )
    then = policy_text(
        rotations,
        "pay: {title: Pay, steps: {0m: safety}}",
        "shop: {title: Shop, description: Sells.}\npay: {title: Pay, ladder: pay}\nvault: {title: Vault}\nlake: {title: Lake}\n",
    )
    first += severities % ("error, warning", "info") + domains % "shop, pay"
    then += severities % ("error", "warning, info") + domains % "shop" + data
    return Variant("routing", first, then, other_team, their_rules("Shop"), at_least=14)


SMALL: tuple[Variant, ...] = (layers(0), few_shifts())
"""Fifteen changes or so: what the default suite can afford."""
FULL: tuple[Variant, ...] = (
    layers(6),
    as_shifts(
        replace(layers(5), by_hand=beside_shifts("Primary", "turns", "Cleo"), reads_every=12, looks_every=8),
        "shifts-5",
    ),
    routing(),
)
"""Forty changes and more, at every request; with shift-based schedules at every write and at every twelfth read."""
