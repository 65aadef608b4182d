"""What happened to an incident, entry by entry, and the webhook events that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from watchbill.rota.clock import Instant
from watchbill.sandbox.store import Doc
from watchbill.sandbox.world import World

_SUMMARIES = {
    "trigger": "Triggered",
    "assign": "Assigned",
    "notify": "Notified",
    "acknowledge": "Acknowledged",
    "unacknowledge": "Unacknowledged",
    "escalate": "Escalated",
    "delegate": "Delegated",
    "annotate": "Annotated",
    "snooze": "Snoozed",
    "resolve": "Resolved",
    "urgency_change": "Urgency changed",
    "reach_trigger_limit": "Trigger limit reached",
    "reach_ack_limit": "Acknowledgement limit reached",
    "repeat_escalation_path": "Escalation path repeated",
    "exhaust_escalation_path": "Escalation path exhausted",
    "field_value_change": "Field changed",
}


@dataclass(frozen=True, slots=True)
class By:
    """Who did it and through what.

    `kind`: user, service or integration.  `channel`: api, website, auto, timeout, web_trigger ...: a user over
    `api` or `website` acted by hand, the service over `timeout` is the clock.
    """

    kind: str
    id: str
    channel: str
    service: str = ""
    """The integration's service."""


def write(world: World, incident: Doc, what: str, by: By, at: Instant, **more: Any) -> Doc:
    """`more`: assignees, user, note, channel (what its type does not say), acknowledgement_timeout ..."""
    channel = {"type": by.channel, **more.pop("channel", {})}
    entry = {
        "id": world.store.new_id("log_entry"),
        "type": f"{what}_log_entry",
        "summary": _summary(world, what, by, more),
        "at": at,
        "agent": [by.kind, by.id, by.service],
        "channel": channel,
        "incident": incident["id"],
        "service": incident["service"],
        **more,
    }
    world.store.put("log_entry", entry, parent=incident["id"])
    return entry


def _summary(world: World, what: str, by: By, more: dict[str, Any]) -> str:
    names = [known[0] for user in more.get("assignees", ()) if (known := world.store.name_of("user", user))]
    text = _SUMMARIES[what]
    if names:
        text += f" to {' and '.join(names)}"
    if by.kind == "user" and (known := world.store.name_of("user", by.id)):
        text += f" by {known[0]}"
    return text
