"""`load`: hours, nights, weekends and holidays per person, with a small chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watchbill.ladder.load import Fairness, Load
from watchbill.model.policy import Policy
from watchbill.report.columns import beside, column, wrapped
from watchbill.report.paint import Paint
from watchbill.report.safe import cells, cut, padded, plain
from watchbill.report.times import full
from watchbill.rota.clock import Instant, iso, zone

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_WIDEST_NAME = 26
_NUMBERS = ("hours", "nights", "weekends", "holidays", "rest")


def load_json(
    loads: Sequence[Load], fairness: Sequence[Fairness], since: Instant, until: Instant
) -> dict[str, Any]:
    return {
        "format": "watchbill.load/1",
        "since": iso(since),
        "until": iso(until),
        "people": [
            {
                "person": load.person,
                "hours": round(load.hours, 2),
                "night_hours": round(load.night_hours, 2),
                "weekend_hours": round(load.weekend_hours, 2),
                "holiday_hours": round(load.holiday_hours, 2),
                "shifts": load.shifts,
                "shortest_rest_hours": None if load.shortest_rest is None else round(load.shortest_rest, 2),
                "by_rotation": {rotation: round(hours, 2) for rotation, hours in load.by_rotation},
            }
            for load in loads
        ],
        "fairness": [
            {
                "rotation": fair.rotation,
                "most": {"person": fair.most[0], "hours": round(fair.most[1], 2)},
                "least": {"person": fair.least[0], "hours": round(fair.least[1], 2)},
                "mean_hours": round(fair.mean, 2),
                "spread": round(fair.spread, 3),
            }
            for fair in fairness
        ],
    }


_NOTE = (
    "nights 22:00-06:00, weekends and holidays in hours of the person's own zone; "
    "rest: the shortest, in hours"
)


def load_text(
    loads: Sequence[Load],
    fairness: Sequence[Fairness],
    policy: Policy,
    since: Instant,
    until: Instant,
    *,
    color: bool,
    width: int,
) -> str:
    paint = Paint(color)
    where = zone(policy.settings.time_zone)
    head = f"{paint.bold('Load')}, {full(since, where)} to {full(until, where)} ({where.name})"
    if not loads:
        return f"{head}\n\nnobody has duty then"
    blocks = [head, _table(loads, policy, paint, width)]
    if fairness:
        blocks.append(_fair(fairness, policy, paint, width))
    blocks.append("\n".join(paint.dim(line) for line in wrapped(_NOTE, width)))
    return "\n\n".join(blocks)


def _table(loads: Sequence[Load], policy: Policy, paint: Paint, width: int) -> str:
    names = [cut(plain(policy.title_of(load.person)), _WIDEST_NAME) for load in loads]
    wide = max(cells(name) for name in names)
    rows = [_numbers(load) for load in loads]
    columns = [max(len(title), *(len(row[i]) for row in rows)) for i, title in enumerate(_NUMBERS)]
    room = max(width - 2 - wide - sum(columns) - 2 * len(columns) - 2, 8)
    most = max(load.hours for load in loads)
    titles = "  ".join(title.rjust(columns[i]) for i, title in enumerate(_NUMBERS))
    lines = [paint.dim(f"  {padded('', wide)}  {titles}")]
    for load, name, row in zip(loads, names, rows, strict=True):
        told = "  ".join(cell.rjust(columns[i]) for i, cell in enumerate(row))
        lines.append(f"  {padded(name, wide)}  {told}  {paint.blue(bar(load.hours, most, min(room, 30)))}")
    return "\n".join(lines)


def _numbers(load: Load) -> tuple[str, ...]:
    rest = "-" if load.shortest_rest is None else f"{load.shortest_rest:.0f}"
    parts = (load.hours, load.night_hours, load.weekend_hours, load.holiday_hours)
    return (*(f"{part:.0f}" for part in parts), rest)


def bar(value: float, most: float, width: int) -> str:
    """To an eighth of a character; whoever has anything gets at least that."""
    if most <= 0 or value <= 0:
        return ""
    eighths = max(round(value / most * width * 8), 1)
    whole, part = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[part] if part else "")


def _fair(fairness: Sequence[Fairness], policy: Policy, paint: Paint, width: int) -> str:
    lines = [paint.bold("Fairness")]
    widest = max(cells(plain(policy.title_of(fair.rotation))) for fair in fairness)
    wide = min(widest, _WIDEST_NAME)
    for fair in fairness:
        (most, high), (least, low) = fair.most, fair.least
        told = f"most {policy.title_of(most)} {high:.0f} h, least {policy.title_of(least)} {low:.0f} h"
        even = "even" if high - low < 1 else told
        shares = wrapped(f"mean {fair.mean:.0f} h, {even}", width - wide - 4, hanging=2)
        lines += beside("  ", [column(policy.title_of(fair.rotation), wide, str), (shares, 0)])
    return "\n".join(lines)
