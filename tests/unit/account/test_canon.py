from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watchbill.account.canon import form_of
from watchbill.account.digest import as_written, digest_of, fingerprint_of, marker_for
from watchbill.account.objects import EscalationPolicy, Layer, Ref, Restriction, Rule, Schedule, Urgency
from watchbill.account.objects import Service as ServiceObject
from watchbill.rota.clock import DAY, HOUR, WEEK, parse_instant, zone

ZONE = "Europe/Bucharest"
NOW = parse_instant("2026-11-23T14:00:00Z")
ANCHOR = zone(ZONE).instant(20_458, 9 * HOUR)  # Mon 2026-01-05 09:00


def layer(**fields: object) -> Layer:
    given_fields = {
        "name": "turns",
        "users": ("PA", "PB", "PC"),
        "turn_seconds": WEEK,
        "virtual_start": ANCHOR,
    }
    return Layer.model_validate({**given_fields, **fields})


def schedule(*layers: Layer, **fields: object) -> Schedule:
    base = {"key": "rotation/x", "name": "x", "time_zone": ZONE, "layers": layers or (layer(),)}
    return Schedule.model_validate({**base, **fields})


def equal(left: Schedule, right: Schedule) -> bool:
    return form_of(left, now=NOW) == form_of(right, now=NOW)


@given(st.integers(-60, 60), st.integers(0, 2))
def test_whole_rotations_away_and_another_persons_turn_are_the_same(turns: int, first: int) -> None:
    """The handoff keeps its wall clock, so the instants differ by an hour across a clock change."""
    users = ("PA", "PB", "PC")
    at = zone(ZONE).instant(20_458 + 7 * (3 * turns + first), 9 * HOUR)
    turned = users[first:] + users[:first]
    assert equal(schedule(layer(virtual_start=at, users=turned)), schedule())
    assert equal(schedule(layer(virtual_start=at)), schedule()) == (first == 0)


def test_one_hour_on_the_wall_clock_is_a_difference() -> None:
    assert not equal(schedule(layer(virtual_start=ANCHOR + HOUR)), schedule())


def test_one_person_has_no_anchor_and_no_turn() -> None:
    one = schedule(layer(users=("PA",)))
    assert equal(one, schedule(layer(users=("PA",), virtual_start=ANCHOR + 5 * HOUR, turn_seconds=DAY)))
    assert equal(one, schedule(layer(users=("PA", "PA"))))


def test_elapsed_turns_count_from_their_instant() -> None:
    odd = {"turn_seconds": 10 * HOUR, "users": ("PA", "PB")}
    assert equal(schedule(layer(**odd)), schedule(layer(**odd, virtual_start=ANCHOR + 20 * HOUR)))
    assert not equal(schedule(layer(**odd)), schedule(layer(**odd, virtual_start=ANCHOR + 10 * HOUR)))


def test_the_past_is_one_value_and_ended_layers_are_gone() -> None:
    ended = layer(name="old", end=NOW - DAY)
    assert equal(schedule(layer(start=NOW - DAY), ended), schedule(layer(start=None)))
    assert not equal(schedule(layer(start=NOW + DAY)), schedule())


def test_spelling_is_no_difference() -> None:
    assert equal(schedule(time_zone="UTC"), schedule(time_zone="Etc/UTC"))
    assert equal(schedule(teams=("P2", "P1")), schedule(teams=("P1", "P2")))
    assert equal(schedule(description=" words\r\n"), schedule(description="words"))
    daily = (Restriction(weekday=None, start=9 * HOUR, duration=8 * HOUR),)
    seven = tuple(Restriction(weekday=day, start=9 * HOUR, duration=8 * HOUR) for day in reversed(range(7)))
    assert equal(schedule(layer(restrictions=daily)), schedule(layer(restrictions=seven)))


def test_order_of_layers_counts_only_where_they_meet() -> None:
    day = layer(name="day", restrictions=(Restriction(weekday=None, start=9 * HOUR, duration=9 * HOUR),))
    night = layer(
        name="night",
        users=("PD",),
        restrictions=(Restriction(weekday=None, start=18 * HOUR, duration=15 * HOUR),),
    )
    assert equal(schedule(day, night), schedule(night, day))
    longer = night.model_copy(
        update={"restrictions": (Restriction(weekday=None, start=17 * HOUR, duration=16 * HOUR),)}
    )
    assert not equal(schedule(day, longer), schedule(longer, day))


def ladder(*targets: Ref) -> EscalationPolicy:
    return EscalationPolicy(key="ladder/x", name="x", rules=(Rule(delay_minutes=15, targets=targets),))


def test_targets_are_a_set_and_a_reference_counts_by_id_once_it_has_one() -> None:
    a, b = Ref(kind="user", id="PA"), Ref(kind="schedule", id="PS", key="rotation/x")
    read = ladder(Ref(kind="schedule", id="PS"), a)
    assert form_of(ladder(a, b), now=NOW) == form_of(read, now=NOW)
    assert digest_of(ladder(b, a), NOW) == digest_of(read, NOW)


def test_unused_parts_of_an_urgency_are_no_difference() -> None:
    service = ServiceObject(name="s", policy=Ref(kind="escalation_policy", id="PP"))
    other = service.model_copy(update={"urgency": Urgency(time_zone="Etc/UTC", weekdays=(1,), start=5)})
    assert form_of(service, now=NOW) == form_of(other, now=NOW)


def written(obj: Schedule, at: int) -> Schedule:
    return obj.model_copy(update={"marker": marker_for(obj, at)})


def test_a_digest_outlives_the_day_of_a_dated_crew() -> None:
    """At the write both crews count; later the account still returns the ended one, the start has passed."""
    handoff = zone(ZONE).instant(20_458 + 7 * 48, 9 * HOUR)
    both = written(schedule(layer(end=handoff), layer(name="next", users=("PA", "PB"), start=handoff)), NOW)
    first, following = both.layers
    later = both.model_copy(update={"layers": (first, following.model_copy(update={"start": None}))})
    assert as_written(later) is True


def test_layers_ended_before_the_write_do_not_count() -> None:
    mine = written(schedule(), NOW)
    ended = layer(name="long ago", end=NOW - DAY)
    assert as_written(mine.model_copy(update={"layers": (ended, *mine.layers)})) is True


@given(st.integers(0, 59))
def test_the_second_of_the_write_does_not_matter(second: int) -> None:
    minute = NOW - NOW % 60
    assert marker_for(schedule(), minute + second) == marker_for(schedule(), minute)


def test_what_people_edit_shows_and_what_pagerduty_moves_does_not() -> None:
    mine = written(schedule(layer(id="PL1")), NOW)
    moved = mine.model_copy(update={"layers": (layer(id="PL9", start=NOW + 5),)})
    assert as_written(moved) is True
    assert fingerprint_of(moved) == fingerprint_of(mine)
    edited = mine.model_copy(update={"layers": (layer(users=("PB", "PA", "PC")),)})
    assert as_written(edited) is False
    assert fingerprint_of(edited) != fingerprint_of(mine)


def test_no_story_without_a_digest() -> None:
    assert as_written(schedule()) is None
    marker = marker_for(schedule(), NOW)
    for odd in ({"version": 2}, {"state": "writing"}, {"digest": ""}):
        assert as_written(schedule(marker=marker.model_copy(update=odd))) is None
