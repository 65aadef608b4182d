"""A saved plan beside the one that would be made now: what was written into its file by hand, and its guards.

The file's digests tell an edit by accident; whoever edits on purpose can write those too.  So guards are never
believed from a file, and a change must lead where the policy leads today.  Shift-based schedules count from the
minute of their plan and are compared with the account only (by apply, before the first write).
"""

from __future__ import annotations

from collections.abc import Collection

from watchbill.account.objects import ShiftSchedule
from watchbill.plan.document import Change, GuardResult, OverrideWrite, Plan
from watchbill.plan.reviewed import end_of
from watchbill.rota.clock import parse_instant


def gone_astray(saved: Plan, fresh: Plan, *, standing: Collection[str]) -> tuple[Change, ...]:
    """Changes of the saved plan that today's policy does not ask for.  `standing`: ids of the account's objects.

    A change that `fresh` lacks may be done already, which apply finds out; but nothing is deleted that way.
    """
    now = {change.ref: change for change in fresh.changes}
    return tuple(c for c in saved.changes if _is_astray(c, now.get(c.ref), fresh.at, standing))


def _is_astray(change: Change, now: Change | None, at: str, standing: Collection[str]) -> bool:
    if isinstance(change.want, OverrideWrite):
        return False
    if now is None:
        return change.action == "delete" and change.id in standing
    if (change.action == "delete") != (now.action == "delete") or (change.id and now.id != change.id):
        return True
    when = parse_instant(at)
    counted = isinstance(change.want, ShiftSchedule) and isinstance(now.want, ShiftSchedule)
    return not counted and end_of(change, when) != end_of(now, when)


def with_guards_of(saved: Plan, fresh: Plan) -> Plan:
    """Those that stand in the way today, and those that stood in it when the plan was made."""
    raised = {guard.guard: guard for guard in (*saved.guards, *fresh.guards)}
    guards: tuple[GuardResult, ...] = tuple(raised.values())
    return saved.model_copy(update={"guards": guards})
