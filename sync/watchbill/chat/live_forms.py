"""The forms of commands on a live incident; what the incident itself tells is filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from watchbill.chat.answer import Field, Form
from watchbill.chat.context import Context
from watchbill.errors import UsageError
from watchbill.incident.request import Request, duration_text, suggested_channel
from watchbill.incident.situation import Situation
from watchbill.incident.stand_down import PROCEDURE

_FIELDS = ("severity", "duration", "impact", "tried", "why", "ask", "channel")


def escalation_form(context: Context, situation: Situation) -> Form:
    """The runbook's eight fields; only levels above the present one.  Raises UsageError where nobody could be asked."""
    channel = suggested_channel(situation)
    lasted = duration_text(situation.now - situation.incident.opened)
    policy = context.policy
    levels = tuple(
        (f"level {n}", _level_label(context, situation, n))
        for n in range(situation.present + 1, situation.levels + 1)
    )
    needs = tuple((f"need {handle}", f"Need: {need.title}") for handle, need in policy.triggers.needs.items())
    offered = (*levels, *needs)
    if not offered:
        raise UsageError(
            f"{situation.incident.label}: no level is above level {situation.present}, and the policy lists no needs",
            remedy="`page NAME ID` pages a role, a rotation or a person",
        )
    return Form(
        f"Escalate #{situation.incident.number}",
        f"escalate {situation.incident.number}",
        (
            Field("to", "Escalate to", initial=_suggested(situation, offered), choices=offered),
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


def escalation_asked(values: Mapping[str, str]) -> Request:
    kind, _, name = values.get("to", "").partition(" ")
    said = {key: values.get(key, "").splitlines() for key in _FIELDS}
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


def update_form(incident: str) -> Form:
    fields = (
        Field("message", "How it stands", several_lines=True),
        Field("next_update", "Next update in minutes", initial="30"),
    )
    return Form(f"Update on {incident}", f"update {incident}", fields)


def stand_down_form(context: Context, situation: Situation) -> Form:
    procedure = context.policy.procedures.get(PROCEDURE)
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


def _suggested(situation: Situation, offered: Sequence[tuple[str, str]]) -> str:
    """The level above the highest that was paged; the first choice where that is not offered."""
    choices = [value for value, _ in offered]
    above = f"level {situation.engaged + 1}"
    return above if above in choices else choices[0]


def _level_label(context: Context, situation: Situation, level: int) -> str:
    assert situation.ladder is not None
    names = " + ".join(context.name(name) for name in situation.ladder.steps[level - 1].targets)
    return f"Level {level}: {names}"


def _reason(context: Context, handle: str) -> str:
    reason = context.policy.triggers.do_not_delay[handle]
    return reason if isinstance(reason, str) else reason.title
