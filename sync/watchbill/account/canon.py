"""What is compared: objects that mean the same have equal forms here, however PagerDuty spells them.

Left out: ids of layers and rules, markers.  Of a rotation's anchor only what decides who serves is kept: the
place within one turn, with the people counted from a fixed turn; so an anchor that is whole rotations away,
or another person's with the list rotated, is the same.  One person alone has no anchor and no turn.
Custom shifts are left out too: those of ours come and go by themselves, like overrides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from watchbill.account.event_changes import AHEAD
from watchbill.account.events import rotations_form
from watchbill.account.marker import tidy
from watchbill.account.objects import (
    EscalationPolicy,
    Layer,
    ManagedObject,
    Ref,
    Restriction,
    Schedule,
    Service,
    ServiceRouting,
    ShiftSchedule,
    Urgency,
)
from watchbill.account.rule_sets import RuleActions
from watchbill.account.zones import zone_name
from watchbill.rota.clock import DAY, MINUTE, WEEK, zone

Form = dict[str, Any]
"""Field -> comparable value; JSON can hold it."""

_GIVES_WAY = AHEAD + MINUTE
"""How long after a write an event may still run that the write ended."""


def form_of(obj: ManagedObject, *, now: int) -> Form:
    """Of what holds from `now` on: ended layers are dropped, a start in the past is "past"."""
    if isinstance(obj, Schedule):
        return _schedule(obj, now, starts=True)
    if isinstance(obj, ShiftSchedule):
        return _shift_schedule(obj, now, starts=True)
    if isinstance(obj, ServiceRouting):
        return _routing(obj)
    return _policy(obj) if isinstance(obj, EscalationPolicy) else _service(obj)


def timeless_form_of(obj: ManagedObject, *, at: int) -> Form:
    """Without starts, and without layers and events that ended by `at`: time alone does not change it."""
    if isinstance(obj, ShiftSchedule):
        return _shift_schedule(obj, at + _GIVES_WAY, starts=False)
    return _schedule(obj, at, starts=False) if isinstance(obj, Schedule) else form_of(obj, now=at)


def ref_form(ref: Ref) -> list[str]:
    """By id once there is one: the form of an object that points at it changes when it is made, not later."""
    return [ref.kind, ref.id or ref.key]


def live_layers(schedule: Schedule, now: int) -> tuple[Layer, ...]:
    """Without those that ended, and those that are to end before they begin: PagerDuty takes them, and they never
    show (terraform-provider-pagerduty#308)."""
    return tuple(
        layer for layer in schedule.layers if layer.end is None or layer.end > max(now, layer.start or now)
    )


def _schedule(schedule: Schedule, now: int, *, starts: bool) -> Form:
    layers = [
        (layer, layer_form(layer, schedule.time_zone, now, starts=starts))
        for layer in live_layers(schedule, now)
    ]
    return {**_common(schedule), "layers": _in_order(layers)}


def _shift_schedule(schedule: ShiftSchedule, at: int, *, starts: bool) -> Form:
    return {**_common(schedule), "events": rotations_form(schedule.rotations, at, starts=starts)}


def _common(schedule: Schedule | ShiftSchedule) -> Form:
    return {
        "name": schedule.name.strip(),
        "description": tidy(schedule.description),
        "time_zone": zone_name(schedule.time_zone),
        "teams": sorted(set(schedule.teams)),
        "shape": schedule.shape,
    }


def layer_form(layer: Layer, zone_of_it: str, now: int, *, starts: bool = True) -> Form:
    users, turn, anchor = _turns(layer, zone_of_it)
    form: Form = {
        "name": layer.name,
        "users": users,
        "turn_seconds": turn,
        "anchor": anchor,
        "end": layer.end,
        "restrictions": weekly(layer.restrictions),
    }
    if starts:
        form["start"] = None if layer.start is None or layer.start <= now else layer.start
    return form


def _turns(layer: Layer, zone_of_it: str) -> tuple[list[str], int, list[int]]:
    users = _shortest_period(layer.users)
    turn = layer.turn_seconds
    if len(users) < 2:
        return users, 0, []
    if turn % DAY:
        passed, phase = divmod(layer.virtual_start, turn)
        anchor = [phase]
    else:
        day, second = zone(zone_of_it).local(layer.virtual_start)
        passed, phase = divmod(day, turn // DAY)
        anchor = [phase, second]
    return [users[(place - passed) % len(users)] for place in range(len(users))], turn, anchor


def _shortest_period(users: Sequence[str]) -> list[str]:
    count = len(users)
    for length in range(1, count + 1):
        if count % length == 0 and all(users[i] == users[i % length] for i in range(count)):
            return list(users[:length])
    return []


def weekly(restrictions: Iterable[Restriction]) -> list[list[int]]:
    """[weekday, start, duration]; a daily window is seven.  Windows that touch stay apart: whether a cut at a
    clock change matters is a question PagerDuty leaves open."""
    found: set[tuple[int, int, int]] = set()
    for r in restrictions:
        days = range(7) if r.weekday is None else (r.weekday,)
        if r.duration >= (DAY if r.weekday is None else WEEK):
            return []
        found.update((day, r.start, r.duration) for day in days)
    return [list(window) for window in sorted(found)]


def _in_order(layers: Sequence[tuple[Layer, Form]]) -> list[Form]:
    """Precedence says nothing about layers that never meet, so their order is no difference."""
    meets = any(_meet(left, right) for i, (_, left) in enumerate(layers) for _, right in layers[i + 1 :])
    forms = [form for _, form in layers]
    return forms if meets else sorted(forms, key=repr)


def _meet(left: Form, right: Form) -> bool:
    first, second = left["restrictions"], right["restrictions"]
    if not first or not second:
        return True
    return any(_overlap(a, b) for a in first for b in second)


def _overlap(left: Sequence[int], right: Sequence[int]) -> bool:
    apart = (right[0] * DAY + right[1] - left[0] * DAY - left[1]) % WEEK
    return apart < left[2] or WEEK - apart < right[2]


def _policy(policy: EscalationPolicy) -> Form:
    return {
        "name": policy.name.strip(),
        "description": tidy(policy.description),
        "repeat": policy.loops,
        "handoff_notices": policy.handoff_notices,
        "team": policy.team,
        "rules": [
            {
                "delay_minutes": rule.delay_minutes,
                "targets": sorted({tuple(ref_form(ref)) for ref in rule.targets}),
                "round_robin": rule.round_robin,
            }
            for rule in policy.rules
        ],
    }


def _service(service: Service) -> Form:
    return {
        "name": service.name.strip(),
        "description": tidy(service.description),
        "policy": ref_form(service.policy),
        "urgency": urgency_form(service.urgency),
        "ack_timeout": service.ack_timeout,
        "resolve_timeout": service.resolve_timeout,
    }


def urgency_form(urgency: Urgency) -> Form:
    if urgency.type == "constant":
        return {"constant": urgency.urgency}
    return {
        "during": urgency.urgency,
        "outside": urgency.outside,
        "time_zone": zone_name(urgency.time_zone),
        "weekdays": sorted(set(urgency.weekdays)),
        "hours": [urgency.start, urgency.end],
    }


def _routing(routing: ServiceRouting) -> Form:
    """Ids of rules are left out, as is everything in the rule set that is not ours."""
    return {
        "service": ref_form(routing.service),
        "active": routing.active,
        "together": routing.together,
        "rules": [
            {
                "name": rule.name,
                "conditions": list(rule.conditions),
                "actions": _actions(rule.actions),
                "disabled": rule.disabled,
            }
            for rule in routing.rules
        ],
        "catch_all": None if routing.catch_all is None else _actions(routing.catch_all),
    }


def _actions(actions: RuleActions) -> Form:
    return {
        "priority": actions.priority,
        "severity": actions.severity,
        "policy": None if actions.policy is None else ref_form(actions.policy),
        "keeps_word": actions.keeps_word,
        "other": actions.other,
    }
