"""Events of a shift-based schedule in the words of the format: several forms, the plainest first.

What runs already is counted from a handoff in the past at which the account's first member takes over.  What is
still to begin has its own `from`, and the list begins with who has the turn then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from watchbill.account.cycles import (
    Recurring,
    common_cycle,
    duty_in,
    recurring_of,
)
from watchbill.account.objects import Restriction, ShiftEvent
from watchbill.account.recurrences import shortest_cycle
from watchbill.account.weeks import WHOLE_WEEK, Stretch
from watchbill.adopt import words
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.shift_cycle import Counting, countings, hours_in, side_by_side
from watchbill.adopt.turns import Data, count, with_time
from watchbill.model.base import NOBODY
from watchbill.model.text import DAY_NAMES
from watchbill.private_text import masked
from watchbill.rota.clock import DAY, HOUR, Instant, Zone, weekday
from watchbill.rota.spans import Span
from watchbill.rota.turns import FOREVER, LONG_AGO

NO_BEAT = "its turns follow no beat of hours, days, weeks or shifts that the format knows"
_TRIES = 60
"""Cycles to go back in search of a handoff that the clock shows once."""


@dataclass(frozen=True, slots=True)
class Stint:
    """Events that are in force together, from `start` to `end`."""

    events: tuple[ShiftEvent, ...]
    start: Instant
    end: Instant
    where: Zone
    now: Instant
    people: Mapping[str, str]
    """User id -> handle."""
    parts: tuple[Recurring, ...] = field(init=False)
    cycle: int = field(init=False)
    duty: dict[str, list[Span]] = field(init=False)
    hours: tuple[Stretch, ...] = field(init=False)

    def __post_init__(self) -> None:
        parts = tuple(part for e in self.events if (part := recurring_of(e)) is not None)
        cycle = common_cycle(parts)
        if cycle is None:
            raise CannotSay("its turns repeat only after very many years")
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "cycle", cycle)
        object.__setattr__(self, "duty", duty_in(parts, cycle))
        object.__setattr__(self, "hours", hours_in(self.duty, cycle))

    @property
    def together(self) -> bool:
        return all(part.each is None or len(part.members) == 1 for part in self.parts)

    def crowd(self) -> list[str]:
        """Everybody at once.  Raises CannotSay where some serve at other times than others."""
        if len({tuple(spans) for spans in self.duty.values()}) > 1:
            raise CannotSay("some of its people are on call together, at other times than others")
        return [self._called(who) for who in dict.fromkeys(m for part in self.parts for m in part.members)]

    def forms(self) -> Iterator[Data]:
        """turn, handoff, from and crew, however they can be said.  Raises CannotSay."""
        beside = side_by_side(self.duty)
        if beside is not None:
            left, right = (self._called(who) for who in beside)
            raise CannotSay(
                f"{left} and {right} are on call at the same time, by turns that go on side by side; "
                "two schedules on one level of the escalation policy say the same"
            )
        why = CannotSay(NO_BEAT)
        said = False
        for counting in countings(self.duty, self.cycle, self.hours):
            try:
                form = self._form(counting)
            except CannotSay as cannot:
                why = cannot
            else:
                said = True
                yield form
        if not said:
            raise why

    def hours_data(self) -> Data:
        if self.hours == WHOLE_WEEK:
            return {}
        said = words.hours(
            Restriction(weekday=start // DAY, start=start % DAY, duration=length)
            for start, length in self.hours
        )
        return {"hours": said[0] if len(said) == 1 else said}

    def _form(self, counting: Counting) -> Data:
        order = counting.folded.members
        if set(order) == {""}:
            names = ", ".join(repr(masked(e.name)) for e in self.events)
            raise CannotSay(f"every shift of {names} is vacant; without that, nobody is on call then either")
        if len(set(order)) == 1:
            begin: Data = {} if self.start == LONG_AGO else {"from": with_time(self.start, self.where)}
            return {**begin, "crew": [self._called(order[0])]}
        if self.start == LONG_AGO:
            return self._running(counting)
        return self._to_come(counting)

    def _running(self, counting: Counting) -> Data:
        found = counting.folded
        lead = self.parts[0].members[0]
        near = min(self._clock(self.now), self.parts[0].first)
        block = counting.last_up_to(near)
        cycle = found.each * len(found.members)
        block -= (block - found.offset) % found.each
        while counting.holder(block) != lead:
            block -= found.each
        for _ in range(_TRIES):
            if self._shown(counting.at(block)):
                break
            block -= cycle
        place = (block - found.offset) // found.each % len(found.members)
        return self._said(counting, block, [*found.members[place:], *found.members[:place]], found.each)

    def _to_come(self, counting: Counting) -> Data:
        """With turns of its own from `start` on; a turn that is under way then is cut."""
        at, found = self._clock(self.start), counting.folded
        block = counting.last_up_to(at)
        if counting.unit == "hour" and counting.at(block) != at:
            raise CannotSay("it is to begin in the middle of a turn of hours")
        into = (block - found.offset) % (found.each * len(found.members))
        place, rest = divmod(into, found.each)
        order, each = [*found.members[place:], *found.members[:place]], found.each
        if rest:
            order, each = [counting.holder(block + i) for i in range(len(counting.holders))], 1
        return self._said(counting, block, list(shortest_cycle(order)), each)

    def _said(self, counting: Counting, block: int, order: Sequence[str], each: int) -> Data:
        at = counting.at(block)
        day, second = divmod(at, DAY)
        begin = self.where.instant(day, second) if self.start == LONG_AGO else self.start
        plain = self.where.instant(day, second) == begin
        crew = [self._called(who) for who in order]
        if counting.unit == "hour":
            many = {} if each == 1 else {"turns_each": each}
            turn = count(counting.size // HOUR, "hour")
            return {"turn": turn, **many, "from": with_time(begin, self.where), "crew": crew}
        if counting.unit == "shift":
            return {"turn": count(each, "shift"), "from": with_time(begin, self.where), "crew": crew}
        handoff = f"{DAY_NAMES[weekday(day)]} " if counting.unit == "week" else "daily "
        return {
            "turn": count(each, counting.unit),
            "handoff": handoff + words.clock(second),
            "from": words.day_text(day) if plain else with_time(begin, self.where),
            "crew": crew,
        }

    def until(self) -> Data:
        return {} if self.end == FOREVER else {"until": words.moment(self.end, self.where)}

    def begin(self) -> Data:
        return {} if self.start == LONG_AGO else {"from": with_time(self.start, self.where)}

    def _called(self, user: str) -> str:
        return self.people[user] if user else NOBODY

    def _clock(self, at: Instant) -> int:
        day, second = self.where.local(at)
        return day * DAY + second

    def _shown(self, at: int) -> bool:
        return self.where.local(self.where.instant(*divmod(at, DAY))) == divmod(at, DAY)
