"""A running crew that was edited in place: whose duty it moves, against the version before.

A change by a dated crew that begins later moves nobody before it, so only turns before the first such crew count.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from watchbill.model.policy import Policy
from watchbill.model.rotations import DatedCrew, LayerSpec, Rotation
from watchbill.model.text import DateOrTime
from watchbill.rota.build import local_instant, sources
from watchbill.rota.clock import Instant, zone
from watchbill.rota.duty import Roster
from watchbill.rota.spans import Span, intersect

Held = tuple[Instant, Instant, str]


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
    """Rotations of both versions where other people serve in [now, until), before any crew that begins later.

    Of layers each stretch of duty counts, else each turn with duty in it.
    """
    renamed = after.renamed_since(before)
    for handle, rotation in after.rotations.items():
        old = before.rotations.get(handle)
        if old is None or old == rotation or handle_form(old) is None or handle_form(rotation) is None:
            continue
        end = min(until, _first_new_crew(old, rotation, after.zone_of(handle), now, until))
        on_duty = _moved(_duty(before, handle, now, end, renamed), _duty(after, handle, now, end, {}))
        moved = on_duty
        if old.layers is None and rotation.layers is None:
            turns = _moved(_turns(before, handle, now, end, renamed), _turns(after, handle, now, end, {}))
            spans = [(one.start, one.end) for one in on_duty]
            moved = [turn for turn in turns if intersect([(turn.start, turn.end)], spans)]
        if moved:
            yield CrewEdited(handle, tuple(moved))


def handle_form(rotation: Rotation) -> str | None:
    """How it says who serves; None for the forms that have no crew of their own."""
    return next((form for form in ("crew", "crews", "layers") if getattr(rotation, form) is not None), None)


def _first_new_crew(old: Rotation, new: Rotation, zone_name: str, now: Instant, until: Instant) -> Instant:
    """When the first crew, or layer, that only one version has begins, if it has not begun yet."""
    where = zone(zone_name)
    crews: list[set[DatedCrew | LayerSpec]] = [{*(x.crews or ()), *(x.layers or ())} for x in (old, new)]
    starts = [
        _start(crew.from_, where.name, crew.handoff or new.handoff)
        for crew in crews[0] ^ crews[1]
        if crew.from_ is not None
    ]
    return min((start for start in starts if start > now), default=until)


def _start(since: DateOrTime, zone_name: str, handoff: object) -> Instant:
    second = getattr(handoff, "second", 0)
    return local_instant(since, zone(zone_name), second)


def _duty(
    policy: Policy, handle: str, since: Instant, until: Instant, renamed: Mapping[str, str]
) -> list[Held]:
    """By its own people: what a fallback does is no edit of this crew."""
    alone = policy.rotations[handle].model_copy(update={"otherwise": None})
    own = policy.model_copy(update={"rotations": {**policy.rotations, handle: alone}})
    shifts = Roster(own, plain=True).shifts(handle, since, until) if since < until else []
    return [(s.start, s.end, renamed.get(s.person, s.person)) for s in shifts if s.person is not None]


def _turns(
    policy: Policy, handle: str, since: Instant, until: Instant, renamed: Mapping[str, str]
) -> list[Held]:
    found = []
    for source in sources(policy, handle):
        low, high = max(since, source.start), min(until, source.until)
        if low < high:
            turns = source.sequence.turns(low, high)
            found += [(max(t.start, low), min(t.end, high), renamed.get(t.holder, t.holder)) for t in turns]
    return [turn for turn in found if turn[0] < turn[1]]


def _moved(left: list[Held], right: list[Held]) -> list[Moved]:
    if left == right:
        return []
    found: list[Moved] = []
    marks = sorted({mark for start, end, _ in (*left, *right) for mark in (start, end)})
    for span in pairwise(marks):
        before, after = _holder(left, span), _holder(right, span)
        if before == after:
            continue
        last = found[-1] if found else None
        if last is not None and last.end == span[0] and last[2:] == (before, after):
            found[-1] = last._replace(end=span[1])
        else:
            found.append(Moved(*span, before, after))
    return found


def _holder(turns: list[Held], span: Span) -> str | None:
    last = bisect_right(turns, span[0], key=itemgetter(0)) - 1
    return turns[last][2] if last >= 0 and turns[last][1] > span[0] else None
