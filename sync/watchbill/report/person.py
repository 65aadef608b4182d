"""The duty of one person, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from watchbill.ladder.answers import Answer
from watchbill.ladder.person import Duty, LevelOne, PersonAnswer
from watchbill.model.policy import Policy
from watchbill.report.columns import beside, column, wrapped
from watchbill.report.paint import Paint
from watchbill.report.safe import cells, count, plain
from watchbill.report.times import full, short
from watchbill.rota.clock import Instant, Zone, iso
from watchbill.rota.turns import LONG_AGO

HANDFUL = 5
_LONGEST_TITLE = 24
"""Columns."""
_HEAD = 14
_WORDS = {"turn": "", "override": "override", "fallback": "fallback", "shift": "listed shift"}


def person_json(answer: PersonAnswer) -> dict[str, Any]:
    return {
        "person": answer.person,
        "on_duty": answer.on_duty,
        "duties": [_duty_json(duty) for duty in answer.now],
        "roles": list(answer.roles),
        "level_one": [
            {
                "domain": one.domain,
                "ladder": one.ladder,
                "severities": list(one.severities),
                "services": list(one.services),
            }
            for one in answer.level_one
        ],
        "next": [_duty_json(duty) for duty in answer.next],
    }


def _duty_json(duty: Duty) -> dict[str, Any]:
    return {
        "rotation": duty.rotation,
        "covers": list(duty.covers),
        "since": None if duty.since is None else iso(duty.since),
        "until": None if duty.until is None else iso(duty.until),
        "because": duty.because,
        "turn_of": duty.turn_of,
    }


def as_answers(answer: PersonAnswer, policy: Policy) -> list[Answer]:
    """What the person is on duty for now, in the shape of the answer for a rotation."""
    return [
        Answer(
            answer.person,
            policy.title_of(answer.person),
            duty.rotation,
            None,
            answer.person,
            duty.since,
            duty.until,
            duty.because,
            duty.turn_of,
        )
        for duty in answer.now
    ]


def mine_json(answer: PersonAnswer, at: Instant, until: Instant, where: Zone) -> dict[str, Any]:
    return {
        "format": "watchbill.mine/1",
        "at": iso(at),
        "until": iso(until),
        "time_zone": where.name,
        **person_json(answer),
    }


def person_text(
    answer: PersonAnswer, policy: Policy, at: Instant, where: Zone, *, color: bool, width: int
) -> str:
    """Whether on duty, for what, and a handful of the next shifts; all times in `where`, which is named."""
    paint = Paint(color)
    name = plain(policy.title_of(answer.person))
    state = "is on duty" if answer.on_duty else "is not on duty"
    head, *more = wrapped(f"{name} {state} at {full(at, where)} ({where.name})", width, hanging=2)
    lines = [head.replace(name, paint.bold(name), 1), *more, ""]
    for duty in answer.now:
        until = "with no end" if duty.until is None else f"until {short(duty.until, where, at)}"
        lines += _row("on duty", f"{_title(duty, policy)}, {until}{_reason(duty, policy)}", width)
    if answer.level_one:
        lines += _row("level one of", ", ".join(_level_one(one, policy) for one in answer.level_one), width)
    if answer.roles:
        held = ", ".join(policy.title_of(role) for role in answer.roles)
        lines += _row("holds", f"{held}: paged at any time", width)
    lines += _next_rows(answer.next, policy, at, where, width)
    return "\n".join(lines)


def mine_text(
    answer: PersonAnswer, policy: Policy, at: Instant, until: Instant, where: Zone, *, color: bool, width: int
) -> str:
    """Every shift until then, also the present one."""
    paint = Paint(color)
    name = plain(policy.title_of(answer.person))
    told = f"{name}: shifts until {full(until, where)} ({where.name})"
    head, *more = wrapped(told, width, hanging=2)
    lines = [head.replace(name, paint.bold(name), 1), *more, ""]
    now = sorted(answer.now, key=lambda duty: (duty.since or LONG_AGO, duty.rotation))
    rows = [(_span(duty, at, where), f"{_title(duty, policy)}, now", duty) for duty in now]
    rows += [(_span(duty, at, where), _title(duty, policy), duty) for duty in answer.next]
    longest = max((cells(span) for span, _, _ in rows), default=0)
    for span, title, duty in rows:
        text = f"{title}{_reason(duty, policy)}"
        lines += beside(
            "  ", [column(span, longest, str), (wrapped(text, width - longest - 4, hanging=2), 0)]
        )
    if not rows:
        lines.append("  no shift in this time")
    if answer.roles:
        held = ", ".join(policy.title_of(role) for role in answer.roles)
        lines += ["", *_row("holds", f"{held}: paged at any time", width)]
    return "\n".join(lines)


def _next_rows(duties: tuple[Duty, ...], policy: Policy, at: Instant, where: Zone, width: int) -> list[str]:
    if not duties:
        return _row("next", "no shift in the next four weeks", width)
    lines: list[str] = []
    for place, duty in enumerate(duties[:HANDFUL]):
        text = f"{_span(duty, at, where)}, {_title(duty, policy)}{_reason(duty, policy)}"
        lines += _row("" if place else "next", text, width)
    if len(duties) > HANDFUL:
        more = count(len(duties) - HANDFUL, "more shift")
        lines += _row("", f"and {more} in the next four weeks; --json has all", width)
    return lines


def _row(word: str, text: str, width: int) -> list[str]:
    head = f"  {word:<{_HEAD}}"
    return beside(head, [(wrapped(text, width - len(head), hanging=2), 0)])


def _span(duty: Duty, at: Instant, where: Zone) -> str:
    since = "" if duty.since is None else short(duty.since, where, at)
    if duty.until is None:
        return f"since {since}" if since else "always"
    until = short(duty.until, where, at)
    return f"{since} to {until}" if since else f"until {until}"


def _title(duty: Duty, policy: Policy) -> str:
    title = policy.title_of(duty.rotation)
    if not duty.covers:
        return title
    return f"{title} (covers {', '.join(policy.title_of(handle) for handle in duty.covers)})"


def _reason(duty: Duty, policy: Policy) -> str:
    words = _WORDS.get(duty.because, duty.because)
    if duty.because == "fallback" and duty.turn_of:
        words = f"fallback to {policy.title_of(duty.turn_of)}"
    return f", {words}" if words else ""


def _level_one(one: LevelOne, policy: Policy) -> str:
    services: Iterable[str] = (
        policy.services[name].title if name in policy.services else name for name in one.services
    )
    parts = [
        ", ".join(one.severities),
        f"services {', '.join(services)}" if one.ladder and one.services else "",
    ]
    told = "; ".join(part for part in parts if part)
    return f"{one.title} ({told})" if told else one.title
