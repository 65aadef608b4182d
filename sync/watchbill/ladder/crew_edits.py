"""A running crew that was edited in place: whose turns it moves, against the version before.

A change by a dated crew that begins later moves nobody before it, so only turns before the first such crew count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import NamedTuple

from watchbill.model.policy import Policy
from watchbill.model.rotations import Rotation
from watchbill.model.text import DateOrTime
from watchbill.rota.build import Source, local_instant, sources
from watchbill.rota.clock import Instant, zone
from watchbill.rota.spans import Span, intersect


class Moved(NamedTuple):
    start: Instant
    end: Instant
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class CrewEdited:
    rotation: str
    moved: tuple[Moved, ...]


def edited_in_place(before: Policy, after: Policy, now: Instant, until: Instant) -> Iterator[CrewEdited]:
    """Rotations of both versions whose turns differ in [now, until), before any crew that begins later."""
    renamed = after.renamed_since(before)
    for handle, rotation in after.rotations.items():
        old = before.rotations.get(handle)
        if old is None or old == rotation or handle_form(old) is None or handle_form(rotation) is None:
            continue
        end = min(until, _first_new_crew(old, rotation, after.zone_of(handle), now, until))
        moved = _moved(sources(before, handle), sources(after, handle), now, end, renamed)
        if moved:
            yield CrewEdited(handle, tuple(moved))


def handle_form(rotation: Rotation) -> str | None:
    """How it says who serves; None for the forms that have no crew of their own."""
    return next((form for form in ("crew", "crews", "layers") if getattr(rotation, form) is not None), None)


def _first_new_crew(old: Rotation, new: Rotation, zone_name: str, now: Instant, until: Instant) -> Instant:
    """When the first crew that only one version has begins, if it has not begun yet."""
    where = zone(zone_name)
    one, other = set(old.crews or ()), set(new.crews or ())
    starts = [_start(crew.from_, where.name, crew.handoff or new.handoff) for crew in one ^ other]
    return min((start for start in starts if start > now), default=until)


def _start(since: DateOrTime, zone_name: str, handoff: object) -> Instant:
    second = getattr(handoff, "second", 0)
    return local_instant(since, zone(zone_name), second)


def _moved(
    old: Sequence[Source], new: Sequence[Source], since: Instant, until: Instant, renamed: Mapping[str, str]
) -> list[Moved]:
    found: list[Moved] = []
    for one, other in zip_longest(old, new):
        left, right = (_turns(source, since, until) for source in (one, other))
        left = [(start, end, renamed.get(who, who)) for start, end, who in left]
        marks = sorted({mark for start, end, _ in (*left, *right) for mark in (start, end)})
        for span in pairwise(marks):
            before, after = _holder(left, span), _holder(right, span)
            if before != after:
                last = found[-1] if found else None
                if last is not None and last.end == span[0] and last[2:] == (before, after):
                    found[-1] = last._replace(end=span[1])
                else:
                    found.append(Moved(*span, before, after))
    return sorted(found)


def _turns(source: Source | None, since: Instant, until: Instant) -> list[tuple[Instant, Instant, str]]:
    if source is None:
        return []
    low, high = max(since, source.start), min(until, source.until)
    if low >= high:
        return []
    cut = ((max(t.start, low), min(t.end, high), t.holder) for t in source.sequence.turns(low, high))
    return [turn for turn in cut if turn[0] < turn[1]]


def _holder(turns: list[tuple[Instant, Instant, str]], span: Span) -> str | None:
    return next((who for start, end, who in turns if intersect([(start, end)], [span])), None)
