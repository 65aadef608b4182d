"""One object told field by field, and what differs between two, in the words of people who never saw an id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from watchbill.account.canon import Form, form_of, layer_form, live_layers
from watchbill.account.objects import (
    Account,
    AnySchedule,
    EscalationPolicy,
    Layer,
    ManagedObject,
    Ref,
    Rule,
    Schedule,
    Service,
    ServiceRouting,
    ShiftSchedule,
    Urgency,
)
from watchbill.account.pairing import likeness
from watchbill.account.wanted import Wanted
from watchbill.account.zones import zone_name
from watchbill.plan import shift_fields, words
from watchbill.plan.document import FieldChange
from watchbill.plan.elements import Compared, Kind, compared, counted
from watchbill.plan.routing_words import rules_told, told

Told = dict[str, str]
"""Field path -> words; "" where there is nothing."""


class Names:
    """People by handle where the policy knows their e-mail, else by the account's name."""

    def __init__(self, account: Account, wanted: Wanted) -> None:
        self._users = {user.id: user.name for user in account.users} | dict(wanted.people)
        self._teams = {team.id: team.name for team in account.teams}
        self._priorities = {priority.id: priority.name for priority in account.priorities}
        self._objects = {obj.id: obj.name for obj in account.objects()}
        self._objects |= {item.want.key: item.want.name for item in wanted.objects}

    def user(self, user: str) -> str:
        return self._users.get(user, user)

    def team(self, team: str) -> str:
        return self._teams.get(team, team)

    def priority(self, priority: str) -> str:
        return self._priorities.get(priority, priority)

    def ref(self, ref: Ref) -> str:
        if ref.kind == "user":
            return self.user(ref.id)
        return self._objects.get(ref.id) or self._objects.get(ref.key) or ref.id or ref.key


@dataclass(frozen=True, slots=True)
class Differences:
    fields: tuple[FieldChange, ...]
    """Empty only if nothing differs; a difference that no word tells is shown as it is compared."""
    unchanged: str = ""
    """2 layers; "" where no layer, level or shift changed."""


def changes_between(
    before: ManagedObject | None, after: ManagedObject | None, names: Names, *, now: int
) -> Differences:
    if isinstance(after, ServiceRouting):
        routing = before if isinstance(before, ServiceRouting) else None
        return Differences(_routing(routing, after, names, now))
    if before is None or after is None:
        sides = (_told(obj, names, now) if obj is not None else {} for obj in (before, after))
        return Differences(_pairs(*sides))
    found = _differences(before, after, names, now)
    if found.fields:
        return found
    left, right = form_of(before, now=now), form_of(after, now=now)
    if isinstance(before, Schedule) and isinstance(after, Schedule) and left["layers"] != right["layers"]:
        orders = [_order(s, now) for s in (before, after)]
        return Differences((FieldChange(path="layers, base first", before=orders[0], after=orders[1]),))
    return Differences(_pairs(left, right))


def _differences(before: ManagedObject, after: ManagedObject, names: Names, now: int) -> Differences:
    elements = Compared({}, {}, "")
    if isinstance(before, Schedule) and isinstance(after, Schedule):
        elements = _layers(before, after, names, now)
    elif isinstance(before, ShiftSchedule) and isinstance(after, ShiftSchedule):
        elements = shift_fields.shifts_compared(before, after, names.user, now)
    elif isinstance(before, EscalationPolicy) and isinstance(after, EscalationPolicy):
        elements = _levels(before, after, names)
    old, new = (_told_shortly(obj, names, now) for obj in (before, after))
    of_elements = _pairs(elements.old, elements.new)
    return Differences(_pairs(old, new) + of_elements, elements.unchanged if of_elements else "")


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(path=path, before=old.get(path) or None, after=new.get(path) or None)
        for path in {**old, **new}
        if (old.get(path) or None) != (new.get(path) or None)
    )


def _routing(
    before: ServiceRouting | None, after: ServiceRouting, names: Names, now: int
) -> tuple[FieldChange, ...]:
    """By what becomes of events; rule by rule where that stays the same."""
    by_events = told(before, after, names.ref, names.priority)
    if by_events or before is None:
        return by_events
    tells: tuple[Callable[[ServiceRouting], Told], ...] = (
        lambda routing: rules_told(routing, names.ref, names.priority),
        lambda routing: form_of(routing, now=now),
    )
    found = (_pairs(tell(before), tell(after)) for tell in tells)
    return next(filter(None, found), ())


def _told(obj: ManagedObject, names: Names, now: int) -> Told:
    """A whole object."""
    told = _told_shortly(obj, names, now)
    if isinstance(obj, Schedule):
        for label, layer in _labelled(obj, now):
            told |= {f"{label} · {field}": text for field, text in _layer(layer, obj.time_zone, names, now)}
    elif isinstance(obj, ShiftSchedule):
        told |= shift_fields.told(obj, names.user, now)
    elif isinstance(obj, EscalationPolicy):
        told |= dict(_level_lines(obj, names))
    return told


def _told_shortly(obj: ManagedObject, names: Names, now: int) -> Told:
    """Without its layers, levels or shifts."""
    if isinstance(obj, AnySchedule):
        return _common(obj, names)
    if isinstance(obj, ServiceRouting):
        return {}
    return _policy(obj, names) if isinstance(obj, EscalationPolicy) else _service(obj, names)


def _common(schedule: AnySchedule, names: Names) -> Told:
    return {
        "name": schedule.name,
        "description": schedule.description,
        "time zone": zone_name(schedule.time_zone),
        "teams": ", ".join(sorted(names.team(team) for team in schedule.teams)),
    }


def _labelled(schedule: Schedule, now: int) -> list[tuple[str, Layer]]:
    layers = live_layers(schedule, now)
    twice = Counter(layer.name for layer in layers)
    return [
        (layer.name if layer.name and twice[layer.name] == 1 else f"{layer.name or 'layer'} {number}", layer)
        for number, layer in enumerate(layers, 1)
    ]


def _layer(layer: Layer, zone: str, names: Names, now: int) -> list[tuple[str, str]]:
    told = [("people", ", ".join(names.user(user) for user in layer.users))]
    if len(set(layer.users)) > 1:
        at = words.handoff(layer.turn_seconds, layer.virtual_start, zone)
        told.append(("turn", words.length(layer.turn_seconds) + (f", handoff {at}" if at else "")))
        told.append(
            ("first turn", f"{names.user(layer.users[0])} from {words.local(layer.virtual_start, zone)}")
        )
    told.append(("hours", words.hours(layer.restrictions)))
    if layer.start is not None and layer.start > now:
        told.append(("from", words.local(layer.start, zone)))
    if layer.end is not None:
        told.append(("until", words.local(layer.end, zone)))
    return told


def _layers(before: Schedule, after: Schedule, names: Names, now: int) -> Compared:
    """Another anchor for the same turns is no change: people and first turn are told only if turns differ."""

    def form(element: _InZone) -> Form:
        return layer_form(element[1], element[0], now)

    def equal(old: _InZone, new: _InZone) -> frozenset[str]:
        left, right = form(old), form(new)
        same = {field for field, parts in _SAYS.items() if all(left[part] == right[part] for part in parts)}
        return frozenset(same)

    kind: Kind[_InZone] = Kind(
        word="layer",
        name=lambda element: element[1].name,
        likeness=lambda new, old: likeness(form(new), form(old)),
        tell=lambda element: _layer(element[1], element[0], names, now),
        equal=equal,
    )
    old, new = ([(s.time_zone, layer) for layer in live_layers(s, now)] for s in (before, after))
    return compared(old, new, kind)


_InZone = tuple[str, Layer]
"""A layer with the zone of its schedule."""
_TURNS = ("users", "turn_seconds", "anchor")
_SAYS = {"people": _TURNS, "turn": _TURNS, "first turn": _TURNS, "hours": ("restrictions",)}
"""Field in words -> the parts of a layer's form that it says."""


def _order(schedule: Schedule, now: int) -> str:
    return ", ".join(label for label, _ in _labelled(schedule, now))


def _policy(policy: EscalationPolicy, names: Names) -> Told:
    told = {
        "name": policy.name,
        "description": policy.description,
        "team": names.team(policy.team) if policy.team else "",
    }
    last = policy.rules[-1].delay_minutes if policy.rules else 0
    told["starts over"] = f"{policy.loops} times, {last} min after the last level" if policy.loops else ""
    told["last wait"] = "" if policy.loops else f"{last} min"
    told["handoff notices"] = policy.handoff_notices.replace("_", " ")
    return told


def _level_lines(policy: EscalationPolicy, names: Names) -> list[tuple[str, str]]:
    minute, lines = 0, []
    for number, rule in enumerate(policy.rules, 1):
        lines.append((f"level {number}", f"{minute} min: {_targets(rule, names)}"))
        minute += rule.delay_minutes
    return lines


def _levels(before: EscalationPolicy, after: EscalationPolicy, names: Names) -> Compared:
    """A level is its number: the order is what a policy says."""
    old, new = (dict(_level_lines(policy, names)) for policy in (before, after))
    return Compared(old, new, counted(sum(old.get(level) == text for level, text in new.items()), "level"))


def _targets(rule: Rule, names: Names) -> str:
    who = ", ".join(sorted(names.ref(ref) for ref in rule.targets)) or "nobody"
    return f"{who} (in turn)" if rule.round_robin else who


def _service(service: Service, names: Names) -> Told:
    return {
        "name": service.name,
        "description": service.description,
        "escalation policy": names.ref(service.policy),
        "urgency": urgency_words(service.urgency),
        "acknowledgement expires": words.length(service.ack_timeout),
        "resolves by itself": words.length(service.resolve_timeout),
    }


_URGENCY = {"high": "high", "low": "low", "severity_based": "by severity"}


def urgency_words(urgency: Urgency) -> str:
    if urgency.type == "constant":
        return _URGENCY[urgency.urgency]
    days = ",".join(words.DAYS[day] for day in sorted(urgency.weekdays))
    stretch = f"{days} {words.clock(urgency.start)}-{words.clock(urgency.end)}"
    outside = _URGENCY[urgency.outside or "low"]
    return f"{_URGENCY[urgency.urgency]} during {stretch} ({urgency.time_zone}), else {outside}"
