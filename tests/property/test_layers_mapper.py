"""What the mapper would write as layers renders, under every open reading of PagerDuty's rules, to what the
words of the policy say; or the rotation is refused with a reason.  Never silently something else."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from rota_policies import PEOPLE, policies
from rota_reference import Data, on_duty
from watchbill.account.layers import Compiled, Refused, for_rendering, layers_for
from watchbill.account.parts import later_of
from watchbill.model.policy import Policy
from watchbill.rota.clock import zone
from watchbill.rota.duty import Roster, override_span
from watchbill.rota.entries import Entry
from watchbill.rota.layers import Layer, render_layers
from watchbill.rota.readings import RULED, Reading

HALF_HOUR, DAY, YEAR = 1800, 86_400, 365 * 86_400
IDS = {person: f"P{person.upper()}" for person in PEOPLE}
HANDLES = {user: person for person, user in IDS.items()}
ELAPSED = Reading(window_end="elapsed")


def moments(zone_name: str, now: int) -> list[int]:
    """Every half hour of three days around each clock change of a year, and some in between."""
    changes = zone(zone_name).changes_between(now, now + YEAR)
    near = {at for c in [now, *changes] for at in range(c - c % 1800 - DAY, c + 2 * DAY, HALF_HOUR)}
    far = {now + Random(now).randrange(YEAR // HALF_HOUR) * HALF_HOUR for _ in range(300)}
    return sorted(at for at in near | far if now <= at < now + YEAR)


def readings(layers: list[Layer], *, imported: bool) -> Iterator[tuple[list[Layer], Reading]]:
    yield layers, RULED
    if not imported:
        yield layers[::-1], RULED
        yield layers, ELAPSED
        yield layers[::-1], ELAPSED


@given(policies(vacant=False), st.integers(-3 * 48, 3 * 48))
@settings(max_examples=100, deadline=None)
def test_layers_render_to_what_the_policy_says(drawn: tuple[Data, str, int], steps: int) -> None:
    data, name, change = drawn
    if "covered_by" in data["rotations"][name]:
        name = "x"
    policy = Policy.model_validate(data)
    now = change + steps * HALF_HOUR
    compiled = layers_for(policy, name, Roster(policy), IDS, now)
    if isinstance(compiled, Refused):
        assert compiled.reason
        return
    where = policy.zone_of(name)
    later = later_of(policy, name, now, "layers")
    until = min([now + YEAR, *([later.start] if later else []), *_written_to(compiled)])
    declared = [
        Entry(*override_span(policy, o), IDS[o.person])
        for o in policy.overrides
        if o.rotation == name and not o.cancelled
    ]
    overrides = [*declared, *(Entry(d.start, d.end, d.user) for d in compiled.derived)]
    drawn_layers = for_rendering(compiled.layers, now)
    imported = "layers" in data["rotations"][name]
    marks = [at for at in moments(where, now) if at < until]
    wanted = [on_duty(data, name, at) for at in marks]
    bare = render_layers(drawn_layers, declared, where, now, max(now, until))
    starts = [d.start for d in compiled.derived if d.start < until]
    assert all(a != HANDLES[d.user] for a, d in zip(_shown(bare, starts), compiled.derived, strict=False))
    for layers, reading in readings(drawn_layers, imported=imported):
        entries = render_layers(layers, overrides, where, now, until, reading=reading)
        assert _shown(entries, marks) == wanted


def _shown(entries: list[Entry], marks: list[int]) -> list[str | None]:
    found, i = [], 0
    for at in marks:
        while i < len(entries) and entries[i].end <= at:
            i += 1
        user = entries[i].user if i < len(entries) and entries[i].start <= at else None
        found.append(HANDLES[user] if user else None)
    return found


def _written_to(compiled: Compiled) -> list[int]:
    ends = [layer.end for layer in compiled.layers]
    return [max(e for e in ends if e is not None)] if ends and None not in ends else []
