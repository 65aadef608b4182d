"""Who is on call in PagerDuty, laid over who is on duty by the files; and where the two differ.

A rotation without an answer from PagerDuty stays as the files have it.  An answer of no entries is an answer:
nobody is on call there.  `otherwise` of another rotation is never followed here, because PagerDuty does not do
so either: each schedule answers for itself (rulings 5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

from watchbill.ladder.resolve import resolve
from watchbill.model.policy import Policy
from watchbill.rota.clock import Instant
from watchbill.rota.duty import LiveDuty, Roster
from watchbill.rota.pieces import Because

Cause = Literal["override", "schedule", "unread"]
"""An override of that schedule in PagerDuty; the schedule itself; not read, because the account was too slow."""
VACANT = ""


class Stint(NamedTuple):
    """`person`: a handle, or PagerDuty's own name for somebody whom the policy does not have."""

    person: str
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Reading:
    """What PagerDuty answered for [since, until)."""

    since: Instant
    until: Instant
    on_call: Mapping[str, tuple[Stint, ...]]
    """Rotation -> entries that touch the window.  No key: PagerDuty's answer does not cover that rotation."""
    overrides: Mapping[str, tuple[Stint, ...]] = field(default_factory=dict)
    """Rotation -> its overrides in PagerDuty; "" for one that leaves the place vacant.  No key: not read."""


@dataclass(frozen=True, slots=True)
class Difference:
    rotation: str
    on_call: tuple[str, ...]
    """Sorted; empty: nobody is on call in PagerDuty."""
    by_files: tuple[str, ...]
    """Sorted; empty: nobody is on duty by the files."""
    start: Instant
    end: Instant
    cause: Cause

    @property
    def added(self) -> tuple[str, ...]:
        """On call in PagerDuty only."""
        return tuple(person for person in self.on_call if person not in self.by_files)

    @property
    def missing(self) -> tuple[str, ...]:
        """On duty by the files only."""
        return tuple(person for person in self.by_files if person not in self.on_call)


@dataclass(frozen=True, slots=True)
class Live:
    roster: Roster
    """PagerDuty's answer laid over the files'."""
    since: Instant
    until: Instant
    differences: tuple[Difference, ...] = ()
    """By rotation, then by time."""
    from_files: tuple[str, ...] = ()
    """Rotations with a schedule of their own that PagerDuty's answer does not cover."""

    def difference(self, rotation: str | None, at: Instant) -> Difference | None:
        """The one in effect."""
        return next((d for d in self.differences if d.rotation == rotation and d.start <= at < d.end), None)


def paged_rotations(policy: Policy, names: Iterable[str]) -> list[str]:
    """The rotations whose schedules are paged for these names."""
    found = (resolve(policy, name) for name in names)
    return list(dict.fromkeys(paged.rotation for paged in found if paged is not None and paged.rotation))


def lay_over(
    roster: Roster,
    reading: Reading,
    asked: Collection[str] | None = None,
    *,
    overrides_only: bool = False,
) -> Live:
    """`roster`: of the files.  `asked`: the rotations that PagerDuty was asked about; default: all.

    `overrides_only`: for files that are not applied yet; other differences are named and not laid over.
    """
    found = [
        difference
        for rotation in roster.policy.rotations
        if rotation in reading.on_call
        for difference in _differences(roster, reading, rotation)
        if difference.start < reading.until and difference.end > reading.since
    ]
    live: dict[str, list[LiveDuty]] = {}
    for each in found:
        if overrides_only and each.cause != "override":
            continue
        because: Because = "override" if each.cause == "override" else "pagerduty"
        live.setdefault(each.rotation, []).append(LiveDuty(each.on_call, each.start, each.end, because))
    with_schedule = [r for r in asked or roster.policy.rotations if roster.policy.rotations[r].has_schedule]
    return Live(
        Roster(roster.policy, live) if live else roster,
        reading.since,
        reading.until,
        tuple(found),
        tuple(rotation for rotation in with_schedule if rotation not in reading.on_call),
    )


def _differences(roster: Roster, reading: Reading, rotation: str) -> Iterator[Difference]:
    entries = reading.on_call[rotation]
    since, until = _whole(entries, reading.since, reading.until)
    shifts = roster.shifts(rotation, since, until)
    files = [Stint(s.person, s.start, s.end) for s in shifts if s.person is not None]
    overrides = reading.overrides.get(rotation)
    last: Difference | None = None
    for start, end in pairwise(_bounds(since, until, [*entries, *files, *(overrides or ())])):
        on_call, by_files = _present(entries, start), _present(files, start)
        if on_call == by_files:
            continue
        cause = _cause(start, set(on_call) - set(by_files), overrides)
        if last is not None and last.end == start and _same(last, on_call, by_files, cause):
            last = Difference(rotation, on_call, by_files, last.start, end, cause)
            continue
        if last is not None:
            yield last
        last = Difference(rotation, on_call, by_files, start, end, cause)
    if last is not None:
        yield last


def _whole(entries: Iterable[Stint], since: Instant, until: Instant) -> tuple[Instant, Instant]:
    """The window, with the whole of the shifts that it cuts.

    Of several people at a bound the nearest other bound counts: beyond it, somebody else was not asked for.
    """
    before = max((e.start for e in entries if e.start < since < e.end), default=since)
    return before, min((e.end for e in entries if e.start < until < e.end), default=until)


def _bounds(since: Instant, until: Instant, stints: Iterable[Stint]) -> list[Instant]:
    inside = {at for stint in stints for at in (stint.start, stint.end) if since < at < until}
    return sorted({since, until, *inside})


def _present(stints: Iterable[Stint], at: Instant) -> tuple[str, ...]:
    return tuple(sorted({stint.person for stint in stints if stint.start <= at < stint.end}))


def _cause(at: Instant, added: set[str], overrides: Iterable[Stint] | None) -> Cause:
    if overrides is None:
        return "unread"
    return "override" if (added or {VACANT}).intersection(_present(overrides, at)) else "schedule"


def _same(last: Difference, on_call: tuple[str, ...], by_files: tuple[str, ...], cause: Cause) -> bool:
    return (last.on_call, last.by_files, last.cause) == (on_call, by_files, cause)
