"""Making phones ring for an incident that is open: by its ladder's level, or as responders beside its owner.

A page whose answer was lost is looked for before it is tried again, so nobody is rung twice for one decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from watchbill.account.incidents import Incident
from watchbill.errors import AccountError
from watchbill.pagerduty.incidents import Acting, escalate, find_incident, read_log, request_responders
from watchbill.pagerduty.problems import AmbiguousWrite, Forbidden, NotEntitled
from watchbill.pagerduty.transport import Transport


@dataclass(frozen=True, slots=True)
class Rung:
    how: Literal["level", "responders", "level-again", "nobody"]
    """`level-again`: the account has no responder requests, so the level was set and everybody there rings, the
    owner's acknowledgement gone.  `nobody`: and there was no level to set."""
    people: tuple[str, ...]
    """Handles."""
    missed: tuple[str, ...] = ()
    """Who should have been rung and could not be: call them."""


def ring_level(
    transport: Transport, incident: Incident, level: int, people: tuple[str, ...], acting: Acting
) -> Rung:
    before = len(read_log(transport, incident.id))
    try:
        escalate(transport, incident.id, level, acting)
    except AmbiguousWrite:
        news = read_log(transport, incident.id)[before:]
        if not any(e.what == "escalate" and not e.by_timeout for e in news):
            escalate(transport, incident.id, level, acting)
    return Rung("level", people)


def ring_people(
    transport: Transport,
    incident: Incident,
    users: Mapping[str, str],
    message: str,
    acting: Acting,
    *,
    level: int = 0,
    since: int = 0,
) -> Rung:
    """`users`: id -> handle.  Who has been asked already, since it was (re)opened at `since`, and is engaged is not
    asked again."""
    engaged = {r.user for r in incident.responders if r.is_engaged and r.asked_at >= since}
    asked = engaged | set(incident.assignees)
    wanted = {user: handle for user, handle in users.items() if user not in asked}
    if not wanted:
        return Rung("responders", tuple(users.values()))
    try:
        _request(transport, incident, tuple(wanted), message, acting)
    except (NotEntitled, Forbidden):
        return _without_requests(transport, incident, users, acting, level)
    return Rung("responders", tuple(users.values()))


def _request(
    transport: Transport, incident: Incident, users: tuple[str, ...], message: str, acting: Acting
) -> None:
    try:
        request_responders(transport, incident.id, users, message, acting)
    except AmbiguousWrite:
        now = find_incident(transport, incident.id)
        missing = tuple(u for u in users if all(r.user != u or not r.is_engaged for r in now.responders))
        if missing:
            request_responders(transport, incident.id, missing, message, acting)


def _without_requests(
    transport: Transport, incident: Incident, users: Mapping[str, str], acting: Acting, level: int
) -> Rung:
    """The account's plan has no responder requests: the level rings them too, if there is one."""
    if level and incident.urgency == "high" and not incident.direct:
        try:
            escalate(transport, incident.id, level, acting)
        except AccountError:
            return Rung("nobody", (), tuple(users.values()))
        return Rung("level-again", tuple(users.values()))
    return Rung("nobody", (), tuple(users.values()))
