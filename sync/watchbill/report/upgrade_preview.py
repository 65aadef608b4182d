"""The upgrade preview as text."""

from __future__ import annotations

import textwrap

from watchbill.model.policy import Policy
from watchbill.plan.document import ShiftEffect
from watchbill.plan.upgrade_preview import UpgradePreview, UpgradeWay
from watchbill.report.paint import Paint
from watchbill.report.safe import cells, count, cut, padded, plain
from watchbill.report.shown import title, who
from watchbill.report.times import full
from watchbill.rota.clock import parse_instant, zone

MOST_ROWS = 12
_KIND = {"layers": "layer-based", "shifts": "shift-based"}


def render_upgrade_preview(preview: UpgradePreview, policy: Policy, *, color: bool, width: int) -> str:
    paint = Paint(color)
    where = zone(policy.settings.time_zone)
    head = f"{title(policy, preview.rotation)} ({plain(preview.name)}) as a shift-based schedule"
    blocks = [
        f"{paint.bold(head)}\n  {_today(preview)}; looked at until {full(parse_instant(preview.until), where)} ({where.name})"
    ]
    ways = (
        ("Written as shifts by watchbill", preview.written),
        ("Upgraded by PagerDuty, as its guide describes it", preview.upgraded),
    )
    blocks += ["\n".join([paint.bold(name), *_way(way, policy, paint, width)]) for name, way in ways]
    return "\n\n".join(blocks)


def _today(preview: UpgradePreview) -> str:
    if preview.account is None:
        return "told from the policy alone"
    if preview.kind is None:
        return f"{plain(preview.account)} has no schedule for it yet"
    return f"{_KIND[preview.kind]} in {plain(preview.account)} today"


def _way(way: UpgradeWay, policy: Policy, paint: Paint, width: int) -> list[str]:
    if not way.possible:
        told = f"not possible: {way.reason}" + (f"; nearest: {way.nearest}" if way.nearest else "")
        return textwrap.wrap(plain(told), width, initial_indent="  ", subsequent_indent="    ")
    parts = [f"{count(way.events, 'event')} in {count(way.rotations, 'rotation')}"]
    parts += [count(way.overrides, "override")] if way.overrides else []
    parts += [count(way.custom_shifts, "custom shift")] if way.custom_shifts else []
    made = paint.dim(f"  {', '.join(parts)}")
    if not way.shifts:
        return [f"  {paint.green('nobody' + chr(39) + 's shift moves')}", made]
    lines = []
    now = way.on_call_now
    if now is not None and now.before != now.after:
        lines.append(
            f"  {paint.red(paint.bold('ON CALL NOW CHANGES'))}: {who(policy, now.after)} instead of {who(policy, now.before)}"
        )
    lines.append(f"  {count(len(way.shifts), 'span')} would have other people:")
    return [*lines, *_rows(way.shifts[:MOST_ROWS], policy, width), *_more(way), made]


def _rows(shifts: tuple[ShiftEffect, ...], policy: Policy, width: int) -> list[str]:
    where = zone(policy.settings.time_zone)
    rows = [("start", "end", "as layers", "as shifts")]
    rows += [
        (
            full(parse_instant(s.start), where),
            full(parse_instant(s.end), where),
            who(policy, s.before),
            who(policy, s.after),
        )
        for s in shifts
    ]
    widths = [max(cells(row[i]) for row in rows) for i in range(3)]
    return [
        cut("    " + "  ".join([*(padded(row[i], widths[i]) for i in range(3)), row[3]]), width)
        for row in rows
    ]


def _more(way: UpgradeWay) -> list[str]:
    left = len(way.shifts) - MOST_ROWS
    return [f"    … and {left} more (--json)"] if left > 0 else []
