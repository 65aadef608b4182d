"""Eight weeks of a rotation as one drawing.  The script reads times off it; without script each person's duty
still has a title, and a table stands below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from watchbill.model.policy import Policy
from watchbill.publish.safe_html import Html, joined, tag
from watchbill.report.safe import cells, cut
from watchbill.rota.clock import Instant, Zone, weekday
from watchbill.rota.duty import Shift
from watchbill.rota.spans import Span, complement, intersect, union

WEEKS = 8
WIDE, LEFT = 1120, 0
TOP, HIGH = 22, 36
BOTTOM = TOP + HIGH + 6
_LETTER = 7.2
"""Width of an average letter of the labels."""
_ENOUGH = 11


class Scale:
    def __init__(self, since: Instant, until: Instant) -> None:
        self.since, self.until = since, until

    def x(self, at: Instant) -> float:
        return round((at - self.since) * WIDE / (self.until - self.since), 1)


def weeks_around(where: Zone, now: Instant) -> tuple[Instant, Instant]:
    """From the Monday of this week, eight weeks on the wall clock."""
    day = where.day_of(now)
    monday = day - weekday(day)
    return where.instant(monday), where.instant(monday + 7 * WEEKS)


def timeline(
    policy: Policy,
    handle: str,
    shifts: Sequence[Shift],
    shades: Mapping[str, int],
    alarms: Sequence[Span],
    scale: Scale,
    where: Zone,
    now: Instant,
) -> Html:
    """`alarms`: when a level of a ladder that stands on this rotation reaches nobody."""
    title = policy.title_of(handle)
    held = [s for s in shifts if s.person is not None]
    free = complement(union((s.start, s.end) for s in held), scale.since, scale.until)
    empty = (("off", free), ("gap", intersect(free, alarms)))
    return tag(
        "svg",
        tag("title", f"{title}: who has duty in the next {WEEKS} weeks"),
        _weeks(scale, where),
        joined(_people(policy, held, shades, scale), "\n"),
        joined(
            tag("path", d="".join(_bar(scale, s, e, TOP, HIGH) for s, e in spans), class_=kind)
            for kind, spans in empty
            if spans
        ),
        joined(_labels(policy, held, scale, now), ""),
        tag("path", d=_handoffs(held, scale), class_="handoff"),
        tag("line", x1=str(scale.x(now)), x2=str(scale.x(now)), y1="14", y2=str(BOTTOM), class_="today"),
        tag("rect", x="0", y=str(TOP - 2), width="0", height=str(HIGH + 4), class_="picked"),
        viewBox=f"0 0 {WIDE} {BOTTOM}",
        role="img",
        class_="timeline",
    )


def _weeks(scale: Scale, where: Zone) -> Html:
    parts = []
    for week in range(WEEKS):
        at = where.instant(where.day_of(scale.since) + 7 * week)
        x = str(scale.x(at))
        parts.append(tag("line", x1=x, x2=x, y1="0", y2=str(BOTTOM), class_="week"))
        parts.append(tag("text", where.at(at).strftime("%d %b").lstrip("0"), x=str(scale.x(at) + 5), y="12"))
    return joined(parts)


def _people(policy: Policy, shifts: Sequence[Shift], shades: Mapping[str, int], scale: Scale) -> list[Html]:
    """One path for each person and reason; a fallback is half as high, so that it is told by shape too."""
    drawn: dict[tuple[str, str], list[str]] = {}
    lanes = _lanes(shifts)
    for shift in shifts:
        top, high = (TOP + HIGH // 2, HIGH // 2) if shift.because == "fallback" else (TOP, HIGH)
        if lanes:
            high = max(HIGH // len(lanes), 2)
            top = TOP + lanes[shift.person or ""] * high
        key = (shift.person or "", shift.because)
        drawn.setdefault(key, []).append(_bar(scale, shift.start, shift.end, top, high))
    return [
        tag(
            "path",
            tag("title", f"{policy.title_of(person)}{_reason(because)}"),
            d="".join(bars),
            class_=f"p{shades.get(person, 0)} {because}",
        )
        for (person, because), bars in drawn.items()
    ]


def _lanes(shifts: Sequence[Shift]) -> dict[str, int]:
    """Where people serve together, each has a lane; nobody has one elsewhere."""
    if not any(after.start < before.end for before, after in pairwise(shifts)):
        return {}
    people = dict.fromkeys(shift.person or "" for shift in shifts)
    return {person: lane for lane, person in enumerate(people)}


def _reason(because: str) -> str:
    return "" if because == "turn" else f" ({because})"


def _bar(scale: Scale, start: Instant, end: Instant, top: int, high: int) -> str:
    left, right = scale.x(start), scale.x(end)
    width = max(round(right - left - 1, 1), 0.6)
    return f"M{left:g} {top}h{width:g}v{high}h{-width:g}z"


def _labels(policy: Policy, shifts: Sequence[Shift], scale: Scale, now: Instant) -> list[Html]:
    """Where the name fits, or enough of it to tell; right of the line that marks now."""
    found = []
    for shift in () if _lanes(shifts) else shifts:
        left, right = scale.x(max(shift.start, scale.since)), scale.x(min(shift.end, scale.until))
        if shift.start <= now < shift.end and scale.x(now) - left < (right - left) / 2:
            left = scale.x(now)
        room = int((right - left - 12) / _LETTER)
        name = policy.title_of(shift.person or "")
        if room >= min(cells(name), _ENOUGH):
            found.append(tag("text", cut(name, room), x=f"{left + 6:g}", y=str(TOP + 23), class_="label"))
    return found


def _handoffs(shifts: Sequence[Shift], scale: Scale) -> str:
    """A small mark where the turn passes to somebody else; not at every change between turn and fallback."""
    turns = [shift for shift in shifts if shift.because in ("turn", "shift")]
    marks = []
    for before, after in pairwise(turns):
        if before.person != after.person and before.end <= after.start:
            x = scale.x(after.start)
            marks.append(f"M{x - 3.5:g} {TOP - 6}h7l-3.5 5z")
    return "".join(marks) or "M0 0"
