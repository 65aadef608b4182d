"""The renderer of policies against a reference that knows the words of the format and looks at one instant
at a time; and what must hold whatever the policy says."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from rota_policies import counted, frame, places, policies
from rota_reference import Data, at_clock, begins, clock_at, on_duty, open_at, utc
from watchbill.model.policy import Policy
from watchbill.rota.duty import Roster, Shift

HALF_HOUR, DAY = 1800, 86_400
drawn = settings(max_examples=60, deadline=None)


def person_at(shifts: list[Shift], at: int) -> str | None:
    found = [s.person for s in shifts if s.start <= at < s.end]
    assert len(found) <= 1
    return found[0] if found else None


@given(policies(), st.lists(st.integers(-40, 40 * 48), max_size=20))
@settings(max_examples=150, deadline=None)
def test_every_half_hour_is_as_the_words_say(drawn: tuple[Data, str, int], far: list[int]) -> None:
    data, rotation, change = drawn
    roster = Roster(Policy.model_validate(data))
    since, until = change - 2 * DAY, change + 3 * DAY
    shifts = roster.shifts(rotation, since, until)
    moments = set(range(since, until, HALF_HOUR))
    moments |= {m for s in shifts for m in (s.start - 1, s.start, s.end - 1) if since <= m < until}
    for at in sorted(moments):
        assert person_at(shifts, at) == on_duty(data, rotation, at), at
    for steps in far:
        at = change + steps * HALF_HOUR
        assert person_at(roster.shifts(rotation, at, at + 1), at) == on_duty(data, rotation, at), at


@given(policies(), st.integers(0, 8 * 48), st.integers(0, 8 * 48))
@drawn
def test_two_halves_joined_are_the_whole(drawn: tuple[Data, str, int], a: int, b: int) -> None:
    data, rotation, change = drawn
    roster = Roster(Policy.model_validate(data))
    since = change - 4 * DAY
    middle, until = sorted((since + a * HALF_HOUR + 7, since + b * HALF_HOUR + 11))
    left, right = roster.shifts(rotation, since, middle), roster.shifts(rotation, middle, until)
    if left and right and left[-1].end == right[0].start and left[-1][2:] == right[0][2:]:
        left, right = [*left[:-1], left[-1]._replace(end=right[0].end)], right[1:]
    assert [*left, *right] == roster.shifts(rotation, since, until)


@given(policies())
@drawn
def test_shifts_are_sorted_disjoint_and_joined(drawn: tuple[Data, str, int]) -> None:
    data, rotation, change = drawn
    since, until = change - 20 * DAY, change + 20 * DAY
    shifts = Roster(Policy.model_validate(data)).shifts(rotation, since, until)
    assert all(since <= s.start < s.end <= until for s in shifts)
    for before, after in pairwise(shifts):
        assert before.end <= after.start
        assert before.end < after.start or before[2:] != after[2:]


@given(policies(), st.integers(-3 * 48, 3 * 48))
@drawn
def test_around_and_after_agree_with_the_shifts(drawn: tuple[Data, str, int], steps: int) -> None:
    data, rotation, change = drawn
    roster = Roster(Policy.model_validate(data))
    at = change + steps * HALF_HOUR
    around, after = roster.around(rotation, at), roster.after(rotation, at)
    year = roster.shifts(rotation, at - 366 * DAY, at + 366 * DAY)
    assert [s[2:] for s in around] == [s[2:] for s in year if s.start <= at < s.end]
    for shift in around:
        if at - 366 * DAY < shift.start and shift.end < at + 366 * DAY:
            assert shift in year
    now = {s.person for s in around}
    following = [s for s in year if s.start > at and s.person is not None and s.person not in now]
    if following and following[0].end < at + 366 * DAY:
        assert after == following[0]
    elif after is not None:
        assert after.end >= at + 366 * DAY


@given(places, st.data())
@drawn
def test_entries_cover_exactly_the_windows(place: tuple[str, str], data: st.DataObject) -> None:
    zone, around = place
    spec = data.draw(counted(around, vacant=False))
    policy = frame(zone, {"r": spec, "full": {**spec, "otherwise": "dan"}})
    roster = Roster(Policy.model_validate(policy))
    begin = int(begins(spec, zone))
    since, until = utc(around) - 2 * DAY, utc(around) + 3 * DAY
    shifts = roster.shifts("r", since, until)
    full = roster.shifts("full", since, until)
    for at in range(since, until, HALF_HOUR):
        inside = at >= begin and open_at(policy, spec.get("hours"), zone, at)
        assert (person_at(shifts, at) is not None) == inside
        assert (person_at(full, at) is not None) == (at >= begin)


@given(places, st.data(), st.integers(1, 12))
@drawn
def test_adding_a_person_at_a_handoff_moves_nobody_before(
    place: tuple[str, str], data: st.DataObject, turns: int
) -> None:
    """The crew from the change on, counted from who is next: the others keep their next turns too."""
    zone, around = place
    spec = data.draw(
        counted(around, vacant=False).filter(lambda c: "week" in c["turn"] or "day" in c["turn"])
    )
    spec |= {"turn": "1 week", "handoff": "mon 02:30", "turns_each": 1}
    spec.setdefault("first", spec["crew"][0])
    base = {k: v for k, v in spec.items() if k not in ("crew", "first", "from")}
    crew = spec["crew"]
    plain = Roster(Policy.model_validate(frame(zone, {"r": {**spec, "hours": "always"}})))
    begin = int(begins(spec, zone))
    handoff = _nth_monday(zone, begin, turns)
    place_of = (crew.index(spec["first"]) + turns) % len(crew)
    order = [*crew[place_of:], *crew[:place_of], "newcomer"]
    grown = {
        **base,
        "crews": [
            {"from": spec["from"], "order": crew, "first": spec["first"]},
            {"from": handoff, "order": order},
        ],
    }
    both = frame(zone, {"before": spec, "after": grown})
    both["people"]["newcomer"] = {"name": "New", "email": "n@x.example"}
    roster = Roster(Policy.model_validate(both))
    change = at_clock(datetime.fromisoformat(handoff), zone)
    old, new = (roster.shifts(name, begin - DAY, change) for name in ("before", "after"))
    assert [s[:3] for s in old] == [s[:3] for s in new]
    week = [roster.shifts(name, change, change + 90 * DAY) for name in ("before", "after")]
    n = len(crew)
    later = at_clock(datetime.fromisoformat(_nth_monday(zone, begin, turns + n)), zone)
    assert _stints(week[0], later) == _stints(week[1], later)
    assert plain.shifts("r", change, change + 1)[0].person == order[0]


def _stints(shifts: list[Shift], until: int) -> list[tuple[int, int, str | None]]:
    return [(s.start, min(s.end, until), s.person) for s in shifts if s.start < until]


def _nth_monday(zone: str, begin: int, n: int) -> str:
    """The n-th Monday 02:30 after `begin`."""
    at = clock_at(begin, zone).replace(hour=2, minute=30)
    while at.weekday() or at_clock(at, zone) <= begin:
        at += timedelta(days=1)
    return f"{at + timedelta(weeks=n - 1):%Y-%m-%d %H:%M}"
