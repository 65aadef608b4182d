"""`diff`: what lies between two versions of the policy, as people feel it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from watchbill.ladder.changes import LadderChange, StepChange
from watchbill.ladder.outlook import DoubleDuty, Gap
from watchbill.model.policy import Policy
from watchbill.plan.document import Effects
from watchbill.report.outlook import alike, double_json, gap_json, hours, levels_text
from watchbill.report.paint import Paint
from watchbill.report.plan_markdown import affected_markdown, escape
from watchbill.report.plan_text import render_effects
from watchbill.report.safe import plain
from watchbill.report.shown import ShownTable, now_lines, person_line, tables, takeovers
from watchbill.report.written import CommitRead, commit_json, commit_text


@dataclass(frozen=True, slots=True)
class Version:
    """`commit` is None for the files as they are."""

    commit: CommitRead | None

    @property
    def words(self) -> str:
        return "the files as they are" if self.commit is None else commit_text(self.commit)


@dataclass(frozen=True, slots=True)
class Difference:
    """`gaps` and `double_duty`: those that only the later version has."""

    before: Version
    after: Version
    effects: Effects
    ladders: tuple[LadderChange, ...]
    gaps: tuple[Gap, ...]
    double_duty: tuple[DoubleDuty, ...]

    @property
    def is_empty(self) -> bool:
        return not (
            self.effects.shifts or self.effects.paging or self.ladders or self.gaps or self.double_duty
        )


def diff_json(difference: Difference) -> dict[str, Any]:
    return {
        "format": "watchbill.diff/1",
        "before": {"commit": commit_json(difference.before.commit)},
        "after": {"commit": commit_json(difference.after.commit)},
        "effects": difference.effects.model_dump(mode="json", by_alias=True),
        "ladders": [
            {
                "ladder": change.key,
                "title": change.title,
                "action": _action(change),
                "steps": [
                    {"after_minutes": step.minute, "before": list(step.before), "after": list(step.after)}
                    for step in change.steps
                ],
                "others": list(change.others),
            }
            for change in difference.ladders
        ],
        "new_gaps": [gap_json(gap) for gap in difference.gaps],
        "new_double_duty": [double_json(double) for double in difference.double_duty],
    }


def diff_text(difference: Difference, before: Policy, after: Policy, *, color: bool, width: int) -> str:
    paint = Paint(color)
    policy = _named(before, after)
    blocks = [f"{plain(difference.before.words)}\n→ {plain(difference.after.words)}"]
    if difference.is_empty:
        return "\n\n".join([*blocks, paint.green("nobody's shifts and no ladder change")])
    if difference.effects.shifts or difference.effects.paging:
        blocks.append(render_effects(difference.effects, policy, color=color, width=width))
    else:
        blocks.append(paint.green("nobody's shifts change"))
    ladders = _ladder_lines(difference.ladders)
    if ladders:
        blocks.append("\n".join([paint.bold("Ladders"), *(f"  {line}" for line in ladders)]))
    for title, lines in _new_lines(difference, policy):
        blocks.append("\n".join([paint.red(title), *(f"  {line}" for line in lines)]))
    return "\n\n".join(blocks)


def diff_markdown(difference: Difference, before: Policy, after: Policy) -> str:
    policy = _named(before, after)
    versions = f"{escape(difference.before.words)} → {escape(difference.after.words)}"
    if difference.is_empty:
        return f"### watchbill: nobody's shifts and no ladder change\n\n{versions}\n"
    parts = ["### watchbill: effect on people", versions]
    parts.append(affected_markdown(difference.effects, policy))
    if difference.effects.shifts:
        parts += _effects_markdown(difference.effects, policy)
    else:
        parts.append("Nobody's shifts change.")
    named = [("Ladders", _ladder_lines(difference.ladders)), *_new_lines(difference, policy)]
    for title, lines in named:
        if lines:
            parts.append("\n".join([f"**{title}**", "", *(f"- {escape(line.strip())}" for line in lines)]))
    return "\n\n".join(parts) + "\n"


def _effects_markdown(effects: Effects, policy: Policy) -> list[str]:
    replaced, lines = now_lines(effects, policy)
    told = "**On call now: nobody is replaced**" if lines else "**On call now: unchanged**"
    if replaced:
        told = "> [!CAUTION]\n> **On call now changes**"
    mark = "> - " if replaced else "- "
    parts = [told + "".join(f"\n{mark}{escape(line)}" for line in lines)]
    taken = takeovers(effects, policy)
    if taken:
        rows = [f"- {escape(name)}" + "".join(f"\n  - {escape(x)}" for x in told) for name, told in taken]
        parts.append("\n".join(["**Who takes whose shift**", "", *rows]))
    parts += [_table(table) for table in tables(effects, policy)]
    people = [person_line(effect, policy) for effect in effects.people]
    return [*parts, _grid(("person", "hours", "difference", "first change"), people)] if people else parts


def _table(table: ShownTable) -> str:
    names = ("start", "end", "on call") if table.is_new else ("start", "end", "before", "after")
    rows: list[Sequence[str]] = []
    for row in table.rows:
        if row.gap:
            rows.append(("…", *("" for _ in names[1:])))
        rows.append(
            (row.start, row.end, row.after) if table.is_new else (row.start, row.end, row.before, row.after)
        )
    more = f"\n\n*and {table.more} more*" if table.more else ""
    return f"**{escape(table.title)}**, times in {escape(table.zone)}\n\n{_grid(names, rows)}{more}"


def _grid(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    return "\n".join([*lines, *(f"| {' | '.join(escape(cell) for cell in row)} |" for row in rows)])


def _ladder_lines(changes: Sequence[LadderChange]) -> list[str]:
    """Ladders that change alike are told once."""
    groups: dict[object, list[LadderChange]] = {}
    for change in changes:
        groups.setdefault((_action(change), change.steps, change.others), []).append(change)
    lines: list[str] = []
    for same in groups.values():
        first = same[0]
        titles = ", ".join(plain(change.title) for change in same)
        also = f" ({', '.join(first.others)})" if first.others else ""
        lines.append(f"{titles}: {_action(first)}{also}")
        lines += [f"  {_step(step)}" for step in first.steps]
    return lines


def _action(change: LadderChange) -> str:
    return "new" if change.is_new else "gone" if change.is_gone else "changed"


def _step(step: StepChange) -> str:
    before, after = (", ".join(side) or "no step" for side in (step.before, step.after))
    return f"+{step.minute}m  {plain(before)} → {plain(after)}"


def _new_lines(difference: Difference, policy: Policy) -> list[tuple[str, list[str]]]:
    gaps = [
        f"{plain(' and '.join(map(policy.title_of, same[0].targets)))}: {hours(same[0].seconds):g} h, "
        f"level {levels_text(same)}"
        for same in alike(difference.gaps, lambda gap: (gap.targets, gap.spans))
    ]
    double = [
        f"{plain(policy.title_of(same[0].person))}: {hours(same[0].seconds):g} h, levels "
        f"{same[0].levels[0]} and {same[0].levels[1]} of {', '.join(plain(d.title) for d in same)}"
        for same in alike(difference.double_duty, lambda d: (d.person, d.targets, d.spans))
    ]
    found = [("New: levels that reach nobody", gaps), ("New: one person on two levels at once", double)]
    return [(title, lines) for title, lines in found if lines]


def _named(before: Policy, after: Policy) -> Policy:
    """The later version, with the names of who and what only the earlier one knew."""
    return after.model_copy(
        update={
            "people": {**before.people, **after.people},
            "rotations": {**before.rotations, **after.rotations},
        }
    )
