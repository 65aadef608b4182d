"""Incidents in an account: reading them and their logs, and what is done to them in a person's name.

Nothing here is tried twice without a look: a note or a page that was lost in doubt raises AmbiguousWrite.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from watchbill.account.incidents import Incident, LogEntry
from watchbill.errors import UsageError
from watchbill.pagerduty.answers import Answer, Item
from watchbill.pagerduty.incident_wire import WireIncident, WireLogEntry
from watchbill.pagerduty.lists import Listing, read_in_turn, read_list
from watchbill.pagerduty.problems import NotFound
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import iso

LONGEST_NOTE = 25_000
"""Characters; the real limit is not published, this one is well under what has been seen to pass."""
LONGEST_REQUEST = 4_000

_PREFIX = re.compile(r"^(?:#|inc-|#inc-)(?=\d+$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Acting:
    """In whose name something is done."""

    user: str
    email: str


@dataclass(frozen=True, slots=True)
class NewIncident:
    """What is made by hand passes no event rules: policy, priority and urgency are sent with it."""

    service: str
    """Id; so are `users`, `policy` and `priority`."""
    title: str
    details: str
    urgency: Literal["high", "low"] = "high"
    users: tuple[str, ...] = ()
    """Assigned to them directly, in place of a policy."""
    policy: str = ""
    priority: str = ""
    """Empty where the account has none."""
    key: str = ""
    """PagerDuty refuses a second open incident with the same key on the same service."""

    def body(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            "type": "incident",
            "title": self.title,
            "service": _reference("service", self.service),
            "urgency": self.urgency,
            "body": {"type": "incident_body", "details": self.details},
        }
        if self.users:
            made["assignments"] = [{"assignee": _reference("user", user)} for user in self.users]
        if self.policy:
            made["escalation_policy"] = _reference("escalation_policy", self.policy)
        if self.priority:
            made["priority"] = _reference("priority", self.priority)
        return {"incident": made | ({"incident_key": self.key} if self.key else {})}


def _reference(kind: str, id_: str) -> dict[str, str]:
    return {"id": id_, "type": f"{kind}_reference"}


def incident_ref(text: str) -> str:
    """Id or number out of what people paste: an id, `1234`, `#1234`, `INC-1234`, or the incident's address.

    Raises UsageError.
    """
    text = text.strip()
    if "://" in text:
        found = re.search(r"/incidents/([A-Za-z0-9]+)", urlsplit(text).path)
        text = found[1] if found else ""
    text = _PREFIX.sub("", text)
    if not re.fullmatch(r"[A-Za-z0-9]{1,40}", text):
        raise UsageError(
            "that is no incident",
            remedy="give its id (Q1ABC...), its number (1234, #1234, INC-1234) or its address in PagerDuty",
        )
    return text


def find_incident(transport: Transport, text: str) -> Incident:
    """Raises UsageError when there is none."""
    ref = incident_ref(text)
    try:
        answer = transport.get(f"/incidents/{quote(ref)}", {})
    except NotFound:
        raise UsageError(
            f"the account has no incident {text.strip()}",
            remedy="`watchbill incident list` shows the open ones; ids and numbers are both fine",
        ) from None
    return _incident(answer)


def _incident(answer: Answer) -> Incident:
    with answer.reading():
        return WireIncident.model_validate(answer.item("incident")).plain()


_OPEN: Mapping[str, Any] = {"statuses[]": ["triggered", "acknowledged"], "date_range": "all"}


def open_incidents(transport: Transport, services: Sequence[str] = ()) -> list[Incident]:
    """Triggered and acknowledged ones, however old; of these services, or of all."""
    return _incidents(transport, dict(_OPEN), services)


def open_with_key(transport: Transport, service: str, key: str) -> Incident | None:
    """The open incident that was made with this key."""
    found = _incidents(transport, {**_OPEN, "incident_key": key}, [service])
    return next(iter(found), None)


def first_open(transport: Transport, most: int) -> list[Incident]:
    """One request: up to `most` of the open ones, the newest first."""
    params = {**_OPEN, "sort_by": "created_at:desc", "limit": most}
    answer = transport.get("/incidents", params)
    with answer.reading():
        return [WireIncident.model_validate(item).plain() for item in answer.items("incidents")]


def resolved_since(transport: Transport, since: int, now: int) -> list[Incident]:
    """Resolved at or after `since`, of those that opened within a week."""
    params = {"statuses[]": ["resolved"], "since": iso(since - 7 * 86_400), "until": iso(now + 1)}
    found = _incidents(transport, params, ())
    return [incident for incident in found if incident.resolved is None or incident.resolved >= since]


def incidents_between(
    transport: Transport, since: int, until: int, services: Sequence[str] = ()
) -> list[Incident]:
    """Opened in [since, until), in spans of PagerDuty's longest range."""
    found: list[Incident] = []
    step = 180 * 86_400
    for start in range(since, until, step):
        params = {"since": iso(start), "until": iso(min(start + step, until))}
        found += _incidents(transport, params, services)
    return found


def _incidents(transport: Transport, params: dict[str, Any], services: Sequence[str]) -> list[Incident]:
    if services:
        params = {**params, "service_ids[]": list(services)}
    with ThreadPoolExecutor(4) as pool:
        found = read_list(transport, Listing("/incidents", "incidents", _plain_incident, params), pool)
    return sorted(found, key=lambda i: i.number)


def _plain_incident(item: Item) -> Incident:
    return WireIncident.model_validate(item).plain()


def _plain_entry(item: Item) -> LogEntry:
    return WireLogEntry.model_validate(item).plain()


def read_log(transport: Transport, incident: str) -> tuple[LogEntry, ...]:
    """Oldest first."""
    newest_first = read_in_turn(
        transport, Listing(f"/incidents/{incident}/log_entries", "log_entries", _plain_entry)
    )
    oldest_first = newest_first[::-1]
    return tuple(sorted(oldest_first, key=lambda e: e.at))


def read_logs(transport: Transport, incidents: Iterable[str]) -> dict[str, tuple[LogEntry, ...]]:
    """Of several, side by side."""
    wanted = list(incidents)
    with ThreadPoolExecutor(6) as pool:
        return dict(zip(wanted, pool.map(lambda one: read_log(transport, one), wanted), strict=True))


def read_tags(transport: Transport, incident: str) -> tuple[str, ...]:
    """From its first alert: `tags` in the details, a list or words between commas."""
    answer = transport.get(f"/incidents/{incident}/alerts", {"limit": 1})
    alerts = answer.items("alerts")
    with answer.reading():
        details = ((alerts or [{}])[0].get("body") or {}).get("details")
    if not isinstance(details, dict):
        return ()
    inner = details.get("custom_details")
    told = details.get("tags", inner.get("tags") if isinstance(inner, dict) else None)
    words = re.split(r"[,\s]+", told) if isinstance(told, str) else told if isinstance(told, list) else []
    return tuple(dict.fromkeys(str(word).strip().lower() for word in words if str(word).strip()))


def add_note(transport: Transport, incident: str, content: str, acting: Acting) -> None:
    transport.post(
        f"/incidents/{incident}/notes", {"note": {"content": content[:LONGEST_NOTE]}}, sender=acting.email
    )


def escalate(transport: Transport, incident: str, level: int, acting: Acting) -> None:
    """To that level of the policy it stands on; an acknowledged one rings again."""
    _change(transport, incident, {"escalation_level": level}, acting)


def delegate(transport: Transport, incident: str, policy: str, level: int, acting: Acting) -> None:
    """To another escalation policy, at once at that level: one request, so that its first level need not ring.

    Both fields are documented; that they work together is not (facts: to be seen on a real account).
    """
    reference = {"id": policy, "type": "escalation_policy_reference"}
    _change(transport, incident, {"escalation_policy": reference, "escalation_level": level}, acting)


def policy_id(transport: Transport, name: str) -> str | None:
    """Of the escalation policy with exactly that name."""
    answer = transport.get("/escalation_policies", {"query": name, "limit": 100})
    found = answer.items("escalation_policies")
    with answer.reading():
        return next((str(item["id"]) for item in found if item.get("name") == name), None)


def _change(transport: Transport, incident: str, fields: dict[str, Any], acting: Acting) -> None:
    body = {"incident": {"type": "incident_reference", **fields}}
    transport.put(f"/incidents/{incident}", body, repeatable=False, sender=acting.email)


def request_responders(
    transport: Transport, incident: str, users: Sequence[str], message: str, acting: Acting
) -> None:
    """Rings these users beside the assignees.  Raises NotEntitled where the account's plan lacks it."""
    targets = [{"responder_request_target": {"id": user, "type": "user_reference"}} for user in users]
    body = {
        "requester_id": acting.user,
        "message": message[:LONGEST_REQUEST],
        "responder_request_targets": targets,
    }
    transport.post(f"/incidents/{incident}/responder_requests", body, sender=acting.email)


def cancel_responders(transport: Transport, incident: str, users: Sequence[str], acting: Acting) -> None:
    targets = [{"id": user, "type": "user_reference"} for user in users]
    body = {"requester_id": acting.user, "responder_request_targets": targets}
    transport.put(f"/incidents/{incident}/responder_requests/cancel", body, sender=acting.email)


def publish_status(transport: Transport, incident: str, message: str, acting: Acting) -> None:
    transport.post(f"/incidents/{incident}/status_updates", {"message": message}, sender=acting.email)


def open_incident(transport: Transport, new: NewIncident, acting: Acting) -> Incident:
    return _incident(transport.post("/incidents", new.body(), sender=acting.email))
