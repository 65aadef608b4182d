"""Policy rotation -> PagerDuty layers (v2), proven by rendering.

Nothing is written that does not render to exactly the policy's turns, under both readings of what PagerDuty
leaves open (the order of layers, the end of a window that spans a clock change).  What layers cannot say -
holidays, absences, the overrides of a fallback - becomes derived overrides.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, product

from watchbill.account.ahead import LaterCrew
from watchbill.account.objects import Layer, OverrideSlot, Restriction
from watchbill.account.parts import CannotExpress, Part, later_of, parts_of
from watchbill.account.weeks import WHOLE_WEEK, ClockChange, Stretch, clock_changes, cut_at_changes
from watchbill.model.policy import Policy
from watchbill.rota.clock import DAY, WEEK, Instant, Zone, date_of, day_number, iso, zone
from watchbill.rota.duty import Roster, Shift, override_span
from watchbill.rota.entries import Entry
from watchbill.rota.layers import Layer as Rendered
from watchbill.rota.layers import final_pieces
from watchbill.rota.readings import RULED, Reading
from watchbill.rota.restrictions import Restriction as RenderedRestriction
from watchbill.rota.turns import FOREVER

_YEARS_OF_CLOCK_CHANGES = 6
_MOST_PROVEN = 731 * DAY
_LEAST_PROVEN = 35 * DAY
_ELAPSED = Reading(window_end="elapsed")


@dataclass(frozen=True, slots=True)
class Refused:
    """This rotation cannot be written as layers; nothing of it is."""

    reason: str
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Compiled:
    layers: tuple[Layer, ...]
    """Base first."""
    derived: tuple[OverrideSlot, ...] = ()
    """What the layers cannot say, to the end of the next calendar year."""
    later: LaterCrew | None = None


def layers_for(
    policy: Policy, rotation: str, roster: Roster, user_ids: Mapping[str, str], now: Instant
) -> Compiled | Refused:
    """`user_ids`: handle -> vendor id; everybody on the rotation must be in it."""
    try:
        parts = parts_of(policy, rotation, now)
        where = zone(policy.zone_of(rotation))
        layers = _layers(policy, rotation, parts, where, now)
        later = later_of(policy, rotation, now, "layers")
        written = FOREVER if later is None else later.start
        proven = min(_horizon(parts, now, where), written)
        derived_to = min(derivation_end(now, where), written)
        drawn = final_pieces(for_rendering(layers, now), (), where.name, now, max(proven, derived_to))
        _prove(roster, rotation, layers, drawn, now, proven)
        derived = _derived(roster, rotation, layers, drawn, now, derived_to)
    except CannotExpress as refusal:
        return Refused(refusal.reason, refusal.nearest)
    missing = sorted({u for layer in layers for u in layer.users} | {d.user for d in derived})
    missing = [name for name in missing if name not in user_ids]
    if missing:
        return Refused(f"no PagerDuty user for {', '.join(missing)}", "add the users to the account")
    return Compiled(
        tuple(
            layer.model_copy(update={"users": tuple(user_ids[u] for u in layer.users)}) for layer in layers
        ),
        tuple(slot.model_copy(update={"user": user_ids[slot.user]}) for slot in derived),
        later,
    )


def _layers(policy: Policy, rotation: str, parts: list[Part], where: Zone, now: Instant) -> tuple[Layer, ...]:
    """Users are still handles here.  Layers that the policy spells out are not cut: they say it themselves."""
    spec = policy.rotations[rotation]
    names = spec.pagerduty.layer_names
    changes: tuple[ClockChange, ...] = ()
    if spec.layers is None:
        changes = clock_changes(where, now, now + _YEARS_OF_CLOCK_CHANGES * 366 * DAY)
    made = []
    for i, part in enumerate(parts):
        cut = part.stretches if part.stretches == WHOLE_WEEK else cut_at_changes(part.stretches, changes)
        made.append(
            Layer(
                name=names[i] if i < len(names) else (part.name or f"Layer {i + 1}"),
                users=part.people,
                turn_seconds=part.turn_seconds,
                virtual_start=part.anchor,
                start=part.start if part.start > now else None,
                end=part.end if part.end < FOREVER else None,
                restrictions=() if cut == WHOLE_WEEK else _restrictions(cut),
            )
        )
    return tuple(made)


def _restrictions(stretches: tuple[Stretch, ...]) -> tuple[Restriction, ...]:
    """The same window on all seven days is one daily window."""
    by_hours: dict[tuple[int, int], set[int]] = {}
    for start, length in stretches:
        by_hours.setdefault((start % DAY, length), set()).add(start // DAY)
    found = []
    for (start, length), days in by_hours.items():
        if len(days) == 7 and length < DAY:
            found.append(Restriction(weekday=None, start=start, duration=length))
        else:
            found += [Restriction(weekday=day, start=start, duration=length) for day in sorted(days)]
    return tuple(sorted(found, key=lambda r: (-1 if r.weekday is None else r.weekday, r.start, r.duration)))


def for_rendering(layers: tuple[Layer, ...], now: Instant) -> list[Rendered]:
    """In GET order, highest precedence first."""
    return [
        Rendered(
            start=now if layer.start is None else layer.start,
            end=layer.end,
            anchor=layer.virtual_start,
            turn_seconds=layer.turn_seconds,
            users=layer.users,
            restrictions=tuple(
                RenderedRestriction(r.weekday, r.start, r.duration) for r in layer.restrictions
            ),
            name=layer.name,
        )
        for layer in reversed(layers)
    ]


def _prove(
    roster: Roster, rotation: str, layers: tuple[Layer, ...], drawn: list[Stint], now: Instant, until: Instant
) -> None:
    """Compares what would be written, as it renders, with the policy's bare turns."""
    wanted = _people(roster.bare.shifts(rotation, now, until))
    _same(_until(drawn, until), wanted)
    if roster.policy.rotations[rotation].layers is not None:
        return
    base_first = for_rendering(layers, now)[::-1]
    where = roster.policy.zone_of(rotation)
    orders = [base_first[::-1], base_first] if len(layers) > 1 else [base_first]
    readings = [RULED, _ELAPSED] if any(layer.restrictions for layer in layers) else [RULED]
    for order, reading in list(product(orders, readings))[1:]:
        _same(final_pieces(order, (), where, now, until, reading=reading), wanted)


def _same(got: list[Stint], wanted: list[Stint]) -> None:
    if got != wanted:
        raise CannotExpress(
            f"layers would give other shifts from {iso(_first_difference(got, wanted))} on",
            "whole-day turns, hours that do not end near a clock change, or a shift-based schedule: "
            "`pagerduty: {kind: shifts}`",
        )


def _horizon(parts: list[Part], now: Instant, where: Zone) -> Instant:
    """Of the last crew twice the longest cycle and two clock changes; at most two years."""
    begin = max([now, *(part.start for part in parts)])
    longest = max((2 * part.cycle for part in parts), default=0)
    changes = where.changes_between(begin, begin + _MOST_PROVEN)[:2]
    clock = changes[-1] + 2 * WEEK - begin if changes else 0
    return min(begin + max(longest, clock, _LEAST_PROVEN), now + _MOST_PROVEN)


Stint = tuple[Instant, Instant, str]


def _people(shifts: list[Shift]) -> list[Stint]:
    """Who, without why; joined."""
    return _joined([(s.start, s.end, s.person) for s in shifts if s.person is not None])


def _until(stints: list[Stint], until: Instant) -> list[Stint]:
    """Those of a longer time, as they look when cut here."""
    if not stints or stints[-1][1] <= until:
        return stints
    kept = stints[: bisect_left(stints, (until,))]
    if kept and kept[-1][1] > until:
        kept[-1] = (kept[-1][0], until, kept[-1][2])
    return kept


def _joined(stints: list[Stint]) -> list[Stint]:
    joined: list[Stint] = []
    for start, end, person in stints:
        if joined and joined[-1][1] == start and joined[-1][2] == person:
            joined[-1] = (joined[-1][0], end, person)
        else:
            joined.append((start, end, person))
    return joined


def _first_difference(left: list[Stint], right: list[Stint]) -> Instant:
    for a, b in zip(left, right, strict=False):
        if a != b:
            return min(a[0], b[0]) if a[0] != b[0] or a[2] != b[2] else min(a[1], b[1])
    longer = left if len(left) > len(right) else right
    return longer[min(len(left), len(right))][0]


def derivation_end(now: Instant, where: Zone) -> Instant:
    """The end of the next calendar year."""
    return where.instant(day_number(date(date_of(where.day_of(now)).year + 2, 1, 1)))


def _derived(
    roster: Roster, rotation: str, layers: tuple[Layer, ...], drawn: list[Stint], now: Instant, until: Instant
) -> list[OverrideSlot]:
    """Where layers with the declared overrides still differ from the policy's shifts."""
    policy = roster.policy
    declared = [
        Entry(*override_span(policy, o), o.person)
        for o in policy.overrides
        if o.rotation == rotation and not o.cancelled
    ]
    has = _until(drawn, until)
    if declared:
        has = final_pieces(for_rendering(layers, now), declared, policy.zone_of(rotation), now, until)
    wanted = _people(roster.shifts(rotation, now, until))
    if has == wanted:
        return []
    return [
        OverrideSlot(user=person, start=start, end=end) for start, end, person in _difference(has, wanted)
    ]


def _difference(has: list[Stint], wanted: list[Stint]) -> list[Stint]:
    """The stints of `wanted` that `has` does not show.  Raises CannotExpress where nobody is wanted."""
    marks = sorted({t for start, end, _ in (*has, *wanted) for t in (start, end)})
    found: list[Stint] = []
    i = j = 0
    for start, end in pairwise(marks):
        while i < len(has) and has[i][1] <= start:
            i += 1
        while j < len(wanted) and wanted[j][1] <= start:
            j += 1
        now_has = has[i][2] if i < len(has) and has[i][0] <= start else None
        now_wants = wanted[j][2] if j < len(wanted) and wanted[j][0] <= start else None
        if now_has == now_wants:
            continue
        if now_wants is None:
            raise CannotExpress(
                f"nobody is to be on call from {iso(start)} (a holiday), which a layer cannot say",
                "an `otherwise:` for the rest of the time, or a shift-based schedule: `pagerduty: {kind: shifts}`",
            )
        found.append((start, end, now_wants))
    return _joined(found)
