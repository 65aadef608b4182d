"""`route`: an event's way from its rule to the people it pages, for people and for machines."""

from __future__ import annotations

import textwrap
from typing import Any

from watchbill.account.rule_sets import KEPT_WORD
from watchbill.ladder.pcl import Event
from watchbill.ladder.route import Routed
from watchbill.model.policy import Policy
from watchbill.report.duty import simulation_json, simulation_lines
from watchbill.report.paint import Paint
from watchbill.report.safe import cut, plain
from watchbill.report.source import Source
from watchbill.report.times import full
from watchbill.rota.clock import Instant, iso, zone


def route_json(routed: Routed, event: Event, at: Instant, policy: Policy) -> dict[str, Any]:
    taken, run = routed.route, routed.simulation
    made: dict[str, Any] = {
        "format": "watchbill.route/1",
        "at": iso(at),
        "service": routed.service,
        "event_severity": str(event.get("severity") or "") or None,
        "asked": [
            {"rule": one.route.name, "condition": one.route.condition, "matches": one.took}
            for one in routed.asked
        ],
        "rule": (taken.name or "catch-all") if taken is not None else None,
        "domain": taken.domain if taken is not None else None,
        "severity": taken.severity if taken is not None else None,
        "priority": taken.priority if taken is not None else None,
        "alert_severity": routed.alert,
        "urgency": routed.urgency,
        "ladder": routed.ladder,
        "title": _title(routed, policy),
        "steps": [],
        "starts_over_after_minutes": None,
        "repeat": 0,
        "acknowledged_after_minutes": None,
        "problems": [],
    }
    if run is not None:
        told = simulation_json(run, Source("not-asked"))
        made |= {
            key: told[key] for key in told if key not in ("format", "source", "ladder", "title", "opened")
        }
    return made


def route_text(routed: Routed, event: Event, at: Instant, policy: Policy, *, color: bool, width: int) -> str:
    paint = Paint(color)
    where = zone(policy.settings.time_zone)
    title = policy.services[routed.service].title
    head = f"{plain(title)} · {full(at, where)} ({where.name})"
    lines = [paint.bold(head), f"  {_said(event, width)}", ""]
    lines += [line for told in _way(routed, policy) for line in textwrap.wrap(told, width, **_HANGING)]
    lines.append("")
    if routed.simulation is None:
        lines.append("  another team's ladder: who is on it, only PagerDuty knows")
    else:
        severity = routed.route.severity if routed.route is not None else ""
        lines += simulation_lines(routed.simulation, policy, severity, paint, width)
    return "\n".join(lines).rstrip()


_HANGING: dict[str, Any] = {"initial_indent": "  ", "subsequent_indent": "    ", "break_on_hyphens": False}


def _said(event: Event, width: int) -> str:
    severity = plain(str(event.get("severity") or "without severity"))
    summary = plain(str(event.get("summary") or ""))
    return cut(f"event: {severity}" + (f", {summary}" if summary else ""), max(width - 4, 20))


def _way(routed: Routed, policy: Policy) -> list[str]:
    taken = routed.route
    if taken is None:
        return [
            f"no event rules: the service's own ladder {_title(routed, policy)}",
            f"urgency {routed.urgency}",
        ]
    passed = [one.route.name for one in routed.asked if not one.took]
    lines = []
    if passed:
        lines.append(f"asked, and no: {', '.join(passed)}")
    lines.append(
        f"rule {taken.name}: {taken.condition}"
        if taken.name
        else f"catch-all: {policy.domains[taken.domain].title} takes {taken.severity} by default"
    )
    lines.append(
        f"{taken.severity} in {policy.domains[taken.domain].title}: ladder {_title(routed, policy)}, "
        f"priority {taken.priority}, {routed.urgency} urgency"
    )
    lines.append(f"goes on as {taken.alert}; the sender's word is kept as custom detail {KEPT_WORD}")
    return lines


def _title(routed: Routed, policy: Policy) -> str:
    if routed.simulation is not None:
        return routed.simulation.ladder.vendor_name
    other = policy.external.get(routed.ladder)
    return (other.ladder or routed.ladder) if other is not None else routed.ladder
