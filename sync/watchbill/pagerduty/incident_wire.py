"""PagerDuty's answers about incidents -> the normal form."""

from __future__ import annotations

from typing import Any, Literal

from watchbill.account.incidents import Agent, Incident, LogEntry, Responder
from watchbill.pagerduty.wire import Instant, Refs, Text, Wire, WireRef


class _Assignment(Wire):
    assignee: WireRef


class _Acknowledgement(Wire):
    acknowledger: WireRef


class _Pending(Wire):
    type: str
    at: Instant


class _Responder(Wire):
    state: str
    user: WireRef
    requested_at: Instant | None = None
    updated_at: Instant | None = None


class _Priority(Wire):
    name: str | None = None
    summary: str | None = None


class _Counts(Wire):
    all: int = 0


class WireIncident(Wire):
    id: str
    incident_number: int
    title: Text = ""
    status: Literal["triggered", "acknowledged", "resolved"]
    urgency: Literal["high", "low"]
    service: WireRef
    priority: _Priority | None = None
    escalation_policy: WireRef | None = None
    created_at: Instant
    resolved_at: Instant | None = None
    assignments: tuple[_Assignment, ...] = ()
    acknowledgements: tuple[_Acknowledgement, ...] = ()
    assigned_via: str = "escalation_policy"
    pending_actions: tuple[_Pending, ...] = ()
    incidents_responders: tuple[_Responder, ...] | None = None
    alert_counts: _Counts = _Counts()
    html_url: str | None = None
    teams: Refs = ()

    def plain(self) -> Incident:
        told = [a.assignee for a in self.assignments] + [a.acknowledger for a in self.acknowledgements]
        responders = self.incidents_responders or ()
        told += [r.user for r in responders]
        pending = [p.at for p in self.pending_actions if p.type == "escalate"]
        return Incident(
            id=self.id,
            number=self.incident_number,
            title=self.title,
            status=self.status,
            urgency=self.urgency,
            service=self.service.id,
            service_name=self.service.summary or "",
            priority=(self.priority.name or self.priority.summary or "") if self.priority else "",
            policy=self.escalation_policy.id if self.escalation_policy else "",
            policy_name=(self.escalation_policy.summary or "") if self.escalation_policy else "",
            opened=self.created_at,
            resolved=self.resolved_at if self.status == "resolved" else None,
            assignees=tuple(a.assignee.id for a in self.assignments),
            acknowledged_by=tuple(a.acknowledger.id for a in self.acknowledgements),
            direct=self.assigned_via == "direct_assignment",
            escalates_at=min(pending, default=None),
            responders=tuple(
                Responder(
                    user=r.user.id,
                    state=r.state,
                    at=r.updated_at or r.requested_at or self.created_at,
                    asked_at=r.requested_at or r.updated_at or self.created_at,
                    name=r.user.summary or "",
                )
                for r in responders
            ),
            alerts=self.alert_counts.all,
            names={ref.id: ref.summary or ref.id for ref in told},
            url=self.html_url or "",
            teams=tuple(team.summary or team.id for team in self.teams),
        )


class _Channel(Wire):
    type: str = ""
    summary: str | None = None
    changes: tuple[dict[str, Any], ...] = ()


class WireLogEntry(Wire):
    id: str
    type: str
    created_at: Instant
    agent: WireRef | None = None
    channel: _Channel = _Channel()
    assignees: Refs = ()
    user: WireRef | None = None
    note: str | None = None
    incident: WireRef | None = None
    changeset: Any = None

    def plain(self) -> LogEntry:
        what = self.type.removesuffix("_log_entry").removesuffix("_log_entry_reference")
        note = self.note or (self.channel.summary if what == "annotate" else None) or ""
        return LogEntry(
            id=self.id,
            what="acknowledge" if what == "acknowledgement" else what,
            at=self.created_at,
            agent=_agent(self.agent),
            channel=self.channel.type,
            assignees=tuple(ref.id for ref in self.assignees),
            user=self.user.id if self.user else "",
            note=note,
            changed=_changed(self.changeset) or _changed(self.channel.changes),
            incident=self.incident.id if self.incident else "",
        )


def _agent(ref: WireRef | None) -> Agent:
    if ref is None:
        return Agent()
    kind = ref.type.removesuffix("_reference")
    known = "user" if kind == "user" else "service" if kind == "service" else "integration"
    return Agent(kind=known, id=ref.id, name=ref.summary or "")


def _changed(told: Any) -> tuple[str, str, str]:
    """What a field change tells is not documented: the name of the field, or a mapping with old and new value."""
    first = told[0] if isinstance(told, list | tuple) and told else told
    if isinstance(first, str):
        return (first, "", "")
    if not isinstance(first, dict):
        return ("", "", "")
    return (
        _word(first, "field_name", "field", "name"),
        _word(first, "old_value", "before", "from"),
        _word(first, "new_value", "after", "to"),
    )


def _word(told: dict[str, Any], *keys: str) -> str:
    value = next((told[key] for key in keys if told.get(key) is not None), "")
    if isinstance(value, dict):
        value = value.get("name") or value.get("summary") or value.get("value") or ""
    return str(value)
