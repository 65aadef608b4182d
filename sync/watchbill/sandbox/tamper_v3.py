"""Edits of shift-based schedules as the web UI makes them."""

from __future__ import annotations

from typing import Any

from watchbill.errors import UsageError
from watchbill.sandbox.hands import Changes, check_known, find, handle
from watchbill.sandbox.routes import v3_rotations, v3_schedules, v3_shifts
from watchbill.sandbox.shift_docs import event_wire, events_of, phase, rotations_of
from watchbill.sandbox.store import Doc, Store
from watchbill.sandbox.world import World


def edit_schedule_v3(world: World, human: Doc, doc: Doc, changes: Changes) -> None:
    check_known(changes, "name description time_zone events add_override add_custom_shift")
    fields = {key: changes[key] for key in ("name", "description", "time_zone") if key in changes}
    if fields:
        body = {"name": doc["name"], "time_zone": doc["time_zone"], **fields}
        handle(world, human, v3_schedules.update_schedule, doc["id"], {"schedule": body})
    for name, edit in (changes.get("events") or {}).items():
        _edit_event(world, human, doc, find_event(world, doc, name), edit)
    if "add_override" in changes:
        _add_override(world, human, doc, changes["add_override"])
    if "add_custom_shift" in changes:
        wanted = changes["add_custom_shift"]
        assignment = {"type": "shift_assignment", "member": _member(world.store, wanted["user"])}
        shift = {"start_time": wanted["start"], "end_time": wanted["end"], "assignments": [assignment]}
        handle(world, human, v3_shifts.create_custom_shifts, doc["id"], {"custom_shifts": [shift]})


def find_event(world: World, schedule: Doc, name: str) -> Doc:
    """By id, or by name among those that are not past."""
    events = [e for r in rotations_of(world.store, schedule) for e in events_of(world.store, r)]
    living = [e for e in events if phase(e, world.now) != "past"]
    found = [e for e in events if e["id"] == name] or [e for e in living if e["name"] == name]
    if len(found) == 1:
        return found[0]
    known = ", ".join(repr(e["name"]) for e in living) or "none"
    raise UsageError(f"{schedule['name']} has not one event {name!r}", remedy=f"it has: {known}")


def _edit_event(world: World, human: Doc, schedule: Doc, event: Doc, edit: Changes) -> None:
    check_known(edit, "name members shifts_per_member recurrence effective_until")
    place = {"rotation_id": event["rotation"]}
    this = {**place, "event_id": event["id"]}
    if set(edit) == {"effective_until"}:
        handle(world, human, v3_rotations.update_event, schedule["id"], {"event": dict(edit)}, this)
        return
    changed = _changed(world.store, event_wire(event), edit)
    if phase(event, world.now) == "future":
        handle(world, human, v3_rotations.update_event, schedule["id"], {"event": changed}, this)
        return
    handle(world, human, v3_rotations.delete_event, schedule["id"], None, this)
    handle(world, human, v3_rotations.create_event, schedule["id"], {"event": changed}, place)


def _changed(store: Store, wire: dict[str, Any], edit: Changes) -> dict[str, Any]:
    strategy = dict(wire["assignment_strategy"])
    if "members" in edit:
        strategy["members"] = [_member(store, user) for user in edit["members"]]
    if "shifts_per_member" in edit:
        strategy["shifts_per_member"] = edit["shifts_per_member"]
    plain = {key: edit[key] for key in ("name", "recurrence", "effective_until") if key in edit}
    return {**wire, **plain, "assignment_strategy": strategy}


def _member(store: Store, user: str | None) -> dict[str, str]:
    """None is a place that nobody has."""
    if user is None:
        return {"type": "empty_member"}
    return {"type": "user_member", "user_id": find(store, "user", user)["id"]}


def _add_override(world: World, human: Doc, schedule: Doc, wanted: Changes) -> None:
    override = {
        "type": "override_shift",
        "rotation_id": find_event(world, schedule, wanted["event"])["rotation"],
        "start_time": wanted["start"],
        "end_time": wanted["end"],
        "overridden_member": _member(world.store, wanted["instead_of"]),
        "overriding_member": _member(world.store, wanted["user"]),
    }
    handle(world, human, v3_shifts.create_overrides, schedule["id"], {"overrides": [override]})
