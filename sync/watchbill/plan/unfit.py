"""What this account would refuse: such an object is left as it is, its dependants with it, and the rest goes on.

Only what a change brings in is judged; what stands in the account already, PagerDuty took once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from watchbill.account.objects import (
    NEVER_SERVE,
    Account,
    AnySchedule,
    EscalationPolicy,
    ManagedObject,
    Schedule,
)
from watchbill.plan.document import Notice


def unfit(
    want: ManagedObject, current: ManagedObject | None, account: Account, people: Mapping[str, str]
) -> Notice | None:
    """`people`: vendor id -> handle."""
    return (
        _stakeholders(want, current, account, people)
        or _over(want, current)
        or _round_robin(want, current, account)
        or _no_shifts(want, current, account)
    )


def users_of(obj: ManagedObject | None) -> set[str]:
    """Vendor ids of those who serve on it."""
    if isinstance(obj, Schedule):
        return {user for layer in obj.layers for user in layer.users}
    if isinstance(obj, AnySchedule):
        return {user for r in obj.rotations for event in r.events for user in event.members if user}
    if isinstance(obj, EscalationPolicy):
        return {ref.id for rule in obj.rules for ref in rule.targets if ref.kind == "user"}
    return set()


def _stakeholders(
    want: ManagedObject, current: ManagedObject | None, account: Account, people: Mapping[str, str]
) -> Notice | None:
    new = users_of(want) - users_of(current)
    found = [user for user in account.users if user.id in new and user.role in NEVER_SERVE]
    if not found:
        return None
    who = ", ".join(f"{people.get(user.id, user.name)} ({user.role})" for user in found)
    return _left(
        want,
        "stakeholder",
        f"PagerDuty lets nobody with a stakeholder's role serve: {who}",
        "give them the role of a responder in PagerDuty, or take them out of the policy",
    )


def _over(want: ManagedObject, current: ManagedObject | None) -> Notice | None:
    if current is not None or not isinstance(want, Schedule) or want.layers:
        return None
    return _left(
        want,
        "rotation-over",
        "nobody is on duty any more, and PagerDuty makes no empty schedule",
        "delete the rotation, or give it a later `until:`",
    )


def _round_robin(want: ManagedObject, current: ManagedObject | None, account: Account) -> Notice | None:
    if not isinstance(want, EscalationPolicy) or "round robin" not in account.lacks:
        return None
    if not any(rule.round_robin for rule in want.rules):
        return None
    return _left(
        want,
        "no-round-robin",
        "it pages in turn, and this account's plan has no round robin (403)",
        "take `round_robin` out, or upgrade the plan",
    )


def _no_shifts(want: ManagedObject, current: ManagedObject | None, account: Account) -> Notice | None:
    new = current is None and isinstance(want, AnySchedule) and want.shape == "shifts"
    if not new or "shift-based schedules" not in account.lacks:
        return None
    return _left(
        want,
        "no-shift-based",
        "this account has no shift-based schedules, or the token may not see them",
        "say `new_schedules: layers` in settings.pagerduty",
    )


def _left(want: ManagedObject, rule: str, why: str, hint: str) -> Notice:
    message = f"{want.key} is left as it is: {why}"
    return Notice(rule=rule, severity="error", message=message, hint=hint)


def listed(names: Iterable[str], most: int = 5) -> str:
    """a, b, c and 4 more"""
    found = list(dict.fromkeys(names))
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return f"{', '.join(found[:most])}{more}"
