"""Who is on call at which level of which policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from watchbill.rota.clock import DAY, Instant
from watchbill.sandbox.call import Call, Reply, Route
from watchbill.sandbox.errors import ApiError
from watchbill.sandbox.paging import sliced
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import render_time

REACH = 90 * DAY


@dataclass(frozen=True, slots=True)
class OnCall:
    """`start` and `end` None: on call by name, for as long as the policy says so."""

    policy: str
    level: int
    user: str
    schedule: tuple[str, str] | None = None
    start: Instant | None = None
    end: Instant | None = None


def list_oncalls(call: Call) -> Reply:
    user = call.requester(required=False)
    zone = call.zone(user["time_zone"] if user else call.world.account_zone)
    since = call.instant("since", zone)
    until = call.instant("until", zone)
    since = call.now if since is None else since
    until = max(call.now, since) if until is None else until
    if until < since or until > call.now + REACH:
        raise ApiError(
            400, "Invalid date range", 2005, ["Until must not be before since, nor 90 days ahead."]
        )
    found = list(_on_calls(call, since, until))
    if call.flag("earliest"):
        found = _earliest(found)
    return sliced(call, "oncalls", found, lambda o: _view(call, o, zone))


def _on_calls(call: Call, since: Instant, until: Instant) -> Iterator[OnCall]:
    policies, users = call.many("escalation_policy_ids"), call.many("user_ids")
    schedules = call.many("schedule_ids")
    for policy in _policies(call, policies):
        for level, rule in enumerate(policy["rules"], start=1):
            for target in rule["targets"]:
                wanted = target["id"] if target["kind"] != "user" else "null"
                if schedules and wanted not in schedules:
                    continue
                for on_call in _of_target(call, policy, level, target, since, until):
                    if not users or on_call.user in users:
                        yield on_call


def _policies(call: Call, ids: list[str]) -> list[Doc]:
    if not ids:
        return sorted(call.store.all("escalation_policy"), key=lambda p: p["name"].lower())
    return [doc for doc in (call.store.get("escalation_policy", i) for i in dict.fromkeys(ids)) if doc]


def _of_target(
    call: Call,
    policy: Doc,
    level: int,
    target: dict[str, str],
    since: Instant,
    until: Instant,
) -> Iterator[OnCall]:
    kind, id_ = target["kind"], target["id"]
    if kind == "user":
        if call.store.get("user", id_) is not None:
            yield OnCall(policy["id"], level, id_)
        return
    for entry in call.world.on_call_entries(kind, id_, since, until):
        if entry.user is not None:
            yield OnCall(policy["id"], level, entry.user, (kind, id_), entry.start, entry.end)


def _earliest(found: list[OnCall]) -> list[OnCall]:
    """One per policy, level and user."""
    first: dict[tuple[str, int, str], OnCall] = {}
    for on_call in sorted(found, key=lambda o: -1 if o.start is None else o.start):
        first.setdefault((on_call.policy, on_call.level, on_call.user), on_call)
    return [o for o in found if first[o.policy, o.level, o.user] is o]


def _view(call: Call, on_call: OnCall, zone: str) -> dict[str, Any]:
    schedule = None
    if on_call.schedule is not None:
        schedule = call.included("schedules", *on_call.schedule)
    return {
        "escalation_policy": call.included("escalation_policies", "escalation_policy", on_call.policy),
        "user": call.included("users", "user", on_call.user),
        "schedule": schedule,
        "escalation_level": on_call.level,
        "start": None if on_call.start is None else render_time(on_call.start, zone),
        "end": None if on_call.end is None else render_time(on_call.end, zone),
    }


ROUTES = [Route("GET", "/oncalls", list_oncalls)]
