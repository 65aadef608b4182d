"""Policy rotation -> events of a shift-based schedule (v3), proven by rendering.

Nothing is written that does not render to exactly the policy's turns.  What recurring events cannot say -
holidays, absences, overrides of a fallback - becomes derived overrides, each on one rotation and member, and
custom shifts where nobody's turn is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from watchbill.account.ahead import LaterCrew
from watchbill.account.events import for_rendering, named
from watchbill.account.lanes import AT_ONCE, Placed, in_rotations
from watchbill.account.layers import Refused, derivation_end
from watchbill.account.objects import CustomShiftSlot, ShiftEvent, ShiftOverrideSlot, ShiftRotation
from watchbill.account.parts import CannotExpress, later_of
from watchbill.account.recurrences import MOST_EVENTS, Draft
from watchbill.account.shift_differences import (
    NONE,
    Differences,
    first_difference,
    replacements,
    spans_of_people,
)
from watchbill.account.shift_parts import Piece, drafts_for, pieces_of
from watchbill.findings import Finding
from watchbill.model.base import NOBODY
from watchbill.model.policy import Policy
from watchbill.rota.clock import DAY, WEEK, Instant, Zone, iso, zone
from watchbill.rota.duty import Roster
from watchbill.rota.shifts import render_shifts
from watchbill.rota.turns import FOREVER

_MOST_PROVEN = 731 * DAY
_LEAST_PROVEN = 35 * DAY
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class CompiledShifts:
    rotations: tuple[ShiftRotation, ...] = ()
    custom_shifts: tuple[CustomShiftSlot, ...] = ()
    """Duty that the policy lists."""
    declared: Differences = NONE
    """The policy's overrides.  Their sources are named by the key of a rotation, or of a custom shift."""
    derived: Differences = NONE
    """What the events cannot say, to the end of the next calendar year."""
    findings: tuple[Finding, ...] = ()
    later: LaterCrew | None = None


def shifts_for(
    policy: Policy, rotation: str, roster: Roster, user_ids: Mapping[str, str], now: Instant
) -> CompiledShifts | Refused:
    """`user_ids`: handle -> vendor id; everybody on the rotation must be in it."""
    where = zone(policy.zone_of(rotation))
    try:
        if policy.rotations[rotation].listed:
            made = CompiledShifts(custom_shifts=_listed(policy, rotation, now))
            written, horizon = FOREVER, now + _MOST_PROVEN
        else:
            pieces = pieces_of(policy, rotation, now)
            later = later_of(policy, rotation, now, "shifts")
            written = FOREVER if later is None else later.start
            made, cycle = _compiled(policy, rotation, pieces, where, now)
            made = replace(made, later=later)
            horizon = min(_horizon(cycle, now, where), written)
        _prove(policy, rotation, made, now, horizon)
        until = min(derivation_end(now, where), written)
        declared, derived = replacements(roster, rotation, made.rotations, made.custom_shifts, now, until)
        made = replace(made, declared=declared, derived=derived)
        _prove_whole(roster, rotation, made, now, until)
    except CannotExpress as refusal:
        return Refused(refusal.reason, refusal.nearest)
    missing = sorted({p for p in _people(made) if p and p not in user_ids})
    if missing:
        return Refused(f"no PagerDuty user for {', '.join(missing)}", "add the users to the account")
    return _with_ids(made, {**user_ids, "": ""})


def shape_findings(policy: Policy, rotation: str, now: Instant) -> tuple[Finding, ...]:
    """What the events of a rotation will be like in PagerDuty, without proving them; none where there are none."""
    if policy.rotations[rotation].listed:
        return ()
    where = zone(policy.zone_of(rotation))
    try:
        made, _ = _compiled(policy, rotation, pieces_of(policy, rotation, now), where, now)
    except CannotExpress:
        return ()
    return made.findings


def _compiled(
    policy: Policy, rotation: str, pieces: list[Piece], where: Zone, now: Instant
) -> tuple[CompiledShifts, int]:
    """People are still handles here.  And the longest cycle, in seconds."""
    made = [(p, drafts_for(p, where, now, free=False)) for p in pieces]
    if sum(len(drafts) for _, drafts in made) > MOST_EVENTS:
        made = [(p, drafts_for(p, where, now, free=True)) for p in pieces]
    placed = [
        Placed(piece.label, _event(piece, draft, where, now), piece.together)
        for piece, drafts in made
        for draft in drafts
    ]
    rotations, at_once = in_rotations(placed)
    odd = [
        p.event.name
        for p, d in zip(placed, [d for _, ds in made for d in ds], strict=True)
        if not d.fits_web_editor
    ]
    cycle = max((_cycle(draft) for _, drafts in made for draft in drafts), default=0)
    return CompiledShifts(rotations, findings=tuple(_findings(rotation, odd, at_once))), cycle


def _event(piece: Piece, draft: Draft, where: Zone, now: Instant) -> ShiftEvent:
    """Its name is only the label yet: the digest is of vendor ids."""
    return ShiftEvent(
        name=f"{piece.label} {_window(draft)}",
        start=where.instant(*divmod(draft.first, DAY)),
        end=where.instant(*divmod(draft.first + draft.length, DAY)),
        time_zone=where.name,
        rule=draft.rule,
        members=tuple("" if m == NOBODY else m for m in draft.members),
        per_member=draft.per_member,
        since=piece.start if piece.start > now else None,
        until=piece.end if piece.end < FOREVER else None,
    )


def _window(draft: Draft) -> str:
    """As the policy would write it: mon-fri 09:00-18:00."""
    begin, end = draft.first % DAY, (draft.first + draft.length) % DAY
    hours = [f"{s // 3600:02d}:{s % 3600 // 60:02d}" for s in (begin, end)]
    weekday = _DAYS[(draft.first // DAY + 3) % 7]
    if draft.rule.startswith("FREQ=HOURLY"):
        return f"every {draft.length // 3600} hours"
    if draft.length > DAY:
        last = _DAYS[((draft.first + draft.length) // DAY + 3) % 7]
        return f"{weekday} {hours[0]} - {last} {hours[1]}"
    if draft.rule.startswith("FREQ=DAILY"):
        return f"daily {'-'.join(hours)}"
    named_days = draft.rule.partition("BYDAY=")[2].partition(";")[0].split(",")
    days = [d for d in _DAYS if d[:2].upper() in named_days]
    first = _DAYS.index(days[0])
    run = len(days) > 2 and days == list(_DAYS[first : first + len(days)])
    return f"{f'{days[0]}-{days[-1]}' if run else ','.join(days)} {'-'.join(hours)}"


def _cycle(draft: Draft) -> int:
    parts = dict(p.split("=") for p in draft.rule.split(";"))
    unit = {"WEEKLY": WEEK, "DAILY": DAY, "HOURLY": 3600}[parts["FREQ"]] * int(parts.get("INTERVAL", "1"))
    shifts = (draft.per_member or 1) * len(draft.members)
    return unit * -(-shifts // (parts.get("BYDAY", "").count(",") + 1))


def _findings(rotation: str, odd: list[str], at_once: int) -> list[Finding]:
    found = []
    if odd:
        found.append(
            Finding(
                "web-editor-cannot-edit",
                "note",
                f"PagerDuty's web editor will show {len(odd)} of its events but not edit them",
                "their days change hands apart; a crew with a smaller common rhythm needs no such events",
                place=("rotations", rotation),
            )
        )
    if at_once > AT_ONCE:
        found.append(
            Finding(
                "crowded-rotations",
                "note",
                f"it takes {at_once} events in one of PagerDuty's rotations, so a crew change may need a free place",
                "a crew whose size has small divisors, or fewer windows",
                place=("rotations", rotation),
            )
        )
    return found


def _listed(policy: Policy, rotation: str, now: Instant) -> tuple[CustomShiftSlot, ...]:
    if policy.rotations[rotation].otherwise is not None:
        raise CannotExpress(
            "duty is listed and somebody has the rest, which no recurring event can go around",
            "the rest as `shifts` too, or a second rotation on the same ladder step",
        )
    found = Roster(policy, plain=True).shifts(rotation, now - 366 * DAY, FOREVER)
    return tuple(
        CustomShiftSlot(user=s.person, start=s.start, end=s.end)
        for s in found
        if s.person is not None and s.end > now
    )


def _horizon(cycle: int, now: Instant, where: Zone) -> Instant:
    """Twice the longest cycle and two clock changes, at most two years."""
    changes = where.changes_between(now, now + _MOST_PROVEN)[:2]
    clock = changes[-1] + 2 * WEEK - now if changes else 0
    return now + min(max(2 * cycle, clock, _LEAST_PROVEN), _MOST_PROVEN)


def _prove(policy: Policy, rotation: str, made: CompiledShifts, now: Instant, until: Instant) -> None:
    """Renders what would be written and compares it with the policy's bare turns, vacant ones included."""
    wanted = spans_of_people(Roster(policy, plain=True).shifts(rotation, now, until))
    if policy.rotations[rotation].listed:
        wanted.pop("", None)
    got = spans_of_people(render_shifts(for_rendering(made.rotations, made.custom_shifts), now, until))
    if got != wanted:
        raise CannotExpress(
            f"recurring events would give other shifts from {iso(first_difference(got, wanted))} on",
            "whole-day turns and hours that do not end near a clock change, or a layer-based schedule",
        )


def _prove_whole(roster: Roster, rotation: str, made: CompiledShifts, now: Instant, until: Instant) -> None:
    """With everything dated: the people are the policy's; a vacant place and no place at all are one."""
    wanted = spans_of_people(roster.shifts(rotation, now, until))
    both = (made.declared, made.derived)
    custom = [*made.custom_shifts, *(c for d in both for c in d.custom_shifts)]
    whole = for_rendering(made.rotations, custom, [o for d in both for o in d.overrides])
    got = spans_of_people(render_shifts(whole, now, until))
    if got | {"": []} != wanted | {"": []}:
        at = first_difference(got | {"": []}, wanted | {"": []})
        raise CannotExpress(
            f"overrides and shifts at {iso(at)} cannot be told apart", "shifts that do not overlap"
        )


def _people(made: CompiledShifts) -> set[str]:
    both = (made.declared, made.derived)
    return {
        *(m for r in made.rotations for e in r.events for m in e.members),
        *(c.user for c in made.custom_shifts),
        *(o.user for d in both for o in d.overrides),
        *(c.user for d in both for c in d.custom_shifts),
    }


def _with_ids(made: CompiledShifts, ids: Mapping[str, str]) -> CompiledShifts:
    def event(bare: ShiftEvent) -> ShiftEvent:
        members = tuple(ids[m] for m in bare.members)
        return named(bare.model_copy(update={"members": members}), bare.name)

    custom = {c.key: c.model_copy(update={"user": ids[c.user]}) for c in made.custom_shifts}
    return replace(
        made,
        rotations=tuple(r.model_copy(update={"events": tuple(map(event, r.events))}) for r in made.rotations),
        custom_shifts=tuple(custom.values()),
        declared=_differences_with_ids(made.declared, ids, custom),
        derived=_differences_with_ids(made.derived, ids, custom),
    )


def _differences_with_ids(
    found: Differences, ids: Mapping[str, str], custom: Mapping[str, CustomShiftSlot]
) -> Differences:
    def override(slot: ShiftOverrideSlot) -> ShiftOverrideSlot:
        source = slot.source
        if source.kind == "custom_shift":
            source = source.model_copy(update={"key": custom[source.key].key})
        users = {"instead_of": ids[slot.instead_of], "user": ids[slot.user], "source": source}
        return slot.model_copy(update=users)

    return Differences(
        tuple(map(override, found.overrides)),
        tuple(c.model_copy(update={"user": ids[c.user]}) for c in found.custom_shifts),
    )


__all__ = ["CompiledShifts", "Refused", "shape_findings", "shifts_for"]
