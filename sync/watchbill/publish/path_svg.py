"""A path as a drawing: boxes in rows, each below what leads to it, arrows between."""

from __future__ import annotations

from itertools import groupby

from watchbill.publish.blocks import Box, Drawing
from watchbill.publish.safe_html import Html, joined, tag
from watchbill.report.safe import cut

WIDE, GAP_X, GAP_Y = 300, 32, 48
_LINE = 32
"""Characters that fit into a box; of the smaller lines below the first, a quarter more."""


def drawing_svg(drawing: Drawing) -> Html:
    rows = _rows(drawing)
    widest = max(len(row) for row in rows)
    width = widest * WIDE + (widest - 1) * GAP_X
    lines = [_lines(box) for box in drawing.boxes]
    high = 38 + 18 * (max(len(told) for told in lines) - 1)
    places: dict[int, tuple[int, int]] = {}
    for depth, row in enumerate(rows):
        left = (width - len(row) * WIDE - (len(row) - 1) * GAP_X) // 2
        for place, number in enumerate(row):
            places[number] = left + place * (WIDE + GAP_X), depth * (high + GAP_Y)
    arrows = (_arrow(places[a.source], places[a.target], high, a.label) for a in drawing.arrows)
    boxes = (_box(box, lines[number], places[number], high) for number, box in enumerate(drawing.boxes))
    tall = len(rows) * (high + GAP_Y) - GAP_Y
    return tag(
        "svg",
        tag("title", f"{drawing.title}: {', then '.join(box.label for box in drawing.boxes)}"),
        joined(arrows, "\n"),
        joined(boxes, "\n"),
        role="img",
        viewBox=f"-2 -2 {width + 4} {tall + 4}",
        width=str(width + 4),
        height=str(tall + 4),
        class_="path wide" if widest > 1 else "path",
    )


def _rows(drawing: Drawing) -> list[list[int]]:
    """Each box one row below the lowest that leads to it."""
    depth = [0] * len(drawing.boxes)
    for arrow in drawing.arrows:
        depth[arrow.target] = max(depth[arrow.target], depth[arrow.source] + 1)
    order = sorted(range(len(depth)), key=lambda number: (depth[number], number))
    return [list(group) for _, group in groupby(order, key=lambda number: depth[number])]


def _box(box: Box, lines: list[str], place: tuple[int, int], high: int) -> Html:
    x, y = place
    first = y + high // 2 + 5 - 9 * (len(lines) - 1)
    texts = (
        tag(
            "text",
            line,
            x=str(x + WIDE // 2),
            y=str(first + 18 * number),
            class_="more" if number else None,
        )
        for number, line in enumerate(lines)
    )
    round_ = str(high // 2) if box.happens else "8"
    shape = tag("rect", x=str(x), y=str(y), width=str(WIDE), height=str(high), rx=round_)
    return tag("g", tag("title", f"{box.label} {box.who}".strip()), shape, joined(texts), class_="box")


def _lines(box: Box) -> list[str]:
    """What it is, the remark in brackets, who it is: as far as each fits."""
    name, bracket, remark = box.label.partition(" (")
    below = [f"({remark}"] if bracket else []
    if box.who:
        below.append(box.who)
    return [cut(name, _LINE), *(cut(line, _LINE * 5 // 4) for line in below)]


def _arrow(start: tuple[int, int], end: tuple[int, int], high: int, label: str) -> Html:
    x1, y1 = start[0] + WIDE // 2, start[1] + high
    x2, y2 = end[0] + WIDE // 2, end[1]
    middle = y2 - GAP_Y // 2
    line = f"M{x1} {y1}V{middle}H{x2}V{y2 - 3}M{x2 - 5} {y2 - 9}L{x2} {y2 - 2}L{x2 + 5} {y2 - 9}"
    drawn = tag("path", d=line)
    if not label:
        return drawn
    return joined((drawn, tag("text", label, x=str(x2 + 10), y=str(y2 - 12), class_="wait")))
