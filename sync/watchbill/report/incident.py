"""The `incident` verbs for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from watchbill.incident.engaged import Engaged
from watchbill.incident.escalate import Escalated, Prepared
from watchbill.incident.notes import marks
from watchbill.incident.phone import PhoneList, next_call, number_of
from watchbill.incident.situation import Situation
from watchbill.incident.stand_down import StoodDown
from watchbill.incident.targets import Targets
from watchbill.incident.test_page import Reach
from watchbill.model.policy import Policy
from watchbill.report.paint import Paint
from watchbill.report.safe import plain
from watchbill.report.times import full, minutes
from watchbill.rota.clock import zone

_HOW = {
    "level": "paged by the ladder",
    "responders": "asked to join; whoever has it keeps it",
    "level-again": "paged by the ladder: this account has no responder requests, so its owner is paged again too",
    "nobody": "NOBODY was paged",
}


def situation_text(situation: Situation, at_work: Iterable[Engaged], policy: Policy, *, color: bool) -> str:
    paint, incident = Paint(color), situation.incident
    where = zone(policy.settings.time_zone)
    lasted = minutes((situation.now - incident.opened) // 60)
    ladder = situation.ladder.title if situation.ladder else "no ladder of the policy"
    lines = [
        paint.bold(plain(incident.label)),
        f"  {incident.status}, {incident.urgency} urgency, since {full(incident.opened, where)} {where.name} ({lasted})",
        f"  {situation.severity or 'no severity'} in {situation.domain or 'no domain'}: {ladder},"
        f" level {situation.level} of {situation.levels}"
        + (f", {situation.engaged} engaged" if situation.engaged > situation.level else ""),
    ]
    if situation.tags:
        lines.append(f"  tags: {plain(', '.join(situation.tags))}")
    lines.append("At work:")
    people = [f"  {plain(one.name)}  {one.how} since {full(one.since, where)}" for one in at_work]
    lines += people or ["  " + paint.red("nobody")]
    done = marks(situation.log)
    if done:
        lines.append("Done so far:")
        for mark in done:
            told = ", ".join(f"{key} {plain(value)}" for key, value in mark.values.items() if key != "run")
            lines.append(f"  {full(mark.at, where)}  {mark.what}  {paint.dim(told)}".rstrip())
    return "\n".join(lines)


def prepared_text(prepared: Prepared, policy: Policy, *, color: bool) -> str:
    paint = Paint(color)
    lines = [f"Would page {plain(prepared.targets.title)}:", *_whom(prepared.targets, policy, paint)]
    lines += [f"  {paint.yellow(f.message)}; {f.hint}" for f in prepared.warnings]
    lines += [f"In #{prepared.channel}:", "", plain_lines(prepared.text)]
    return "\n".join(lines)


def escalated_text(done: Escalated, policy: Policy, *, color: bool) -> str:
    paint, prepared = Paint(color), done.prepared
    how = _HOW[done.rung.how]
    head = paint.red(how) if done.rung.how == "nobody" else how
    lines = [f"{plain(prepared.targets.title)}: {head}", *_whom(prepared.targets, policy, paint)]
    lines += [
        "  " + paint.red(f"{policy.title_of(person)} could not be paged: call them")
        for person in done.rung.missed
    ]
    lines += [f"  {paint.yellow(f.message)}; {f.hint}" for f in prepared.warnings]
    lines += ["  " + paint.red(plain(problem)) for problem in done.problems]
    lines += [f"For #{prepared.channel}, if chat is not connected:", "", plain_lines(prepared.text)]
    return "\n".join(lines)


def stood_down_text(done: StoodDown, channel: str, *, color: bool) -> str:
    paint = Paint(color)
    lines = [plain_lines(done.plan.text)]
    if done.plan.thanks:
        lines.append(plain(done.plan.thanks))
    if done.cancelled:
        lines.append(paint.dim(f"no longer asked: {plain(', '.join(done.cancelled))}"))
    lines += [paint.red(plain(problem)) for problem in done.problems]
    lines.append(paint.dim(f"for #{channel}, if chat is not connected"))
    return "\n".join(lines)


def phone_text(
    calls: PhoneList,
    situation: Situation,
    policy: Policy,
    *,
    secret: Callable[[str], str | None] | None,
    color: bool,
) -> str:
    """Numbers only where `secret` is given."""
    paint = Paint(color)
    lines = [paint.bold(f"Call, for {plain(situation.incident.label)}:")]
    due = next_call(calls)
    for call in calls.calls:
        number = number_of(call, secret) if secret else None
        shown = number or (f"number: secret {call.secret}" if call.secret else "no number in the policy")
        mark = "->" if call == due else "  "
        name = plain(policy.title_of(call.person))
        lines.append(
            f"{mark} +{minutes(call.after):<7} {name} ({plain(call.title)}, level {call.level})  {shown}"
        )
    for mark_ in calls.tried:
        person = plain(policy.title_of(mark_.values.get("person", "")))
        lines.append(paint.dim(f"   {person}: {plain(mark_.values.get('answer', '').replace('-', ' '))}"))
    lines += [paint.dim(f"{place}. {step}") for place, step in enumerate(calls.steps, start=1)]
    return "\n".join(lines)


def reach_text(found: Iterable[Reach], policy: Policy, *, color: bool) -> str:
    paint = Paint(color)
    words = {
        True: paint.green("rings at once"),
        False: paint.red("no phone, SMS or push at once: would be reached late or by e-mail only"),
        None: paint.yellow("no such user in the account"),
    }
    return "\n".join(f"  {plain(one.person)}  {words[one.loud]}" for one in found)


def plain_lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.splitlines())


def _whom(targets: Targets, policy: Policy, paint: Paint) -> list[str]:
    lines = []
    for duty in targets.paged:
        name = policy.title_of(duty.role or duty.rotation or duty.person)
        because = "PagerDuty's schedule" if duty.because == "pagerduty" else duty.because
        why = f"{name}, {because}" if name != policy.title_of(duty.person) else because
        lines.append(f"  {paint.bold(plain(policy.title_of(duty.person)))}  {paint.dim(plain(why))}")
    lines += [f"  {paint.red(plain(name))}  stands for nobody now" for name in targets.unreached]
    lines += [
        f"  {plain(policy.title_of(told.role))}  told in {'#' + told.channel if told.channel else told.email or 'no channel: tell them'}"
        for told in targets.told
    ]
    return lines
