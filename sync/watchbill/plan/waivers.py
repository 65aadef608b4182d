"""Waivers: one guard, one reason, one last day.  One that has run out waives nothing, and the plan says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from watchbill.model.settings import Waiver
from watchbill.plan.document import GuardResult, Plan
from watchbill.rota.clock import Instant, date_of, zone

OUTSIDE_CI = "outside-ci"
"""An apply outside of CI where the settings leave it to the CI's concurrency group to keep applies apart."""

Raised = tuple[str, str, str]
"""guard, message, remedy"""


def judged(
    raised: Iterable[Raised], waivers: Sequence[Waiver], *, now: Instant, zone_name: str
) -> tuple[GuardResult, ...]:
    today = date_of(zone(zone_name).day_of(now))
    return tuple(_result(one, waivers, today) for one in raised)


def waived_too(plan: Plan, waivers: Sequence[Waiver], *, now: Instant, zone_name: str) -> Plan:
    """A saved plan with the guards judged anew: its waivers may have run out, others may have come."""
    raised = [(g.guard, g.message, g.remedy.partition(_WAIVE)[0]) for g in plan.guards]
    return plan.model_copy(update={"guards": judged(raised, waivers, now=now, zone_name=zone_name)})


_WAIVE = "; or say why it may pass: "


def _result(raised: Raised, waivers: Sequence[Waiver], today: date) -> GuardResult:
    guard, message, remedy = raised
    of_guard = [waiver for waiver in waivers if waiver.guard == guard]
    valid = next((waiver for waiver in of_guard if waiver.expires.value >= today), None)
    waive = f"{_WAIVE}`--waive {guard}=REASON` once, settings.waivers until a day"
    if valid is None and of_guard:
        last = max(of_guard, key=lambda waiver: waiver.expires.value)
        waive += f" (the waiver {last.reason!r} ran out on {last.expires})"
    reason = valid.reason if valid is not None else None
    return GuardResult(guard=guard, message=message, remedy=f"{remedy}{waive}", waived=reason)
