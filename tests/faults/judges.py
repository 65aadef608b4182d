"""What the fault tests look at: what an account holds, told without ids; who is not paged; what is not ours.

The last two read the sandbox's own store and renderer, not what our reader makes of its answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import SecretStr

from watchbill.account.canon import form_of
from watchbill.account.objects import Account, Service, ServiceRouting, ShiftSchedule
from watchbill.pagerduty.read import read_account
from watchbill.pagerduty.rule_sets import read_routings
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import DAY, WEEK
from watchbill.rota.spans import Span, complement, intersect, union
from watchbill.sandbox.engine.routing import Routed, send_through
from watchbill.sandbox.server import Sandbox
from watchbill.sandbox.world import World

AHEAD = 3 * WEEK
"""The running turn and, of weekly ones, the next two."""
EVENTS = [
    *((s, "") for s in ("critical", "error", "warning", "info")),
    *(("info", f"P{n}") for n in (1, 2, 3, 4)),
]
Holes = Mapping[str, list[Span]]
"""By service, and by the event where an orchestration decides: when level one reaches nobody."""


def read(sandbox: Sandbox, now: int) -> Account:
    with Transport(sandbox.url, SecretStr("any-token")) as transport:
        bare = read_account(transport, name="sandbox", now=now, since=now, until=now + 90 * DAY)
        ids = [schedule.id for schedule in bare.schedules]
        account = read_account(
            transport, name="sandbox", now=now, since=now, until=now + 90 * DAY, overrides_of=ids
        )
        routings, _ = read_routings(transport, {service.id: service.name for service in account.services})
        return account.model_copy(update={"routings": routings})


def told(account: Account, now: int) -> list[str]:
    """Everything the account holds, by name: what two accounts that mean the same have in common."""
    names = {schedule.id: schedule.name for schedule in account.schedules}
    lines = []
    for obj in account.everything():
        owner = obj.marker.key if obj.marker else "nobody"
        text = f"{obj.kind} {owner} {form_of(obj, now=now)}"
        if isinstance(obj, ServiceRouting):
            text += f" beside {obj.foreign}"
        if isinstance(obj, Service):
            text += f" {obj.integrations}"
        for other in account.objects():  # ids are unique within their kind only
            for left, right in ("()", "[]"):
                text = text.replace(
                    f"{left}{other.kind!r}, {other.id!r}{right}",
                    f"{left}{other.kind!r}, <{other.name}>{right}",
                )
        lines.append(text)
    for id_, slots in (*account.overrides.items(), *account.shift_overrides.items()):
        lines += [f"override {names[id_]} {slot.match}" for slot in slots]
    for schedule in account.schedules:
        if isinstance(schedule, ShiftSchedule):
            lines += [f"custom shift {schedule.name} {slot.match}" for slot in schedule.custom_shifts]
    return sorted(lines)


Row = tuple[str, str]
"""Kind and id."""


def rows(sandbox: Sandbox) -> dict[Row, str]:
    """Every document of the account, of whatever kind, to the byte; but for what grows by itself."""
    found = sandbox.store.execute(
        "SELECT kind, id, doc FROM objects WHERE deleted_at IS NULL AND kind NOT IN ('audit', 'era')"
    )
    return {(kind, id_): doc for kind, id_, doc in found}


def parents(sandbox: Sandbox) -> dict[Row, str]:
    """Id of what a document belongs to; "" for most."""
    found = sandbox.store.execute("SELECT kind, id, parent FROM objects")
    return {(kind, id_): parent for kind, id_, parent in found}


Ends = Mapping[str, int]
"""By id of a shift-based schedule: up to when its change is bridged."""


def holes(sandbox: Sandbox, now: int, ends: Ends = MappingProxyType({})) -> Holes:
    """From now to the end of the next turns; what has none is left out.  Schedules that `ends` names, too."""
    world, found = sandbox.world, {}
    for service in world.store.all("service"):
        for how, policy in _policies_of(world, service):
            until = min(
                [ends.get(id_, now + AHEAD) for id_ in _schedules_on(world, policy)], default=now + AHEAD
            )
            nobody = complement(union(_level_one(world, policy, now)), now, max(until, now))
            if nobody:
                found[f"{service['name']}{how}"] = nobody
    for id_, until in ends.items():
        entries = world.on_call_entries("schedule_v3", id_, now, now + AHEAD)
        nobody = complement(union((e.start, e.end) for e in entries if e.user), now, until)
        if nobody:
            found[f"schedule {id_}"] = nobody
    return found


def bridged_until(sandbox: Sandbox, before: Mapping[str, Any], now: int) -> Ends:
    """`before`: the events by id, before anything was changed.  A change of running events is bridged to the end of
    the first turn after it; where nothing began anew the whole time ahead counts."""
    ends = {}
    known = {event["schedule"] for event in before.values()}
    for schedule in sandbox.store.all("schedule_v3"):
        events = [e for e in sandbox.store.all("event") if e["schedule"] == schedule["id"]]
        new = [max(now, e["effective_since"]) for e in events if e != before.get(e["id"]) and _begins(e, now)]
        entries = sandbox.world.on_call_entries("schedule_v3", schedule["id"], now, now + AHEAD)
        turning = min(new, default=now + AHEAD)
        if schedule["id"] in known:
            ends[schedule["id"]] = next((e.end for e in entries if e.end > turning), now + AHEAD)
    return ends


def _begins(event: Mapping[str, Any], now: int) -> bool:
    return bool(event["effective_since"] >= now)


def new_holes(found: Holes, before: Holes, after: Holes, now: int) -> list[str]:
    """Where nobody is paged although somebody was before and will be after."""
    bad = []
    for name, nobody in found.items():
        allowed = union([*before.get(name, ()), *after.get(name, ())])
        if intersect(nobody, complement(allowed, now, now + AHEAD)):
            bad.append(name)
    return bad


def twice(sandbox: Sandbox, now: int) -> Holes:
    """By shift-based schedule: when two people are on call at once."""
    found = {}
    for schedule in sandbox.store.all("schedule_v3"):
        mine: dict[str, list[Span]] = {}
        for e in sandbox.world.on_call_entries("schedule_v3", schedule["id"], now, now + AHEAD):
            mine.setdefault(e.user or "", []).append((e.start, e.end))
        people = list(mine.values())
        both = union(s for i, a in enumerate(people) for b in people[i + 1 :] for s in intersect(a, b))
        if both:
            found[schedule["name"]] = both
    return found


def _policies_of(world: World, service: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "", service["escalation_policy"]
    path = world.store.get("orchestration_path", f"service/{service['id']}")
    if path is None or not service.get("orchestration_active"):
        return
    for severity, word in EVENTS:
        event = {"severity": severity, "custom_details": {"severity": word}}
        routed = Routed(event, {"payload": event})
        send_through(world, path, routed, world.now)
        yield f" {severity} {word}".rstrip(), routed.escalation_policy or service["escalation_policy"]


def _schedules_on(world: World, policy: str) -> list[str]:
    doc = world.store.get("escalation_policy", policy)
    return [t["id"] for t in doc["rules"][0]["targets"]] if doc and doc["rules"] else []


def _level_one(world: World, policy: str, now: int) -> list[Span]:
    doc = world.store.get("escalation_policy", policy)
    covered: list[Span] = []
    for target in doc["rules"][0]["targets"] if doc and doc["rules"] else ():
        if target["kind"] == "user":
            covered += [(now, now + AHEAD)] if world.store.get("user", target["id"]) else []
        else:
            entries = world.on_call_entries(target["kind"], target["id"], now, now + AHEAD)
            covered += [(e.start, e.end) for e in entries if e.user is not None]
    return covered
