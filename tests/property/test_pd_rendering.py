"""The renderers against a reference that looks at every minute, and against dateutil.

The reference shares no code with them: it steps through dates with `datetime` and `zoneinfo`.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.rota.clock import zone
from watchbill.rota.entries import Entry, coverage_percent, latest_wins, merge
from watchbill.rota.layers import Layer, render_layer, render_layers
from watchbill.rota.recurrence import recurrence_from_wire
from watchbill.rota.restrictions import Restriction
from watchbill.rota.shifts import CustomShift, Event, Rotation, ShiftOverride, ShiftSchedule, render_shifts

MINUTE, DAY = 60, 86_400
# Near a change of each clock: both hemispheres, half hours, changes at midnight, none at all.
PLACES = {
    "Etc/UTC": date(2026, 3, 29),
    "Europe/Bucharest": date(2026, 3, 29),
    "Europe/London": date(2026, 10, 25),
    "America/Chicago": date(2026, 11, 1),
    "America/St_Johns": date(2026, 3, 8),
    "America/Santiago": date(2026, 9, 6),
    "America/Havana": date(2026, 11, 1),
    "Australia/Lord_Howe": date(2026, 4, 5),
    "Australia/Adelaide": date(2026, 10, 4),
    "Pacific/Chatham": date(2026, 4, 5),
    "Asia/Kolkata": date(2026, 6, 1),
    "Asia/Kathmandu": date(2026, 6, 1),
}
places = st.sampled_from(sorted(PLACES))


def near(place: str, minutes: int) -> int:
    start = datetime.combine(PLACES[place], time(), UTC)
    return int(start.timestamp()) + minutes * MINUTE


minutes_around = st.integers(-4 * 1440, 4 * 1440)
turn_lengths = st.sampled_from([1, 2, 3, 7, 14]).map(lambda days: days * DAY) | st.integers(60, 6000).map(
    lambda minutes: minutes * MINUTE
)
restrictions = st.lists(
    st.builds(
        Restriction,
        day=st.none() | st.integers(0, 6),
        second=st.integers(0, 1439).map(lambda minute: minute * MINUTE),
        duration=(st.integers(1, 1440) | st.integers(1, 7 * 1440)).map(lambda minute: minute * MINUTE),
    ),
    max_size=4,
).map(tuple)


@st.composite
def layers_in(draw: st.DrawFn, place: str) -> Layer:
    start = near(place, draw(st.integers(-20 * 1440, 1440)))
    return Layer(
        start=start,
        end=draw(st.none() | st.integers(0, 40 * 1440).map(lambda m: start + m * MINUTE)),
        anchor=near(place, draw(st.integers(-60 * 1440, 2 * 1440))),
        turn_seconds=draw(turn_lengths),
        users=tuple(draw(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=5))),
        restrictions=draw(restrictions),
    )


@st.composite
def stacks(draw: st.DrawFn) -> tuple[str, list[Layer], list[Entry], int, int]:
    place = draw(places)
    since = near(place, draw(minutes_around))
    overrides = [
        Entry(begin, begin + draw(st.integers(1, 2000)) * MINUTE, draw(st.sampled_from("XYZ")))
        for begin in (near(place, m) for m in draw(st.lists(minutes_around, max_size=4)))
    ]
    stack = draw(st.lists(layers_in(place), min_size=1, max_size=3))
    return place, stack, overrides, since, since + draw(st.integers(1, 4 * 1440)) * MINUTE


# The reference.


def wall(day: date, seconds: int, place: str) -> int:
    naive = datetime.combine(day, time()) + timedelta(seconds=seconds)
    return int(naive.replace(tzinfo=ZoneInfo(place)).timestamp())


def open_minutes(layer: Layer, place: str, since: int, until: int) -> set[int]:
    every = range(since, until, MINUTE)
    if not layer.restrictions:
        return set(every)
    found: set[int] = set()
    first = datetime.fromtimestamp(since, ZoneInfo(place)).date() - timedelta(days=9)
    days = [first + timedelta(days=i) for i in range((until - since) // DAY + 14)]
    for r in layer.restrictions:
        for day in days:
            if r.day in (None, day.weekday()):
                low, high = wall(day, r.second, place), wall(day, r.second + r.duration, place)
                found.update(range(max(low, since), min(high, until), MINUTE))
    return found


def handoffs(layer: Layer, place: str, until: int) -> tuple[int, list[int]]:
    """Number of the first turn, and the begins of the turns from there to past `until`."""
    local = datetime.fromtimestamp(layer.anchor, ZoneInfo(place))
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    first = -(layer.anchor - layer.start) // layer.turn_seconds - 3 if layer.start < layer.anchor else 0
    begins: list[int] = []
    k = first
    while not begins or begins[-1] <= until:
        if layer.turn_seconds % DAY == 0:
            begins.append(wall(local.date() + timedelta(days=k * layer.turn_seconds // DAY), seconds, place))
        else:
            begins.append(layer.anchor + k * layer.turn_seconds)
        k += 1
    return first, begins


def by_minute(place: str, stack: list[Layer], overrides: list[Entry], since: int, until: int) -> list[Entry]:
    holder: dict[int, str | None] = {}
    for layer in reversed(stack):
        first, begins = handoffs(layer, place, until)
        for minute in open_minutes(layer, place, since, until):
            if layer.start <= minute and (layer.end is None or minute < layer.end):
                turn = first + bisect_right(begins, minute) - 1
                holder[minute] = layer.users[turn % len(layer.users)]
    for override in overrides:
        for minute in range(max(override.start, since), min(override.end, until), MINUTE):
            holder[minute] = override.user
    entries: list[Entry] = []
    for minute in sorted(holder):
        if entries and entries[-1].end == minute and entries[-1].user == holder[minute]:
            entries[-1] = Entry(entries[-1].start, minute + MINUTE, holder[minute])
        else:
            entries.append(Entry(minute, minute + MINUTE, holder[minute]))
    return entries


@settings(max_examples=150, deadline=None)
@given(stacks())
def test_layers_are_what_every_minute_says(case: tuple[str, list[Layer], list[Entry], int, int]) -> None:
    place, stack, overrides, since, until = case
    assert render_layers(stack, overrides, place, since, until) == by_minute(
        place, stack, overrides, since, until
    )


@settings(max_examples=100, deadline=None)
@given(stacks(), st.floats(0, 1))
def test_a_window_is_the_sum_of_its_halves(
    case: tuple[str, list[Layer], list[Entry], int, int], share: float
) -> None:
    place, stack, overrides, since, until = case
    middle = since + int((until - since) * share)
    if since < middle < until:
        halves = [
            *render_layers(stack, overrides, place, since, middle),
            *render_layers(stack, overrides, place, middle, until),
        ]
        assert merge(halves) == render_layers(stack, overrides, place, since, until)


@settings(max_examples=100, deadline=None)
@given(stacks())
def test_overflow_only_lengthens_and_does_so_to_the_whole_entry(
    case: tuple[str, list[Layer], list[Entry], int, int],
) -> None:
    place, stack, overrides, since, until = case
    whole = render_layers(stack, overrides, place, since, until, overflow=True)
    cut = [Entry(max(e.start, since), min(e.end, until), e.user) for e in whole]
    assert cut == render_layers(stack, overrides, place, since, until)
    wide = render_layers(stack, overrides, place, since - 100 * DAY, until + 100 * DAY)
    reach = (since - 100 * DAY, until + 100 * DAY)
    assert [e for e in wide if e.start < until and e.end > since] == [
        Entry(max(e.start, reach[0]), min(e.end, reach[1]), e.user) for e in whole
    ]


@settings(max_examples=100, deadline=None)
@given(stacks())
def test_nobody_overlaps_within_a_layer_and_the_list_is_canonical(
    case: tuple[str, list[Layer], list[Entry], int, int],
) -> None:
    place, stack, _, since, until = case
    for layer in stack:
        entries = render_layer(layer, zone(place), since, until)
        assert all(a.end <= b.start for a, b in pairwise(entries))
        assert all(since <= e.start < e.end <= until for e in entries)
        assert entries == merge(entries)
        assert coverage_percent(entries, since, until) == pytest.approx(
            100 * sum(e.end - e.start for e in entries) / (until - since)
        )


small_entries = st.lists(
    st.builds(
        lambda start, length, user, source: Entry(start, start + length, user, source),
        st.integers(0, 60),
        st.integers(0, 30),
        st.sampled_from(["A", "B", None]),
        st.sampled_from(["schedule_rotation", "custom_shift"]),
    ),
    max_size=12,
)


@given(small_entries, st.randoms())
def test_merging_is_canonical_and_keeps_every_second(entries: list[Entry], random: Random) -> None:
    merged = merge(entries)
    shuffled = entries[:]
    random.shuffle(shuffled)
    assert merge(shuffled) == merge(merged) == merged

    def seconds(some: list[Entry]) -> set[tuple[int, str | None, str | None]]:
        return {(second, e.user, e.source) for e in some for second in range(e.start, e.end)}

    assert seconds(merged) == seconds(entries)


@given(small_entries)
def test_the_last_override_wins_at_every_second(entries: list[Entry]) -> None:
    wanted = {second: e.user for e in entries for second in range(e.start, e.end)}
    found = [(second, e.user) for e in latest_wins(entries) for second in range(e.start, e.end)]
    assert len(found) == len(wanted)
    assert dict(found) == wanted


CODES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


@st.composite
def rules(draw: st.DrawFn) -> str:
    """The daily and weekly rules that are computed, and some that dateutil walks."""
    parts = [f"FREQ={draw(st.sampled_from(['DAILY', 'WEEKLY']))}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 9))}")
    if days := draw(st.lists(st.sampled_from(CODES), unique=True, max_size=5)):
        parts.append(f"BYDAY={','.join(days)}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(CODES))}")
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 60))}")
    elif draw(st.booleans()):
        parts.append(f"UNTIL={date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 400))):%Y%m%d}T120000")
    if draw(st.integers(0, 4)) == 0:
        parts.append(f"BYMONTH={draw(st.integers(1, 12))}")
    return ";".join(parts)


@settings(max_examples=200, deadline=None)
@given(
    places,
    rules(),
    st.integers(0, 1439),
    st.integers(1, 3 * 1440),
    st.integers(-30, 400),
    st.integers(1, 90),
)
def test_shifts_are_where_dateutil_puts_them(
    place: str, rule: str, minute: int, length: int, skip: int, days: int
) -> None:
    first = datetime.combine(date(2026, 1, 7), time()) + timedelta(minutes=minute)
    since = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) + skip * DAY
    until = since + days * DAY
    recurrence = recurrence_from_wire(
        [f"RRULE:{rule}"],
        zone(place),
        ((first.date() - date(1970, 1, 1)).days, minute * 60),
        length * 60,
        "recurrence",
    )
    wanted = []
    for place_in_order, moment in enumerate(rrulestr(rule, dtstart=first)):
        if moment.year > 2027:
            break
        start = int(moment.replace(tzinfo=ZoneInfo(place)).timestamp())
        end = int((moment + timedelta(minutes=length)).replace(tzinfo=ZoneInfo(place)).timestamp())
        if start < until and end > since and start < end:
            wanted.append((place_in_order, start, end))
    assert list(recurrence.shifts(since, until)) == wanted


@st.composite
def shift_schedules(draw: st.DrawFn) -> tuple[ShiftSchedule, int, int]:
    place = draw(places)
    users = st.sampled_from(["A", "B", "C", None])

    def event() -> Event:
        minute = draw(st.integers(0, 1439))
        first = ((PLACES[place] - date(1970, 1, 1)).days - draw(st.integers(0, 20)), minute * 60)
        lines = [f"RRULE:{draw(rules())}"]
        if draw(st.booleans()):
            lines.append(
                f"EXDATE;VALUE=DATE:{PLACES[place] + timedelta(days=draw(st.integers(-4, 4))):%Y%m%d}"
            )
        if draw(st.booleans()):
            lines.append(
                f"RDATE;VALUE=DATE:{PLACES[place] + timedelta(days=draw(st.integers(-4, 4))):%Y%m%d}"
            )
        length = draw(st.integers(1, 2000)) * 60
        return Event(
            recurrence_from_wire(lines, zone(place), first, length, "recurrence"),
            tuple(draw(st.lists(users, min_size=1, max_size=4))),
            draw(st.none() | st.integers(1, 3)),
            near(place, draw(minutes_around)) if draw(st.booleans()) else None,
            near(place, draw(minutes_around)) if draw(st.booleans()) else None,
        )

    rotations = [Rotation(f"R{i}", tuple(event() for _ in range(draw(st.integers(1, 2))))) for i in range(2)]
    customs, overrides = [], []
    for i in range(draw(st.integers(0, 2))):
        start = near(place, draw(minutes_around))
        customs.append(CustomShift(f"C{i}", start, start + draw(st.integers(1, 2000)) * 60, draw(users)))
    for i in range(draw(st.integers(0, 4))):
        start = near(place, draw(minutes_around))
        target = draw(st.sampled_from([("R0", None), ("R1", None), (None, "C0")]))
        span = (start, start + draw(st.integers(1, 3000)) * 60)
        overrides.append(ShiftOverride(f"O{i}", *span, draw(users), draw(users), *target))
    since = near(place, draw(minutes_around))
    schedule = ShiftSchedule(tuple(rotations), tuple(customs), tuple(overrides))
    return schedule, since, since + draw(st.integers(2, 4 * 1440)) * 60


@settings(max_examples=100, deadline=None)
@given(shift_schedules(), st.floats(0, 1))
def test_a_window_of_shifts_is_the_sum_of_its_halves(
    case: tuple[ShiftSchedule, int, int], share: float
) -> None:
    schedule, since, until = case
    entries = render_shifts(schedule, since, until)
    assert entries == merge(entries)
    assert all(since <= e.start < e.end <= until for e in entries)
    middle = since + int((until - since) * share)
    if since < middle < until:
        halves = [*render_shifts(schedule, since, middle), *render_shifts(schedule, middle, until)]
        assert merge(halves) == entries


@settings(max_examples=60, deadline=None)
@given(shift_schedules())
def test_shifts_are_what_every_minute_says(case: tuple[ShiftSchedule, int, int]) -> None:
    """Given where the shifts of an event lie (judged by dateutil above): who has each minute of them."""
    schedule, since, until = case
    wanted: set[tuple[int, str | None, str, str | None]] = set()

    def put(
        low: int, high: int, user: str | None, source: str, rotation: str | None, custom: str | None
    ) -> None:
        for minute in range(max(low, since), min(high, until), 60):
            holder, kind = user, source
            for o in schedule.overrides:
                mine = o.rotation_id == rotation and o.custom_shift_id == custom and o.overridden == user
                if mine and o.start <= minute < o.end:
                    holder, kind = o.overriding, f"{source}_override"
            wanted.add((minute, holder, kind, rotation))

    for rotation in schedule.rotations:
        for event in rotation.events:
            for place, start, end in event.recurrence.shifts(since, until):
                low = max(start, event.effective_since or start)
                high = min(end, event.effective_until or end)
                each, members = event.shifts_per_member, event.members
                for user in members if each is None else [members[(place // each) % len(members)]]:
                    put(low, high, user, "schedule_rotation", rotation.id, None)
    for shift in schedule.custom_shifts:
        put(shift.start, shift.end, shift.user, "custom_shift", None, shift.id)
    found = {
        (minute, e.user, e.source, e.rotation_id)
        for e in render_shifts(schedule, since, until)
        for minute in range(e.start, e.end, 60)
    }
    assert found == wanted
