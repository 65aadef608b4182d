"""Our reading of the logs beside PagerDuty's analytics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from watchbill.metrics.facts import Facts
from watchbill.pagerduty.analytics import raw_incidents
from watchbill.pagerduty.problems import Forbidden, NotEntitled
from watchbill.pagerduty.transport import Transport

NEAR = 5
"""Seconds that the two may differ by."""


def differences(transport: Transport, facts: Iterable[Facts], since: int, until: int) -> list[str]:
    """One line per figure that differs, or one that says how the comparison went."""
    try:
        rows = raw_incidents(transport, since, until)
    except (NotEntitled, Forbidden) as refused:
        return [f"no cross-check: {refused.message}"]
    compared = [(one, rows[one.incident.id]) for one in facts if one.incident.id in rows]
    found = [line for one, row in compared for line in _different(one, row)]
    late = sum(one.incident.id not in rows for one in facts)
    agreed = f"cross-check: {len(compared)} incidents compared with PagerDuty's analytics, {len(found)} differences"
    return [*found, f"{agreed}; {late} not there yet" if late else agreed]


def _different(facts: Facts, row: dict[str, Any]) -> Iterator[str]:
    ladder = sum(e.how == "ladder" for e in facts.escalations)
    hand = sum(e.how == "hand" for e in facts.escalations)
    label = f"#{facts.incident.number}"
    for what, ours, key in (
        ("escalations by the ladder", ladder, "timeout_escalation_count"),
        ("escalations by hand", hand, "manual_escalation_count"),
    ):
        theirs = row.get(key)
        if theirs is not None and theirs != ours:
            yield f"{label}: {ours} {what} in the log, {theirs} in analytics"
    ack, known = facts.first_ack, row.get("seconds_to_first_ack")
    if known is not None and (ack is None or abs(ack - known) > NEAR):
        yield f"{label}: first acknowledged after {ack} s by the log, {known} s by analytics"
