"""What the mapper would write as shifts renders to what the words of the policy say; or the rotation is
refused with a reason.  Never silently something else."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rota_policies import PEOPLE, policies
from rota_reference import Data, on_duty
from watchbill.account.events import for_rendering
from watchbill.account.layers import derivation_end
from watchbill.account.parts import later_of
from watchbill.account.shifts import CompiledShifts, Refused, shifts_for
from watchbill.model.policy import Policy
from watchbill.rota.clock import zone
from watchbill.rota.duty import Roster
from watchbill.rota.shifts import ShiftSchedule, render_shifts

HALF_HOUR, DAY, YEAR = 1800, 86_400, 365 * 86_400
IDS = {person: f"P{person.upper()}" for person in PEOPLE}
HANDLES = {user: person for person, user in IDS.items()}


def moments(zone_name: str, now: int) -> list[int]:
    """Every half hour of three days around each clock change of a year, and some in between."""
    changes = zone(zone_name).changes_between(now, now + YEAR)
    near = {at for c in [now, *changes] for at in range(c - c % 1800 - DAY, c + 2 * DAY, HALF_HOUR)}
    far = {now + Random(now).randrange(YEAR // HALF_HOUR) * HALF_HOUR for _ in range(300)}
    return sorted(at for at in near | far if now <= at < now + YEAR)


def whole(made: CompiledShifts, *, dated: bool = True) -> ShiftSchedule:
    both = (made.declared, made.derived) if dated else ()
    return for_rendering(
        made.rotations,
        [*made.custom_shifts, *(c for d in both for c in d.custom_shifts)],
        [o for d in both for o in d.overrides],
    )


def shown(schedule: ShiftSchedule, marks: list[int]) -> list[set[str]]:
    """Everybody on duty at each mark."""
    if not marks:
        return []
    entries = render_shifts(schedule, marks[0], marks[-1] + 1)
    found: list[set[str]] = [set() for _ in marks]
    for entry in entries:
        if entry.user:
            for i, at in enumerate(marks):
                if entry.start <= at < entry.end:
                    found[i].add(HANDLES[entry.user])
    return found


@given(policies(), st.integers(-3 * 48, 3 * 48))
@settings(max_examples=100, deadline=None)
def test_shifts_render_to_what_the_policy_says(drawn: tuple[Data, str, int], steps: int) -> None:
    data, name, change = drawn
    if "covered_by" in data["rotations"][name]:
        name = "x"
    policy = Policy.model_validate(data)
    now = change + steps * HALF_HOUR
    made = shifts_for(policy, name, Roster(policy), IDS, now)
    if isinstance(made, Refused):
        assert made.reason
        return
    where = zone(policy.zone_of(name))
    later = later_of(policy, name, now, "shifts")
    until = min([now + YEAR, derivation_end(now, where), *([later.start] if later else [])])
    marks = [at for at in moments(where.name, now) if at < until]
    wanted: list[Any] = [on_duty(data, name, at) for at in marks]
    assert shown(whole(made), marks) == [{w} if w else set() for w in wanted]
    assert len(made.rotations) <= 10
    assert all(1 <= len(r.events) <= 5 for r in made.rotations)
    assert all(1 <= len(e.members) <= 20 for r in made.rotations for e in r.events)
