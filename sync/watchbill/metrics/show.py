"""The metrics report: a table for people, CSV, and a small chart."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from html import escape

from watchbill.metrics.measure import Figure
from watchbill.metrics.report import Report
from watchbill.report.paint import Paint
from watchbill.report.safe import count, padded, plain
from watchbill.rota.clock import Zone, iso

_STATE = {True: "pass", False: "FAIL", None: "-"}


def value_text(value: float | None, unit: str) -> str:
    if value is None:
        return "nothing to measure"
    if unit == "seconds":
        minutes, seconds = divmod(round(value), 60)
        hours, minutes = divmod(minutes, 60)
        return (
            f"{hours} h {minutes:02d} min"
            if hours
            else f"{minutes} min {seconds:02d} s"
            if seconds
            else f"{minutes} min"
        )
    if unit == "share":
        return f"{value * 100:.0f} %"
    return f"{value:.1f}".removesuffix(".0")


def goal_text(figure: Figure) -> str:
    return f"{'<' if figure.strict else 'at most'} {value_text(figure.goal, figure.unit)}"


def table(report: Report, where: Zone, *, color: bool) -> str:
    paint = Paint(color)
    since, until = (where.at(at).strftime("%a %d %b %Y") for at in (report.since, report.until))
    lines = [paint.bold(f"Escalation metrics, {since} to {until}: {count(report.incidents, 'incident')}"), ""]
    width = max((len(f.title) for f in report.figures), default=0)
    for figure in report.figures:
        state = _STATE[figure.passed]
        shown = paint.red(state) if figure.passed is False else paint.green(state) if figure.passed else state
        value = padded(value_text(figure.value, figure.unit), 18)
        lines.append(f"  {padded(plain(figure.title), width)}  {value}  {goal_text(figure):<14} {shown}")
        lines += [paint.dim(f"  {' ' * width}  {line}") for line in _remarks(figure)]
    for breakdown, groups in report.groups.items():
        if len(groups) > 1:
            lines += ["", paint.bold(f"By {breakdown}"), *_breakdown(groups, width)]
    return "\n".join(lines)


def _remarks(figure: Figure) -> Iterator[str]:
    if figure.sample.apart:
        yield f"{figure.count} measured, {figure.sample.apart} {figure.sample.why_apart}"
    shown = figure.sample.details[:5]
    yield from (plain(detail) for detail in shown)
    if len(figure.sample.details) > len(shown):
        yield f"and {len(figure.sample.details) - len(shown)} more; --json has them all"


def _breakdown(groups: dict[str, tuple[Figure, ...]], width: int) -> Iterator[str]:
    for name, figures in groups.items():
        yield f"  {plain(name)}"
        for figure in figures:
            if figure.value is not None:
                state = _STATE[figure.passed]
                yield f"    {padded(plain(figure.title), width)}  {value_text(figure.value, figure.unit)}  {state}"


def as_csv(report: Report) -> str:
    """One line per figure and group; times in seconds, shares from 0 to 1."""
    made = io.StringIO()
    rows = csv.writer(made, lineterminator="\n")
    rows.writerow(
        [
            "group",
            "name",
            "metric",
            "value",
            "unit",
            "target",
            "result",
            "measured",
            "apart",
            "since",
            "until",
        ]
    )
    every = [("all", "all", figure) for figure in report.figures]
    every += [
        (b, n, f) for b, groups in report.groups.items() for n, figures in groups.items() for f in figures
    ]
    for group, name, figure in every:
        value = "" if figure.value is None else f"{figure.value:g}"
        target = f"{'<' if figure.strict else '<='}{figure.goal:g}"
        what = [
            group,
            _harmless(name),
            figure.handle,
            value,
            figure.unit,
            target,
            _STATE[figure.passed].lower(),
        ]
        rows.writerow([*what, figure.count, figure.sample.apart, iso(report.since), iso(report.until)])
    return made.getvalue()


def _harmless(text: str) -> str:
    """Spreadsheets run what begins like a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


_WIDE, _HIGH, _LEFT, _TOP, _GAP = 620, 64, 250, 40, 26


def chart(report: Report) -> str:
    """One strip per metric: a bar per week, the target as a line; a bar beyond it is dark and has a dot."""
    strips = "".join(_strip(report, place) for place in range(len(report.figures)))
    height = _TOP + len(report.figures) * (_HIGH + _GAP) + 24
    since, until = (report.zone.at(at).date() for at in (report.since, report.until))
    title = f"Escalation metrics, {since} to {until}"
    weeks = _week_labels(report, height - 10)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE + _LEFT + 20} {height}" role="img" '
        f'aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2933">'
        f'<rect width="100%" height="100%" fill="#fff"/><text x="12" y="22" font-size="15" font-weight="600">{escape(title)}</text>'
        f"{strips}{weeks}</svg>\n"
    )


def _strip(report: Report, place: int) -> str:
    figure = report.figures[place]
    values = [week.figures[place] for week in report.weeks]
    known = [f.value for f in values if f.value is not None]
    most = max([figure.goal, *known, 1e-9]) * 1.15
    top = _TOP + place * (_HIGH + _GAP)
    base = top + _HIGH
    wide = _WIDE / max(len(values), 1)
    bars = []
    for number, one in enumerate(values):
        x = _LEFT + number * wide
        if one.value is None:
            bars.append(
                f'<text x="{x + wide / 2:.1f}" y="{base - 4}" text-anchor="middle" fill="#616e7c">·</text>'
            )
            continue
        high = max(one.value / most * _HIGH, 1.5)
        bad = one.passed is False
        label = f"{report.zone.at(report.weeks[number].start).date()}: {value_text(one.value, one.unit)}"
        bars.append(
            f'<rect x="{x + wide * 0.15:.1f}" y="{base - high:.1f}" width="{wide * 0.7:.1f}" height="{high:.1f}" rx="1.5" '
            f'fill="{"#b44d12" if bad else "#9fb3c8"}"><title>{escape(label)}</title></rect>'
        )
        if bad:
            bars.append(
                f'<circle cx="{x + wide / 2:.1f}" cy="{base - high - 5:.1f}" r="2.5" fill="#b44d12"/>'
            )
    goal = base - figure.goal / most * _HIGH
    state = _STATE[figure.passed]
    return (
        f'<text x="12" y="{top + 18}" font-weight="600">{escape(figure.title)}</text>'
        f'<text x="12" y="{top + 36}">{escape(value_text(figure.value, figure.unit))}'
        f'<tspan fill="{"#b44d12" if figure.passed is False else "#52606d"}" dx="8">{state}</tspan></text>'
        f'<text x="12" y="{top + 53}" fill="#52606d">target {escape(goal_text(figure))}</text>'
        f'<line x1="{_LEFT}" x2="{_LEFT + _WIDE}" y1="{base}" y2="{base}" stroke="#cbd2d9"/>{"".join(bars)}'
        f'<line x1="{_LEFT}" x2="{_LEFT + _WIDE}" y1="{goal:.1f}" y2="{goal:.1f}" stroke="#334e68" stroke-dasharray="4 3"/>'
    )


def _week_labels(report: Report, y: int) -> str:
    wide = _WIDE / max(len(report.weeks), 1)
    every = max(1, -(-len(report.weeks) // 8))
    return "".join(
        f'<text x="{_LEFT + (number + 0.5) * wide:.1f}" y="{y}" text-anchor="middle" font-size="10" fill="#52606d">'
        f"{report.zone.at(week.start):%m-%d}</text>"
        for number, week in enumerate(report.weeks)
        if number % every == 0
    )
