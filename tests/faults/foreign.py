"""Three hundred objects of people who do not use watchbill, some of them as hard to tell from ours as can be."""

from __future__ import annotations

import random
from typing import Any

from faults.judges import Row, rows
from faults.variants import post
from watchbill.rota.clock import DAY, HOUR, Instant, iso
from watchbill.sandbox.server import Sandbox
from watchbill.sandbox.tamper import tamper

Data = dict[str, Any]
COUNTS = {"users": 60, "teams": 20, "schedules": 90, "escalation_policies": 50, "services": 30}
UPGRADED = 25
"""Of the schedules: shift-based ones."""
OVERRIDES, TAGS, WEBHOOKS = 40, 5, 5
MARKED = "kept by hand\nwatchbill-like: rotation/r1 000000"
ZONES = ("Europe/Bucharest", "America/Chicago", "Asia/Kolkata", "Etc/UTC")


def names(word: str, number: int) -> str:
    """Like ours ("Rotation 3"), but for a letter, a blank or a sign."""
    odd = ("{} {}", "{}  {}.", "{}-{}", "the {} {}", "{} {} 🚨", "{} n° {}", "İ{} {}", "{}/{}", "{} {} ①")
    return odd[number % len(odd)].format(word, number if number % len(odd) else number + 1000)


def document(rng: random.Random, ours: list[Data], now: Instant) -> Data:
    """As `Sandbox(load=...)` takes it.  `ours`: the users that the policy knows; others' objects page them too."""
    users = [
        {"id": f"PFU{n:03}", "name": names("Person", n), "email": f"foreign{n}@x.example"}
        for n in range(COUNTS["users"])
    ]
    teams = [{"id": f"PFT{n:03}", "name": names("Team", n)} for n in range(COUNTS["teams"])]
    everybody = [*users, *ours]
    schedules = [_schedule(rng, n, everybody, teams, now) for n in range(COUNTS["schedules"])]
    policies = [_policy(rng, n, everybody, schedules) for n in range(COUNTS["escalation_policies"])]
    services = [
        {
            "id": f"PFS{n:03}",
            "type": "service",
            "name": names("Service", n).replace("/", "-"),  # which no service may have
            "description": MARKED if n % 3 else None,
            "escalation_policy": {"id": rng.choice(policies)["id"], "type": "escalation_policy_reference"},
        }
        for n in range(COUNTS["services"])
    ]
    return {
        "users": everybody,
        "teams": teams,
        "schedules": schedules,
        "escalation_policies": policies,
        "services": services,
    }


def _schedule(rng: random.Random, n: int, users: list[Data], teams: list[Data], now: Instant) -> Data:
    start = iso(now - rng.randrange(1, 900) * DAY - rng.randrange(24) * HOUR)
    layers = [
        {
            "id": f"PFL{n:03}{i}",
            "name": f"Layer {i + 1}",
            "start": start,
            "end": iso(now + 40 * DAY) if rng.random() < 0.1 and i else None,
            "rotation_virtual_start": start,
            "rotation_turn_length_seconds": rng.choice([12 * HOUR, DAY, 7 * DAY, 14 * DAY]),
            "users": [{"user": {"id": u["id"]}} for u in rng.sample(users, rng.randint(1, 5))],
            "restrictions": [
                {"type": "daily_restriction", "start_time_of_day": "09:00:00", "duration_seconds": 9 * HOUR}
            ]
            * (i % 2),
        }
        for i in range(rng.randint(1, 3))
    ]
    return {
        "id": f"PFR{n:03}",
        "name": names("Rotation", n),
        "time_zone": rng.choice(ZONES),
        "description": rng.choice([None, MARKED, "Who is paged."]),
        "schedule_layers": layers,
        "teams": [{"id": t["id"]} for t in rng.sample(teams, n % 2)],
    }


def _policy(rng: random.Random, n: int, users: list[Data], schedules: list[Data]) -> Data:
    def targets() -> list[Data]:
        found = [
            {"id": s["id"], "type": "schedule_reference"} for s in rng.sample(schedules, rng.randint(0, 2))
        ]
        return [*found, {"id": rng.choice(users)["id"], "type": "user_reference"}]

    return {
        "id": f"PFE{n:03}",
        "name": names("Ladder", n),
        "description": rng.choice([None, MARKED]),
        "num_loops": rng.randint(0, 9),
        "escalation_rules": [
            {"id": f"PFX{n:03}{i}", "escalation_delay_in_minutes": rng.randint(1, 60), "targets": targets()}
            for i in range(rng.randint(1, 4))
        ],
    }


def settle(sandbox: Sandbox, rng: random.Random, now: Instant) -> dict[Row, str]:
    """The rest, made as people make it; all that is there, ours not yet."""
    whole_days = [s for s in sandbox.store.all("schedule") if _can_be_upgraded(s)]
    for schedule in whole_days[:UPGRADED]:
        tamper(sandbox.store, "schedule", schedule["id"], {"upgrade": True}, clock=sandbox.world.clock)
    layered = [s for s in sandbox.store.all("schedule") if s["id"].startswith("PFR")]
    for _ in range(OVERRIDES):
        override(sandbox, rng.choice(layered)["id"], rng, now)
    for n in range(TAGS):
        post(sandbox, "/tags", {"tag": {"type": "tag", "label": f"rotation/r{n}"}})
    for n in range(WEBHOOKS):
        hook = {
            "type": "webhook_subscription",
            "delivery_method": {"type": "http_delivery_method", "url": f"http://127.0.0.1:9/{n}"},
            "events": ["incident.triggered"],
            "filter": {"type": "account_reference"},
        }
        post(sandbox, "/webhook_subscriptions", {"webhook_subscription": hook})
    return rows(sandbox)


def _can_be_upgraded(schedule: Data) -> bool:
    return all(layer["rotation_turn_length_seconds"] % DAY == 0 for layer in schedule["layers"])


def override(sandbox: Sandbox, schedule: str, rng: random.Random, now: Instant) -> None:
    """By hand, of anybody, some time in the next weeks."""
    start = now + rng.randrange(1, 40 * 24) * HOUR
    who = rng.choice(sandbox.store.all("user"))["id"]
    slot: Data = {"start": iso(start), "end": iso(start + rng.randrange(1, 60) * HOUR)}
    slot["user"] = {"id": who, "type": "user_reference"}
    post(sandbox, f"/schedules/{schedule}/overrides", {"overrides": [slot]})


def copy(stored: Data, name: str) -> Data:
    """A schedule like one in the store, as `load_account` takes it."""
    first = stored["layers"][0]
    layer = {
        "name": "Layer 1",
        "start": iso(first["start"]),
        "end": None,
        "rotation_virtual_start": iso(first["rotation_virtual_start"]),
        "rotation_turn_length_seconds": first["rotation_turn_length_seconds"],
        "users": [{"user": {"id": user}} for user in first["users"]],
        "restrictions": [],
    }
    return {"name": name, "time_zone": stored["time_zone"], "description": MARKED, "schedule_layers": [layer]}
