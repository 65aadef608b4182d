"""What the coming weeks hold: levels that reach nobody, double duty, people who never serve, too little rest."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

from watchbill.checks.context import Context
from watchbill.checks.rule import Problem, Rule
from watchbill.checks.when import first_and_total, length, some, when
from watchbill.findings import Place
from watchbill.ladder.load import MINIMUM_REST, short_rests
from watchbill.ladder.never import never_on_call
from watchbill.ladder.outlook import DoubleDuty, Gap
from watchbill.model.ladders import step_targets
from watchbill.rota.clock import HOUR

T = TypeVar("T", Gap, DoubleDuty)


def _empty_level(context: Context) -> Iterator[Problem]:
    """Once for all ladders that share the level's targets."""
    gaps = [gap for gap in context.outlook.gaps() if gap.declared is None]
    for same in _alike(gaps, lambda gap: (gap.targets, gap.spans)):
        gap = same[0]
        names = " and ".join(gap.targets)
        shown = first_and_total(gap.spans, context.policy.settings.time_zone)
        have = "has" if len(gap.targets) == 1 else "have"
        message = f"{_levels(same)} reaches nobody while {names} {have} nobody: {shown}"
        yield Problem(_place(context, gap), message, _remedy(context, gap))


def _remedy(context: Context, gap: Gap) -> str:
    where, written = _own_step(context, gap)
    page = written[0] if len(written) == 1 else f"[{', '.join(written)}]"
    declare = f"say why it may be empty, in {where}: {{page: {page}, may_be_empty: the reason}}"
    rotation = next((p.rotation for t in gap.targets if (p := context.paged(t)) and p.rotation), None)
    if rotation is None or context.policy.rotations[rotation].otherwise:
        return f"page somebody else as well, or {declare}"
    return f"say `otherwise:` who has the rest of the time in {rotation}, page somebody else as well, or {declare}"


def _own_step(context: Context, gap: Gap) -> tuple[str, tuple[str, ...]]:
    """Where to say something of this level, and whom that very step pages: a domain's own words rather than a
    severity's, which all domains share."""
    ladder = context.ladders[gap.ladder]
    place, step = context.written_steps(ladder, gap.minute)[-1]
    shared = ", for every domain" if place[0] == "severities" and ladder.domain is not None else ""
    return f"{'.'.join(map(str, place))}{shared}", step_targets(step)


def _place(context: Context, gap: Gap) -> Place:
    rotations = [paged.rotation for t in gap.targets if (paged := context.paged(t)) and paged.rotation]
    if len(rotations) == 1:
        return ("rotations", rotations[0])
    return context.step_place(context.ladders[gap.ladder], gap.minute)


def _double_duty(context: Context) -> Iterator[Problem]:
    found = context.outlook.double_duty()
    for same in _alike(found, lambda double: (double.person, double.targets, double.spans)):
        double = same[0]
        low, high = (" and ".join(targets) for targets in double.targets)
        shown = first_and_total(double.spans, context.policy.settings.time_zone)
        message = (
            f"{double.person} is on two levels at once, {double.levels[0]} ({low}) and {double.levels[1]} ({high})"
            f" of {_titles(same)}: {shown}"
        )
        ladder = context.ladders[double.ladder]
        place = context.step_place(ladder, ladder.steps[double.levels[1] - 1].minute)
        yield Problem(place, message, "swap one of them, or change who is in which crew")


def _never_on_call(context: Context) -> Iterator[Problem]:
    for handle in context.policy.rotations:
        people = never_on_call(context.outlook.roster, handle, context.now)
        if people:
            names, verb = ", ".join(people), "has a shift" if len(people) == 1 else "have a shift"
            message = f"{names} never {verb}: their turns always fall outside the hours"
            hint = "count turns in shifts (`turn: 1 shift`), change the number of people, or take them out"
            yield Problem(("rotations", handle), message, hint)


def _short_rest(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for short in short_rests(context.outlook):
        start, end = short.shortest
        where = policy.settings.time_zone
        times = f", and {len(short.rests) - 1} more such breaks" if len(short.rests) > 1 else ""
        message = (
            f"{short.person} has only {length(end - start)} between two stretches of duty, "
            f"{when(start, where)} to {when(end, where)}{times}"
        )
        hint = f"people need {MINIMUM_REST // HOUR} h; `watchbill load` shows everybody"
        yield Problem(("people", short.person), message, hint)


def _alike(found: Iterable[T], key: Callable[[T], Hashable]) -> Iterator[list[T]]:
    groups: dict[Hashable, list[T]] = {}
    for item in found:
        groups.setdefault(key(item), []).append(item)
    yield from groups.values()


def _levels(gaps: list[Gap]) -> str:
    levels = dict.fromkeys(gap.level for gap in gaps)
    if len(levels) == 1:
        return f"level {gaps[0].level} of {_titles(gaps)}"
    return some([f"level {gap.level} of {gap.title}" for gap in gaps])


def _titles(found: Iterable[Gap | DoubleDuty]) -> str:
    return some(list(dict.fromkeys(item.title for item in found)), 3).replace("; ", ", ")


RULES = (
    Rule("empty-level", "error", "A level of a ladder that reaches nobody", _empty_level),
    Rule("double-duty", "warning", "One person on two levels at once", _double_duty),
    Rule("never-on-call", "warning", "Somebody in a crew who never serves", _never_on_call),
    Rule("short-rest", "note", "Too little rest between two stretches of duty", _short_rest),
)
