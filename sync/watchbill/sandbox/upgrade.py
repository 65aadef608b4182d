"""A layer-based schedule becomes a shift-based one and keeps its id, as PagerDuty's upgrade does it.

Each living layer becomes a rotation.  Precedence has no counterpart: layers that overlapped are now on call
together.  Turns that are no whole number of days, and restrictions a handoff cuts, come out only as near as the
shift model allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watchbill.errors import UsageError
from watchbill.rota.clock import DAY, HOUR, WEEK, Instant, Zone, weekday, zone
from watchbill.sandbox.events_v3 import ROTATING
from watchbill.sandbox.store import Doc, Store
from watchbill.sandbox.world import World

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def upgrade(world: World, doc: Doc) -> None:
    store = world.store
    home = zone(doc["time_zone"])
    schedule = {key: doc[key] for key in ("id", "name", "time_zone", "teams")}
    schedule["description"] = doc["description"] or ""
    rotations = []
    for layer in reversed(doc["layers"]):
        if layer["end"] is None or layer["end"] > world.now:
            rotation = {"id": store.new_id("rotation")}
            events = [_event(world, layer, rotation, doc, part) for part in _parts(layer, home)]
            rotations.append((rotation, events, layer))
    overrides = store.children("override", doc["id"])
    for kind in ("override", "era"):
        for part in store.children(kind, doc["id"]):
            store.delete(kind, part["id"])
    store.delete("schedule", doc["id"])
    store.put("schedule_v3", schedule)
    for rotation, events, _ in rotations:
        store.put("rotation", rotation, parent=doc["id"])
        for event in events:
            store.put("event", event, parent=rotation["id"])
    _move_overrides(store, doc["id"], overrides, [(r, layer) for r, _, layer in rotations], world.now)
    _repoint(store, doc["id"])
    world.record("schedule_v3", {**schedule, "type": "schedule"}, {**schedule, "type": "schedule_v3"})


def _event(world: World, layer: Doc, rotation: Doc, doc: Doc, part: dict[str, Any]) -> Doc:
    members = [{"type": "user_member", "user_id": user} for user in layer["users"]]
    return {
        "id": world.store.new_id("event"),
        "schedule": doc["id"],
        "rotation": rotation["id"],
        "name": layer["name"],
        "start_time": {"at": part["start"], "time_zone": doc["time_zone"]},
        "end_time": {"at": part["end"], "time_zone": doc["time_zone"]},
        "effective_since": max(layer["start"], world.now),
        "effective_until": layer["end"],
        "recurrence": [f"RRULE:{part['rule']}"],
        "assignment_strategy": {
            "type": ROTATING,
            "shifts_per_member": part["per_member"],
            "members": members,
        },
    }


def _parts(layer: Doc, home: Zone) -> Iterator[dict[str, Any]]:
    turn, anchor = layer["rotation_turn_length_seconds"], layer["rotation_virtual_start"]
    if not layer["restrictions"]:
        yield {"start": anchor, "end": _later(home, anchor, turn), "rule": _frequency(turn), "per_member": 1}
        return
    if turn % DAY:
        raise UsageError(
            f"layer {layer['name']!r} has restrictions and turns of {turn} seconds", remedy="end it first"
        )
    daily = [r for r in layer["restrictions"] if r["type"] == "daily_restriction"]
    for r in daily:
        start = _next(home, anchor - r["duration_seconds"], _second(r), None)
        end = _later(home, start, r["duration_seconds"])
        yield {"start": start, "end": end, "rule": "FREQ=DAILY", "per_member": turn // DAY}
    weekly: dict[tuple[int, int], list[int]] = {}
    for r in layer["restrictions"]:
        if r["type"] == "weekly_restriction":
            weekly.setdefault((_second(r), r["duration_seconds"]), []).append(
                (r["start_day_of_week"] - 1) % 7
            )
    for (second, duration), days in weekly.items():
        start = min(_next(home, anchor - duration, second, day) for day in days)
        names = ",".join(_DAYS[day] for day in sorted(days))
        per_member = max(1, len(days) * turn // WEEK) if turn % WEEK == 0 else 1
        rule = f"FREQ=WEEKLY;BYDAY={names}"
        yield {"start": start, "end": _later(home, start, duration), "rule": rule, "per_member": per_member}


def _frequency(turn: int) -> str:
    for name, length in (("WEEKLY", WEEK), ("DAILY", DAY), ("HOURLY", HOUR)):
        if turn % length == 0:
            return f"FREQ={name};INTERVAL={turn // length}"
    raise UsageError(f"turns of {turn} seconds have no counterpart among shifts", remedy="use whole hours")


def _second(restriction: dict[str, Any]) -> int:
    hour, minute, second = map(int, restriction["start_time_of_day"].split(":"))
    return hour * HOUR + minute * 60 + second


def _next(home: Zone, anchor: Instant, second: int, day: int | None) -> Instant:
    """The first such local time after `anchor`: the window under way there, when its length was taken off before."""
    first = home.day_of(anchor)
    return next(
        at
        for ahead in range(10)
        if day is None or weekday(first + ahead) == day
        for at in (home.instant(first + ahead, second),)
        if at > anchor
    )


def _later(home: Zone, start: Instant, seconds: int) -> Instant:
    day, second = home.local(start)
    return home.instant(day, second + seconds)


def _move_overrides(
    store: Store, id_: str, overrides: list[Doc], rotations: list[tuple[Doc, Doc]], now: Instant
) -> None:
    """A v2 override covers the whole slot; a v3 one replaces one member of one rotation: one for each member."""
    for override in overrides:
        if override["end"] <= now:
            continue
        for rotation, layer in rotations:
            for user in dict.fromkeys(layer["users"]):
                moved = {
                    "id": store.new_id("v3_override"),
                    "start": override["start"],
                    "end": override["end"],
                    "rotation_id": rotation["id"],
                    "custom_shift_id": None,
                    "overridden_member": {"type": "user_member", "user_id": user},
                    "overriding_member": {"type": "user_member", "user_id": override["user"]},
                }
                store.put("v3_override", moved, parent=id_)


def _repoint(store: Store, id_: str) -> None:
    """Policies go on targeting the same id, now of the other kind."""
    for policy_id in store.linked_from("escalation_policy", "schedule", id_):
        policy = store.get("escalation_policy", policy_id)
        assert policy is not None
        for rule in policy["rules"]:
            for target in rule["targets"]:
                if target == {"kind": "schedule", "id": id_}:
                    target["kind"] = "schedule_v3"
        store.put("escalation_policy", policy)
