"""The event rules of a service, edited as in the web editor: the whole set is saved, and by whom is kept with it."""

from __future__ import annotations

from typing import Any

from watchbill.errors import UsageError
from watchbill.sandbox.hands import Changes, check_known, handle
from watchbill.sandbox.routes.orchestration_paths import ROUTES
from watchbill.sandbox.store import Doc
from watchbill.sandbox.world import World

_KNOWN = "edit_rules add_rule delete_rules catch_all active"
_PATH = "/event_orchestrations/services/{service_id}"
_SAVE, _SWITCH = (
    next(r.handler for r in ROUTES if (r.method, r.path) == ("PUT", _PATH + end)) for end in ("", "/active")
)


def edit_rules(world: World, human: Doc, service: Doc, changes: Changes) -> None:
    """`service`: whose rules they are."""
    check_known(changes, _KNOWN)
    params = {"service_id": service["id"]}
    stored = world.store.get("orchestration_path", f"service/{service['id']}")
    sets: list[Doc] = [{**s, "rules": [*s["rules"]]} for s in stored["sets"]] if stored else []
    sets = sets or [{"id": "start", "rules": []}]
    if set(changes) - {"active"}:
        for label, edit in (changes.get("edit_rules") or {}).items():
            _rule(sets, label).update(edit)
        for label in changes.get("delete_rules") or ():
            gone = _rule(sets, label)
            for one in sets:
                one["rules"] = [rule for rule in one["rules"] if rule is not gone]
        if "add_rule" in changes:
            added = dict(changes["add_rule"])
            sets[0]["rules"].insert(added.pop("place", len(sets[0]["rules"])), added)
        body: dict[str, Any] = {"sets": sets}
        if "catch_all" in changes:
            body["catch_all"] = {"actions": changes["catch_all"]}
        handle(world, human, _SAVE, service["id"], {"orchestration_path": body}, params)
    if "active" in changes:
        handle(world, human, _SWITCH, service["id"], {"active": changes["active"]}, params)


def _rule(sets: list[Doc], label: str) -> Doc:
    """By how its label begins: ours go on with what was written when."""
    for one in sets:
        for place, rule in enumerate(one["rules"]):
            if rule.get("id") == label or str(rule.get("label") or "").startswith(label):
                one["rules"][place] = found = dict(rule)
                return found
    known = ", ".join(repr(rule.get("label")) for one in sets for rule in one["rules"])
    raise UsageError(f"there is no event rule {label!r}", remedy=f"there are: {known or 'none'}")
