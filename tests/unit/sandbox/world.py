"""A sandbox, a client to it, and short ways to make the objects tests need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contract.client import Answer, Client
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.server import Sandbox

NOW = "2026-11-23T14:00:00Z"  # a Monday


def ok(answer: Answer) -> Any:
    assert answer.status < 300, answer.body
    return answer.body


def layer(*users: str, **more: Any) -> dict[str, Any]:
    """Weekly turns since Monday morning."""
    return {
        "start": "2026-11-23T09:00:00Z",
        "rotation_virtual_start": "2026-11-23T09:00:00Z",
        "rotation_turn_length_seconds": 604_800,
        "users": [{"user": {"id": user, "type": "user_reference"}} for user in users],
        **more,
    }


@dataclass
class Account:
    sandbox: Sandbox
    api: Client

    def people(self, *names: str) -> list[str]:
        people = [{"name": name, "email": f"{name.lower()}@example.invalid"} for name in names]
        ensure_users(self.sandbox.store, people)
        return [self.user(name)["id"] for name in names]

    def user(self, name: str) -> dict[str, Any]:
        return self.sandbox.store.named("user", name)[0]

    def schedule(self, name: str, *layers: dict[str, Any], zone: str = "Europe/Bucharest") -> dict[str, Any]:
        """`layers` in write order, lowest precedence first."""
        body = {"type": "schedule", "name": name, "time_zone": zone, "schedule_layers": list(layers)}
        return dict(ok(self.api.post("/schedules", {"schedule": body}))["schedule"])

    def put_schedule(self, id_: str, **fields: Any) -> dict[str, Any]:
        return dict(ok(self.api.put(f"/schedules/{id_}", {"schedule": fields}))["schedule"])

    def show(self, id_: str, since: str, until: str, **query: str) -> dict[str, Any]:
        return dict(ok(self.api.get(f"/schedules/{id_}", since=since, until=until, **query))["schedule"])

    def final(self, id_: str, since: str, until: str, **query: str) -> list[tuple[str, str, str]]:
        """(start, end, name), in UTC."""
        shown = self.show(id_, since, until, **{"time_zone": "UTC", **query})["final_schedule"]
        return [(e["start"], e["end"], e["user"]["summary"]) for e in shown["rendered_schedule_entries"]]

    def policy(self, name: str, *levels: list[dict[str, str]], **more: Any) -> dict[str, Any]:
        rules = [{"escalation_delay_in_minutes": 15, "targets": targets} for targets in levels]
        body = {"type": "escalation_policy", "name": name, "escalation_rules": rules, **more}
        return dict(
            ok(self.api.post("/escalation_policies", {"escalation_policy": body}))["escalation_policy"]
        )

    def service(self, name: str, policy: str, **more: Any) -> dict[str, Any]:
        body = {"type": "service", "name": name, **more}
        body["escalation_policy"] = {"id": policy, "type": "escalation_policy_reference"}
        return dict(ok(self.api.post("/services", {"service": body}))["service"])

    def override(self, schedule: str, user: str, start: str, end: str) -> dict[str, Any]:
        item = {"start": start, "end": end, "user": {"id": user, "type": "user_reference"}}
        made = ok(self.api.post(f"/schedules/{schedule}/overrides", {"overrides": [item]}))[0]
        assert made["status"] == 201, made
        return dict(made["override"])


def at(id_: str, kind: str = "schedule") -> dict[str, str]:
    return {"id": id_, "type": f"{kind}_reference"}
