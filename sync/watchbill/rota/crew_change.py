"""Who comes when after somebody joins, leaves or changes places: a new dated crew that moves nobody's turns before it.

    T   the first handoff strictly after now (or after a given day): when the crew changes
    R   the order from T on if nothing changed: R[0] takes T, R[-1] has the turn before it
    R'  the order from T on

Places count, not names: one person may have several.  Crews that are dated after T follow suit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from watchbill.errors import UsageError
from watchbill.model.base import NOBODY
from watchbill.model.policy import Policy
from watchbill.model.rotations import Counted
from watchbill.rota.build import end_of
from watchbill.rota.clock import Instant
from watchbill.rota.crew_places import Ask, Cycle, Member, added, moved, names, removed, same_turns, written
from watchbill.rota.handoffs import Entry, dated_crews, entries, next_handoff


@dataclass(frozen=True, slots=True)
class CrewEdit:
    """One dated crew as it shall be written."""

    index: int | None
    """Of the written one; None: a new one."""
    order: Cycle
    first: str | None
    """What `first` shall say; None: nothing."""
    dropped: bool = False
    """It says no more than its predecessor does."""


@dataclass(frozen=True, slots=True)
class CrewChange:
    rotation: str
    at: Instant
    """T"""
    from_text: str
    """T, as a `from` says it."""
    before: tuple[str, ...]
    """R"""
    after: tuple[str, ...]
    """R'; the same as R where only later crews change."""
    edits: tuple[CrewEdit, ...]
    place: int
    """A new crew is written behind that many others."""
    like: int
    """The written crew whose own turn, handoff and hours a new one takes along."""
    anchor: str | None = None
    """`from` of the only crew so far, which never needed one."""
    counting: Counted | None = None
    takes_over: str | None = None
    """Who has the rest of the leaver's turn from now on."""
    notes: tuple[str, ...] = ()


def change_crew(policy: Policy, handle: str, ask: Ask, now: Instant) -> CrewChange:
    """Raises UsageError for what cannot be done, with what can."""
    _refuse_form(policy, handle)
    dated = entries(policy, handle, ask.counting)
    if ask.kind == "remove" and dated[-1].grid is None and dated[-1].start <= now:
        removed(ask, handle, tuple(Member(name, i) for i, name in enumerate(dated[-1].order)))
    asked = now if ask.since is None else max(now, ask.since - 1)
    at, text, there = next_handoff(dated, asked)
    if ask.since is not None and ask.since <= now:
        rounded = next_handoff(dated, ask.since - 1)
        if rounded[0] <= now:
            raise UsageError(
                f"the handoff {rounded[1]} is past", remedy=f"the next one is {text}: leave --from out"
            )
    if at >= end_of(policy, handle):
        raise UsageError(
            f"{handle} ends before its next handoff, {text}", remedy="give it a later `until` first"
        )
    held = there or [e for e in dated if e.start < at][-1]
    return _changed(policy, handle, ask, dated, held, at, text, new=there is None)


def _changed(
    policy: Policy,
    handle: str,
    ask: Ask,
    dated: Sequence[Entry],
    held: Entry,
    at: Instant,
    text: str,
    *,
    new: bool,
) -> CrewChange:
    coming: Cycle = tuple(Member(held.order[i], i) for i in held.cycle_at(at))
    later = [e for e in dated if e.start > at]
    wanted = _wanted(ask, handle, coming, later)
    before, after = names(coming), names(wanted)
    running = next((e for e in reversed(dated) if e.start < at), None)
    on_duty = running and running.order[running.cycle_at(at)[-1]]
    leaves_now = ask.kind == "remove" and ask.at_once and on_duty == ask.person
    edits: list[CrewEdit] = []
    states = [e for e in dated if e.start < at]
    if after != before:
        entry = replace(held, start=at, order=after, first=0)
        edits.append(_edit(held, wanted, states, entry, new=new))
        if not edits[-1].dropped:
            states.append(entry)
    elif not new:
        states.append(held)
    for follower in later:
        old: Cycle = tuple(Member(follower.order[i], i) for i in follower.cycle_at(follower.start))
        then = _follow(ask, handle, old, str(follower.at))
        if names(then) == names(old):
            states.append(follower)
            continue
        entry = replace(follower, order=names(then), first=0)
        edits.append(_edit(follower, then, states, entry, new=False))
        if not edits[-1].dropped:
            states.append(entry)
    return CrewChange(
        rotation=handle,
        at=at,
        from_text=text,
        before=before,
        after=after,
        edits=tuple(edit for edit in edits if not (edit.index is None and edit.dropped)),
        place=sum(e.start < at for e in dated),
        like=held.index,
        anchor=_anchor(policy, handle, dated[0]),
        counting=ask.counting if dated_crews(policy.rotations[handle])[held.index].turn is None else None,
        takes_over=next((name for name in after if name != NOBODY), None) if leaves_now else None,
        notes=(*([] if leaves_now else _notes(ask, text)), *_back_to_back(states, at, coming)),
    )


def _edit(held: Entry, wanted: Cycle, states: Sequence[Entry], entry: Entry, *, new: bool) -> CrewEdit:
    """`entry` is what comes of it; what only goes on as the crew before it would is dropped."""
    dropped = bool(states) and _goes_on(states[-1], entry)
    if new:
        return CrewEdit(None, wanted, None, dropped)
    order, first = written(wanted, held.order, held.first)
    return CrewEdit(held.index, order, first, dropped)


def _goes_on(previous: Entry, entry: Entry) -> bool:
    at = entry.start
    if previous.plan != entry.plan:
        return False
    if len({*entry.order, *previous.order}) == 1:
        return True
    grid, own = previous.grid, entry.grid
    if grid is None or own is None or previous.each != entry.each:
        return False
    k, j = grid.index_at(at), own.index_at(at)
    if grid.start(k) != at or (k - grid.index_at(previous.start)) % previous.each:
        return False
    if previous.counted.turn != entry.counted.turn or any(
        grid.start(k + i) != own.start(j + i) for i in range(8)
    ):
        return False
    return same_turns([previous.order[i] for i in previous.cycle_at(at)], entry.order)


def _wanted(ask: Ask, handle: str, coming: Cycle, later: Sequence[Entry]) -> Cycle:
    if ask.kind == "add":
        return added(ask, handle, coming)
    with_them = [str(e.at) for e in later if ask.person in e.order]
    if ask.kind == "move":
        if later and ask.later is None:
            raise UsageError(
                f"{handle} has another crew from {later[0].at} on: shall it change too?",
                remedy="--all changes it as well, --only-next leaves it as it is",
            )
        return moved(ask, handle, coming)
    if ask.position is not None and with_them and ask.later != "only-next":
        raise UsageError(
            f"{ask.person} is in the crew from {with_them[0]} on too, and a position counts in one crew only",
            remedy="leave --position out to remove every place, or leave later crews alone with --only-next",
        )
    if ask.person not in names(coming) and with_them:
        return coming
    return removed(ask, handle, coming)


def _follow(ask: Ask, handle: str, old: Cycle, since: str) -> Cycle:
    """A crew dated later: an add comes at its end, a remove takes every place."""
    there = ask.person in names(old)
    if ask.later == "only-next" or there == (ask.kind == "add"):
        return old
    if ask.kind == "add":
        return (*old, Member(ask.person, None))
    if ask.kind == "move":
        return moved(ask, handle, old) if (ask.after or ask.before) in names(old) else old
    return removed(replace(ask, position=None), f"{handle} from {since} on", old)


def _refuse_form(policy: Policy, handle: str) -> None:
    rotation = policy.rotations[handle]
    if rotation.same_crew is not None:
        of = rotation.same_crew.as_
        raise UsageError(f"{handle} has the crew of {of}", remedy=f"change {of}; {handle} follows it")
    if rotation.covered_by is not None:
        raise UsageError(
            f"{handle} has no crew: {rotation.covered_by} covers it",
            remedy=f"change {rotation.covered_by}, or give {handle} a crew instead of `covered_by`",
        )
    if rotation.listed:
        raise UsageError(
            f"{handle} has no crew: its duty is listed in `shifts`",
            remedy="edit the list, or use `watchbill override add`",
        )
    if rotation.layers is not None:
        raise UsageError(
            f"{handle} has layers, each with a crew of its own", remedy="say which one with --layer NAME"
        )
    if rotation.together:
        raise UsageError(
            f"in {handle} all serve together, so there are no turns to keep",
            remedy="edit its `crew` by hand; the change holds at once",
        )


def _anchor(policy: Policy, handle: str, entry: Entry) -> str | None:
    rotation = policy.rotations[handle]
    if rotation.crew is None or rotation.from_ is not None:
        return None
    found = entry.handoff_after(entry.start - 1) if rotation.turn is not None else None
    return found[1] if found else str(entry.at)


def _notes(ask: Ask, text: str) -> list[str]:
    if not ask.at_once:
        return []
    if ask.kind == "remove":
        return [f"{ask.person} is not on duty now; the crew changes at the next handoff, {text}"]
    return [f"nothing changes now; the crew changes at the next handoff, {text}"]


def _back_to_back(states: Sequence[Entry], at: Instant, coming: Cycle) -> list[str]:
    """Where one person's turns meet that did not meet before."""
    met = {a for a, b in pairwise((*names(coming), coming[0].name)) if a == b}
    found: dict[str, None] = {}
    for previous, entry in pairwise((None, *states)):
        if entry is None or entry.end <= at or entry.start < at or len({*entry.order}) == 1:
            continue
        turns = [entry.order[i] for i in entry.cycle_at(entry.start)]
        last = previous.order[previous.cycle_at(entry.start)[-1]] if previous else NOBODY
        found |= {a: None for a, b in pairwise((last, *turns, turns[0])) if a == b and a not in met}
    return [f"{name} has turns back to back" for name in found if name != NOBODY]
