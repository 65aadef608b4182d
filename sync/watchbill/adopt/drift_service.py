"""A hand-edited service in the words of the policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from watchbill.account.objects import Service, Urgency
from watchbill.adopt import words
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.drift_edit import Candidate, Edit, Spoken, put, renamed
from watchbill.adopt.objects import support_window
from watchbill.model.policy import Policy
from watchbill.model.settings import as_hours
from watchbill.rota.clock import DAY


def service_candidates(
    handle: str, raw: Mapping[str, Any], policy: Policy, want: Service, current: Service, spoken: Spoken
) -> Iterator[Candidate]:
    """Raises CannotSay."""
    changes = list(_changes(raw, policy, want, current, spoken))
    yield Candidate(tuple(Edit(("services", handle), change) for change in changes), "its own fields")


def _changes(
    raw: Mapping[str, Any], policy: Policy, want: Service, current: Service, spoken: Spoken
) -> Iterator[Any]:
    if current.name.strip() != want.name.strip():
        yield renamed(raw, current.name, current.name)
    if current.description != want.description:
        yield put("description", value=current.description or None)
    if current.policy.id != want.policy.id:
        if current.policy.id not in spoken.ladders:
            name = spoken.names.get(current.policy.id, current.policy.id)
            raise CannotSay(f"it stands on {name!r}, which is neither under `ladders` nor `external`")
        yield put("ladder", value=spoken.ladders[current.policy.id])
    if current.urgency != want.urgency:
        yield put("urgency", value=_urgency(current.urgency, policy))
    if current.ack_timeout != want.ack_timeout:
        yield put("ack_timeout", value=words.duration(current.ack_timeout or 0))
    if current.resolve_timeout != want.resolve_timeout:
        after = current.resolve_timeout
        yield put("resolve_after", value=words.duration(after) if after else None)


def _urgency(urgency: Urgency, policy: Policy) -> Any:
    if urgency.type == "constant":
        return "by-severity" if urgency.urgency == "severity_based" else urgency.urgency
    if urgency.urgency != "high" or urgency.outside != "low":
        raise CannotSay("the format knows high urgency in support hours and low outside, not other pairs")
    window = support_window(urgency)
    if urgency.time_zone != policy.settings.time_zone:
        raise CannotSay(f"its support hours are told in {urgency.time_zone}")
    length = (urgency.end - urgency.start) % DAY or DAY
    wanted = {(day, urgency.start, length) for day in urgency.weekdays}
    for name, value in policy.settings.hours.items():
        hours = as_hours(value)
        if {occurrence for w in hours.windows for occurrence in w.occurrences} == wanted:
            return {"during": name, "high_else": "low"}
    raise CannotSay(f"the settings have no hours {window!r} to name; add them there first")
