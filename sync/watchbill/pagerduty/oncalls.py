"""Who is on call at this instant, by PagerDuty's own word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from watchbill.pagerduty.lists import CEILING
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import Instant, Wire, WireRef


class _User(Wire):
    id: str
    email: str | None = None


class _WireOnCall(Wire):
    user: _User
    schedule: WireRef | None = None
    start: Instant | None = None
    end: Instant | None = None


@dataclass(frozen=True, slots=True)
class OnCall:
    """By a schedule; who is on call by name is left out."""

    schedule: str
    """Id."""
    name: str
    """Of the schedule."""
    email: str
    start: int
    end: int


def on_call_now(transport: Transport) -> list[OnCall]:
    """Once per schedule and person, however many escalation policies page it."""
    found = [_WireOnCall.model_validate(item) for item in _pages(transport)]
    return list(
        dict.fromkeys(
            OnCall(
                one.schedule.id,
                one.schedule.summary or "",
                (one.user.email or "").lower(),
                one.start,
                one.end,
            )
            for one in found
            if one.schedule is not None and one.start is not None and one.end is not None
        )
    )


def _pages(transport: Transport) -> Iterator[Any]:
    """They have no ids, so the reader of other lists would take them all for one."""
    offset = 0
    while offset < CEILING:
        body = transport.get("/oncalls", {"include[]": ["users"], "limit": 100, "offset": offset}).body
        items = body.get("oncalls") or []
        yield from items
        offset += len(items)
        if not items or not body.get("more"):
            return
