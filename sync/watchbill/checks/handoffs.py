"""`from` is a handoff, and dated crews follow each other at handoffs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from watchbill.checks.context import Context
from watchbill.checks.hours import known_hours, zone_exists
from watchbill.checks.rotations import Served, served
from watchbill.checks.rule import Problem, Rule
from watchbill.model.policy import Policy
from watchbill.model.text import DAY_NAMES, DateOrTime, Handoff
from watchbill.rota.build import grid_of, inherit, local_instant, plan_for
from watchbill.rota.clock import Instant, Zone, zone


def _not_a_handoff(context: Context) -> Iterator[Problem]:
    for crew in served(context.policy):
        if not crew.takes_turns or crew.since is None or crew.since.time is not None:
            continue
        turn, handoff = crew.counted.turn, crew.counted.handoff
        if turn is None or handoff is None or turn.unit != "weeks" or handoff.weekday is None:
            continue
        off = (crew.since.day.weekday() - handoff.weekday) % 7
        if off:
            before = crew.since.day - timedelta(days=off)
            yield _between(crew, handoff, before, before + timedelta(days=7))


def _between(crew: Served, handoff: Handoff, before: date, after: date) -> Problem:
    assert crew.since is not None
    day = DAY_NAMES[crew.since.day.weekday()]
    message = f"{crew.since} is a {day}, but handoffs are {handoff}: the nearest are {before} and {after}"
    hint = f"take one of them, or add a time ({crew.since} {handoff.text.split()[1]}) to begin in the middle of a turn"
    return Problem((*crew.place, "from"), message, hint)


def _crews_order(context: Context) -> Iterator[Problem]:
    for handle, rotation in context.policy.rotations.items():
        crews = rotation.crews or ()
        for i in range(1, len(crews)):
            if crews[i].from_.text <= crews[i - 1].from_.text:
                message = f"this crew begins on {crews[i].from_}, the one before it on {crews[i - 1].from_}"
                yield Problem(("rotations", handle, "crews", i, "from"), message, "put the newest last")


def _crew_mid_turn(context: Context) -> Iterator[Problem]:
    """The new crew takes over at a handoff of the crew before it."""
    policy = context.policy
    for handle, rotation in policy.rotations.items():
        crews = rotation.crews or ()
        if not zone_exists(policy.zone_of(handle)) or not _hours_known(policy, handle):
            continue
        where = zone(policy.zone_of(handle))
        for i in range(1, len(crews)):
            before, since = inherit(crews[i - 1], rotation), crews[i].from_
            if (
                len(set(crews[i - 1].order)) < 2
                or since.time is not None
                or since.text <= crews[i - 1].from_.text
            ):
                continue
            hours = crews[i - 1].hours or rotation.hours
            grid = grid_of(before, crews[i - 1].from_, where, plan_for(policy.settings, hours))
            if grid is None or before.turn is None or before.turn.unit not in ("weeks", "days"):
                continue
            second = before.handoff.second if before.handoff else 0
            at = local_instant(since, where, second)
            turn = grid.index_at(at)
            if grid.start(turn) != at and _same_weekday(since, before.handoff):
                yield _mid_turn(handle, i, since, where, grid.start(turn), grid.start(turn + 1))


def _mid_turn(handle: str, i: int, since: DateOrTime, where: Zone, start: Instant, end: Instant) -> Problem:
    first, last = where.at(start).date(), where.at(end).date()
    message = f"{since} is in the middle of a turn of the crew before, from {first} to {last}"
    hint = f"take {first} or {last}, or add a time to cut that turn short on purpose"
    return Problem(("rotations", handle, "crews", i, "from"), message, hint)


def _same_weekday(since: DateOrTime, handoff: Handoff | None) -> bool:
    """A wrong day of the week has its own finding."""
    return handoff is None or handoff.weekday is None or since.day.weekday() == handoff.weekday


def _hours_known(policy: Policy, handle: str) -> bool:
    rotation = policy.rotations[handle]
    named = (rotation.hours or (), *(crew.hours or () for crew in rotation.crews or ()))
    return all(known_hours(policy.settings, hours) for hours in named)


RULES = (
    Rule("not-a-handoff", "error", "A crew that begins between two handoffs", _not_a_handoff),
    Rule("crews-order", "error", "Dated crews out of order", _crews_order),
    Rule("crew-mid-turn", "error", "A new crew in the middle of a turn", _crew_mid_turn),
)
