"""`why`, for people and for machines; and which version of the policy answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from watchbill.findings import Place
from watchbill.ladder.why import CrewVersion, TurnRead, Why
from watchbill.model.base import NOBODY
from watchbill.model.policy import Policy
from watchbill.model.rotations import Override
from watchbill.report.columns import beside, wrapped
from watchbill.report.paint import Paint
from watchbill.report.safe import count, plain
from watchbill.report.source import Source, foreign_json, source_json
from watchbill.report.times import full
from watchbill.report.written import Source as Written
from watchbill.report.written import source_json as written_json
from watchbill.report.written import source_text as written_text
from watchbill.rota.clock import Instant, Zone, iso, zone
from watchbill.rota.turns import FOREVER, LONG_AGO

FindSource = Callable[[Iterable[Place]], Written | None]
"""Places of the policy -> where they stand, and which commit wrote them."""


def why_json(found: Why, sources: FindSource, source: Source) -> dict[str, Any]:
    person = found.shift.person if found.shift is not None else None
    return {
        "format": "watchbill.why/1",
        "at": iso(found.at),
        "source": source_json(source),
        "foreign_override": foreign_json(source.difference(found.rotation, found.at), person),
        **_why(found, sources),
    }


def _why(found: Why, sources: FindSource) -> dict[str, Any]:
    shift, turn = found.shift, found.turn
    made: dict[str, Any] = {
        "rotation": found.rotation,
        "person": shift.person if shift else None,
        "since": _instant(shift.start) if shift else None,
        "until": _instant(shift.end) if shift else None,
        "duty": found.duty and {"since": _instant(found.duty.start), "until": _instant(found.duty.end)},
        "because": shift.because if shift and shift.person else "nobody",
        "turn": turn and _turn(turn, sources),
        "override": None,
        "absences": [
            {
                "person": absence.person,
                "first_day": absence.first_day.text,
                "last_day": absence.last_day.text,
                "covered_by": absence.covered_by,
                "source": written_json(sources([place])),
            }
            for absence, place in found.absences
        ],
        "listed": found.listed and written_json(sources([found.listed])),
        "fallback_to": found.fallback_to,
        "fallback": found.fallback and _why(found.fallback, sources),
    }
    if found.override is not None:
        override, place = found.override
        made["override"] = {
            "person": override.person,
            "instead_of": override.instead_of,
            "reason": override.reason,
            "requested_by": override.requested_by,
            "source": written_json(sources([place])),
        }
    return made


def _turn(turn: TurnRead, sources: FindSource) -> dict[str, Any]:
    crew = turn.crew
    return {
        "holder": turn.holder,
        "start": turn.start if turn.start is None else iso(turn.start),
        "end": turn.end if turn.end is None else iso(turn.end),
        "in_hours": turn.in_hours,
        "crew": {
            "rotation": crew.rotation,
            "version": crew.number,
            "versions": crew.of,
            "since": crew.since if crew.since is None else iso(crew.since),
            "order": list(crew.order),
            "position": crew.position,
            "layer": crew.layer,
            "turns_later": crew.turns_later,
            "reason": crew.reason,
            "source": written_json(sources(crew.places)),
        },
    }


def _instant(at: Instant) -> str | None:
    return None if at <= LONG_AGO or at >= FOREVER else iso(at)


def why_text(found: Why, policy: Policy, sources: FindSource, *, color: bool, width: int) -> str:
    paint = Paint(color)
    where = zone(policy.settings.time_zone)
    person = found.shift.person if found.shift else None
    name = plain(policy.title_of(person)) if person else "NOBODY"
    told = f"{name} has {plain(policy.title_of(found.rotation))} at {full(found.at, where)} ({where.name})"
    shown = paint.bold(name) if person else paint.red(name)
    first, *more = wrapped(told, width, hanging=2)
    lines = [first.replace(name, shown, 1), *more]
    return "\n".join([*lines, *(f"  {line}" for line in _reasons(found, policy, sources, paint, width - 2))])


_WORD = 10
"""Columns of the word that a line begins with."""


def _reasons(found: Why, policy: Policy, sources: FindSource, paint: Paint, width: int) -> list[str]:
    where = zone(policy.settings.time_zone)
    lines: list[str] = []

    def tell(text: str, *places: Place) -> None:
        word, said = text[:_WORD], text[_WORD:]
        lines.extend(beside(word, [(wrapped(said, width - _WORD), 0)]))
        if places and (source := sources(places)) is not None:
            told = wrapped(written_text(source), width - _WORD)
            lines.extend(f"{' ' * _WORD}{paint.dim(line)}" for line in told)

    if found.shift is not None:
        tell(f"shift     {_span(found.shift.start, found.shift.end, where)}")
        if found.duty is not None and found.duty[:2] != found.shift[:2]:
            tell(f"on duty   {_span(found.duty.start, found.duty.end, where)}")
    if found.override is not None:
        tell(f"override  {_override_words(found.override[0], policy)}", found.override[1])
    for absence, place in found.absences:
        cover = policy.title_of(absence.covered_by or "")
        days = f"{absence.first_day} to {absence.last_day}"
        tell(f"leave     {policy.title_of(absence.person)} is away {days}, {cover} covers", place)
    if found.listed is not None:
        tell("shift     listed, not from turns", found.listed)
    if found.turn is not None:
        tell(f"turn      {_turn_words(found.turn, policy, where)}")
        handoff = _own_handoff(found.turn.crew.rotation, policy)
        if handoff:
            tell(f"          {handoff}")
        tell(f"          {_crew_words(found.turn.crew, policy, where)}", *found.turn.crew.places)
    if found.fallback_to is not None:
        rest = f"{policy.title_of(found.fallback_to)} has the rest of the time"
        tell(f"fallback  {rest}", ("rotations", found.rotation, "otherwise"))
    if found.fallback is not None:
        lines += [f"  {line}" for line in _reasons(found.fallback, policy, sources, paint, width - 2)]
    if found.shift is None and found.turn is None:
        tell("nobody    no turn, shift or override then")
    return lines


def _own_handoff(rotation: str, policy: Policy) -> str:
    """Where it is counted in another zone than the answer's."""
    spec, own = policy.rotations[rotation], policy.zone_of(rotation)
    if own == policy.settings.time_zone or spec.handoff is None:
        return ""
    return f"handoff {spec.handoff} in {own}"


def _override_words(override: Override, policy: Policy) -> str:
    instead = f" instead of {policy.title_of(override.instead_of)}" if override.instead_of else ""
    reason = f": {override.reason}" if override.reason else ""
    asked = f" (asked for by {policy.title_of(override.requested_by)})" if override.requested_by else ""
    return f"{policy.title_of(override.person)}{instead}{reason}{asked}"


def _turn_words(turn: TurnRead, policy: Policy, where: Zone) -> str:
    holder = "nobody (vacant on purpose)" if turn.holder == NOBODY else policy.title_of(turn.holder)
    outside = "" if turn.in_hours else f", but outside the hours{': a holiday' if turn.on_holiday else ''}"
    return f"{holder}, {_span(turn.start, turn.end, where)}{outside}"


def _crew_words(crew: CrewVersion, policy: Policy, where: Zone) -> str:
    what = f"crew {crew.number} of {crew.of}" if crew.of > 1 else "crew"
    if policy.rotations[crew.rotation].layers is not None:
        what = f"layer {crew.layer or crew.number}"
    since = f" since {full(crew.since, where)}" if crew.since is not None else ""
    order = [policy.title_of(person) for person in crew.order]
    order[crew.position - 1] = f"[{order[crew.position - 1]}]"
    later = ""
    if crew.turns_later is not None:
        turns = count(abs(crew.turns_later), "turn")
        when = "after" if crew.turns_later >= 0 else "before"
        later = f"; serves here {turns} {when} {policy.title_of(crew.rotation)}"
    reason = f" ({crew.reason})" if crew.reason else ""
    return f"{what}{since}: {', '.join(order)}{later}{reason}"


def _span(start: Instant | None, end: Instant | None, where: Zone) -> str:
    """None and the ends of time are no bounds."""
    first = None if start is None or start <= LONG_AGO else full(start, where)
    last = None if end is None or end >= FOREVER else full(end, where)
    if first is None:
        return "always" if last is None else f"until {last}"
    return f"since {first}" if last is None else f"{first} to {last}"
