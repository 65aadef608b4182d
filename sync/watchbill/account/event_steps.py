"""The single writes that change a shift-based schedule, as data, and what each leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from watchbill.account.events import for_rendering
from watchbill.account.objects import CustomShiftSlot, ShiftEvent, ShiftRotation
from watchbill.rota.clock import Instant
from watchbill.rota.shifts import ShiftSchedule as Rendered
from watchbill.rota.shifts import render_shifts
from watchbill.rota.spans import Span, union


@dataclass(frozen=True, slots=True)
class Bridge:
    """Custom shifts that keep people on call while one event ends and the next is not there yet."""

    shifts: tuple[CustomShiftSlot, ...]


@dataclass(frozen=True, slots=True)
class End:
    """Only `effective_until`: all that may change of a running event."""

    rotation: str
    event: ShiftEvent
    until: Instant | None


@dataclass(frozen=True, slots=True)
class Edit:
    """A future event, in place."""

    rotation: str
    event: ShiftEvent
    into: ShiftEvent


@dataclass(frozen=True, slots=True)
class Delete:
    """A future event."""

    rotation: str
    event: ShiftEvent


@dataclass(frozen=True, slots=True)
class Create:
    """In the rotation of that name (see `names`); one that does not exist yet is made before."""

    rotation: str
    event: ShiftEvent


@dataclass(frozen=True, slots=True)
class RemoveBridge:
    shifts: tuple[CustomShiftSlot, ...]


@dataclass(frozen=True, slots=True)
class Shorten:
    """A custom shift that has to stay a little: the event that follows it begins later than it did."""

    shift: CustomShiftSlot
    end: Instant


Step = Bridge | End | Edit | Delete | Create | RemoveBridge | Shorten


@dataclass(frozen=True, slots=True)
class State:
    """`rotations`: name -> living events."""

    rotations: dict[str, tuple[ShiftEvent, ...]]
    custom_shifts: tuple[CustomShiftSlot, ...] = ()

    def people_at(self, marks: Sequence[Instant]) -> list[frozenset[str]]:
        """Ascending marks."""
        entries = render_shifts(self._schedule, marks[0], marks[-1] + 1) if marks else []
        return [frozenset(e.user for e in entries if e.user and e.start <= at < e.end) for at in marks]

    def boundaries(self, since: Instant, until: Instant) -> set[Instant]:
        """`since`, and wherever anything changes up to `until`."""
        entries = render_shifts(self._schedule, since, until) if since < until else []
        return {since, *(t for e in entries for t in (e.start, e.end) if since <= t < until)}

    def manned(self, since: Instant, until: Instant) -> list[Span]:
        entries = render_shifts(self._schedule, since, until) if since < until else []
        return union((e.start, e.end) for e in entries if e.user)

    @property
    def _schedule(self) -> Rendered:
        made = [ShiftRotation(key=name, events=events) for name, events in self.rotations.items()]
        return for_rendering(made, self.custom_shifts)


def names(rotations: Iterable[ShiftRotation]) -> dict[str, ShiftRotation]:
    """A rotation goes by its id, one still to be made by its key."""
    return {r.id or r.key: r for r in rotations}


def after(state: State, step: Step) -> State:
    """What the account holds once the step is written."""
    if isinstance(step, Bridge):
        return replace(state, custom_shifts=(*state.custom_shifts, *step.shifts))
    if isinstance(step, RemoveBridge):
        gone = {s.match for s in step.shifts}
        return replace(state, custom_shifts=tuple(s for s in state.custom_shifts if s.match not in gone))
    if isinstance(step, Shorten):
        shorter = step.shift.model_copy(update={"end": step.end})
        rest = tuple(s for s in state.custom_shifts if s.match != step.shift.match)
        return replace(state, custom_shifts=(*rest, shorter))
    events = state.rotations.get(step.rotation, ())
    if isinstance(step, Create):
        events = (*events, step.event)
    else:
        place = events.index(step.event)
        new: tuple[ShiftEvent, ...] = ()
        if isinstance(step, End):
            new = (step.event.model_copy(update={"until": step.until}),)
        elif isinstance(step, Edit):
            new = (step.into.model_copy(update={"id": step.event.id}),)
        events = (*events[:place], *new, *events[place + 1 :])
    return replace(state, rotations={**state.rotations, step.rotation: events})


def unmanned(
    state: State, before: State, wanted: State, now: Instant, turning: Instant, until: Instant
) -> list[Instant]:
    """Boundaries in [now, until) with nobody on call where somebody was, and (from `turning` on) is to be."""
    marks = {t for t in (turning,) if now <= t < until}
    for each in (state, before, wanted):
        marks |= each.boundaries(now, until)
    moments = sorted(marks)
    has, had, will = (each.people_at(moments) for each in (state, before, wanted))
    return [at for i, at in enumerate(moments) if not has[i] and had[i] and (at < turning or will[i])]
