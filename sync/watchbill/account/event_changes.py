"""From the events an account holds to the wanted ones, without an unpaged minute (rulings 4).

A running event can only be ended, and two events of one rotation may not overlap.  So: (1) custom shifts for
the successors' first turn, (2) the running event ends, (3) its successor begins, (4) the custom shifts go.
Killed anywhere, the next run computes the rest: what is done already is not wanted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from watchbill.account.cycles import same_duty
from watchbill.account.event_rooms import Held, Rooms, first_turn, label_of, stood_in
from watchbill.account.event_steps import (
    Bridge,
    Create,
    Delete,
    Edit,
    End,
    RemoveBridge,
    Shorten,
    State,
    Step,
    after,
    names,
)
from watchbill.account.events import event_form, match_events
from watchbill.account.lanes import MOST_ROTATIONS
from watchbill.account.objects import CustomShiftSlot, ShiftEvent, ShiftOverrideSlot, ShiftRotation
from watchbill.account.parts import CannotExpress
from watchbill.rota.clock import MINUTE, Instant
from watchbill.rota.spans import complement, union
from watchbill.rota.turns import FOREVER

AHEAD = 15 * MINUTE
"""A running event ends at the earliest so long from now: the successor must be there by then."""


@dataclass(frozen=True, slots=True)
class ChangePlan:
    steps: tuple[Step, ...]
    turning: Instant
    """Up to here shifts stay as they are, from here on they are the wanted ones."""
    bridged_until: Instant
    """The end of the first turn after `turning`: until then somebody is on call after every step."""
    state: State
    """What there is before the first step."""


def change_plan(
    stored: Sequence[ShiftRotation],
    wanted: Sequence[ShiftRotation],
    now: Instant,
    bridges: Sequence[CustomShiftSlot] = (),
    overrides: Sequence[ShiftOverrideSlot] = (),
    most_new: int | None = None,
) -> ChangePlan:
    """`bridges`: custom shifts that an earlier run left; they are used again and removed at the end.
    `overrides`: those on the account's rotations; whoever stands in does so in the bridge too.
    `most_new`: so many custom shifts are made at most, the earliest ones; `bridged_until` says how far they reach.

    Raises CannotExpress where the change needs more rotations than a schedule holds.
    """
    if same_duty(stored, wanted, now):
        wanted = stored  # cut into other events, which are left as they are
    held = [
        Held(name, event)
        for name, rotation in names(stored).items()
        for event in rotation.events
        if event.until is None or event.until > now
    ]
    state = State(
        {name: tuple(h.event for h in held if h.rotation == name) for name in names(stored)}, tuple(bridges)
    )
    plan = _Planner(held, [_living(rotation, now) for rotation in wanted], now, overrides)
    steps = plan.steps(state, most_new)
    final = reduce(after, steps, state)
    crowded = sum(1 for events in final.rotations.values() if events)
    if crowded > MOST_ROTATIONS:
        raise CannotExpress(
            f"the change takes {crowded} rotations for a while, and a schedule holds {MOST_ROTATIONS}",
            "change a part of it first, and the rest when that has taken effect",
        )
    return ChangePlan(steps, plan.turning, plan.bridged_until, state)


def _living(rotation: ShiftRotation, now: Instant) -> ShiftRotation:
    """A plan that waited may want events that are over by now; PagerDuty would refuse them."""
    events = tuple(e for e in rotation.events if e.until is None or e.until > now)
    return rotation.model_copy(update={"events": events})


class _Planner:
    def __init__(
        self,
        held: list[Held],
        wanted: list[ShiftRotation],
        now: Instant,
        overrides: Sequence[ShiftOverrideSlot],
    ) -> None:
        self.now, self.overrides = now, overrides
        self.soonest = self.no_later = -(-(now + AHEAD) // MINUTE) * MINUTE
        self._pair(held, [e for r in wanted for e in r.events])
        self.homes = self._homes(held, wanted)
        self.turning = self._turning()
        self._decide(held)

    def _runs(self, event: ShiftEvent) -> bool:
        return event.since is None or event.since <= self.now

    def _pair(self, held: list[Held], events: list[ShiftEvent]) -> None:
        """An event that runs with other content, or should not run yet, is no pair: it can only end."""
        found = match_events(events, [h.event for h in held])
        where = {id(h.event): h for h in held}
        self.pairs: list[tuple[ShiftEvent, Held]] = []
        self.missing, self.extra = list(found.missing), [where[id(e)] for e in found.extra]
        for want, event in found.pairs:
            running = self._runs(event)
            if running and (not self._runs(want) or event_form(want) != event_form(event)):
                self.missing.append(want)
                self.extra.append(where[id(event)])
            else:
                self.pairs.append((want, where[id(event)]))

    def _homes(self, held: list[Held], wanted: list[ShiftRotation]) -> dict[int, str]:
        """Event -> the account's rotation that goes on as its wanted one: by its events, else by their names."""
        stays = {id(want): h.rotation for want, h in self.pairs}
        kept = {h.rotation for _, h in self.pairs}
        taken: set[str] = set()
        homes: dict[int, str] = {}
        for lane in wanted:
            labels = {label_of(e) for e in lane.events}
            near = [stays[id(e)] for e in lane.events if id(e) in stays]
            near += [h.rotation for h in self.extra if label_of(h.event) in labels]
            near += [h.rotation for h in held if h.rotation not in kept]
            home = next((name for name in near if name not in taken), lane.id or lane.key)
            taken.add(home)
            homes |= {id(e): home for e in lane.events}
        return homes

    def _turning(self) -> Instant:
        """When what runs gives way; where nothing runs that must, the first of what is new."""
        early = [min(h.event.until or FOREVER, self.soonest) for h in self.extra if self._runs(h.event)]
        early += [
            min(h.event.until or FOREVER, max(want.until, self.soonest))
            for want, h in self.pairs
            if want.until is not None
            and want.until < self.soonest
            and want.until < (h.event.until or FOREVER)
            and self._runs(h.event)
        ]
        if early:
            return max(early)
        begins = [max(self.now, e.since or self.now) for e in self.missing]
        for want, h in self.pairs:
            begins += _difference(want, h.event, self.now)
        begins += [max(self.now, h.event.since or self.now) for h in self.extra]
        self.soonest = self.now
        return min(begins, default=self.now)

    def _begin(self, event: ShiftEvent) -> Instant | None:
        """None: at once."""
        begin = max(event.since or self.now, self.turning if self.soonest > self.now else self.now)
        return begin if begin > self.now else None

    def _comes_too_late(self, event: ShiftEvent) -> bool:
        """It would be over before what runs gives way to it."""
        return event.until is not None and event.until <= (event.since or self.now)

    def _decide(self, held: list[Held]) -> None:
        self.shrunk: list[Step] = []
        self.edited: list[Step] = []
        self.grown: list[Step] = []
        self.bridged: list[tuple[Held, Instant]] = []
        for want, home in self.pairs:
            self._follow(want, home)
        for home in self.extra:
            if self._runs(home.event):
                until = min(home.event.until or FOREVER, self.turning)
                if until != home.event.until:
                    self.shrunk.append(End(*home, until))
        self._replace_future(held)

    def _follow(self, want: ShiftEvent, home: Held) -> None:
        event = home.event
        if self._runs(event):
            until = want.until
            if until is not None and until < self.turning and until < (event.until or FOREVER):
                until = min(event.until or FOREVER, self.turning)
            if until == event.until:
                return
            if (until or FOREVER) < (event.until or FOREVER):
                self.shrunk.append(End(*home, until))
            else:
                self.grown.append(End(*home, until))
                longer = event.model_copy(update={"until": until})
                self.bridged.append((Held(home.rotation, longer), event.until or self.now))
            return
        into = want.model_copy(update={"since": self._begin(want)})
        if self._comes_too_late(into):
            self.shrunk.append(Delete(*home))
        elif (into.since, into.until) != (event.since, event.until) or event_form(into) != event_form(event):
            self.edited.append(Edit(*home, into))
            self.bridged.append((Held(home.rotation, into), into.since or self.now))

    def _replace_future(self, held: list[Held]) -> None:
        """Future events that nobody wants become wanted ones where their rotation is the same kind of part."""
        future = [h for h in self.extra if not self._runs(h.event)]
        rooms = Rooms(held, [*self.shrunk, *self.edited, *self.grown], future, self.now)
        for want in self.missing:
            into = want.model_copy(update={"since": self._begin(want)})
            if self._comes_too_late(into):
                continue
            same = next((h for h in future if label_of(h.event) == label_of(into)), None)
            if same is not None and rooms.has_room(same.rotation, into, instead=True):
                future.remove(same)
                self.edited.append(Edit(*same, into))
                name = same.rotation
            else:
                name = rooms.choose(into, self.homes[id(want)])
                self.grown.append(Create(name, into))
            rooms.add(name, into)
            self.bridged.append((Held(name, into), into.since or self.now))
        self.shrunk += [Delete(*h) for h in future]

    def _next_turns(self) -> Iterator[CustomShiftSlot]:
        """Of what begins before the first turn after the change is over; a later crew needs no bridge."""
        turns = [(home, at, *first_turn(home.event, at)) for home, at in self.bridged]
        first = min(at for _, at, _, _ in turns)
        last = max(end for _, at, _, end in turns if at == first)
        for home, at, slots, _ in turns:
            if at < last:
                on_it = [o for o in self.overrides if o.source.id == home.rotation]
                yield from stood_in(home.event, slots, on_it)

    def steps(self, state: State, most_new: int | None) -> tuple[Step, ...]:
        left = state.custom_shifts
        bridge: tuple[CustomShiftSlot, ...] = ()
        if self.bridged and (self.shrunk or self.edited):
            bridge = _joined(self._next_turns())
        there = {s.match for s in left}
        new = tuple(s for s in bridge if s.match not in there)
        ends = [first_turn(home.event, at)[1] for home, at in self.bridged]
        if most_new is not None and most_new < len(new):
            ends.append(new[most_new].start)
            new = new[:most_new]
        self.bridged_until = min(ends, default=self.turning)
        events = [*self.shrunk, *self.edited, *self.grown]
        final = State(reduce(after, events, state).rotations)
        return (*([Bridge(new)] if new else []), *events, *self._taken_down((*left, *new), final))

    def _taken_down(self, bridge: tuple[CustomShiftSlot, ...], final: State) -> list[Step]:
        """All of it, but not where an earlier run has ended what this one can only follow a little later."""
        gone: list[CustomShiftSlot] = []
        shorter: list[Step] = []
        for slot in bridge:
            start, end = max(slot.start, self.now), min(slot.end, self.no_later)
            alone = complement(final.manned(start, end), start, end) if start < end else []
            if not alone or alone[0][0] > start:
                gone.append(slot)
            elif alone[0][1] < slot.end:
                shorter.append(Shorten(slot, alone[0][1]))
        return [*shorter, RemoveBridge(tuple(gone))] if gone else shorter


def _difference(want: ShiftEvent, event: ShiftEvent, now: Instant) -> list[Instant]:
    """Since when the two are not the same."""
    found = []
    if max(want.since or now, now) != max(event.since or now, now):
        found.append(max(now, min(want.since or now, event.since or now)))
    if want.until != event.until:
        found.append(max(now, min(want.until or FOREVER, event.until or FOREVER)))
    return found


def _joined(slots: Iterable[CustomShiftSlot]) -> tuple[CustomShiftSlot, ...]:
    mine: dict[str, list[tuple[Instant, Instant]]] = {}
    for slot in slots:
        mine.setdefault(slot.user, []).append((slot.start, slot.end))
    return tuple(
        sorted(
            (
                CustomShiftSlot(user=user, start=start, end=end)
                for user, spans in mine.items()
                for start, end in union(spans)
            ),
            key=lambda s: (s.start, s.end, s.user),
        )
    )


__all__ = ["AHEAD", "ChangePlan", "change_plan"]
