"""An escalation policy as it was when the incident began, and who answers at one of its levels."""

from __future__ import annotations

from watchbill.rota.clock import Instant
from watchbill.sandbox.store import Doc
from watchbill.sandbox.world import World


def snapshot_of(policy: Doc) -> Doc:
    """Edits of the policy do not reach an incident that is open (facts 4.3)."""
    return {key: policy[key] for key in ("id", "name", "num_loops", "rules")}


def on_call_at(world: World, snapshot: Doc, level: int, at: Instant) -> list[str]:
    """Users of level `level` (from 1), each once; a round-robin rule gives one target after the other."""
    rule = snapshot["rules"][level - 1]
    targets = rule["targets"]
    if rule["strategy"] == "round_robin" and len(targets) > 1:
        turn = world.store.next_number(f"round_robin/{rule['id']}") - 1
        targets = targets[turn % len(targets) :] + targets[: turn % len(targets)]
        for target in targets:
            users = _users(world, target, at)
            if users:
                return users[:1]
        return []
    return list(dict.fromkeys(user for target in targets for user in _users(world, target, at)))


def _users(world: World, target: dict[str, str], at: Instant) -> list[str]:
    if target["kind"] == "user":
        users = [target["id"]]
    else:
        entries = world.on_call_entries(target["kind"], target["id"], at, at)
        users = [e.user for e in entries if e.user is not None and e.start <= at < e.end]
    return [user for user in users if world.store.get("user", user) is not None]


def first_manned_level(
    world: World, snapshot: Doc, at: Instant, level: int = 1
) -> tuple[int, list[str]] | None:
    """The first level from `level` on with somebody on call; empty ones are skipped at once."""
    for candidate in range(level, len(snapshot["rules"]) + 1):
        users = on_call_at(world, snapshot, candidate, at)
        if users:
            return candidate, users
    return None
