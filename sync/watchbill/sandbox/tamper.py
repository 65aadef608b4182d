"""Edits as a human makes them in the web UI: through the same rules, into the audit trail as `browser`.

`changes` by kind:

    schedule            name, description, time_zone;
                        layers: {layer name or id: {users: [names, e-mails or ids], end, rotation_virtual_start,
                        rotation_turn_length_seconds, restrictions, name}};
                        add_override: {user, start, end};  delete_override: id, or {user, start};
                        upgrade: true makes it shift-based, with the same id
    schedule_v3         name, description, time_zone;
                        events: {event name or id: {members: [...], shifts_per_member, name, recurrence} or
                        {effective_until}}: a running event is ended now and followed by its successor;
                        add_override: {event, instead_of, user, start, end};  add_custom_shift: {user, start, end}
    escalation_policy   name, description, num_loops;  delays: {level: minutes};
                        add_target / remove_target: {level, user or schedule}
    service             name, description, escalation_policy (name or id), auto_resolve_timeout,
                        acknowledgement_timeout, incident_urgency_rule
    event_rules         of the service of that name: edit_rules: {beginning of a label: {conditions, actions, ...}};
                        add_rule: {label, conditions, actions, place};  delete_rules: [labels];  catch_all: {actions};
                        active: false switches all of them off
    team, user          name, description, ...

`{"delete": true}` deletes the object, whatever it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watchbill.errors import UsageError
from watchbill.sandbox.audit import Actor
from watchbill.sandbox.call import Handler
from watchbill.sandbox.clock import MovableClock
from watchbill.sandbox.errors import ApiError
from watchbill.sandbox.hands import Changes, check_known, find, handle
from watchbill.sandbox.load_rest import layer_to_rest
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.routes import overrides, policies, schedules, services, teams, users, v3_schedules
from watchbill.sandbox.store import Doc, Store
from watchbill.sandbox.tamper_rules import edit_rules
from watchbill.sandbox.tamper_v3 import edit_schedule_v3
from watchbill.sandbox.upgrade import upgrade
from watchbill.sandbox.wire import parse_time
from watchbill.sandbox.world import World


def tamper(
    store: Store,
    kind: str,
    name_or_id: str,
    changes: Changes,
    by: str = "",
    *,
    clock: MovableClock | None = None,
) -> None:
    """`by`: name, e-mail or id of the user; the account's owner when empty.  Raises UsageError."""
    world = World(store, clock or MovableClock(), SandboxOptions(strict_zones=False))
    if kind not in _EDITORS:
        raise UsageError(f"nobody can tamper with {kind!r}", remedy=f"one of: {', '.join(_EDITORS)}")
    if kind == "schedule":
        kind = _kind_of_schedule(store, name_or_id)
    try:
        with store.transaction():
            doc = find(store, "service" if kind == "event_rules" else kind, name_or_id)
            human = find(store, "user", by) if by else _owner(store)
            world.actor = Actor(method="browser", user=human["id"])
            if changes.get("delete") and kind in _DELETERS:
                handle(world, human, _DELETERS[kind], doc["id"], None)
            else:
                _EDITORS[kind](world, human, doc, changes)
    except ApiError as refused:
        raise UsageError(f"the account refuses that edit: {refused.told()}") from refused


def _kind_of_schedule(store: Store, name_or_id: str) -> str:
    """A human in the web UI looks for a schedule, of whichever kind."""
    if store.get("schedule", name_or_id) or store.named("schedule", name_or_id):
        return "schedule"
    is_shift_based = store.get("schedule_v3", name_or_id) or store.named("schedule_v3", name_or_id)
    return "schedule_v3" if is_shift_based else "schedule"


def _owner(store: Store) -> Doc:
    return next(iter(d for d in store.all("user") if d["role"] == "owner"), None) or store.all("user")[0]


def _plain(changes: Changes, allowed: str) -> dict[str, Any]:
    return {key: changes[key] for key in allowed.split() if key in changes}


def _schedule(world: World, human: Doc, doc: Doc, changes: Changes) -> None:
    check_known(changes, "name description time_zone layers add_override delete_override upgrade")
    if changes.get("upgrade"):
        upgrade(world, doc)
        return
    if "add_override" in changes:
        _add_override(world, human, doc, changes["add_override"])
    if "delete_override" in changes:
        _delete_override(world, human, doc, changes["delete_override"])
    body = _plain(changes, "name description time_zone")
    if "layers" in changes:
        body["schedule_layers"] = _edited_layers(world.store, doc, changes["layers"])
    if body:
        handle(world, human, schedules.update_schedule, doc["id"], {"schedule": body})


def _edited_layers(store: Store, doc: Doc, edits: Changes) -> list[Doc]:
    """All layers, in write order, with ids."""
    for name in edits:
        if not any(name in (layer["name"], layer["id"]) for layer in doc["layers"]):
            known = ", ".join(repr(layer["name"]) for layer in doc["layers"])
            raise UsageError(f"{doc['name']} has no layer {name!r}", remedy=f"it has: {known}")
    sent = []
    for layer in doc["layers"]:
        edit = dict(edits.get(layer["name"]) or edits.get(layer["id"]) or {})
        if "users" in edit:
            edit["users"] = [{"user": {"id": find(store, "user", u)["id"]}} for u in edit["users"]]
        sent.append({**layer_to_rest(layer, doc["time_zone"]), **edit})
    return sent


def _add_override(world: World, human: Doc, doc: Doc, wanted: Changes) -> None:
    user = find(world.store, "user", wanted["user"])
    override = {"start": wanted["start"], "end": wanted["end"], "user": {"id": user["id"]}}
    handle(world, human, overrides.create_overrides, doc["id"], {"override": override})


def _delete_override(world: World, human: Doc, doc: Doc, wanted: str | Changes) -> None:
    for override in world.store.children("override", doc["id"]):
        if isinstance(wanted, str):
            matches = override["id"] == wanted
        else:
            user = find(world.store, "user", wanted["user"])
            matches = (override["user"], override["start"]) == (user["id"], parse_time(wanted["start"]))
        if matches:
            params = {"override_id": override["id"]}
            handle(world, human, overrides.delete_override, doc["id"], None, params)
            return
    raise UsageError(f"{doc['name']} has no such override")


def _policy(world: World, human: Doc, doc: Doc, changes: Changes) -> None:
    check_known(
        changes, "name description num_loops on_call_handoff_notifications delays add_target remove_target"
    )
    body = _plain(changes, "name description num_loops on_call_handoff_notifications")
    if set(changes) & {"delays", "add_target", "remove_target"}:
        body["escalation_rules"] = _edited_rules(world.store, doc, changes)
    handle(world, human, policies.update_policy, doc["id"], {"escalation_policy": body})


def _edited_rules(store: Store, doc: Doc, changes: Changes) -> list[Doc]:
    rules = [{**rule, "targets": list(rule["targets"])} for rule in doc["rules"]]

    def at(level: object) -> Doc:
        number = int(str(level))
        if not 1 <= number <= len(rules):
            raise UsageError(
                f"{doc['name']} has no level {number}", remedy=f"levels run from 1 to {len(rules)}"
            )
        return rules[number - 1]

    for level, minutes in (changes.get("delays") or {}).items():
        at(level)["delay"] = int(minutes)
    if "add_target" in changes:
        at(changes["add_target"]["level"])["targets"].append(_target(store, changes["add_target"]))
    if "remove_target" in changes:
        targets = at(changes["remove_target"]["level"])["targets"]
        unwanted = _target(store, changes["remove_target"])
        if unwanted not in targets:
            raise UsageError(f"that level of {doc['name']} has no such target")
        targets.remove(unwanted)
    return [
        {
            "id": rule["id"],
            "escalation_delay_in_minutes": rule["delay"],
            "targets": [{"id": t["id"], "type": f"{t['kind']}_reference"} for t in rule["targets"]],
            "escalation_rule_assignment_strategy": {"type": rule["strategy"]},
        }
        for rule in rules
    ]


def _target(store: Store, wanted: Changes) -> dict[str, str]:
    if "user" in wanted:
        return {"kind": "user", "id": find(store, "user", wanted["user"])["id"]}
    name = wanted["schedule"]
    kind = _kind_of_schedule(store, name)
    return {"kind": kind, "id": find(store, kind, name)["id"]}


def _service(world: World, human: Doc, doc: Doc, changes: Changes) -> None:
    allowed = (
        "name description auto_resolve_timeout acknowledgement_timeout incident_urgency_rule support_hours"
    )
    check_known(changes, f"{allowed} status escalation_policy")
    body = _plain(changes, f"{allowed} status")
    if "escalation_policy" in changes:
        body["escalation_policy"] = {
            "id": find(world.store, "escalation_policy", changes["escalation_policy"])["id"]
        }
    handle(world, human, services.update_service, doc["id"], {"service": body})


def _team(world: World, human: Doc, doc: Doc, changes: Changes) -> None:
    handle(world, human, teams.update_team, doc["id"], {"team": dict(changes)})


def _user(world: World, human: Doc, doc: Doc, changes: Changes) -> None:
    handle(world, human, users.update_user, doc["id"], {"user": dict(changes)})


_EDITORS: dict[str, Callable[[World, Doc, Doc, Changes], None]] = {
    "schedule": _schedule,
    "schedule_v3": edit_schedule_v3,
    "escalation_policy": _policy,
    "service": _service,
    "event_rules": edit_rules,
    "team": _team,
    "user": _user,
}
_DELETERS: dict[str, Handler] = {
    "schedule": schedules.delete_schedule,
    "schedule_v3": v3_schedules.delete_schedule,
    "escalation_policy": policies.delete_policy,
    "service": services.delete_service,
    "team": teams.delete_team,
    "user": users.delete_user,
}
