"""`gaps`: levels that reach nobody, double duty, people who never serve, too little rest."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from watchbill.ladder.live import paged_rotations
from watchbill.ladder.load import ShortRest
from watchbill.ladder.outlook import DoubleDuty, Gap
from watchbill.model.policy import Policy
from watchbill.report.columns import beside, wrapped
from watchbill.report.paint import Paint
from watchbill.report.safe import cells, count, padded, plain
from watchbill.report.source import Source, foreign_json, source_json
from watchbill.report.times import full
from watchbill.rota.clock import HOUR, Instant, Zone, iso, zone
from watchbill.rota.spans import Span, total

MOST = 5
"""Spans named of one gap; the rest is counted."""

T = TypeVar("T", Gap, DoubleDuty)


@dataclass(frozen=True, slots=True)
class Holes:
    """Of [since, until).  `never`: (rotation, person)."""

    since: Instant
    until: Instant
    gaps: Sequence[Gap]
    double_duty: Sequence[DoubleDuty]
    never: Sequence[tuple[str, str]]
    rests: Sequence[ShortRest]

    @property
    def undeclared(self) -> list[Gap]:
        return [gap for gap in self.gaps if gap.declared is None]

    @property
    def declared(self) -> list[Gap]:
        return [gap for gap in self.gaps if gap.declared is not None]


def gaps_json(holes: Holes, source: Source, *, declared: bool) -> dict[str, Any]:
    return {
        "format": "watchbill.gaps/1",
        "since": iso(holes.since),
        "until": iso(holes.until),
        "source": source_json(source),
        "gaps": [
            {**gap_json(gap), "foreign_override": _foreign(source, gap.targets, gap.spans, None)}
            for gap in holes.gaps
            if declared or gap.declared is None
        ],
        "double_duty": [
            {
                **double_json(double),
                "foreign_override": _foreign(source, chain(*double.targets), double.spans, double.person),
            }
            for double in holes.double_duty
        ],
        "never_on_call": [{"rotation": rotation, "person": person} for rotation, person in holes.never],
        "short_rest": [
            {
                "person": rest.person,
                "shortest_hours": hours(rest.shortest[1] - rest.shortest[0]),
                "rests": _spans(rest.rests),
            }
            for rest in holes.rests
        ],
    }


def _foreign(
    source: Source, targets: Iterable[str], spans: Sequence[Span], person: str | None
) -> dict[str, Any] | None:
    """The first difference that brings this about: PagerDuty has that person, or nobody, on call there."""
    if source.live is None:
        return None
    rotations = paged_rotations(source.live.roster.policy, targets)
    return next(
        (
            foreign_json(each, person)
            for each in source.differences
            if each.rotation in rotations
            and (person in each.added if person is not None else not each.on_call)
            and any(start < each.end and end > each.start for start, end in spans)
        ),
        None,
    )


def gap_json(gap: Gap) -> dict[str, Any]:
    return {
        "ladder": gap.ladder,
        "title": gap.title,
        "level": gap.level,
        "after_minutes": gap.minute,
        "targets": list(gap.targets),
        "declared": gap.declared,
        "hours": hours(gap.seconds),
        "spans": _spans(gap.spans),
    }


def double_json(double: DoubleDuty) -> dict[str, Any]:
    return {
        "ladder": double.ladder,
        "title": double.title,
        "person": double.person,
        "levels": list(double.levels),
        "targets": [list(targets) for targets in double.targets],
        "hours": hours(double.seconds),
        "spans": _spans(double.spans),
    }


def _spans(spans: Iterable[Span]) -> list[dict[str, str]]:
    return [{"start": iso(start), "end": iso(end)} for start, end in spans]


def hours(seconds: int) -> float:
    return round(seconds / HOUR, 2)


def gaps_text(holes: Holes, policy: Policy, *, color: bool, declared: bool, width: int) -> str:
    paint = Paint(color)
    where = zone(policy.settings.time_zone)
    blocks = [
        f"{paint.bold('Outlook')}, {full(holes.since, where)} to {full(holes.until, where)} ({where.name})",
        _gap_block("Levels that reach nobody", holes.undeclared, policy, holes, paint.red, width),
        _double_block(holes.double_duty, policy, paint, width),
        _never_block(holes.never, policy, paint, width),
        _rest_block(holes.rests, policy, paint, width),
    ]
    if declared:
        blocks.append(_gap_block("Empty on purpose", holes.declared, policy, holes, paint.blue, width))
    elif holes.declared:
        levels = count(len(holes.declared), "level")
        blocks.append(paint.dim(f"{levels} may be empty, as declared; --declared lists them"))
    if not any(blocks[1:5]):
        blocks.insert(1, paint.green("every level reaches somebody all the time, nobody has double duty"))
    return "\n\n".join(block for block in blocks if block)


def _gap_block(
    title: str,
    gaps: Sequence[Gap],
    policy: Policy,
    holes: Holes,
    shade: Callable[[str], str],
    width: int,
) -> str:
    lines = []
    for same in alike(gaps, lambda gap: (gap.targets, gap.spans, gap.declared)):
        gap = same[0]
        names = " and ".join(policy.title_of(target) for target in gap.targets)
        share = 100 * gap.seconds / (holes.until - holes.since)
        told = f"{names}: {hours(gap.seconds):g} h ({share:.0f}%), level {levels_text(same)}"
        lines += beside("  ", [(wrapped(told, width - 2, hanging=4), 0)])
        if gap.declared is not None:
            lines += beside("    ", [(wrapped(gap.declared, width - 4), 0)])
        lines += _span_lines(gap.spans, zone(policy.settings.time_zone))
    return "\n".join([shade(title), *lines]) if lines else ""


def _double_block(found: Sequence[DoubleDuty], policy: Policy, paint: Paint, width: int) -> str:
    lines = []
    for same in alike(found, lambda double: (double.person, double.targets, double.spans)):
        double = same[0]
        low, high = (" and ".join(map(policy.title_of, targets)) for targets in double.targets)
        titles = ", ".join(dict.fromkeys(item.title for item in same))
        name = policy.title_of(double.person)
        told = (
            f"{name}: {low} and {high}, {hours(double.seconds):g} h,"
            f" levels {double.levels[0]} and {double.levels[1]} of {titles}"
        )
        lines += beside("  ", [(wrapped(told, width - 2, hanging=4), 0)])
        lines += _span_lines(double.spans, zone(policy.settings.time_zone))
    return "\n".join([paint.yellow("One person on two levels at once"), *lines]) if lines else ""


def _never_block(never: Sequence[tuple[str, str]], policy: Policy, paint: Paint, width: int) -> str:
    lines = []
    for rotation, person in never:
        told = f"{policy.title_of(person)} in {policy.title_of(rotation)}"
        lines += beside("  ", [(wrapped(told, width - 2, hanging=4), 0)])
    return "\n".join([paint.yellow("Never on call"), *lines]) if lines else ""


def _rest_block(rests: Sequence[ShortRest], policy: Policy, paint: Paint, width: int) -> str:
    lines = []
    widest = max((cells(policy.title_of(rest.person)) for rest in rests), default=0)
    for rest in rests:
        start, end = rest.shortest
        where = zone(policy.settings.time_zone)
        name = padded(plain(policy.title_of(rest.person)), widest)
        more = f", {count(len(rest.rests), 'short break')} in all" if len(rest.rests) > 1 else ""
        told = f"{name}  {hours(end - start):g} h from {full(start, where)}{more}"
        lines += beside("  ", [(wrapped(told, width - 2, hanging=4), 0)])
    return "\n".join([paint.blue("Less than 11 h between two stretches of duty"), *lines]) if lines else ""


def _span_lines(spans: Sequence[Span], where: Zone) -> list[str]:
    lines = [f"    {full(start, where)} to {full(end, where)}" for start, end in spans[:MOST]]
    if len(spans) > MOST:
        rest = spans[MOST:]
        lines.append(f"    and {len(rest)} more, {hours(total(rest)):g} h")
    return lines


def levels_text(gaps: Sequence[Gap]) -> str:
    """1 of Database P1, Database P2"""
    by_level: dict[int, list[str]] = {}
    for gap in gaps:
        by_level.setdefault(gap.level, []).append(plain(gap.title))
    return "; ".join(f"{level} of {', '.join(titles)}" for level, titles in by_level.items())


def alike(found: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    """Ladders that share targets have the same gaps: told once."""
    groups: dict[Hashable, list[T]] = {}
    for item in found:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())
