"""Analytics: figures about incidents, aggregated or one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watchbill.rota.clock import DAY, Instant, parse_instant
from watchbill.sandbox.call import Call, Reply, Route
from watchbill.sandbox.engine.analytics import DEFAULT_RANGE, Row, aggregate, range_start, raw_row, wanted
from watchbill.sandbox.errors import ApiError, invalid, not_found
from watchbill.sandbox.wire import known_zone, parse_time, whole_number

LONGEST_RANGE = 366 * DAY
GROUPS: dict[str, tuple[str, ...]] = {
    "all": (),
    "services": ("service_id", "service_name"),
    "teams": ("team_id", "team_name"),
    "escalation_policies": ("escalation_policy_id", "escalation_policy_name"),
}


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_FILTERS: dict[str, Callable[[Any], bool]] = {
    "urgency": lambda value: value in ("high", "low"),
    "major": lambda value: isinstance(value, bool),
    **dict.fromkeys(
        ("team_ids", "service_ids", "escalation_policy_ids", "priority_ids", "incident_type_ids"), _texts
    ),
    "priority_names": lambda value: _texts(value) and len(value) <= 5,
    **dict.fromkeys(
        ("min_ackowledgements", "min_acknowledgements", "min_timeout_escalations", "min_manual_escalations"),
        lambda value: isinstance(value, int),
    ),
}


def _asked(call: Call) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Body, filters, zone."""
    body = call.body if isinstance(call.body, dict) else {}
    filters, zone = body.get("filters") or {}, body.get("time_zone") or "Etc/UTC"
    if not isinstance(filters, dict) or not known_zone(zone, listed_only=False):
        raise invalid("filters must be an object and time_zone a time zone")
    wrong = next(
        (name for name, fits in _FILTERS.items() if name in filters and not fits(filters[name])), None
    )
    if wrong is not None:
        raise invalid(f"filters.{wrong} is invalid")
    return body, filters, zone


def _bounds(call: Call, filters: dict[str, Any], zone: str) -> tuple[Instant, Instant]:
    visible = call.now + 1 - call.world.options.analytics_lag_seconds
    until = visible if filters.get("created_at_end") is None else parse_time(filters["created_at_end"], zone)
    start = filters.get("created_at_start")
    since = None if until is None else until - DEFAULT_RANGE if start is None else parse_time(start, zone)
    if since is None or until is None or since > until or until - since > LONGEST_RANGE:
        raise ApiError(
            400, "Invalid date range", 2005, ["created_at_start and created_at_end: at most a year"]
        )
    return since, min(until, visible)


def _rows(call: Call, filters: dict[str, Any], bounds: tuple[Instant, Instant]) -> list[Row]:
    rows = []
    for incident in call.store.all("incident"):
        row = raw_row(call.world, incident)
        if wanted(filters, row, incident["created_at"], bounds):
            rows.append(row)
    return rows


def metrics(group: str, *, total: bool = False) -> Callable[[Call], Reply]:
    """`total`: over all of the group's objects instead of one record for each."""

    def handler(call: Call) -> Reply:
        body, filters, zone = _asked(call)
        unit = body.get("aggregate_unit")
        if unit not in {None, "day", "week", "month"}:
            raise invalid("aggregate_unit is invalid")
        bounds = _bounds(call, filters, zone)
        rows = _rows(call, filters, bounds)
        if group == "teams":
            rows = [row for row in rows if row["team_id"] is not None]

        def key(row: Row) -> Row:
            fields = {} if total else {field: row[field] for field in GROUPS[group]}
            return fields | ({"range_start": range_start(row, unit, zone)} if unit else {})

        data = aggregate(rows, key, bounds)
        answer: dict[str, Any] = {"data": data, "filters": filters, "time_zone": zone, "order": "desc"}
        return Reply({**answer, "order_by": "total_incident_count", "aggregate_unit": unit})

    return handler


def raw_incidents(call: Call) -> Reply:
    """Pages by `starting_after`, the last id of the page before."""
    body, filters, zone = _asked(call)
    limit = whole_number(body.get("limit", 100))
    order, order_by = body.get("order", "desc"), body.get("order_by", "created_at")
    if limit is None or not 0 <= limit <= 1000 or order not in {"asc", "desc"}:
        raise invalid("limit must be between 0 and 1000, order asc or desc")
    if order_by not in {"created_at", "seconds_to_resolve"}:
        raise invalid("order_by is invalid")
    rows = _rows(call, filters, _bounds(call, filters, zone))
    rows.sort(key=lambda row: _sort_key(row, order_by), reverse=order == "desc")
    ids = [row["id"] for row in rows]
    after, before = body.get("starting_after"), body.get("ending_before")
    first = ids.index(after) + 1 if after in ids else 0
    last = ids.index(before) if before in ids else len(ids)
    if before in ids:
        first = max(first, last - (limit or 1))
    shown = rows[first : min(last, first + limit)]
    return Reply(
        {
            "first": shown[0]["id"] if shown else "",
            "last": shown[-1]["id"] if shown else "",
            "limit": limit,
            "more": first + len(shown) < len(rows),
            "order": order,
            "order_by": order_by,
            "filters": filters,
            "time_zone": zone,
            "data": shown,
        }
    )


def _sort_key(row: Row, order_by: str) -> tuple[int, int]:
    value = (
        row.get("seconds_to_resolve", -1) if order_by != "created_at" else parse_instant(row["created_at"])
    )
    return int(value), row["incident_number"]


def raw_incident(call: Call) -> Reply:
    incident = call.store.get("incident", call.params["id"])
    if incident is None:
        raise not_found("incident")
    return Reply(raw_row(call.world, incident))


_METRICS = "/analytics/metrics/incidents"
ROUTES = [
    *(Route("POST", f"{_METRICS}/{group}", metrics(group)) for group in GROUPS),
    *(Route("POST", f"{_METRICS}/{g}/all", metrics(g, total=True)) for g in GROUPS if g != "all"),
    Route("POST", "/analytics/raw/incidents", raw_incidents),
    Route("GET", "/analytics/raw/incidents/{id}", raw_incident),
]
