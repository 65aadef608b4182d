"""From who-has-which-window to recurring events: one RRULE each, members in order, so many shifts each.

The web editor's rule is kept wherever the events suffice: a weekly event gives each member whole weeks of its
days.  So days whose people change at the same time are one event, and the others each have their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import gcd

from watchbill.account.parts import CannotExpress
from watchbill.rota.clock import DAY, HOUR, WEEK, Zone

MOST_MEMBERS = 20
MOST_EVENTS = 50
"""Of a schedule: ten rotations of five."""
BYDAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_STEADY_TRIES = 60


@dataclass(frozen=True, slots=True)
class Slot:
    """A window of each week: second of the week from Monday 00:00, seconds, and its people week by week."""

    at: int
    length: int
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """A sequence as members with so many places each; the first member's places begin at `offset`."""

    each: int
    offset: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """`first` and `length` are clock seconds, `first` counted from 1970-01-01 00:00 on that clock."""

    rule: str
    first: int
    length: int
    members: tuple[str, ...]
    per_member: int | None

    @property
    def fits_web_editor(self) -> bool:
        days = self.rule.partition("BYDAY=")[2].partition(";")[0]
        return not days or self.per_member is None or self.per_member % len(days.split(",")) == 0


def fold(sequence: Sequence[str]) -> Fold:
    """The longest run that is everybody's, of a sequence that repeats for ever."""
    cycle = shortest_cycle(sequence)
    if len(cycle) == 1:
        return Fold(1, 0, cycle)
    offset = next(i for i in range(len(cycle)) if cycle[i] != cycle[i - 1])
    starts = [i for i in range(len(cycle)) if cycle[i] != cycle[i - 1]]
    each = 0
    for left, right in zip(starts, [*starts[1:], starts[0] + len(cycle)], strict=True):
        each = gcd(each, right - left)
    members = [cycle[(offset + i) % len(cycle)] for i in range(0, len(cycle), each)]
    return Fold(each, offset, shortest_cycle(members))


def shortest_cycle(sequence: Sequence[str]) -> tuple[str, ...]:
    count = len(sequence)
    for length in range(1, count):
        if count % length == 0 and all(sequence[i] == sequence[i - length] for i in range(length, count)):
            return tuple(sequence[:length])
    return tuple(sequence)


@dataclass(frozen=True, slots=True)
class Beat:
    """Blocks of `unit` clock seconds from `base` on, in each the same windows; `holder(block, place)`."""

    frequency: str
    unit: int
    base: int
    places: tuple[int, ...]
    """Clock seconds from the start of the block."""
    length: int
    holders: Callable[[int, int], str]
    blocks: int
    """After so many the people repeat."""
    week_start: int = 0

    def drafts(self, latest: int, where: Zone) -> list[Draft] | None:
        """As few events as have no more members than allowed; None = too many events."""
        for step in range(1, MOST_EVENTS + 1):
            folds: list[Fold] = []
            for first in range(step):
                found = fold(self._sequence(first, step))
                if len(found.members) > MOST_MEMBERS:
                    break
                folds.append(found)
            if len(folds) == step:
                return [self._draft(f, first, step, latest, where) for first, f in enumerate(folds)]
        return None

    def _sequence(self, first: int, step: int) -> list[str]:
        rounds = self.blocks // gcd(self.blocks, step)
        return [self.holders(first + step * i, p) for i in range(rounds) for p in range(len(self.places))]

    def _draft(self, found: Fold, first: int, step: int, latest: int, where: Zone) -> Draft:
        """Anchored at a handoff, the last up to `latest` whose shift no clock change has bent."""
        count = len(self.places)
        each = count if len(found.members) == 1 and self.frequency == "WEEKLY" else found.each
        block = (latest - self.base) // self.unit
        runs = (block // step + 2) * count // each + 1
        at = 0
        for back in range(runs, runs - _STEADY_TRIES - 3 * (count + 1), -1):
            rounds, place = divmod(found.offset + back * each, count)
            at = self.base + (first + step * rounds) * self.unit + self.places[place]
            if at <= latest and _steady(at, self.length, where):
                turned = back % len(found.members)
                members = (*found.members[turned:], *found.members[:turned])
                return Draft(self._rule(step), at, self.length, members, each)
        raise CannotExpress("every handoff that it could be counted from falls into a clock change")

    def _rule(self, step: int) -> str:
        interval = step * self.unit // HOUR if self.frequency == "HOURLY" else step
        rule = f"FREQ={self.frequency}" + (f";INTERVAL={interval}" if interval > 1 else "")
        if self.frequency == "WEEKLY":
            days = sorted((self.base + place) // DAY for place in self.places)
            names = sorted((day + 3) % 7 for day in days)  # 1970-01-01 was a Thursday
            rule += f";BYDAY={','.join(BYDAY[d] for d in names)}"
            rule += f";WKST={BYDAY[self.week_start]}" if interval > 1 and self.week_start else ""
        return rule


def _steady(at: int, length: int, where: Zone) -> bool:
    """The clock shows both ends as they are written."""
    return all(where.local(where.instant(*divmod(s, DAY))) == divmod(s, DAY) for s in (at, at + length))


def drafts_of(slots: Sequence[Slot], monday: int, latest: int, where: Zone, *, free: bool) -> list[Draft]:
    """`monday`: day number from which holders are counted; `latest`: clock seconds by which each event begins.

    `free`: days of one event need not suit the web editor where that saves events.  Raises CannotExpress.
    """
    groups: dict[tuple[int, int], dict[int, tuple[str, ...]]] = {}
    for slot in slots:
        groups.setdefault((slot.at % DAY, slot.length), {})[slot.at // DAY] = slot.holders
    found: list[Draft] = []
    for (second, length), days in sorted(groups.items(), key=lambda item: (min(item[1]), item[0])):
        best: list[Draft] | None = None
        for beats in _ways(days, monday * DAY, second, length, free=free):
            made = [beat.drafts(latest, where) for beat in beats]
            if all(m is not None for m in made):
                flat = [draft for m in made for draft in m or ()]
                best = flat if best is None or len(flat) < len(best) else best
        if best is None:
            people = len({p for holders in days.values() for p in holders})
            raise CannotExpress(
                f"a crew of {people} takes turns that no {MOST_EVENTS} events of {MOST_MEMBERS} members can hold",
                f"{_sizes_near(people)}, or a layer-based schedule (kind: layers)",
            )
        found += best
    return found


def _sizes_near(people: int) -> str:
    def fits(size: int) -> bool:
        return any(size % k == 0 and size // k <= MOST_MEMBERS for k in range(1, MOST_EVENTS + 1))

    below = next(n for n in range(people - 1, 0, -1) if fits(n))
    above = next(n for n in range(people + 1, 3 * people + 2) if fits(n))
    return f"a crew of {below} or {above}"


def _ways(
    days: dict[int, tuple[str, ...]], base: int, second: int, length: int, *, free: bool
) -> Iterator[list[Beat]]:
    weeks = len(next(iter(days.values())))
    if len(days) == 7 and length <= DAY:
        holders = days
        yield [
            Beat(
                "DAILY", DAY, base, (second,), length, lambda n, _: holders[n % 7][n // 7 % weeks], 7 * weeks
            )
        ]
    yield [_weekly(group, base, second, length, start) for start, group in _in_step(days)]
    if free:
        yield [_weekly(days, base, second, length, 0)]


def _weekly(days: dict[int, tuple[str, ...]], base: int, second: int, length: int, week_start: int) -> Beat:
    """Weeks that begin on `week_start`; days before it belong to the week that began before."""
    order = sorted(days, key=lambda day: (day - week_start) % 7)
    weeks = len(next(iter(days.values())))

    def holder(block: int, place: int) -> str:
        day = order[place]
        return days[day][(block + (day < week_start)) % weeks]

    places = tuple((day - week_start) % 7 * DAY + second for day in order)
    begin = base + week_start * DAY
    return Beat("WEEKLY", WEEK, begin, places, length, holder, weeks, week_start)


def _in_step(days: dict[int, tuple[str, ...]]) -> list[tuple[int, dict[int, tuple[str, ...]]]]:
    """Days that change hands together, in as few groups as some first day of the week allows."""
    best: list[tuple[int, dict[int, tuple[str, ...]]]] = []
    for start in sorted(days):
        groups: dict[tuple[str, ...], dict[int, tuple[str, ...]]] = {}
        for day, holders in days.items():
            counted = holders if day >= start else (*holders[1:], holders[0])
            groups.setdefault(counted, {})[day] = holders
        made = [(start, dict(sorted(group.items()))) for group in groups.values()]
        if not best or len(made) < len(best):
            best = made
    return sorted(best, key=lambda item: min(item[1]))


def elapsed_beat(base: int, seconds: int, blocks: int, holders: Callable[[int, int], str]) -> Beat:
    """Turns of whole hours in a zone whose clock is never set."""
    return Beat("HOURLY", seconds, base, (0,), seconds, holders, blocks)


__all__ = ["MOST_EVENTS", "MOST_MEMBERS", "Beat", "Draft", "Fold", "Slot", "drafts_of", "fold"]
