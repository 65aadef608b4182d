"""From what the events give to what the policy wants: overrides of one member each, and custom shifts in holes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from watchbill.account.events import for_rendering
from watchbill.account.objects import CustomShiftSlot, ShiftOverrideSlot, ShiftRotation, ShiftSource
from watchbill.rota.clock import Instant
from watchbill.rota.duty import Roster, override_span
from watchbill.rota.entries import Entry
from watchbill.rota.pieces import Shift
from watchbill.rota.shifts import assignments
from watchbill.rota.spans import Span, union
from watchbill.rota.turns import FOREVER


@dataclass(frozen=True, slots=True)
class Differences:
    overrides: tuple[ShiftOverrideSlot, ...] = ()
    custom_shifts: tuple[CustomShiftSlot, ...] = ()


NONE = Differences()


class _Stint(NamedTuple):
    start: Instant
    end: Instant
    user: str
    source: ShiftSource | None = None


def spans_of_people(shifts: Iterable[Shift | Entry]) -> dict[str, list[Span]]:
    """Who, without why; "" is a place vacant on purpose."""
    found: dict[str, list[Span]] = {}
    for s in shifts:
        user = s.person if isinstance(s, Shift) else s.user
        found.setdefault(user or "", []).append((s.start, s.end))
    return {user: union(spans) for user, spans in found.items()}


def first_difference(left: Mapping[str, Sequence[Span]], right: Mapping[str, Sequence[Span]]) -> Instant:
    firsts = []
    for user in {*left, *right}:
        a = [t for span in left.get(user, ()) for t in span]
        b = [t for span in right.get(user, ()) for t in span]
        firsts += [min(x, y) for x, y in zip([*a, FOREVER], [*b, FOREVER], strict=False) if x != y][:1]
    return min(firsts, default=FOREVER)


def replacements(
    roster: Roster,
    rotation: str,
    rotations: Sequence[ShiftRotation],
    custom: Sequence[CustomShiftSlot],
    since: Instant,
    until: Instant,
) -> tuple[Differences, Differences]:
    """The declared ones (where an override of the policy holds), and the derived ones."""
    policy = roster.policy
    declared = union(
        override_span(policy, o) for o in policy.overrides if o.rotation == rotation and not o.cancelled
    )
    has = list(_has(rotations, custom, since, until))
    wants = [_Stint(s.start, s.end, s.person) for s in roster.shifts(rotation, since, until) if s.person]
    made = _Made(), _Made()
    bounds = [t for span in declared for t in span if since < t < until]
    for low, high, there, wanted in _sweep(has, wants, bounds):
        in_declared = any(start <= low < end for start, end in declared)
        made[0 if in_declared else 1].change(low, high, there, wanted)
    return made[0].differences(), made[1].differences()


def _has(
    rotations: Sequence[ShiftRotation], custom: Sequence[CustomShiftSlot], since: Instant, until: Instant
) -> Iterator[_Stint]:
    for a in assignments(for_rendering(rotations, custom), since, until):
        start, end = max(a.start, since), min(a.end, until)
        if start < end:
            kind = "rotation" if a.rotation_id is not None else "custom_shift"
            source = ShiftSource(kind=kind, key=a.rotation_id or a.shift_id or "")
            yield _Stint(start, end, a.user or "", source)


def _sweep(
    has: Sequence[_Stint], wants: Sequence[_Stint], bounds: Iterable[Instant]
) -> Iterator[tuple[Instant, Instant, list[_Stint], list[str]]]:
    """Elementary spans, with who is there and who should be."""
    marks = sorted({*bounds, *(t for s in (*has, *wants) for t in (s.start, s.end))})
    queues = sorted(has, key=lambda s: s[:3]), sorted(wants, key=lambda s: s[:3])
    at = [0, 0]
    running: tuple[list[_Stint], list[_Stint]] = ([], [])
    for low, high in pairwise(marks):
        for side in (0, 1):
            running[side][:] = [s for s in running[side] if s.end > low]
            while at[side] < len(queues[side]) and queues[side][at[side]].start <= low:
                running[side].append(queues[side][at[side]])
                at[side] += 1
        yield low, high, list(running[0]), [s.user for s in running[1]]


class _Made:
    """Grows spans as the sweep goes on."""

    def __init__(self) -> None:
        self._spans: dict[tuple[ShiftSource | None, str, str], list[tuple[Instant, Instant]]] = {}

    def change(self, low: Instant, high: Instant, there: list[_Stint], wanted: list[str]) -> None:
        """Whoever is both there and wanted stays; the others are replaced one by one."""
        missing = [user for user in wanted if user not in {s.user for s in there}]
        leaving = [s for s in there if s.user and s.user not in wanted]
        vacant = [s for s in there if not s.user]
        places = [*leaving, *vacant]
        for i, user in enumerate(missing):
            place = places[i] if i < len(places) else None
            self._add(place.source if place else None, place.user if place else "", user, low, high)
        for place in leaving[len(missing) :]:
            self._add(place.source, place.user, "", low, high)

    def _add(
        self, source: ShiftSource | None, instead_of: str, user: str, low: Instant, high: Instant
    ) -> None:
        spans = self._spans.setdefault((source, instead_of, user), [])
        if spans and spans[-1][1] == low:
            spans[-1] = (spans[-1][0], high)
        else:
            spans.append((low, high))

    def differences(self) -> Differences:
        overrides, custom = [], []
        for (source, instead_of, user), spans in self._spans.items():
            for start, end in spans:
                if source is None:
                    custom.append(CustomShiftSlot(user=user, start=start, end=end))
                else:
                    overrides.append(
                        ShiftOverrideSlot(
                            source=source, instead_of=instead_of, user=user, start=start, end=end
                        )
                    )
        return Differences(
            tuple(sorted(overrides, key=lambda o: (o.start, o.end, o.source.key, o.instead_of))),
            tuple(sorted(custom, key=lambda c: (c.start, c.end, c.user))),
        )
