"""A service's urgency rule: constant, by support hours, by the alert's severity."""

from __future__ import annotations

from typing import Any

from watchbill.rota.clock import DAY, HOUR, Instant, weekday, zone

_LOUD = frozenset({"critical", "error"})


def urgency_of(service: dict[str, Any], severity: str | None, at: Instant) -> str:
    """high or low.  Incidents without a severity, made by hand, are high under a severity-based rule."""
    rule = service["incident_urgency_rule"]
    if rule["type"] == "use_support_hours":
        rule = rule["during_support_hours" if in_support_hours(service, at) else "outside_support_hours"]
    if rule["urgency"] == "severity_based":
        return "high" if severity is None or severity in _LOUD else "low"
    return str(rule["urgency"])


def in_support_hours(service: dict[str, Any], at: Instant) -> bool:
    hours = service["support_hours"]
    if not hours:
        return False
    day, second = zone(hours["time_zone"]).local(at)
    start, end = _seconds(hours["start_time"]), _seconds(hours["end_time"])
    if start < end:
        return weekday(day) + 1 in hours["days_of_week"] and start <= second < end
    if second >= start:
        return weekday(day) + 1 in hours["days_of_week"]
    return weekday(day - 1) + 1 in hours["days_of_week"] and second < end


def next_urgency_change(service: dict[str, Any], at: Instant) -> Instant | None:
    """When a scheduled action next raises open low-urgency incidents; None without one."""
    hours = service["support_hours"]
    names = {action["at"]["name"] for action in service["scheduled_actions"]}
    if not hours or not names:
        return None
    home = zone(hours["time_zone"])
    today = home.day_of(at)
    moments = [
        home.instant(day, _seconds(hours[key]))
        for day in range(today - 1, today + 9)
        if weekday(day) + 1 in hours["days_of_week"]
        for key, name in (("start_time", "support_hours_start"), ("end_time", "support_hours_end"))
        if name in names
    ]
    return min((m for m in moments if m > at), default=None)


def _seconds(text: str) -> int:
    hour, minute, second = map(int, text.split(":"))
    return (hour * HOUR + minute * 60 + second) % DAY
