"""A plan as Markdown for pull requests: nothing in it is markup, a mention or a link of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from watchbill.model.policy import Policy
from watchbill.plan.document import Change, Effects, FieldChange, JudgedBy, Notice, Plan, RuleChange
from watchbill.report.affected import MOST_SHOWN, TITLE, affected, most_affected
from watchbill.report.judged import (
    KNOWN_TITLE,
    for_now,
    guards_title,
    identity,
    known_drift,
    no_changes,
    titled_notices,
)
from watchbill.report.rules import rules_lines
from watchbill.report.safe import count, plain
from watchbill.report.shown import (
    KIND,
    SIGN,
    ShownTable,
    counts,
    hidden_of,
    hours_title,
    now_lines,
    person_line,
    sections,
    tables,
    takeovers,
    why_of,
)

LONGEST = 60_000
"""Characters; GitHub refuses a comment above 65,536."""

MOST_FOLDED = 60

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>|~!&$])")
_LEADING = re.compile(r"^(\s*)([#+\-]|[0-9]+[.)])(?=\s)")
_MENTION = re.compile(r"([@#])(?=\w)|(?<=\w)(://|\.(?=\w))|\b(GH)(?=-[0-9])", re.ASCII)
_NO_JOIN = "\u200b"


def escape(text: object) -> str:
    """Shown as it is; an invisible break keeps @names, #numbers and addresses from becoming links."""
    safe = _MARKUP.sub(r"\\\1", plain(text))
    safe = _LEADING.sub(r"\1\\\2", safe)
    return _MENTION.sub(lambda m: f"{m[0]}{_NO_JOIN}", safe)


def changed_rules(rules: Sequence[RuleChange], by: JudgedBy | None = None) -> list[str]:
    """The section and a line about it, or nothing."""
    if not rules:
        return []
    title, *lines, foot = map(escape, rules_lines(rules, by))
    return ["\n".join([f"> [!WARNING]\n> **{title}**", *(f"> - {line}" for line in lines)]), foot]


def plan_markdown(plan: Plan, policy: Policy, *, limit: int = LONGEST) -> str:
    """The fields of objects are left out, last ones first, where the whole would be too long."""
    head = _head(plan, policy)
    details = [_section(name, changes) for name, changes in sections(plan)]
    foot = _foot(plan)
    whole = "\n\n".join([*head, *details, foot])
    if len(whole) <= limit:
        return whole + "\n"
    left_out = f"*{count(len(plan.changes), 'change')}; too long to show here, the saved plan has them all.*"
    head[0] = _title(plan, policy, is_brief=True)
    short = "\n\n".join([*head, left_out, foot])
    if len(short) <= limit:
        return short + "\n"
    shortest = [head[0], head[1], left_out, _refusals(plan), foot]
    return "\n\n".join(part for part in shortest if part) + "\n"


def _refusals(plan: Plan) -> str:
    """Cut, but never left out."""
    return "\n".join(f"- `{g.guard}` {escape(g.message[:300])}" for g in plan.refused)


def _head(plan: Plan, policy: Policy) -> list[str]:
    parts = [_title(plan, policy)]
    replaced, lines = now_lines(plan.effects, policy)
    if not plan.changes:
        said = (
            f"{no_changes(plan)}."
            if plan.left_alone
            else f"{plan.account} is in sync with the policy{for_now(plan)}."
        )
        return [*parts, escape(said), *_judgements(plan)]
    if replaced:
        parts.append("> [!CAUTION]\n> **On call now changes**" + "".join(f"\n> - {escape(x)}" for x in lines))
    else:
        told = "**On call now: nobody is replaced**" if lines else "**On call now: unchanged**"
        parts.append(told + "".join(f"\n- {escape(x)}" for x in lines))
    taken = takeovers(plan.effects, policy)
    if taken:
        lines = [
            f"- {escape(name)}" + "".join(f"\n  - {escape(line)}" for line in rows) for name, rows in taken
        ]
        parts.append("\n".join(["**Who takes whose shift**", "", *lines]))
    parts += [_table(table) for table in tables(plan.effects, policy)]
    people = [person_line(effect, policy) for effect in plan.effects.people]
    if people:
        rows = _rows(("person", "hours", "difference", "first change"), people)
        parts.append(_folded(hours_title(plan.effects, policy), rows))
    return [*parts, *_judgements(plan)]


def _title(plan: Plan, policy: Policy, *, is_brief: bool = False) -> str:
    """`is_brief`: without the folded lines."""
    rules = changed_rules(plan.rules, plan.judged_by)
    parts = [f"### watchbill: {escape(counts(plan))}", *rules[:1]]
    if plan.changes or not plan.left_alone:
        parts.append(affected_markdown(plan.effects, policy, is_brief=is_brief))
    return "\n\n".join([*parts, *rules[1:]])


def words(text: str) -> str:
    """A sentence: round brackets stay, as they begin no link where the square ones are escaped."""
    return escape(text).replace("\\(", "(").replace("\\)", ")")


def affected_markdown(effects: Effects, policy: Policy, *, is_brief: bool = False) -> str:
    """Ladders and the first people unfolded; more people folded."""
    lines = [f"- {words(line)}" for line in affected(effects, policy)]
    most = MOST_SHOWN if is_brief else most_affected(effects)
    shown = "\n".join([f"**{TITLE}**", *lines[:most]])
    if len(lines) <= most:
        return shown
    rest = lines[most:]
    if is_brief:
        return f"{shown}\n- and {len(rest)} more"
    return f"{shown}\n\n{_folded(f'and {len(rest)} more', chr(10).join(rest[:MOST_FOLDED]))}"


def _judgements(plan: Plan) -> list[str]:
    parts: list[str] = []
    if plan.guards:
        told = [
            f"- `{guard.guard}` {escape(guard.message)}"
            + (
                f" (waived: {escape(guard.waived)})"
                if guard.waived is not None
                else f"\n  {escape(guard.remedy)}"
            )
            for guard in plan.guards
        ]
        parts.append("\n".join([f"**{guards_title(plan)}**", "", *told]))
    if plan.acknowledged:
        known = [known_drift(one) for one in plan.acknowledged]
        told = [f"- {escape(one.object)}\n  {escape(one.details)}" for one in known]
        parts.append("\n".join([f"**{KNOWN_TITLE}**", "", *told]))
    for title, notices in titled_notices(plan.notices):
        told = [f"- {n.severity} `{n.rule}`: {escape(n.message)}" + _hint(n) for n in notices]
        parts.append("\n".join([f"**{title}**", "", *told]))
    return parts


def _hint(notice: Notice) -> str:
    hint = f"\n  {escape(notice.hint)}" if notice.hint else ""
    return f"{hint}\n  drift {notice.drift_id}" if notice.drift_id else hint


def _table(table: ShownTable) -> str:
    if table.is_new:
        rows = _rows(("start", "end", "on call"), [(r.start, r.end, r.after) for r in table.rows])
    else:
        cells = []
        for row in table.rows:
            if row.gap:
                cells.append(("…", "", "", ""))
            cells.append((row.start, row.end, row.before, row.after))
        rows = _rows(("start", "end", "before", "after"), cells)
    more = f"\n\n*and {count(table.more, 'more shift')}*" if table.more else ""
    return _folded(f"{table.title}, times in {table.zone}", rows + more, is_open=not table.is_new)


def _rows(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    lines += [f"| {' | '.join(escape(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _folded(title: str, body: str, *, is_open: bool = False) -> str:
    opened = " open" if is_open else ""
    return f"<details{opened}><summary>{_html(title)}</summary>\n\n{body}\n\n</details>"


def _html(text: str) -> str:
    safe = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MENTION.sub(lambda m: f"{m[0]}{_NO_JOIN}", safe)


def _section(name: str, changes: Sequence[Change]) -> str:
    return _folded(f"{name}: {len(changes)}", "\n".join(_change(change) for change in changes))


def _change(change: Change) -> str:
    why = f" *({why_of(change)})*" if why_of(change) else ""
    line = f"- `{SIGN[change.action]}` {KIND[change.kind]} **{escape(change.name)}**{why}"
    if change.kind == "override":
        return line
    fields = [f"  - {_field(field, change.action)}" for field in change.fields]
    return "\n".join([line, *fields, *(f"  - *{hidden}*" for hidden in hidden_of(change))])


def _field(field: FieldChange, action: str) -> str:
    if field.after in (None, ""):
        return f"{escape(field.path)}: {escape(field.before)}{'' if action == 'delete' else ', removed'}"
    if action == "create" or field.before in (None, ""):
        return f"{escape(field.path)}: {escape(field.after)}"
    return f"{escape(field.path)}: {escape(field.before)} → {escape(field.after)}"


def _foot(plan: Plan) -> str:
    return f"<sub>{_html(identity(plan))}, for {_html(plan.account)} at {plan.at}</sub>"
