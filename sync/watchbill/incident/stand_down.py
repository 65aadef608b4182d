"""Standing down: who may go, who stays, the notice, thanks, requests taken back, and the question whether it was
needed at all (which the metrics read)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from watchbill.errors import AccountError, GuardRefused, UsageError
from watchbill.incident.engaged import Engaged, engaged
from watchbill.incident.fill import fill, line_by_line
from watchbill.incident.notes import Mark, with_mark
from watchbill.incident.people import Actor, People
from watchbill.incident.ports import Chat, try_post
from watchbill.incident.situation import Situation
from watchbill.incident.update import utc_clock
from watchbill.model.policy import Policy
from watchbill.pagerduty.incidents import add_note, cancel_responders
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import iso

PROCEDURE = "stand-down"


@dataclass(frozen=True, slots=True)
class StandDown:
    situation: Situation
    leaving: tuple[Engaged, ...]
    staying: tuple[Engaged, ...]
    text: str
    thanks: str
    next_update: int
    needed: Literal["yes", "no", ""]
    """"" = nobody was asked."""


@dataclass(frozen=True, slots=True)
class StoodDown:
    plan: StandDown
    cancelled: tuple[str, ...]
    problems: tuple[str, ...] = ()


def prepare(
    policy: Policy,
    people: People,
    situation: Situation,
    *,
    reason: str,
    names: Sequence[str] = (),
    minutes: int = 60,
    met: Sequence[int] = (),
    needed: Literal["yes", "no", ""] = "",
) -> StandDown:
    """`names`: handles of who goes; default everybody but the owner.  `met`: the criteria that hold, from 1.

    Raises GuardRefused when no criterion is said to hold, UsageError.
    """
    criteria = policy.procedures[PROCEDURE].criteria if PROCEDURE in policy.procedures else ()
    if criteria and situation.incident.is_open and not met:
        told = "; ".join(f"{n} = {text}" for n, text in enumerate(criteria, start=1))
        raise GuardRefused(
            "standing down needs at least one criterion that holds",
            remedy=f"--met N; {told}",
        )
    beyond = [n for n in met if not 1 <= n <= len(criteria)]
    if beyond:
        places = f"there are {len(criteria)}" if criteria else "the policy has none: say --reason instead"
        raise UsageError(f"there is no criterion {beyond[0]}", remedy=places)
    now = engaged(situation, people)
    leaving = _leaving(now, names)
    staying = tuple(one for one in now if one not in leaving)
    if situation.incident.is_open and not staying:
        raise GuardRefused(
            f"nobody would be left on {situation.incident.label}",
            remedy="leave at least its owner, or resolve it first",
        )
    due = situation.now + minutes * 60
    values = {
        "time": utc_clock(situation.now),
        "reason": reason.strip() or "; ".join(criteria[n - 1] for n in met) or _over(situation),
        "stand_down": [one.name for one in leaving] or ["nobody was engaged beside the owner"],
        "remaining": [one.name for one in staying] or ["nobody: it is resolved"],
        "next_update": utc_clock(due),
    }
    template = policy.messages.get(PROCEDURE)
    text = fill(template, values) if template else line_by_line(values)
    thanks = f"Thank you, {', '.join(one.name for one in leaving)}." if leaving else ""
    return StandDown(situation, leaving, staying, text, thanks, due, needed)


def _over(situation: Situation) -> str:
    return "" if situation.incident.is_open else "the incident is resolved"


def carry_out(transport: Transport, actor: Actor, chat: Chat, plan: StandDown, *, channel: str) -> StoodDown:
    """Requests back first, then the note, then the notice and the thanks."""
    incident = plan.situation.incident
    asked = tuple(r.user for r in incident.responders if r.is_engaged)
    users = tuple(one.user for one in plan.leaving if one.user in asked)
    problems: list[str] = []
    cancelled: tuple[str, ...] = ()
    if users:
        try:
            cancel_responders(transport, incident.id, users, actor.acting)
            cancelled = tuple(one.name for one in plan.leaving if one.user in users)
        except AccountError as failed:
            problems.append(f"responder requests were not taken back: {failed.message}")
    values = {
        "who": ",".join(one.handle or one.user for one in plan.leaving),
        "next-update": iso(plan.next_update),
    }
    if plan.needed:
        values["needed"] = plan.needed
    note = with_mark(plan.text, Mark("stand-down", {k: v for k, v in values.items() if v}))
    add_note(transport, incident.id, note, actor.acting)
    mention = [one.handle for one in plan.leaving if one.handle]
    for text, who in ((plan.text, ()), (plan.thanks, mention)):
        if text:
            problems += try_post(chat, channel, text, who)
    return StoodDown(plan, cancelled, tuple(problems))


def _leaving(now: Sequence[Engaged], names: Sequence[str]) -> tuple[Engaged, ...]:
    if not names:
        return tuple(one for one in now if not one.is_owner)
    by_name = {name: one for one in now for name in (one.handle, one.name, one.user) if name}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        here = ", ".join(one.handle or one.name for one in now)
        raise UsageError(f"{', '.join(unknown)} is not engaged", remedy=f"engaged now: {here or 'nobody'}")
    return tuple(dict.fromkeys(by_name[name] for name in names))
