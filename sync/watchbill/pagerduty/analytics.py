"""PagerDuty's own figures about incidents: paid for, up to a day late, so only to compare with."""

from __future__ import annotations

from typing import Any

from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import iso


def raw_incidents(transport: Transport, since: int, until: int) -> dict[str, dict[str, Any]]:
    """By id.  Raises NotEntitled or Forbidden where the plan or the token has no analytics."""
    found: dict[str, dict[str, Any]] = {}
    body: dict[str, Any] = {
        "filters": {"created_at_start": iso(since), "created_at_end": iso(until)},
        "limit": 1000,
        "order": "asc",
        "order_by": "created_at",
    }
    while True:
        answer = transport.post("/analytics/raw/incidents", body)
        rows, known = answer.items("data"), len(found)
        with answer.reading():
            found |= {str(row["id"]): row for row in rows}
        last = answer.document().get("last")
        if not answer.more() or not last:
            return found
        if len(found) == known:
            raise answer.unusable("it repeats a page")
        body = {**body, "starting_after": last}
