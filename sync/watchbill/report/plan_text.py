"""A plan for the terminal: first what happens to people, then every object with its fields."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from watchbill.model.policy import Policy
from watchbill.plan.document import AcknowledgedDrift, Change, Effects, FieldChange, Notice, Plan
from watchbill.plan.drift import Attribution, Drift, is_drifted
from watchbill.plan.manual_overrides import active_overrides
from watchbill.report.affected import APPLY, MERGE, TITLE, affected, most_affected
from watchbill.report.columns import wrapped
from watchbill.report.judged import (
    KNOWN_TITLE,
    guards_title,
    identity,
    known_drift,
    no_changes,
    titled_notices,
)
from watchbill.report.paint import Paint
from watchbill.report.plan_folded import TWO_SCREENS, by_kind, is_folded
from watchbill.report.rules import rules_text
from watchbill.report.safe import cells, count, cut, padded, plain
from watchbill.report.shown import (
    SIGN,
    ShownTable,
    counts,
    head,
    hidden_of,
    hours_title,
    now_lines,
    person_line,
    sections,
    tables,
    takeovers,
)
from watchbill.report.times import full
from watchbill.rota.clock import Zone, parse_instant, zone


def render_plan(plan: Plan, policy: Policy, *, color: bool, width: int, whole: bool = False) -> str:
    """A plan of more than two screens begins with its summary, and unless `whole` it lists changes by kind."""
    paint = Paint(color)
    where = zone(policy.settings.time_zone)
    title = f"{paint.bold(f'Plan for {plan.account}')}, {full(parse_instant(plan.at), where)} ({where.name})"
    title = _blocks(title, rules_text(plan.rules, plan.judged_by, paint, width))
    of = "\n".join(paint.dim(line) for line in _wrapped(identity(plan), width, ""))
    summary = "\n".join(paint.bold(line) for line in _wrapped(counts(plan), width, ""))
    told = [_acknowledged(plan.acknowledged, paint, width), _notices(plan.notices, paint, width)]
    guards = _guards(plan, paint, width)
    if not plan.changes:
        return _blocks(title, *told, guards, _no_changes(plan, paint))
    effects = render_effects(plan.effects, policy, color=color, width=width)
    changes = _sections(plan, paint, width)
    text = _blocks(title, effects, *changes, *told, guards, f"{of}\n{summary}")
    if text.count("\n") < TWO_SCREENS:
        return text
    if whole:
        return _blocks(title, summary, guards, effects, *changes, *told, of)
    effects = _blocks(
        _now(plan.effects, policy, paint, width),
        _affected(affected(plan.effects, policy), paint, width, most=most_affected(plan.effects)),
        _people(plan.effects, policy, paint, width),
    )
    changes = _sections(plan, paint, width, folded=True)
    more = paint.blue("→ `--full` shows every shift and every field")
    return _blocks(title, summary, guards, effects, *changes, *told, f"{of}\n{more}")


def _blocks(*blocks: str) -> str:
    return "\n\n".join(block for block in blocks if block)


def _sections(plan: Plan, paint: Paint, width: int, *, folded: bool = False) -> list[str]:
    found = []
    for name, changes in sections(plan):
        if folded and is_folded(changes):
            lines = by_kind(changes, paint, width)
        else:
            lines = [line for change in changes for line in _change(change, paint, width)]
        found.append("\n".join([paint.bold(name), *lines]))
    return found


def _no_changes(plan: Plan, paint: Paint) -> str:
    shade = paint.yellow if plan.left_alone else paint.green
    return shade(no_changes(plan))


def render_drift(drift: Drift, policy: Policy, *, pending: int, color: bool, width: int) -> str:
    """`pending`: how many other changes wait to be applied."""
    paint = Paint(color)
    where = zone(policy.settings.time_zone)
    when = f"{full(parse_instant(drift.at), where)} ({where.name})"
    blocks = [f"{paint.bold(f'Drift in {drift.account}')}, {when}"]
    if is_drifted(drift) and not drift.changes:
        blocks.append(paint.yellow("Something is not as watchbill left it, and not its to change:"))
    elif not drift.changes:
        untouched = "Nobody edited anything that the policy owns"
        calm = "; ".join(filter(None, (untouched, active_overrides(drift.notices))))
        blocks.append(paint.green(f"{calm}."))
    else:
        told = ["In the account (left) and in the policy (right):"]
        for change in drift.changes:
            told += _change(change, paint, width)
            told.append(paint.dim(_drift_id(change, drift)))
            edits = [edit for edit in drift.attributions if edit.key == change.key]
            told += [line for edit in edits for line in _edit(edit, where, paint, width)]
        blocks.append("\n".join(told))
        blocks.append(render_effects(drift.effects, policy, color=color, width=width, start=APPLY))
    blocks += [_acknowledged(drift.acknowledged, paint, width), _notices(drift.notices, paint, width)]
    keys = {change.key for change in drift.changes}
    others = [edit for edit in drift.attributions if edit.key not in keys]
    blocks += ["\n".join([paint.bold(plain(edit.key)), *_edit(edit, where, paint, width)]) for edit in others]
    if drift.changes:
        edited = f"{count(len(drift.changes), 'object')} edited by hand"
        ways = "`watchbill apply` puts the policy back, `watchbill adopt` writes it into the YAML"
        first, *more = _wrapped(f"{edited}: {ways}", width, "")
        blocks.append("\n".join([first.replace(edited, paint.yellow(edited), 1), *more]))
    if is_drifted(drift):
        later = "Known and right for now? settings.acknowledged lists such drift by its id, until a day."
        blocks.append("\n".join(_wrapped(later, width, "")))
    if pending:
        blocks.append(f"{count(pending, 'other change')} pending: `watchbill plan` shows them")
    return "\n\n".join(block for block in blocks if block)


def _drift_id(change: Change, drift: Drift) -> str:
    return f"      drift {change.drift_id}" + (", known" if change.drift_id in drift.known else "")


def _acknowledged(known: tuple[AcknowledgedDrift, ...], paint: Paint, width: int) -> str:
    lines: list[str] = []
    for one in known:
        told = known_drift(one)
        lines += _wrapped(plain(told.object), width, "  ")
        lines += [paint.dim(line) for line in _wrapped(plain(told.details), width, "    ")]
    return "\n".join([paint.bold(KNOWN_TITLE), *lines]) if lines else ""


def _edit(edit: Attribution, where: Zone, paint: Paint, width: int) -> list[str]:
    """Who, how and when; then what PagerDuty says was changed, as it was before and after that edit."""
    if edit.when is None:
        return _wrapped(f"by: {plain(edit.who)}: {plain(edit.how)}", width)
    how = f"in the {edit.how}" if edit.how == "browser" else f"with {plain(edit.how)}"
    when = full(parse_instant(edit.when), where)
    lines = [paint.bold(line) for line in _wrapped(f"by {plain(edit.who)} {how}, {when}", width)]
    for field in edit.fields:
        told = f"{plain(field.path)}: {_value(field.before)} → {_value(field.after)}"
        if len(told) > 3 * width:
            told = f"{plain(field.path)}: changed (`--json` has it whole)"
        lines += [paint.dim(line) for line in _wrapped(told, width, "        ")]
    return lines


def render_effects(effects: Effects, policy: Policy, *, color: bool, width: int, start: str = MERGE) -> str:
    """On call now, the table of shifts per rotation, and hours per person."""
    paint = Paint(color)
    blocks = [_now(effects, policy, paint, width), _affected(affected(effects, policy, start), paint, width)]
    blocks.append(_takeovers(effects, policy, paint, width))
    blocks += [_table(table, paint, width) for table in tables(effects, policy)]
    blocks.append(_people(effects, policy, paint, width))
    return "\n\n".join(block for block in blocks if block)


def _affected(told: Sequence[str], paint: Paint, width: int, *, most: int | None = None) -> str:
    lines = [part for line in told[:most] for part in _wrapped(line, width, "  ")]
    if most is not None and len(told) > most:
        lines.append(paint.dim(f"  … and {len(told) - most} more"))
    return "\n".join([paint.bold(TITLE), *lines])


def _now(effects: Effects, policy: Policy, paint: Paint, width: int) -> str:
    replaced, lines = now_lines(effects, policy)
    if not replaced:
        told = paint.green("On call now: unchanged") if not lines else "On call now: nobody is replaced"
    else:
        told = paint.red(paint.bold("ON CALL NOW CHANGES"))
    shown = [f"  {part}" for line in lines for part in wrapped(line, width - 2, hanging=2)]
    return "\n".join([told, *shown])


def _takeovers(effects: Effects, policy: Policy, paint: Paint, width: int) -> str:
    lines: list[str] = []
    for name, told in takeovers(effects, policy):
        lines.append(f"  {name}")
        lines += [part for line in told for part in _wrapped(line, width, "    ")]
    return "\n".join([paint.bold("Who takes whose shift"), *lines]) if lines else ""


def _table(table: ShownTable, paint: Paint, width: int) -> str:
    title = f"{table.title} (times in {table.zone})" + (", new" if table.is_new else "")
    names = ("start", "end", "on call") if table.is_new else ("start", "end", "before", "after")
    rows: list[tuple[str, ...]] = [
        (row.start, row.end, row.after) if table.is_new else (row.start, row.end, row.before, row.after)
        for row in table.rows
    ]
    room = (width - 2 - 2 * 20 - 2 * (len(names) - 1)) // (len(names) - 2)
    rows = [tuple(cut(cell, max(room, 8)) if i > 1 else cell for i, cell in enumerate(row)) for row in rows]
    widths = [max(cells(row[i]) for row in [names, *rows]) for i in range(len(names))]

    def line(row: tuple[str, ...]) -> str:
        return "  " + "  ".join(padded(cell, widths[i]) for i, cell in enumerate(row)).rstrip()

    lines = [paint.bold(title), paint.dim(line(names))]
    for shown, row in zip(table.rows, rows, strict=True):
        if shown.gap:
            lines.append(paint.dim("  …"))
        text = line(row)
        lines.append((paint.yellow(text) if shown.differs else paint.dim(text)) if not table.is_new else text)
    if table.more:
        lines.append(paint.dim(f"  … and {count(table.more, 'more shift')}"))
    return "\n".join(lines)


def _people(effects: Effects, policy: Policy, paint: Paint, width: int) -> str:
    if not effects.people:
        return ""
    rows = [person_line(effect, policy) for effect in effects.people]
    name = min(max(cells(row[0]) for row in rows), max(width - 58, 12))
    hours = max(len(row[1]) for row in rows)
    lines = [paint.bold(hours_title(effects, policy))]
    for person, told, difference, first in rows:
        start = f"  first change {first}" if first else ""
        lines.append(f"  {padded(cut(person, name), name)}  {told.ljust(hours)}  {difference:>8}{start}")
    return "\n".join(lines)


def _change(change: Change, paint: Paint, width: int) -> list[str]:
    shade = {"create": paint.green, "delete": paint.red, "update": paint.yellow}.get(
        change.action, paint.blue
    )
    lines = textwrap.wrap(head(change), max(width - 4, 40), break_on_hyphens=False)
    told = [shade(f"  {SIGN[change.action]} {lines[0]}"), *(shade(f"    {line}") for line in lines[1:])]
    if change.kind == "override":
        return told
    told += [line for field in change.fields for line in _field(field, change.action, paint, width)]
    return told + [paint.dim(f"      {hidden}") for hidden in hidden_of(change)]


def _field(field: FieldChange, action: str, paint: Paint, width: int) -> list[str]:
    """before → after on one line where it fits, else one below the other."""
    before, after = _value(field.before), _value(field.after)
    name = plain(field.path)
    if action == "create" or field.before is None:
        return _wrapped(f"{name}: {after}", width)
    if field.after is None or field.after == "":
        return _wrapped(f"{name}: {before}{'' if action == 'delete' else ', removed'}", width)
    one = f"      {name}: {before} → {after}"
    if cells(one) <= width:
        return [f"      {name}: {paint.red(before)} → {paint.green(after)}"]
    return [
        f"      {name}:",
        *(paint.red(line) for line in _wrapped(f"- {before}", width, "        ")),
        *(paint.green(line) for line in _wrapped(f"+ {after}", width, "        ")),
    ]


def _value(value: object) -> str:
    return "nothing" if value is None or value == "" else plain(value)


def _wrapped(text: str, width: int, indent: str = "      ") -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _notices(notices: tuple[Notice, ...], paint: Paint, width: int) -> str:
    return "\n\n".join(_told(title, found, paint, width) for title, found in titled_notices(notices))


def _told(title: str, notices: Sequence[Notice], paint: Paint, width: int) -> str:
    lines: list[str] = []
    for notice in notices:
        label = paint.of(notice.severity, notice.severity)
        lines.append(f"  {label} {paint.dim(f'[{notice.rule}]')}")
        lines += _wrapped(plain(notice.message), width, "    ")
        if notice.hint:
            lines += [paint.blue(line) for line in _wrapped(f"→ {plain(notice.hint)}", width, "    ")]
        if notice.drift_id:
            lines.append(paint.dim(f"    drift {notice.drift_id}"))
    return "\n".join([paint.bold(title), *lines]) if lines else ""


def _guards(plan: Plan, paint: Paint, width: int) -> str:
    lines: list[str] = []
    for guard in plan.guards:
        if guard.waived is not None:
            lines += _wrapped(
                f"{guard.guard}: {plain(guard.message)} - waived: {plain(guard.waived)}", width, "  "
            )
            continue
        lines += [paint.red(line) for line in _wrapped(f"{guard.guard}: {plain(guard.message)}", width, "  ")]
        lines += [paint.blue(line) for line in _wrapped(f"→ {plain(guard.remedy)}", width, "    ")]
    if not lines:
        return ""
    return "\n".join([paint.bold(guards_title(plan)), *lines])
