"""A plan as one HTML page that needs nothing else: no script, no font, no picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from watchbill.model.policy import Policy
from watchbill.plan.document import Change, FieldChange, Notice, Plan
from watchbill.report.judged import (
    KNOWN_TITLE,
    guards_title,
    identity,
    known_drift,
    no_changes,
    titled_notices,
)
from watchbill.report.safe import count, plain
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
from watchbill.rota.clock import parse_instant, zone

_STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; width: 100% }
caption { text-align: left; font-weight: 600; padding: .3rem 0 }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884 }
tr.differs { font-weight: 600 }
tr:not(.differs) { opacity: .75 }
.alarm { border-left: .4rem solid #c00; padding-left: .8rem }
.calm { border-left: .4rem solid #2a7; padding-left: .8rem }
del { color: #b33 } ins { color: #186; text-decoration: none }
@media (prefers-color-scheme: dark) { del { color: #f99 } ins { color: #7d9 } }
"""


def plan_html(plan: Plan, policy: Policy) -> str:
    where = zone(policy.settings.time_zone)
    title = f"Plan for {_safe(plan.account)}"
    when = f"{full(parse_instant(plan.at), where)} ({where.name})"
    parts = [f"<h1>{title}</h1>", f"<p>{when}. {_safe(counts(plan))}.</p>", _now(plan, policy)]
    if not plan.changes:
        shade = "alarm" if plan.left_alone else "calm"
        parts = [*parts[:2], f'<p class="{shade}">{_safe(no_changes(plan))}.</p>']
    parts += _effects(plan, policy)
    for name, changes in sections(plan):
        parts.append(f"<h2>{_safe(name)}</h2>")
        parts.append(_list(_change(change) for change in changes))
    parts += _judgements(plan)
    parts.append(f"<p><small>{_safe(identity(plan))}</small></p>")
    body = "\n".join(part for part in parts if part)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _safe(text: object) -> str:
    return escape(plain(text))


def _list(items: Iterable[str]) -> str:
    found = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{found}</ul>" if found else ""


def _now(plan: Plan, policy: Policy) -> str:
    replaced, lines = now_lines(plan.effects, policy)
    told = "On call now changes" if replaced else "On call now: nobody is replaced" if lines else ""
    shade = "alarm" if replaced else "calm"
    items = _list(_safe(line) for line in lines)
    return f'<section class="{shade}"><h2>{told or "On call now: unchanged"}</h2>{items}</section>'


def _effects(plan: Plan, policy: Policy) -> list[str]:
    parts = []
    taken = takeovers(plan.effects, policy)
    if taken:
        parts.append("<h2>Who takes whose shift</h2>")
        parts.append(_list(f"{_safe(name)}{_list(map(_safe, lines))}" for name, lines in taken))
    parts += [_table(table) for table in tables(plan.effects, policy)]
    people = [person_line(effect, policy) for effect in plan.effects.people]
    if people:
        names = ("person", "hours", "difference", "first change")
        rows = "".join(_row(row, differs=False) for row in people)
        parts.append(_framed(hours_title(plan.effects, policy), names, rows))
    return parts


def _table(table: ShownTable) -> str:
    rows = []
    for row in table.rows:
        if row.gap:
            rows.append('<tr><td colspan="4">…</td></tr>')
        cells = (
            (row.start, row.end, row.after) if table.is_new else (row.start, row.end, row.before, row.after)
        )
        rows.append(_row(cells, differs=row.differs and not table.is_new))
    names = ("start", "end", "on call") if table.is_new else ("start", "end", "before", "after")
    more = f"<p>and {count(table.more, 'more shift')}</p>" if table.more else ""
    return _framed(f"{table.title}, times in {table.zone}", names, "".join(rows)) + more


def _framed(title: str, names: Sequence[str], rows: str) -> str:
    heads = "".join(f'<th scope="col">{name}</th>' for name in names)
    return (
        f"<table><caption>{_safe(title)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _row(cells: Sequence[str], *, differs: bool) -> str:
    shade = ' class="differs"' if differs else ""
    return f"<tr{shade}>{''.join(f'<td>{_safe(cell)}</td>' for cell in cells)}</tr>"


def _change(change: Change) -> str:
    told = f"<code>{SIGN[change.action]}</code> {_safe(head(change))}"
    if change.kind == "override":
        return told
    hidden = (f"<em>{_safe(text)}</em>" for text in hidden_of(change))
    return told + _list((*(_field(field, change.action) for field in change.fields), *hidden))


def _field(field: FieldChange, action: str) -> str:
    after = _safe(field.after) if field.after not in (None, "") else "nothing"
    if action == "create" or field.before in (None, ""):
        return f"{_safe(field.path)}: {after}"
    return f"{_safe(field.path)}: <del>{_safe(field.before)}</del> → <ins>{after}</ins>"


def _judgements(plan: Plan) -> list[str]:
    guards = [
        f"<code>{_safe(g.guard)}</code> {_safe(g.message)}"
        + (f" (waived: {_safe(g.waived)})" if g.waived is not None else f"<br>{_safe(g.remedy)}")
        for g in plan.guards
    ]
    found = [(guards_title(plan), guards)] if guards else []
    known = [known_drift(one) for one in plan.acknowledged]
    found += [(KNOWN_TITLE, [f"{_safe(k.object)}<br>{_safe(k.details)}" for k in known])] if known else []
    found += [(title, [_notice(n) for n in told]) for title, told in titled_notices(plan.notices)]
    return [part for name, told in found for part in (f"<h2>{_safe(name)}</h2>", _list(told))]


def _notice(notice: Notice) -> str:
    lines = [f"{notice.severity} <code>{_safe(notice.rule)}</code>: {_safe(notice.message)}"]
    lines += [_safe(notice.hint)] if notice.hint else []
    lines += [f"<small>drift {_safe(notice.drift_id)}</small>"] if notice.drift_id else []
    return "<br>".join(lines)
