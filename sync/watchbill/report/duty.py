"""`who` and `simulate`, for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watchbill.ladder.answers import Answer
from watchbill.ladder.person import PersonAnswer
from watchbill.ladder.resolve import OnDuty
from watchbill.ladder.simulate import SimulatedStep, Simulation
from watchbill.model.base import PLACEHOLDER, UNSET
from watchbill.model.policy import Policy
from watchbill.report.columns import beside, column, wrapped
from watchbill.report.paint import Paint
from watchbill.report.person import person_json
from watchbill.report.safe import cells, plain
from watchbill.report.source import Source, foreign_json, source_json
from watchbill.report.times import full, minutes, short
from watchbill.rota.clock import MINUTE, Instant, iso, zone


def who_json(
    answers: list[Answer], at: Instant, source: Source, people: Sequence[PersonAnswer] = ()
) -> dict[str, Any]:
    """`people`: who was asked for by name."""
    return {
        "format": "watchbill.who/1",
        "at": iso(at),
        "source": source_json(source),
        "answers": [_answer_json(a, at, source) for a in answers],
        **({"people": [person_json(one) for one in people]} if people else {}),
    }


def _answer_json(answer: Answer, at: Instant, source: Source) -> dict[str, Any]:
    following = answer.next
    made: dict[str, Any] = {
        "asked": answer.asked,
        "rotation": answer.rotation,
        "role": answer.role,
        "person": answer.person,
        "since": None if answer.since is None else iso(answer.since),
        "until": None if answer.until is None else iso(answer.until),
        "because": answer.because,
        "turn_of": answer.turn_of,
        "next": following
        and {"person": following.person, "since": iso(following.since), "until": iso(following.until)},
    }
    paged_at = at + (answer.after_minutes or 0) * MINUTE
    made["foreign_override"] = foreign_json(source.difference(answer.rotation, paged_at), answer.person)
    if answer.after_minutes is not None:
        made["after_minutes"] = answer.after_minutes
    return made


_LONGEST_TITLE, _LONGEST_NAME = 24, 22
"""Columns; what is longer takes several lines."""


def who_text(answers: list[Answer], policy: Policy, at: Instant, *, color: bool, width: int) -> str:
    paint = Paint(color)
    where = zone(policy.settings.time_zone)
    lines = [f"On duty at {full(at, where)} ({where.name})", ""]
    if not answers:
        return "\n".join([*lines, "  the policy has no rotations yet"])
    minutes_too = any(answer.after_minutes is not None for answer in answers)
    titles = min(max([cells(plain(a.title)) for a in answers], default=0), _LONGEST_TITLE)
    names = min(max([cells(plain(_person(policy, a))) for a in answers], default=0), _LONGEST_NAME)
    rest = width - titles - names - (11 if minutes_too else 6)
    for answer in answers:
        minute = "" if answer.after_minutes is None else f"+{answer.after_minutes}"
        told = wrapped(_why(answer, policy, at), rest, hanging=2)
        if answer.next is not None:
            then = answer.next
            text = f"next: {policy.title_of(then.person)}, from {short(then.since, where, at)}"
            told += [paint.dim(line) for line in wrapped(text, rest, hanging=2)]
        columns = [
            column(answer.title, titles, str),
            column(_person(policy, answer), names, paint.bold if answer.person else paint.red),
            (told, 0),
        ]
        lines += beside(f"  {minute:<5}" if minutes_too else "  ", columns)
    return "\n".join(lines)


def _person(policy: Policy, answer: Answer) -> str:
    return policy.title_of(answer.person) if answer.person else "NOBODY"


def _why(answer: Answer, policy: Policy, at: Instant) -> str:
    where = zone(policy.settings.time_zone)
    words = {
        "turn": "their turn",
        "override": "override",
        "fallback": "fallback",
        "shift": "listed shift",
        "pagerduty": "PagerDuty's schedule",
        "role": "holds the role",
        "person": "named directly",
        "external": "another team's",
        "nobody": "nobody is on duty",
        UNSET: "the role is unset",
        PLACEHOLDER: "the role is a placeholder",
    }
    reason = words.get(answer.because, answer.because)
    if answer.turn_of:
        reason += f" to {policy.title_of(answer.turn_of)}"
    elif answer.rotation and answer.rotation != answer.asked:
        reason += f" in {policy.title_of(answer.rotation)}"
    until = "" if answer.until is None else f"until {short(answer.until, where, at)}, "
    return f"{until}{reason}"


def simulation_json(simulation: Simulation, source: Source) -> dict[str, Any]:
    return {
        "format": "watchbill.simulate/1",
        "source": source_json(source),
        "ladder": simulation.ladder.key,
        "title": simulation.ladder.vendor_name,
        "opened": iso(simulation.opened),
        "steps": [
            {
                "after_minutes": step.after_minutes,
                "level": step.level,
                "at": iso(step.at),
                "targets": [
                    {
                        "role": t.role,
                        "rotation": t.rotation,
                        "person": t.person,
                        "because": t.because,
                        "foreign_override": foreign_json(source.difference(t.rotation, step.at), t.person),
                    }
                    for t in step.targets
                ],
                "note": step.note,
            }
            for step in simulation.steps
        ],
        "starts_over_after_minutes": simulation.over_at,
        "repeat": simulation.ladder.repeat,
        "acknowledged_after_minutes": simulation.stopped_at,
        "problems": [
            {"rule": p.rule, "severity": p.severity, "message": p.message, "hint": p.hint}
            for p in simulation.problems
        ],
    }


def simulation_text(
    simulation: Simulation,
    policy: Policy,
    severity: str,
    domain: str,
    *,
    color: bool,
    width: int,
    tree: bool = False,
) -> str:
    paint = Paint(color)
    where = zone(policy.settings.time_zone)
    title = f"{severity} · {plain(policy.domains[domain].title)}"
    if simulation.ladder.domain not in (domain, None):
        title += f" · ladder {plain(simulation.ladder.title)}"
    head = f"{title} · {full(simulation.opened, where)} ({where.name})"
    first, *more = wrapped(head, width, hanging=2)
    lines = [first.replace(title, paint.bold(title), 1), *more]
    if tree:
        for depth, line in enumerate(simulation.path):
            start = f"{'  ' * depth}└ "
            lines += beside(start, [(wrapped(line, width - len(start)), 0)])
    lines += ["", *simulation_lines(simulation, policy, severity, paint, width)]
    return "\n".join(lines).rstrip()


def simulation_lines(
    simulation: Simulation, policy: Policy, severity: str, paint: Paint, width: int
) -> list[str]:
    """The steps, how it ends, and what is wrong with it."""
    lines = [
        line
        for step in simulation.steps
        for line in _step_lines(step, policy, simulation.opened, paint, width)
    ]
    lines += ["", *_ending(simulation, policy, severity)]
    notes = sum(problem.severity == "note" for problem in simulation.problems)
    for problem in simulation.problems:
        if problem.severity != "note":
            kind = problem.severity
            told = wrapped(f"{kind}: {problem.message}", width - 2, hanging=2)
            told[0] = told[0].replace(kind, paint.of(kind, kind), 1)
            lines += [f"  {line}" for line in told]
    if notes:
        who = "one of them is a placeholder" if notes == 1 else f"{notes} of them are placeholders"
        lines.append(f"  {paint.blue('note')}: {who}: fine here, refused for a real account")
    return lines


def _step_lines(step: SimulatedStep, policy: Policy, opened: Instant, paint: Paint, width: int) -> list[str]:
    where = zone(policy.settings.time_zone)
    clock = where.at(step.at).strftime("%a %H:%M" if step.at - opened > 3600 * 20 else "%H:%M")
    head = f"  +{minutes(step.after_minutes):<8} {clock}  level {step.level}  "
    room = width - len(head)
    told = [line for target in step.targets for line in _target_lines(target, policy, paint, room)]
    if not step.targets:
        told.append(paint.red("NOBODY"))
    if step.note:
        told += [paint.yellow(line) for line in wrapped(step.note, room, hanging=2)]
    return beside(head, [(told, 0)])


def _target_lines(target: OnDuty, policy: Policy, paint: Paint, room: int) -> list[str]:
    """Who, and by what: beside the name where there is room for it, else below."""
    name, reason = plain(policy.title_of(target.person)), plain(_reason(target, policy))
    if cells(name) + 2 + cells(reason) <= room:
        return [f"{paint.bold(name)}  {paint.dim(reason)}"]
    below = wrapped(reason, room - 2)
    return [paint.bold(line) for line in wrapped(name, room)] + [f"  {paint.dim(line)}" for line in below]


def _reason(duty: OnDuty, policy: Policy) -> str:
    """By which rotation or role, override or fallback."""
    parts = []
    if duty.role:
        parts.append(policy.title_of(duty.role))
    if duty.covers:
        parts.append(f"{policy.title_of(duty.covers[0])}, covered by {policy.title_of(duty.rotation or '')}")
    elif duty.rotation:
        parts.append(policy.title_of(duty.rotation))
    words = {
        "turn": "turn",
        "override": "override",
        "shift": "listed shift",
        "pagerduty": "PagerDuty's schedule",
        "external": "another team's object",
        "person": "named directly",
        "role": "holds the role",
    }
    if duty.because == "fallback":
        parts.append(f"fallback to {policy.title_of(duty.whose or '')}" if duty.whose else "fallback")
    else:
        parts.append(words.get(duty.because, duty.because))
    return ": ".join(parts)


def _ending(simulation: Simulation, policy: Policy, severity: str) -> list[str]:
    lines = []
    if simulation.stopped_at is not None:
        lines.append(f"  acknowledged at +{minutes(simulation.stopped_at)}: the ladder stops there")
        spec = policy.severities.get(severity)
        if spec is not None and spec.ack_timeout is not None:
            lines.append(f"  after {spec.ack_timeout} without a resolution it is open again")
    elif simulation.over_at is not None:
        times = simulation.ladder.repeat
        lines.append(
            f"  nobody acknowledged: it starts over at +{minutes(simulation.over_at)}, "
            f"{times} time{'s' if times > 1 else ''}"
        )
    if simulation.ladder.urgency == "low":
        lines.append("  low urgency: PagerDuty never escalates it")
    return lines
