"""Figures about incidents, from what the log says.  The real service lags up to a day; `analytics_lag_seconds`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from watchbill.rota.clock import DAY, HOUR, Instant, weekday, zone
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import render_time, zone_info
from watchbill.sandbox.world import World

Row = dict[str, Any]
_LOUD = frozenset({"phone", "sms", "push_notification", "whatsapp"})
_MEANS = (
    "seconds_to_first_ack",
    "seconds_to_engage",
    "seconds_to_mobilize",
    "seconds_to_resolve",
    "assignment_count",
)
_TOTALS = {
    "total_escalation_count": "escalation_count",
    "total_interruptions": "total_interruptions",
    "total_notifications": "total_notifications",
    "total_sleep_hour_interruptions": "sleep_hour_interruptions",
    "total_off_hour_interruptions": "off_hour_interruptions",
    "total_business_hour_interruptions": "business_hour_interruptions",
}
_COUNTED = {
    "total_incidents_timeout_escalated": "timeout_escalation_count",
    "total_incidents_manual_escalated": "manual_escalation_count",
    "total_incidents_reassigned": "reassignment_count",
    "total_incidents_acknowledged": "acknowledgement_count",
}


def raw_row(world: World, incident: Doc) -> Row:
    """What never happened is left out."""
    entries = world.store.children("log_entry", incident["id"])
    interruptions = _interruptions(world, entries)
    return {
        **_subject(world, incident),
        **_people(world, entries),
        **_counts(incident["counts"]),
        "total_interruptions": sum(interruptions.values()),
        **interruptions,
        "auto_resolved": any(
            e["type"] == "resolve_log_entry" and e["channel"]["type"] in {"timeout", "auto"} for e in entries
        ),
        **_times(incident),
    }


def _subject(world: World, incident: Doc) -> Row:
    """What it is, and whose."""
    policy, priority = incident["snapshot"], incident["priority"]
    order = _priority_order(world, priority) if priority is not None else None
    teams = (world.store.get("escalation_policy", policy["id"]) or {}).get("teams") or []
    return {
        "id": incident["id"],
        "incident_number": incident["number"],
        "description": incident["title"],
        "status": incident["status"],
        "urgency": incident["urgency"],
        "major": order is not None and order <= 2,
        "created_at": render_time(incident["created_at"], "Etc/UTC"),
        "updated_at": render_time(incident["updated_at"], "Etc/UTC"),
        "service_id": incident["service"],
        "service_name": _name(world, "service", incident["service"]),
        "escalation_policy_id": policy["id"],
        "escalation_policy_name": policy["name"],
        "priority_id": priority,
        "priority_name": _name(world, "priority", priority) if priority is not None else None,
        "priority_order": order,
        "team_id": teams[0] if teams else None,
        "team_name": _name(world, "team", teams[0]) if teams else None,
    }


def _people(world: World, entries: Sequence[Doc]) -> Row:
    assigned = [
        e for e in entries if e["type"] in {"assign_log_entry", "escalate_log_entry", "delegate_log_entry"}
    ]
    people = list(dict.fromkeys(user for entry in assigned for user in entry["assignees"]))
    acknowledgers = list(
        dict.fromkeys(
            e["agent"][1] for e in entries if e["type"] == "acknowledge_log_entry" and e["agent"][0] == "user"
        )
    )
    return {
        "assigned_user_ids": people,
        "assigned_user_names": [_name(world, "user", user) for user in people],
        "assignment_count": len(assigned),
        "acknowledged_user_ids": acknowledgers,
        "acknowledged_user_names": [_name(world, "user", user) for user in acknowledgers],
    }


def _counts(counts: dict[str, int]) -> Row:
    return {
        "acknowledgement_count": counts["acknowledged"],
        "escalation_count": counts["timeout"] + counts["manual"],
        "timeout_escalation_count": counts["timeout"],
        "manual_escalation_count": counts["manual"],
        "reassignment_count": counts["reassigned"],
        "total_notifications": counts["notified"],
    }


def _times(incident: Doc) -> Row:
    created, first_ack, resolved = incident["created_at"], incident["first_ack_at"], incident["resolved_at"]
    row: Row = {}
    if first_ack is not None:
        row |= {"seconds_to_first_ack": first_ack - created, "seconds_to_engage": first_ack - created}
    if resolved is not None:
        row |= {"resolved_at": render_time(resolved, "Etc/UTC"), "seconds_to_resolve": resolved - created}
    return row


def _name(world: World, kind: str, id_: str) -> str:
    known = world.store.name_of(kind, id_)
    return known[0] if known else ""


def _priority_order(world: World, id_: str) -> int:
    """1 is the most severe."""
    ids = [p["id"] for p in world.store.all("priority")]
    return ids.index(id_) + 1 if id_ in ids else len(ids)


def _interruptions(world: World, entries: Sequence[Doc]) -> dict[str, int]:
    """Loud notifications by the hour of whoever got them: business 8 to 18 on weekdays, sleep 22 to 8."""
    counts = dict.fromkeys(
        ("business_hour_interruptions", "off_hour_interruptions", "sleep_hour_interruptions"), 0
    )
    for entry in entries:
        if entry["type"] != "notify_log_entry" or entry["channel"]["notification"]["type"] not in _LOUD:
            continue
        user = world.store.get("user", entry["user"]) or {"time_zone": "Etc/UTC"}
        day, second = zone(user["time_zone"]).local(entry["at"])
        hour = second // HOUR
        if hour < 8 or hour >= 22:
            counts["sleep_hour_interruptions"] += 1
        elif weekday(day) < 5 and hour < 18:
            counts["business_hour_interruptions"] += 1
        else:
            counts["off_hour_interruptions"] += 1
    return counts


def wanted(filters: dict[str, Any], row: Row, created_at: Instant, bounds: tuple[Instant, Instant]) -> bool:
    def listed(key: str, field: str) -> bool:
        return not filters.get(key) or row[field] in filters[key]

    def at_least(keys: tuple[str, ...], field: str) -> bool:
        return all(row[field] >= filters[key] for key in keys if isinstance(filters.get(key), int))

    return (
        bounds[0] <= created_at < bounds[1]
        and filters.get("urgency", row["urgency"]) == row["urgency"]
        and filters.get("major", row["major"]) == row["major"]
        and listed("service_ids", "service_id")
        and listed("team_ids", "team_id")
        and listed("escalation_policy_ids", "escalation_policy_id")
        and listed("priority_ids", "priority_id")
        and listed("priority_names", "priority_name")
        and at_least(("min_ackowledgements", "min_acknowledgements"), "acknowledgement_count")
        and at_least(("min_timeout_escalations",), "timeout_escalation_count")
        and at_least(("min_manual_escalations",), "manual_escalation_count")
    )


def aggregate(rows: Sequence[Row], by: Callable[[Row], Row], bounds: tuple[Instant, Instant]) -> list[Row]:
    """One record for each value of `by`, which also gives the fields that name the group."""
    groups: dict[tuple[tuple[str, Any], ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(by(row).items()), []).append(row)
    return [dict(key) | _figures(members, bounds) for key, members in groups.items()]


def _figures(rows: Sequence[Row], bounds: tuple[Instant, Instant]) -> Row:
    figures: Row = {"total_incident_count": len(rows)}
    for name in _MEANS:
        values = [row[name] for row in rows if row.get(name) is not None]
        if values:
            figures[f"mean_{name}"] = round(sum(values) / len(values))
    figures |= {total: sum(row[field] for row in rows) for total, field in _TOTALS.items()}
    figures |= {total: sum(row[field] > 0 for row in rows) for total, field in _COUNTED.items()}
    figures["total_incidents_auto_resolved"] = sum(row["auto_resolved"] for row in rows)
    figures["distinct_responder_count"] = len({user for row in rows for user in row["acknowledged_user_ids"]})
    down = sum(row.get("seconds_to_resolve", 0) for row in rows if row["major"])
    figures["up_time_pct"] = round(100 * max(0.0, 1 - down / max(1, bounds[1] - bounds[0])), 4)
    return figures


def range_start(row: Row, unit: str, time_zone: str) -> str:
    """The beginning of the day, week (Monday) or month in which the incident began."""
    home = zone(time_zone)
    at = int(datetime.fromisoformat(row["created_at"]).timestamp())
    day = home.day_of(at)
    if unit == "week":
        day -= weekday(day)
    elif unit == "month":
        day -= datetime.fromtimestamp(at, zone_info(time_zone)).day - 1
    return render_time(home.instant(day), time_zone)


DEFAULT_RANGE = 30 * DAY
