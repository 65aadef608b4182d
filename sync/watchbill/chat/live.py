"""Commands on a live incident, in the name of who types: the same procedures as on the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps

from watchbill.chat.answer import Answer, Button, refused
from watchbill.chat.context import Context
from watchbill.chat.live_forms import escalation_asked, escalation_form, stand_down_form, update_form
from watchbill.errors import AccountError, GuardRefused, UsageError
from watchbill.incident import stand_down as standing_down
from watchbill.incident.escalate import Escalated, carry_out, prepare
from watchbill.incident.on_duty import live_roster
from watchbill.incident.people import Actor, People
from watchbill.incident.phone import Answer as PhoneAnswer
from watchbill.incident.phone import log_attempt, phone_list
from watchbill.incident.reading import read_situation
from watchbill.incident.request import Request, suggested_channel
from watchbill.incident.situation import Situation
from watchbill.incident.update import publish_update
from watchbill.ladder.allowed import may_see_phones
from watchbill.pagerduty.incidents import incident_ref
from watchbill.pagerduty.transport import Transport
from watchbill.report.incident import phone_text
from watchbill.rota.duty import Roster

Values = Mapping[str, str]
Run = Callable[[Context, Sequence[str], Values], Answer]

_ALONE = re.compile(r"D[A-Z0-9]{4,}")
"""Slack's id of a conversation with one person."""
CALL = "PagerDuty could not be reached: NOBODY was paged. Call them; `phone-log ID` shows in which order."


@dataclass(frozen=True, slots=True)
class _Live:
    context: Context
    roster: Roster
    """With what the account has beside the files."""
    transport: Transport
    people: People
    situation: Situation

    @property
    def actor(self) -> Actor:
        return self.people.actor(self.context.email, how="chat")

    @property
    def channel(self) -> str:
        """Where it was typed; what is said to the app alone is meant for the incident's own."""
        here = self.context.channel
        return suggested_channel(self.situation) if not here or _ALONE.fullmatch(here) else here

    def page(self, request: Request) -> Escalated:
        prepared = prepare(self.roster, self.people, self.situation, request)
        return carry_out(self.transport, self.people, self.actor, self.context.chat, prepared)


@contextmanager
def _open(context: Context, incident: str) -> Iterator[_Live]:
    with context.connect() as transport:
        people = People(context.policy, transport)
        roster = live_roster(context.policy, transport, context.now)
        situation = read_situation(roster, people, incident, context.now)
        yield _Live(context, roster, transport, people, situation)


def _telling(away: str) -> Callable[[Run], Run]:
    """What is refused becomes the answer; `away` is it when PagerDuty is, with its reason at {why}."""

    def around(run: Run) -> Run:
        @wraps(run)
        def told(context: Context, words: Sequence[str], values: Values) -> Answer:
            try:
                return run(context, words, values)
            except (GuardRefused, UsageError) as wrong:
                return refused(f"{wrong.message}. {wrong.remedy}" if wrong.remedy else wrong.message)
            except AccountError as gone:
                return refused(away.format(why=gone.message))

        return told

    return around


@_telling(f"{CALL} ({{why}})")
def escalate(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`escalate ID` opens the form; the form comes back with what was filled in."""
    if not words:
        return refused("which incident? escalate 1234")
    with _open(context, words[0]) as live:
        situation = live.situation
        if not situation.incident.is_open:
            return refused(
                f"{situation.incident.label} is resolved; if it is not over, reopen it in PagerDuty"
            )
        if not values:
            form = escalation_form(context, situation)
            return Answer(f"Escalate {situation.incident.label}", form=form)
        done = live.page(escalation_asked(values))
    names = ", ".join(context.name(person) for person in done.rung.people) or "NOBODY"
    text = f"{done.prepared.targets.title}: paged {names}."
    if done.rung.missed:
        text += f" Not reached, call them: {', '.join(context.name(p) for p in done.rung.missed)}."
    text += "".join(f" {problem}." for problem in done.problems)
    number = str(situation.incident.number)
    buttons = (Button("Update", f"update {number}"), Button("Stand down", f"stand-down {number}"))
    return Answer(text, private=False, buttons=buttons, failed=done.rung.how == "nobody")


@_telling(f"{CALL} ({{why}})")
def page(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`page ROLE ID`: a role first, a person second, beside whoever has the incident."""
    if len(words) < 2:
        return refused("whom, for which incident? page eng-manager 1234")
    name, incident = words[0].lstrip("@"), words[1]
    known = {**context.policy.roles, **context.policy.rotations, **context.policy.people}
    if name not in known:
        return refused(f"nothing is called {name!r}; a role, a rotation or a person by its handle")
    why = " ".join(words[2:]) or "asked for in chat"
    with _open(context, incident) as live:
        done = live.page(Request(page=name, said={"why": [why]}))
    names = ", ".join(context.name(person) for person in done.rung.people)
    text = f"Paged {names} for {live.situation.incident.label}." if names else ""
    if done.rung.how == "nobody" or done.rung.missed:
        missed = ", ".join(context.name(p) for p in done.rung.missed)
        return refused(f"{text} PagerDuty could not page {missed}: call them".strip())
    return Answer(text + "".join(f" {problem}." for problem in done.problems), private=False)


@_telling("not written down: {why}")
def update(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`update ID words...`; without words, the form."""
    if not words:
        return refused('which incident? update 1234 "rolled back"')
    incident_ref(words[0])
    message = values.get("message", "") or " ".join(words[1:])
    if not message.strip():
        return Answer("Update", form=update_form(words[0]))
    minutes = values.get("next_update", "30")
    if not minutes.isdecimal() or not 1 <= int(minutes) <= 1440:
        return refused("the next update is so many minutes away: 1 to 1440")
    with _open(context, words[0]) as live:
        done = publish_update(
            live.transport,
            live.actor,
            context.chat,
            live.situation,
            message,
            channel=live.channel,
            minutes=int(minutes),
        )
    return Answer(f"{done.text}{''.join(f' ({p})' for p in done.problems)}")


@_telling("not done: {why}")
def stand_down(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`stand-down ID` opens the form."""
    if not words:
        return refused("which incident? stand-down 1234")
    with _open(context, words[0]) as live:
        if not values:
            return Answer("Stand down", form=stand_down_form(context, live.situation))
        needed = values.get("needed", "")
        plan = standing_down.prepare(
            context.policy,
            live.people,
            live.situation,
            reason=values.get("reason", ""),
            met=[int(n) for n in values.get("met", "").split(",") if n.strip().isdecimal()],
            needed="yes" if needed == "yes" else "no" if needed == "no" else "",
        )
        done = standing_down.carry_out(live.transport, live.actor, context.chat, plan, channel=live.channel)
    leaving = ", ".join(one.name for one in done.plan.leaving) or "nobody was engaged"
    return Answer(f"Stood down: {leaving}.{''.join(f' {p}.' for p in done.problems)}", private=False)


@_telling("PagerDuty is away ({why}); `simulate` shows the ladder from the files")
def phone_log(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`phone-log ID` lists whom to call; `phone-log ID PERSON answered|no-answer` writes it down."""
    if not words:
        return refused("which incident? phone-log 1234")
    told = ""
    with _open(context, words[0]) as live:
        situation = live.situation
        if len(words) > 1:
            answers: tuple[PhoneAnswer, ...] = ("answered", "no-answer", "voicemail", "declined")
            word = words[2] if len(words) > 2 else "no-answer"
            answer = next((a for a in answers if a == word), None)
            if answer is None:
                return refused(f"how did it go? one of {', '.join(answers)}")
            told = log_attempt(live.transport, live.actor, situation, words[1], answer, context.policy)
            situation = read_situation(live.roster, live.people, words[0], context.now)
        calls = phone_list(live.roster, situation, anyway=True)
    secret = os.environ.get if may_see_phones(context.policy, context.person) else None
    table = phone_text(calls, situation, context.policy, secret=secret, color=False)
    return Answer(told or f"Call, for {situation.incident.label}", table=table)
