"""PagerDuty's answers -> the normal form of `account.objects`."""

from __future__ import annotations

from typing import Literal, cast

from watchbill.account.marker import split_description
from watchbill.account.objects import (
    EscalationPolicy,
    Layer,
    Marker,
    NamedObject,
    OverrideSlot,
    Priority,
    Ref,
    Restriction,
    Rule,
    Schedule,
    Service,
    Team,
    Urgency,
    User,
)
from watchbill.account.zones import zone_name
from watchbill.pagerduty.answers import Item
from watchbill.pagerduty.shift_normal import shift_schedule
from watchbill.pagerduty.shift_wire import WireShiftSchedule
from watchbill.pagerduty.wire import (
    WireLayer,
    WireNamed,
    WireObject,
    WireOverride,
    WirePolicy,
    WireRef,
    WireRestriction,
    WireSchedule,
    WireService,
    WireSupportHours,
    WireUrgency,
    WireUser,
)

_LOUD = ("phone", "sms", "push_notification", "whatsapp")


def of(wire: WireObject | WireShiftSchedule, *, now: int) -> NamedObject:
    if isinstance(wire, WireSchedule):
        return schedule(wire, now=now)
    if isinstance(wire, WireShiftSchedule):
        return shift_schedule(wire, now=now)
    return policy(wire) if isinstance(wire, WirePolicy) else service(wire)


def schedule(wire: WireSchedule, *, now: int) -> Schedule:
    """Layers come highest precedence first and leave here base first.

    A layer that had ended when the marker was written is dropped.  Without a marker all stay: the digest in a
    record of an import may count them.
    """
    description, marker = split_description(wire.description)
    past = marker.at if marker and marker.digest else 0
    layers = [layer(x, now=now) for x in reversed(wire.schedule_layers) if x.end is None or x.end > past]
    return Schedule(
        key=_key(marker),
        id=wire.id,
        name=wire.name or wire.summary,
        time_zone=zone_name(wire.time_zone),
        description=description,
        marker=marker,
        teams=tuple(sorted(team.id for team in wire.teams)),
        layers=tuple(layers),
    )


def layer(wire: WireLayer, *, now: int) -> Layer:
    return Layer(
        id=wire.id,
        name=wire.name,
        users=tuple(member.user.id for member in wire.users),
        turn_seconds=wire.rotation_turn_length_seconds,
        virtual_start=wire.rotation_virtual_start,
        start=wire.start if wire.start > now else None,
        end=wire.end,
        restrictions=tuple(_restriction(r) for r in wire.restrictions),
    )


def override(wire: WireOverride) -> OverrideSlot:
    return OverrideSlot(id=wire.id, user=wire.user.id, start=wire.start, end=wire.end)


def policy(wire: WirePolicy) -> EscalationPolicy:
    description, marker = split_description(wire.description)
    rules = [
        Rule(
            id=rule.id,
            delay_minutes=rule.escalation_delay_in_minutes,
            targets=tuple(sorted((_target(t) for t in rule.targets), key=lambda ref: ref.sort_key)),
            round_robin=rule.is_round_robin,
        )
        for rule in wire.escalation_rules
    ]
    return EscalationPolicy(
        key=_key(marker),
        id=wire.id,
        name=wire.name,
        description=description,
        marker=marker,
        loops=wire.num_loops,
        handoff_notices=wire.on_call_handoff_notifications or "if_has_services",
        rules=tuple(rules),
        team=wire.teams[0].id if wire.teams else "",
    )


def service(wire: WireService) -> Service:
    description, marker = split_description(wire.description)
    return Service(
        key=_key(marker),
        id=wire.id,
        name=wire.name,
        description=description,
        marker=marker,
        policy=Ref(kind="escalation_policy", id=wire.escalation_policy.id if wire.escalation_policy else ""),
        urgency=_urgency(wire.incident_urgency_rule, wire.support_hours),
        ack_timeout=wire.acknowledgement_timeout or None,
        resolve_timeout=wire.auto_resolve_timeout or None,
        integrations=None if wire.integrations is None else tuple(i.summary or "" for i in wire.integrations),
    )


def user(wire: WireUser) -> User:
    rules = wire.notification_rules
    return User(
        id=wire.id,
        name=" ".join(wire.name.split()),
        email=wire.email.strip().lower(),
        time_zone=zone_name(wire.time_zone),
        role=wire.role,
        job_title=" ".join(wire.job_title.split()),
        loud=None
        if rules is None
        else any(
            rule.type.startswith("assignment_notification_rule")
            and rule.urgency == "high"
            and rule.start_delay_in_minutes == 0
            and rule.contact_method is not None
            and rule.contact_method.type.startswith(_LOUD)
            for rule in rules
        ),
    )


def read_user(item: Item) -> User:
    """Raises ValidationError, as the two below."""
    return user(WireUser.model_validate(item))


def read_team(item: Item) -> Team:
    return team(WireNamed.model_validate(item))


def read_priority(item: Item) -> Priority:
    return priority(WireNamed.model_validate(item))


def team(wire: WireNamed) -> Team:
    return Team(id=wire.id, name=wire.name or wire.summary)


def priority(wire: WireNamed) -> Priority:
    return Priority(id=wire.id, name=wire.name or wire.summary)


def clock_seconds(text: str) -> int:
    """Of 09:30 or 09:30:00."""
    hours, minutes, seconds = (*(int(part) for part in text.split(":")), 0)[:3]
    return hours * 3600 + minutes * 60 + seconds


def _key(marker: Marker | None) -> str:
    return marker.key if marker else ""


def _restriction(wire: WireRestriction) -> Restriction:
    weekly = wire.type == "weekly_restriction"
    return Restriction(
        weekday=((wire.start_day_of_week or 7) - 1) % 7 if weekly else None,
        start=clock_seconds(wire.start_time_of_day),
        duration=wire.duration_seconds,
    )


def _target(wire: WireRef) -> Ref:
    if "schedule" in wire.type:
        return Ref(kind="schedule", id=wire.id)
    if wire.type in ("", "user", "user_reference"):
        return Ref(kind="user", id=wire.id)
    # A kind of target that this version does not know: kept apart from every user, so that a policy which has
    # one never looks like one that has none.
    return Ref(kind="user", id=f"{wire.type}:{wire.id}")


_Urgent = Literal["high", "low", "severity_based"]


def _urgent(wire: WireUrgency | None) -> _Urgent:
    found = wire.urgency if wire else None
    return cast("_Urgent", found) if found in ("high", "low", "severity_based") else "high"


def _urgency(rule: WireUrgency | None, hours: WireSupportHours | None) -> Urgency:
    if rule is None or rule.type != "use_support_hours" or hours is None:
        return Urgency(urgency=_urgent(rule))
    return Urgency(
        type="use_support_hours",
        urgency=_urgent(rule.during_support_hours),
        outside=_urgent(rule.outside_support_hours),
        time_zone=zone_name(hours.time_zone),
        weekdays=tuple(sorted((day - 1) % 7 for day in hours.days_of_week)),
        start=clock_seconds(hours.start_time),
        end=clock_seconds(hours.end_time),
    )
