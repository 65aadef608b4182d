"""What an edit of the policy does to people, for the verbs that make one: before and after, now, hours, files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from watchbill.findings import Spot
from watchbill.model.base import Model
from watchbill.model.policy import Policy
from watchbill.plan.document import Effects, ShiftEffect
from watchbill.report.columns import wrapped
from watchbill.report.paint import Paint
from watchbill.report.safe import cells, count, cut, padded, plain
from watchbill.report.shown import now_lines, person_line, takeovers, title, who
from watchbill.report.times import full
from watchbill.rota.clock import Instant, iso, parse_instant, zone


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A place that still names somebody, and what a human should do about it."""

    what: str
    hint: str
    spot: Spot | None


@dataclass(frozen=True, slots=True)
class Told:
    """`tables`: per rotation, side by side.  `at`: when it takes effect, if that is one moment."""

    verb: str
    head: str
    now: Instant
    policy: Policy
    effects: Effects
    at: Instant | None = None
    tables: Sequence[Sequence[ShiftEffect]] = ()
    notes: Sequence[str] = ()
    left: Sequence[LeftOver] = ()
    files: Sequence[tuple[Literal["changed", "created", "deleted"], str]] = ()
    written: bool = False
    asked: dict[str, str | None] = field(default_factory=dict)
    on_duty: str = ""
    """Who has the rotation in question now, and until when."""


class File(Model):
    file: str
    action: Literal["changed", "created", "deleted"]


class LeftPlace(Model):
    what: str
    hint: str
    file: str | None
    line: int | None


class ChangeAnswer(Model):
    """`watchbill.change/1`: what `crew`, `override`, `leave` and `person` answer with --json."""

    format: Literal["watchbill.change/1"] = "watchbill.change/1"
    verb: str
    asked: dict[str, str | None]
    now: str
    at: str | None
    """ISO, UTC: when it takes effect, if that is one moment."""
    written: bool
    """false with --dry-run, and where the files say it already."""
    files: tuple[File, ...]
    effects: Effects
    tables: tuple[tuple[ShiftEffect, ...], ...]
    """Per rotation, one full rotation on each side; rows that follow each other with the same people are one."""
    notes: tuple[str, ...]
    left: tuple[LeftPlace, ...]
    """Places that only a human can decide about."""


def change_json(told: Told) -> dict[str, Any]:
    answer = ChangeAnswer(
        verb=told.verb,
        asked=told.asked,
        now=iso(told.now),
        at=None if told.at is None else iso(told.at),
        written=told.written,
        files=tuple(File(file=file, action=action) for action, file in told.files),
        effects=told.effects,
        tables=tuple(tuple(table) for table in told.tables),
        notes=tuple(told.notes),
        left=tuple(
            LeftPlace(
                what=item.what,
                hint=item.hint,
                file=item.spot and item.spot.file,
                line=item.spot and item.spot.line,
            )
            for item in told.left
        ),
    )
    return answer.model_dump(mode="json", by_alias=True)


def change_text(told: Told, *, color: bool, width: int) -> str:
    paint = Paint(color)
    policy = told.policy
    head = [paint.bold(line) for line in wrapped(told.head, width, hanging=2)]
    blocks = ["\n".join([*head, _now(told, paint)])]
    blocks += [_table(table, policy, paint, width) for table in told.tables if table]
    blocks += [_elsewhere(told, paint, width), _people(told.effects, policy, paint, width)]
    blocks.append("\n".join(_note(note, paint, width) for note in told.notes))
    blocks.append(_left(told.left, paint))
    blocks.append(_files(told, paint))
    return "\n\n".join(block for block in blocks if block)


def _now(told: Told, paint: Paint) -> str:
    replaced, lines = now_lines(told.effects, told.policy)
    if replaced:
        return "\n".join([paint.red(paint.bold("ON CALL NOW CHANGES")), *(f"  {line}" for line in lines)])
    unchanged = f"On call now: unchanged{f' ({plain(told.on_duty)})' if told.on_duty else ''}"
    return "\n".join([paint.green(unchanged), *(f"  {line}" for line in lines)])


def _table(rows: Sequence[ShiftEffect], policy: Policy, paint: Paint, width: int) -> str:
    rotation = rows[0].rotation
    where = zone(policy.settings.time_zone)
    room = max((width - 48) // 2, 8)
    shown = [
        (
            full(parse_instant(row.start), where),
            full(parse_instant(row.end), where),
            cut(who(policy, row.before), room),
            cut(who(policy, row.after), room),
        )
        for row in rows
    ]
    names = ("start", "end", "before", "after")
    widths = [max(cells(row[i]) for row in [names, *shown]) for i in range(4)]

    def line(mark: str, cells_: tuple[str, ...]) -> str:
        return f"{mark} " + "  ".join(padded(c, widths[i]) for i, c in enumerate(cells_)).rstrip()

    lines = [paint.bold(f"{title(policy, rotation)} (times in {where.name})"), paint.dim(line(" ", names))]
    for row, told in zip(rows, shown, strict=True):
        differs = row.before != row.after
        lines.append(paint.yellow(line("*", told)) if differs else paint.dim(line(" ", told)))
    return "\n".join(lines)


def _elsewhere(told: Told, paint: Paint, width: int) -> str:
    """Rotations that have no table here, such as one that falls back to the one that changed."""
    shown = {row.rotation for table in told.tables for row in table}
    others = told.effects.model_copy(
        update={"shifts": tuple(s for s in told.effects.shifts if s.rotation not in shown)}
    )
    lines: list[str] = []
    for name, runs in takeovers(others, told.policy):
        more = [f"    … and {count(len(runs) - 3, 'more change')}"] if len(runs) > 3 else []
        first = [line for run in runs[:3] for line in wrapped(run, width - 4, hanging=2)]
        lines += [f"  {name}", *(f"    {line}" for line in first), *more]
    return "\n".join([paint.bold("Also"), *lines]) if lines else ""


def _people(effects: Effects, policy: Policy, paint: Paint, width: int) -> str:
    if not effects.people:
        return ""
    where = zone(policy.settings.time_zone)
    rows = [person_line(effect, policy) for effect in effects.people]
    name = min(max(cells(row[0]) for row in rows), max(width - 58, 12))
    hours = max(len(row[1]) for row in rows)
    until = full(parse_instant(effects.until), where)
    heading = f"Hours until {until}, and the first shift that moves"
    lines = [paint.bold(line) for line in wrapped(heading, width, hanging=2)]
    for person, told, difference, first in rows:
        lines.append(
            f"  {padded(cut(person, name), name)}  {told.ljust(hours)}  {difference:>8}  {first}".rstrip()
        )
    return "\n".join(lines)


def _note(note: str, paint: Paint, width: int) -> str:
    first, *more = wrapped(note, width - len("note: "))
    return "\n".join([f"{paint.yellow('note')}: {first}", *(f"      {line}" for line in more)])


def _left(left: Sequence[LeftOver], paint: Paint) -> str:
    if not left:
        return ""
    lines = [paint.bold(f"Left for you: {count(len(left), 'place')}")]
    for item in left:
        where = f"{item.spot.file}:{item.spot.line}: " if item.spot else ""
        lines += [f"  {where}{plain(item.what)}", f"      {paint.dim(plain(item.hint))}"]
    return "\n".join(lines)


def _files(told: Told, paint: Paint) -> str:
    if not told.files:
        return "nothing to write: the files say that already"
    if not told.written:
        lines = [f"would be {action}: {plain(file)}" for action, file in told.files]
        return "\n".join([*lines, paint.yellow("dry run: nothing was written")])
    return "\n".join(f"{action}: {plain(file)}" for action, file in told.files)
