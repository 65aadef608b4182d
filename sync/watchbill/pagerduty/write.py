"""Objects of the normal form -> requests, in PagerDuty's documented shapes only.

Everything that an object points at must have its id by now.  A write that may have happened although its
answer was lost raises AmbiguousWrite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from watchbill.account.canon import urgency_form
from watchbill.account.marker import join_description, tidy
from watchbill.account.objects import (
    EscalationPolicy,
    NamedObject,
    ObjectKind,
    OverrideSlot,
    Ref,
    Rule,
    Schedule,
    Service,
    ShiftSchedule,
    Urgency,
)
from watchbill.account.zones import zone_name
from watchbill.pagerduty import normal
from watchbill.pagerduty.answers import Answer, AnswerUnusable
from watchbill.pagerduty.layer_writes import clock_text, layer_writes
from watchbill.pagerduty.problems import AmbiguousWrite, NotFound, Refused
from watchbill.pagerduty.read import PATHS
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import WireObject, WirePolicy, WireRule, WireSchedule, WireService
from watchbill.rota.clock import iso

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    id: str
    request_ids: tuple[str, ...] = ()
    ended_layers: frozenset[str] = frozenset()
    """Layers that were wanted no more; PagerDuty shows them with an end that is, or is about to be, past."""


def create(transport: Transport, obj: NamedObject, *, now: int) -> Written:
    body, _, _ = _body(obj, None, now)
    answer = transport.post(PATHS[obj.kind], {obj.kind: body})
    return Written(made_id(answer, obj.kind), (answer.request_id,))


def made_id(answer: Answer, wrapper: str) -> str:
    """Of what was just made.  Raises AmbiguousWrite where the answer does not name it."""
    try:
        with answer.reading():
            return str(answer.item(wrapper)["id"])
    except AnswerUnusable as bad:
        raise AmbiguousWrite(bad.message, remedy="it may have happened; run the same command again") from None


def update(transport: Transport, obj: NamedObject, stored: WireObject, *, now: int) -> Written:
    """`stored` as it was read just before."""
    body, ended, adds = _body(obj, stored, now)
    answer = transport.put(f"{PATHS[obj.kind]}/{stored.id}", {obj.kind: body}, repeatable=not adds)
    return Written(stored.id, (answer.request_id,), ended)


def delete(transport: Transport, kind: ObjectKind, id_: str) -> Written:
    return Written(id_, (transport.delete(f"{PATHS[kind]}/{id_}").request_id,))


def create_override(transport: Transport, schedule_id: str, slot: OverrideSlot) -> Written:
    """PagerDuty answers 201 even when it refuses the override: each item carries its own status."""
    body = {"start": iso(slot.start), "end": iso(slot.end), "user": reference(slot.user, "user")}
    answer = transport.post(f"/schedules/{schedule_id}/overrides", {"overrides": [body]})
    items = answer.items("overrides") if isinstance(answer.body, dict) else answer.body
    item = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}
    made = item.get("override", item)
    status = item.get("status", 201)
    if status != 201 or not isinstance(made, dict) or not made.get("id"):
        errors = item.get("errors") or ["the answer does not say that the override was made"]
        raise Refused(int(status), None, "", [str(e) for e in errors])
    return Written(str(made["id"]), (answer.request_id,))


def delete_override(transport: Transport, schedule_id: str, id_: str) -> Written:
    """A running one is cut at now instead.  One that is gone already counts as deleted."""
    try:
        answer = transport.delete(f"/schedules/{schedule_id}/overrides/{id_}")
    except NotFound:
        return Written(id_)
    return Written(id_, (answer.request_id,))


def _body(obj: NamedObject, stored: WireObject | None, now: int) -> tuple[Body, frozenset[str], bool]:
    """The object, the layers it ends, and whether sending it twice would add something twice."""
    assert not isinstance(obj, ShiftSchedule), "takes several requests: shift_writes"
    if isinstance(obj, Schedule):
        return _schedule(obj, stored if isinstance(stored, WireSchedule) else None, now)
    if isinstance(obj, EscalationPolicy):
        return _policy(obj, stored if isinstance(stored, WirePolicy) else None), frozenset(), False
    return _service(obj, stored if isinstance(stored, WireService) else None), frozenset(), False


def _schedule(obj: Schedule, stored: WireSchedule | None, now: int) -> tuple[Body, frozenset[str], bool]:
    layers = layer_writes(obj.layers, stored.schedule_layers if stored else (), now, obj.time_zone)
    same_zone = stored is not None and zone_name(stored.time_zone) == zone_name(obj.time_zone)
    body = {
        "type": "schedule",
        "name": _name(obj, stored),
        "time_zone": stored.time_zone if stored is not None and same_zone else obj.time_zone,
        "description": join_description(obj.description, obj.marker),
        "schedule_layers": list(layers.bodies),
    }
    if set(obj.teams) != {team.id for team in (stored.teams if stored else ())}:
        body["teams"] = [reference(team, "team") for team in obj.teams]
    return body, layers.ended, layers.adds


def _policy(obj: EscalationPolicy, stored: WirePolicy | None) -> Body:
    rules = _with_rule_ids(obj.rules, stored.escalation_rules if stored else ())
    body: Body = {
        "type": "escalation_policy",
        "name": _name(obj, stored),
        "description": join_description(obj.description, obj.marker),
        "num_loops": obj.loops,
        "on_call_handoff_notifications": obj.handoff_notices,
        "escalation_rules": [_rule(rule, old) for rule, old in rules],
    }
    teams = [team.id for team in stored.teams] if stored else []
    if obj.team != (teams[0] if teams else ""):
        teams = [obj.team] if obj.team else []
    if teams or stored:
        body["teams"] = [reference(team, "team") for team in teams]
    return body


def _name(obj: NamedObject, stored: WireObject | None) -> str:
    """As the account has it, where only blanks around it differ: the plan shows no such difference."""
    same = stored is not None and stored.name.strip() == obj.name.strip()
    return stored.name if stored is not None and same else obj.name


def _with_rule_ids(rules: Sequence[Rule], stored: Sequence[WireRule]) -> list[tuple[Rule, WireRule | None]]:
    """A rule goes on as the stored one with the same targets, else as the unused one in its place."""
    left = list(stored)
    same: dict[int, WireRule] = {}
    for i, rule in enumerate(rules):
        targets = {ref.id for ref in rule.targets}
        found = next((old for old in left if {t.id for t in old.targets} == targets), None)
        if found is not None:
            same[i] = found
            left.remove(found)
    for i in range(len(rules)):
        if i not in same and left:
            same[i] = left.pop(0)
    return [(rule, same.get(i)) for i, rule in enumerate(rules)]


def _rule(rule: Rule, old: WireRule | None) -> Body:
    body: Body = {
        "escalation_delay_in_minutes": rule.delay_minutes,
        "targets": [_target(ref) for ref in _as_listed(rule, old)],
    }
    if old is not None and old.id:
        body["id"] = old.id
    # Plans without round robin answer 403 to the mere mention of a strategy, even of the default one.
    if rule.round_robin:
        body["escalation_rule_assignment_strategy"] = {"type": "round_robin"}
    elif old is not None and old.is_round_robin:
        body["escalation_rule_assignment_strategy"] = {"type": "assign_to_everyone"}
    return body


def _as_listed(rule: Rule, old: WireRule | None) -> Sequence[Ref]:
    """In the account's order, where the targets are the same."""
    listed = [target.id for target in old.targets] if old is not None else []
    if {ref.id for ref in rule.targets} != set(listed):
        return rule.targets
    return sorted(rule.targets, key=lambda ref: listed.index(ref.id))


def _target(ref: Ref) -> Body:
    assert ref.id, f"{ref.key} has no id yet"
    return reference(ref.id, "schedule" if ref.kind == "schedule" else "user")


def _service(obj: Service, stored: WireService | None) -> Body:
    """Of one that exists only what shall be different, beside what PagerDuty requires."""
    assert obj.policy.id, f"{obj.policy.key} has no id yet"
    old = normal.service(stored) if stored else None
    body: Body = {"type": "service", "escalation_policy": reference(obj.policy.id, "escalation_policy")}
    if old is None or old.name.strip() != obj.name.strip():
        body["name"] = obj.name
    if old is None or (old.description, old.marker) != (tidy(obj.description), obj.marker):
        body["description"] = join_description(obj.description, obj.marker)
    # 0 is how the documented integer says "never"; left out of a new one, PagerDuty's own defaults would hold.
    if old is None or old.resolve_timeout != obj.resolve_timeout:
        body["auto_resolve_timeout"] = obj.resolve_timeout or 0
    if old is None or old.ack_timeout != obj.ack_timeout:
        body["acknowledgement_timeout"] = obj.ack_timeout or 0
    if old is None or urgency_form(old.urgency) != urgency_form(obj.urgency):
        body |= _urgency(obj.urgency)
    return body


def _urgency(urgency: Urgency) -> Body:
    if urgency.type == "constant":
        return {"incident_urgency_rule": {"type": "constant", "urgency": urgency.urgency}}
    return {
        "incident_urgency_rule": {
            "type": "use_support_hours",
            "during_support_hours": {"type": "constant", "urgency": urgency.urgency},
            "outside_support_hours": {"type": "constant", "urgency": urgency.outside or urgency.urgency},
        },
        "support_hours": {
            "type": "fixed_time_per_day",
            "time_zone": urgency.time_zone,
            "days_of_week": [day + 1 for day in urgency.weekdays],
            "start_time": clock_text(urgency.start),
            "end_time": clock_text(urgency.end),
        },
    }


def reference(id_: str, kind: str) -> Body:
    return {"id": id_, "type": f"{kind}_reference"}
