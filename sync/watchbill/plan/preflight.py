"""What would go wrong at the apply, or at the first page, told while planning."""

from __future__ import annotations

from collections.abc import Iterable

from watchbill.account.objects import Account, EscalationPolicy, Schedule, ShiftSchedule
from watchbill.account.wanted import Wanted
from watchbill.model.policy import Policy
from watchbill.model.settings import SANDBOX
from watchbill.plan.document import Notice


def preflight(wanted: Wanted, account: Account, policy: Policy) -> tuple[Notice, ...]:
    return tuple(_quiet_people(wanted, account, policy))


def _quiet_people(wanted: Wanted, account: Account, policy: Policy) -> Iterable[Notice]:
    """A mailbox that a policy calls no human is meant to be quiet."""
    if account.name == SANDBOX:
        return ()
    paged = {user for item in wanted.objects for user in _users(item.want)}
    quiet = []
    for user in account.users:
        handle = wanted.people.get(user.id)
        human = handle is None or policy.people[handle].human
        if user.id in paged and user.loud is False and human:
            quiet.append(handle or user.name)
    if not quiet:
        return ()
    message = f"no phone, SMS or push rule at minute 0, so a page may go unheard: {', '.join(sorted(quiet))}"
    hint = "notification rules are theirs to set: PagerDuty, My Profile, Notification Rules"
    return (Notice(rule="quiet-user", severity="warning", message=message, hint=hint),)


def _users(want: object) -> list[str]:
    """Vendor ids."""
    if isinstance(want, Schedule):
        return [user for layer in want.layers for user in layer.users]
    if isinstance(want, ShiftSchedule):
        return [user for rotation in want.rotations for event in rotation.events for user in event.members]
    if isinstance(want, EscalationPolicy):
        return [ref.id for rule in want.rules for ref in rule.targets if ref.kind == "user"]
    return []
