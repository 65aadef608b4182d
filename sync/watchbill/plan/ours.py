"""Whose an object is, as a plan tells it: the marker it has or gets, and the kind it is pinned to."""

from __future__ import annotations

from watchbill.account.digest import became_shift_based, bridges_of
from watchbill.account.objects import AnySchedule, ManagedObject, ServiceRouting, ShiftSchedule
from watchbill.account.record import agreed
from watchbill.account.wanted import WantedObject
from watchbill.plan.document import FieldChange, Notice
from watchbill.plan.overrides import LEAVING, LISTED, OverridePlan

OWNED = "owned by watchbill"


def marker_fields(
    item: WantedObject, current: ManagedObject, overrides: OverridePlan
) -> tuple[FieldChange, ...]:
    marker = current.marker
    if item.policy_only or (marker is None and isinstance(current, ServiceRouting)):
        return ()
    found: list[FieldChange] = []
    if marker is None and not item.want.id:
        found.append(FieldChange(path=OWNED, before="no", after="yes"))
    elif marker is not None and marker.state == "writing":
        found.append(FieldChange(path="marker", before="unfinished", after="finished"))
    elif marker is not None and marker.key != item.want.key:
        found.append(FieldChange(path="marker", before=marker.key, after=item.want.key))
    if became_shift_based(current) and not item.pins_kind:
        found.append(FieldChange(path="kind of schedule", before="layers", after="shifts"))
    bridges = bridges_of(current) if isinstance(current, ShiftSchedule) else ()
    if bridges:
        found.append(FieldChange(path="shifts left of an earlier change", before=len(bridges), after=0))
    listed = marker.derived if marker is not None else ()
    if set(overrides.listed) - set(listed):
        before, after = (
            sum(not one.startswith(LEAVING) for one in all_) for all_ in (listed, overrides.listed)
        )
        found.append(FieldChange(path=LISTED, before=before, after=after))
    return tuple(found)


def first_write(item: WantedObject, current: ManagedObject | None) -> tuple[FieldChange, ...]:
    """A pinned object has no marker before something else of it is written."""
    is_first = current is not None and current.marker is None and bool(item.want.id) and not item.policy_only
    return (FieldChange(path=OWNED, before="no", after="yes"),) if is_first else ()


def is_unrecorded(item: WantedObject, current: ManagedObject) -> bool:
    """Whether nothing shows which side of it changed: no marker, and no record next to a pinned id."""
    return current.marker is None and agreed(item, current) is None


def unrecorded(item: WantedObject) -> Notice:
    message = (
        f"{item.want.key} has no record of what was read from the account: only git can show whose edit it is"
    )
    hint = "once account and policy agree, `watchbill adopt --record` writes the record"
    return Notice(rule="unrecorded", severity="note", message=message, hint=hint)


def other_shape(want: ManagedObject, current: ManagedObject) -> bool:
    return isinstance(want, AnySchedule) and isinstance(current, AnySchedule) and want.shape != current.shape


def told_apart(want: ManagedObject) -> tuple[str, str]:
    """Message and remedy: the YAML pins the kind that the account has not."""
    if isinstance(want, ShiftSchedule):
        message = f"{want.name!r} is layer-based in the account, and its rotation says `kind: shifts`"
        return message, "upgrade it in PagerDuty; or leave `kind` out, and it stays layer-based"
    message = f"{want.name!r} is shift-based in the account, and its rotation says `kind: layers`"
    return message, "leave `kind` out, or say `kind: shifts`; PagerDuty turns no schedule back"
