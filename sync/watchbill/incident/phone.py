"""The phone procedure: whom to call now, whom after five minutes, and a line in the incident for each attempt.

The number itself is never in the policy; it is read from where the person's `phone: {secret: NAME}` says, and only
shown to whoever asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from watchbill.errors import GuardRefused, UsageError
from watchbill.incident.notes import Mark, with_mark
from watchbill.incident.people import Actor
from watchbill.incident.situation import Situation
from watchbill.incident.targets import Targets, of_level
from watchbill.ladder.resolve import OnDuty
from watchbill.model.base import SecretRef
from watchbill.model.directory import Procedure
from watchbill.model.policy import Policy
from watchbill.pagerduty.incidents import add_note
from watchbill.pagerduty.transport import Transport
from watchbill.rota.build import plan_for
from watchbill.rota.clock import zone
from watchbill.rota.duty import Roster

PROCEDURE = "phone"
ANSWER_WITHIN = 5

Answer = Literal["answered", "no-answer", "voicemail", "declined"]


@dataclass(frozen=True, slots=True)
class Call:
    level: int
    person: str
    """Handle."""
    title: str
    after: int
    """Minutes from the first call."""
    secret: str
    """Name of the secret that holds the number; "" where the policy says none."""


@dataclass(frozen=True, slots=True)
class PhoneList:
    calls: tuple[Call, ...]
    steps: tuple[str, ...]
    tried: tuple[Mark, ...]


def phone_list(roster: Roster, situation: Situation, *, anyway: bool = False) -> PhoneList:
    """From the level it is on, upwards.  Raises GuardRefused when the procedure is not for now (`anyway` goes on),
    UsageError."""
    if not situation.incident.is_open and not anyway:
        raise UsageError(
            f"{situation.incident.label} is resolved", remedy="if not, reopen it, or say --anyway"
        )
    procedure = roster.policy.procedures.get(PROCEDURE)
    if procedure is not None and not anyway:
        _refuse_unless_fit(roster.policy, procedure, situation)
    wait = procedure.answer_within.minutes if procedure and procedure.answer_within else ANSWER_WITHIN
    calls: list[Call] = []
    for place, level in enumerate(range(max(situation.level, 1), situation.levels + 1)):
        targets = of_level(roster, situation, level)
        calls += [_call(roster.policy, targets, duty, place * wait) for duty in targets.paged]
    if not calls:
        raise UsageError(
            f"nobody is on duty on the ladder of {situation.incident.label}",
            remedy="`watchbill gaps` shows where; call whoever you can reach",
        )
    tried = tuple(mark for mark in situation.marks if mark.what == "phone")
    return PhoneList(tuple(calls), procedure.steps if procedure else (), tried)


def log_attempt(
    transport: Transport, actor: Actor, situation: Situation, person: str, answer: Answer, policy: Policy
) -> str:
    """The text of the note."""
    if person not in policy.people:
        raise UsageError(f"there is no person {person!r}", remedy="give a handle of people.yaml")
    text = f"Phone: {actor.name} called {policy.title_of(person)}: {answer.replace('-', ' ')}."
    mark = Mark("phone", {"person": person, "answer": answer})
    add_note(transport, situation.incident.id, with_mark(text, mark), actor.acting)
    return text


def next_call(calls: PhoneList) -> Call | None:
    """The first who was not called yet."""
    called = {mark.values.get("person", "") for mark in calls.tried}
    return next((call for call in calls.calls if call.person not in called), None)


def number_of(call: Call, secret: Callable[[str], str | None]) -> str | None:
    """`secret`: looks a name up where secrets are kept."""
    return secret(call.secret) if call.secret else None


def _call(policy: Policy, targets: Targets, duty: OnDuty, after: int) -> Call:
    person = policy.people.get(duty.person)
    phone = person.phone if person else None
    title = policy.title_of(duty.role or duty.rotation or duty.person)
    return Call(
        targets.level, duty.person, title, after, phone.secret if isinstance(phone, SecretRef) else ""
    )


def _refuse_unless_fit(policy: Policy, procedure: Procedure, situation: Situation) -> None:
    only = procedure.only_when
    if only is None:
        return
    why = []
    if only.severity and situation.severity not in only.severity:
        why.append(
            f"only for {', '.join(only.severity)}, and this is {situation.severity or 'of no severity'}"
        )
    if only.outside and _is_within(policy, only.outside, situation.now):
        why.append(f"only outside {only.outside} hours")
    if why:
        raise GuardRefused(
            f"{procedure.title}: {'; '.join(why)}",
            remedy="page with `watchbill incident escalate`, or say --anyway",
        )


def _is_within(policy: Policy, hours: str, at: int) -> bool:
    where = zone(policy.settings.time_zone)
    return bool(plan_for(policy.settings, [hours]).spans(where, at, at + 1))
