"""Commands on a live incident, in the name of who types: the same procedures as on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from watchbill.chat.answer import Answer, Button, Field, Form, refused
from watchbill.chat.context import Context, may_see_phones
from watchbill.errors import AccountError, GuardRefused, UsageError
from watchbill.incident import stand_down as standing_down
from watchbill.incident.escalate import carry_out, prepare
from watchbill.incident.people import Actor, People
from watchbill.incident.phone import Answer as PhoneAnswer
from watchbill.incident.phone import log_attempt, phone_list
from watchbill.incident.reading import read_situation
from watchbill.incident.request import Request, duration_text, suggested_channel
from watchbill.incident.situation import Situation
from watchbill.incident.update import publish_update
from watchbill.report.incident import phone_text

Values = Mapping[str, str]

CALL = "PagerDuty could not be reached: NOBODY was paged. Call them; `phone-log ID` shows in which order."


def escalate(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`escalate ID` opens the form; the form comes back with what was filled in."""
    if not words:
        return refused("which incident? escalate 1234")
    try:
        with context.connect() as transport:
            people = People(context.policy, transport)
            situation = read_situation(context.roster, people, words[0], context.now)
            if not values:
                return Answer(
                    f"Escalate {situation.incident.label}", form=_escalation_form(context, situation)
                )
            request = _request(situation, values)
            prepared = prepare(context.roster, people, situation, request)
            done = carry_out(transport, people, _actor(context, people), context.chat, prepared)
    except GuardRefused as guard:
        return _refused(guard)
    except UsageError as wrong:
        return refused(_told(wrong))
    except AccountError as away:
        return _away(context, away)
    names = ", ".join(context.name(person) for person in done.rung.people) or "NOBODY"
    text = f"{prepared.targets.title}: paged {names}."
    if done.rung.missed:
        text += f" Not reached, call them: {', '.join(context.name(p) for p in done.rung.missed)}."
    text += "".join(f" {problem}." for problem in done.problems)
    number = str(situation.incident.number)
    buttons = (Button("Update", f"update {number}"), Button("Stand down", f"stand-down {number}"))
    return Answer(text, private=False, buttons=buttons, failed=done.rung.how == "nobody")


def page(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`page ROLE ID`: a role first, a person second, beside whoever has the incident."""
    if len(words) < 2:
        return refused("whom, for which incident? page eng-manager 1234")
    name, incident = words[0], words[1]
    known = {**context.policy.roles, **context.policy.rotations, **context.policy.people}
    if name not in known:
        return refused(f"nothing is called {name!r}; a role, a rotation or a person by its handle")
    why = " ".join(words[2:]) or "asked for in chat"
    try:
        with context.connect() as transport:
            people = People(context.policy, transport)
            situation = read_situation(context.roster, people, incident, context.now)
            prepared = prepare(context.roster, people, situation, Request(page=name, said={"why": [why]}))
            done = carry_out(transport, people, _actor(context, people), context.chat, prepared)
    except (GuardRefused, UsageError) as wrong:
        return refused(_told(wrong))
    except AccountError as away:
        return _away(context, away)
    names = ", ".join(context.name(person) for person in done.rung.people)
    if done.rung.how == "nobody" or done.rung.missed:
        missed = ", ".join(context.name(p) for p in done.rung.missed)
        return refused(f"PagerDuty could not page {missed}: call them")
    return Answer(f"Paged {names} for {situation.incident.label}.", private=False)


def update(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`update ID words...`; without words, the form."""
    if not words:
        return refused('which incident? update 1234 "rolled back"')
    message = values.get("message", "") or " ".join(words[1:])
    if not message.strip():
        fields = (
            Field("message", "How it stands", several_lines=True),
            Field("next_update", "Next update in minutes", initial="30"),
        )
        return Answer("Update", form=Form(f"Update on {words[0]}", f"update {words[0]}", fields))
    minutes = values.get("next_update", "30")
    if not minutes.isdecimal() or not 1 <= int(minutes) <= 1440:
        return refused(
            "the next update is so many minutes away: 1 to 1440", next_update="a number from 1 to 1440"
        )
    try:
        with context.connect() as transport:
            people = People(context.policy, transport)
            situation = read_situation(context.roster, people, words[0], context.now)
            done = publish_update(
                transport,
                _actor(context, people),
                context.chat,
                situation,
                message,
                channel=context.channel or suggested_channel(situation),
                minutes=int(minutes),
            )
    except UsageError as wrong:
        return refused(_told(wrong))
    except AccountError as away:
        return refused(f"not written down: {away.message}")
    return Answer(f"{done.text}{''.join(f' ({p})' for p in done.problems)}")


def stand_down(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`stand-down ID` opens the form."""
    if not words:
        return refused("which incident? stand-down 1234")
    try:
        with context.connect() as transport:
            people = People(context.policy, transport)
            situation = read_situation(context.roster, people, words[0], context.now)
            if not values:
                return Answer("Stand down", form=_stand_down_form(context, situation))
            needed = values.get("needed", "")
            plan = standing_down.prepare(
                context.policy,
                people,
                situation,
                reason=values.get("reason", ""),
                met=[int(n) for n in values.get("met", "").split(",") if n.strip().isdecimal()],
                needed="yes" if needed == "yes" else "no" if needed == "no" else "",
            )
            channel = context.channel or suggested_channel(situation)
            done = standing_down.carry_out(
                transport, _actor(context, people), context.chat, plan, channel=channel
            )
    except GuardRefused as guard:
        return _refused(guard)
    except UsageError as wrong:
        return refused(_told(wrong))
    except AccountError as away:
        return refused(f"not done: {away.message}")
    leaving = ", ".join(one.name for one in done.plan.leaving) or "nobody was engaged"
    return Answer(f"Stood down: {leaving}.{''.join(f' {p}.' for p in done.problems)}", private=False)


def phone_log(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`phone-log ID` lists whom to call; `phone-log ID PERSON answered|no-answer` writes it down."""
    if not words:
        return refused("which incident? phone-log 1234")
    try:
        with context.connect() as transport:
            people = People(context.policy, transport)
            situation = read_situation(context.roster, people, words[0], context.now)
            told = ""
            if len(words) > 1:
                answers: tuple[PhoneAnswer, ...] = ("answered", "no-answer", "voicemail", "declined")
                word = words[2] if len(words) > 2 else "no-answer"
                answer = next((a for a in answers if a == word), None)
                if answer is None:
                    return refused(f"how did it go? one of {', '.join(answers)}")
                told = log_attempt(
                    transport, _actor(context, people), situation, words[1], answer, context.policy
                )
                situation = read_situation(context.roster, people, words[0], context.now)
            calls = phone_list(context.roster, situation, anyway=True)
    except UsageError as wrong:
        return refused(_told(wrong))
    except AccountError as away:
        return refused(f"PagerDuty is away ({away.message}); `simulate` shows the ladder from the files")
    import os  # noqa: PLC0415  secrets are looked up only for those who may see them

    secret = os.environ.get if may_see_phones(context.policy, context.person) else None
    table = phone_text(calls, situation, context.policy, secret=secret, color=False)
    return Answer(told or f"Call, for {situation.incident.label}", table=table)


def _actor(context: Context, people: People) -> Actor:
    return people.actor(context.email, how="chat")


def _escalation_form(context: Context, situation: Situation) -> Form:
    """The runbook's eight fields; what the incident itself tells is filled in."""
    then = min(situation.engaged + 1, max(situation.levels, 1))
    channel = suggested_channel(situation)
    lasted = duration_text(situation.now - situation.incident.opened)
    policy = context.policy
    levels = tuple(
        (f"level {n}", _level_label(context, situation, n)) for n in range(1, situation.levels + 1)
    )
    needs = tuple((f"need {handle}", f"Need: {need.title}") for handle, need in policy.triggers.needs.items())
    return Form(
        f"Escalate #{situation.incident.number}",
        f"escalate {situation.incident.number}",
        (
            Field("to", "Escalate to", initial=f"level {then}", choices=(*levels, *needs)),
            Field("severity", "Current severity", initial=situation.severity or "", required=False),
            Field("duration", "Duration", initial=lasted, required=False),
            Field("impact", "Current impact, one per line", several_lines=True, required=False),
            Field("tried", "What has been tried: action - result", several_lines=True, required=False),
            Field("why", "Why escalating", several_lines=True, required=False),
            Field("ask", "Specific ask", several_lines=True, required=False),
            Field("channel", "Incident channel", initial=channel, required=False),
            Field(
                "reason",
                "Or: a reason not to delay",
                required=False,
                choices=tuple((handle, _reason(context, handle)) for handle in policy.triggers.do_not_delay),
            ),
            Field("emergency", "Skipping a level? Why", required=False),
        ),
        submit="Escalate",
    )


def _request(situation: Situation, values: Values) -> Request:
    kind, _, name = values.get("to", "").partition(" ")
    said = {key: values.get(key, "").splitlines() for key in ("impact", "tried", "why", "ask", "channel")}
    said = {key: lines for key, lines in said.items() if any(line.strip() for line in lines)}
    level = int(name) if kind == "level" and name.isdecimal() else None
    if level is None and kind != "need":
        raise UsageError("say where it shall go", remedy="a level or a need")
    return Request(
        level=level,
        need=name if kind == "need" else "",
        said={"impact": (), **said},
        reason=values.get("reason", ""),
        emergency=values.get("emergency", ""),
    )


def _stand_down_form(context: Context, situation: Situation) -> Form:
    procedure = context.policy.procedures.get(standing_down.PROCEDURE)
    criteria = procedure.criteria if procedure else ()
    met = tuple((str(number), text) for number, text in enumerate(criteria, start=1))
    return Form(
        f"Stand down #{situation.incident.number}",
        f"stand-down {situation.incident.number}",
        (
            Field("met", "What holds", choices=met),
            Field("reason", "Reason, in words", required=False),
            Field(
                "needed", "Was the escalation needed?", choices=(("yes", "Yes"), ("no", "No")), required=False
            ),
        ),
        submit="Stand down",
    )


def _level_label(context: Context, situation: Situation, level: int) -> str:
    assert situation.ladder is not None
    names = " + ".join(context.name(name) for name in situation.ladder.steps[level - 1].targets)
    return f"Level {level}: {names}"


def _reason(context: Context, handle: str) -> str:
    reason = context.policy.triggers.do_not_delay[handle]
    return reason if isinstance(reason, str) else reason.title


def _refused(guard: GuardRefused) -> Answer:
    field = next((f for f in ("tried", "impact", "why", "ask") if f in guard.message), "")
    if "would skip" in guard.message:
        field = "emergency"
    return refused(_told(guard), **({field: _told(guard)} if field else {}))


def _told(error: UsageError | GuardRefused) -> str:
    return f"{error.message}. {error.remedy}" if error.remedy else error.message


def _away(context: Context, error: AccountError) -> Answer:
    return refused(f"{CALL} ({error.message})")
