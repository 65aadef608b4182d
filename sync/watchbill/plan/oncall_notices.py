"""Whose shift moves: the effects of a plan, told person by person, for messages to these people.

Stints on days in a row make one stretch: a week of office hours is one message, not five.  Of a stretch that was
and one that will be, both of one person in one rotation, those that overlap or come in the same place of the row
belong together: it moves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from watchbill.plan.document import Change, Effects, OverrideWrite, Plan, ShiftEffect
from watchbill.plan.effects import OUTLOOK
from watchbill.rota.clock import DAY, Instant, parse_instant
from watchbill.rota.spans import Span

WHY = {
    "pending": "the policy changed",
    "drift": "an edit by hand in the account is taken back",
    "conflict": "the policy changed, and an edit by hand in the account is taken back",
    "upkeep": "holidays and leave are entered ahead of time",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    pieces: tuple[Span, ...]
    others: tuple[str, ...] = ()
    """Who has it on the other side."""

    @property
    def start(self) -> Instant:
        return self.pieces[0][0]

    @property
    def end(self) -> Instant:
        return self.pieces[-1][1]


@dataclass(frozen=True, slots=True)
class Move:
    """`before` is None for a shift gained, `after` for one lost."""

    rotation: str
    before: Stretch | None
    after: Stretch | None

    @property
    def kind(self) -> Literal["gained", "lost", "moved"]:
        if self.before is None:
            return "gained"
        return "lost" if self.after is None else "moved"

    @property
    def at(self) -> Instant:
        starts = [side.start for side in (self.before, self.after) if side is not None]
        return min(starts)


def moves_of(plan: Plan, rotations: Collection[str] | None = None) -> dict[str, list[Move]]:
    """By person: a handle, or the account's user name where the policy has no such person.

    `rotations`: only these; None = all.
    """
    tables: dict[str, list[ShiftEffect]] = {}
    for shift in plan.effects.shifts:
        if rotations is None or shift.rotation in rotations:
            tables.setdefault(shift.rotation, []).append(shift)
    found: dict[str, list[Move]] = {}
    for rotation, rows in tables.items():
        edge = _edge(rows, plan.effects)
        for person in sorted({p for row in rows for p in (*_who(row.before), *_who(row.after))}):
            before, after = (_stretches(rows, person, was=was) for was in (True, False))
            moves = [Move(rotation, old, new) for old, new in _paired(before, after, edge)]
            if moves:
                found.setdefault(person, []).extend(moves)
    return {
        person: sorted(moves, key=lambda m: (m.at, m.rotation)) for person, moves in sorted(found.items())
    }


def reasons(plan: Plan) -> dict[str, str]:
    """By rotation."""
    found: dict[str, dict[str, None]] = {}
    for change in plan.changes:
        if change.kind in ("schedule", "override"):
            found.setdefault(rotation_of(change), {})[_why(change)] = None
    return {rotation: "; ".join(whys) for rotation, whys in found.items()}


def rotation_of(change: Change) -> str:
    key = change.want.schedule_key if isinstance(change.want, OverrideWrite) else change.key
    return key.split("/")[1] if "/" in key else key


def _why(change: Change) -> str:
    if change.kind == "override" and change.class_ == "pending":
        derived = isinstance(change.want, OverrideWrite) and change.want.derived
        what = "a holiday, leave or a fallback's override" if derived else "an override"
        return f"{what} is {'made' if change.action == 'create' else 'taken back'}"
    return WHY[change.class_]


def _edge(rows: Sequence[ShiftEffect], effects: Effects) -> Instant:
    """Where the view ends; a stint that reaches it may go on behind it."""
    last = max(parse_instant(row.end) for row in rows)
    return last if last >= parse_instant(effects.since) + OUTLOOK else last + 1


def _who(names: str | None) -> list[str]:
    return names.split(" + ") if names else []


def _stretches(rows: Sequence[ShiftEffect], person: str, *, was: bool) -> list[Stretch]:
    stints: list[tuple[Span, dict[str, None]]] = []
    for row in rows:
        mine, theirs = (row.before, row.after) if was else (row.after, row.before)
        if person not in _who(mine):
            continue
        start, end = parse_instant(row.start), parse_instant(row.end)
        others = dict.fromkeys(other for other in _who(theirs) if other != person)
        if stints and stints[-1][0][1] == start:
            stints[-1] = ((stints[-1][0][0], end), stints[-1][1] | others)
        else:
            stints.append(((start, end), others))
    return list(_joined(stints))


def _joined(stints: Iterable[tuple[Span, Mapping[str, None]]]) -> Iterator[Stretch]:
    pieces: list[Span] = []
    others: dict[str, None] = {}
    for span, of_span in stints:
        if pieces and span[0] - pieces[-1][1] >= DAY:
            yield Stretch(tuple(pieces), tuple(others))
            pieces, others = [], {}
        pieces.append(span)
        others |= of_span
    if pieces:
        yield Stretch(tuple(pieces), tuple(others))


def _paired(
    before: Sequence[Stretch], after: Sequence[Stretch], edge: Instant
) -> Iterator[tuple[Stretch | None, Stretch | None]]:
    """What reaches the edge of the view and has no partner may have one behind it."""
    same = {one.pieces for one in before} & {one.pieces for one in after}
    old = [one for one in before if one.pieces not in same]
    new = [one for one in after if one.pieces not in same]
    for one in list(old):
        there = next((n for n in new if n.start < one.end and one.start < n.end), None)
        if there is not None:
            old.remove(one)
            new.remove(there)
            yield one, there
    both = min(len(old), len(new))
    yield from zip(old[:both], new[:both], strict=True)
    yield from ((one, None) for one in old[both:] if one.end < edge)
    yield from ((None, one) for one in new[both:] if one.end < edge)
