"""The overrides of one schedule as changes.

A derived one is taken back only after its replacement is there.  An override of a custom shift comes after that shift.
"""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.account.objects import AnySchedule, ShiftOverrideSlot, Slot
from watchbill.account.wanted_slots import WantedOverride
from watchbill.model.base import NOBODY
from watchbill.plan import words
from watchbill.plan.acknowledged import short_id
from watchbill.plan.document import Action, Change, Class, FieldChange, OverrideWrite
from watchbill.plan.fields import Names
from watchbill.plan.overrides import OverridePlan
from watchbill.rota.clock import iso


def override_changes(schedule: AnySchedule, overrides: OverridePlan, names: Names) -> list[Change]:
    wishes = [
        (wish, _change(schedule, wish, "create", class_, names, ())) for wish, class_ in overrides.create
    ]
    shifts = [change for wish, change in wishes if wish.slot.kind == "custom_shift"]
    made = [_after(shifts, wish.slot, change) for wish, change in wishes]
    gone = []
    for slot, derived, class_ in overrides.delete:
        after = [change.ref for change in made if derived and _meets(change, slot.start, slot.end)]
        wish = WantedOverride(slot, names.user(slot.user) if slot.user else "", derived)
        gone.append(_change(schedule, wish, "delete", class_, names, after))
    return [*made, *gone]


def _change(
    schedule: AnySchedule,
    wish: WantedOverride,
    action: Action,
    class_: Class,
    names: Names,
    after: Sequence[str],
) -> Change:
    slot = wish.slot
    when = words.span(slot.start, slot.end, schedule.time_zone)
    told = f"{_who(slot, names)}, {when}{' (derived)' if wish.derived else ''}"
    gone = action == "delete"
    return Change(
        action=action,
        class_=class_,
        kind="override",
        key="/".join(
            part for part in (schedule.key, iso(slot.start), iso(slot.end), *_people(slot), slot.id) if part
        ),
        name=f"{schedule.name}: {told}",
        id=slot.id,
        fields=(
            FieldChange(
                path=slot.kind.replace("_", " ").replace("shift override", "override"),
                before=told if gone else None,
                after=None if gone else told,
            ),
        ),
        depends_on=tuple(after),
        drift_id=short_id(["override", schedule.key, *slot.match]) if class_ == "drift" else "",
        want=OverrideWrite(
            schedule_key=schedule.key, schedule_id=schedule.id, slot=slot, derived=wish.derived
        ),
    )


def _people(slot: Slot) -> tuple[str, ...]:
    """Of two overrides with one span, whom each replaces tells them apart."""
    if isinstance(slot, ShiftOverrideSlot):
        return (slot.user or NOBODY, "for", slot.instead_of or NOBODY)
    return (slot.user,) if slot.kind == "override" else (slot.user, "beside")


def _who(slot: Slot, names: Names) -> str:
    """On shifts an override replaces one person, and duty beside the turns replaces nobody."""
    who = names.user(slot.user) if slot.user else NOBODY
    if isinstance(slot, ShiftOverrideSlot):
        return f"{who} for {names.user(slot.instead_of) if slot.instead_of else NOBODY}"
    return who if slot.kind == "override" else f"{who} beside the turns"


def _after(shifts: Sequence[Change], slot: Slot, change: Change) -> Change:
    """What stands on a custom shift comes after it."""
    if not isinstance(slot, ShiftOverrideSlot) or slot.source.kind != "custom_shift":
        return change
    under = tuple(shift.ref for shift in shifts if _meets(shift, slot.start, slot.end))
    return change.model_copy(update={"depends_on": under})


def _meets(change: Change, start: int, end: int) -> bool:
    assert isinstance(change.want, OverrideWrite)
    slot = change.want.slot
    return slot.start < end and start < slot.end
