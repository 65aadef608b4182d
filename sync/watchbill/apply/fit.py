"""Does the plan still fit an object, and is an object as wanted?"""

from __future__ import annotations

from watchbill.account.digest import as_written, fingerprint_of, same
from watchbill.account.objects import ManagedObject, Schedule, ShiftSchedule
from watchbill.plan.document import Change

OTHER_KIND = "it became a schedule of the other kind"


def stale_because(change: Change, found: ManagedObject | None) -> str:
    """ "" when the plan still fits the object.  `found` is read as of the plan's time."""
    if found is not None and _is_other_kind(change, found):
        return OTHER_KIND
    if is_unfinished(change, found):
        return ""
    if change.action == "create" and not change.fingerprint:
        return "" if found is None else "it exists already, made after the plan"
    if found is None:
        return "" if change.action == "delete" else "it is gone from the account"
    if change.fingerprint and fingerprint_of(found) != change.fingerprint:
        return "it was edited in the account after the plan was made"
    return ""


def is_unfinished(change: Change, found: ManagedObject | None) -> bool:
    """Its own marker says that a run was killed while it wrote this very object: whatever is there, it is finished."""
    return (
        isinstance(change.want, ShiftSchedule)
        and found is not None
        and found.marker is not None
        and (found.marker.state, found.marker.key) == ("writing", change.key)
    )


def _is_other_kind(change: Change, found: ManagedObject) -> bool:
    kinds = {type(change.want), type(found)}
    return kinds == {Schedule, ShiftSchedule}


def is_as_wanted(want: ManagedObject, found: ManagedObject, now: int) -> bool:
    """Also with a marker that tells so: what another run of the same plan left."""
    if not same(want, found, now=now):
        return False
    ours, theirs = want.marker, found.marker
    if ours is None or theirs is None:
        return ours is theirs
    return (ours.key, ours.derived) == (theirs.key, theirs.derived) and as_written(found) is True
