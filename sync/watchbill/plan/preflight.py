"""What would go wrong at the apply, or at the first page, told while planning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watchbill.account.objects import (
    Account,
    AnySchedule,
    EscalationPolicy,
    ManagedObject,
    Schedule,
    Service,
)
from watchbill.account.wanted import Wanted
from watchbill.account.zones import is_listed, listed_twin
from watchbill.model.policy import Policy
from watchbill.model.settings import SANDBOX
from watchbill.plan.document import Change, Notice
from watchbill.plan.preflight_incidents import POSSIBLE, incident_notices
from watchbill.plan.unfit import listed, users_of

FEW_TARGETS = 5
"""Of one rule; older accounts take no more (terraform-provider-pagerduty #344)."""


def preflight(
    wanted: Wanted, account: Account, policy: Policy, changes: Sequence[Change]
) -> tuple[Notice, ...]:
    return (
        *_quiet_people(wanted, account, policy),
        *_no_teams(account, policy),
        *incident_notices(changes, account),
        *_restricted_people(wanted, account, changes),
        *_many_targets(account, changes),
        *_support_hours(account, changes),
        *_unlisted_zones(account, changes),
    )


def _quiet_people(wanted: Wanted, account: Account, policy: Policy) -> Iterator[Notice]:
    """A mailbox that a policy calls no human is meant to be quiet."""
    if account.name == SANDBOX:
        return
    paged = {user for item in wanted.objects for user in users_of(item.want)}
    quiet = []
    for user in account.users:
        handle = wanted.people.get(user.id)
        human = handle is None or policy.people[handle].human
        if user.id in paged and user.loud is False and human:
            quiet.append(handle or user.name)
    if quiet:
        message = (
            f"no phone, SMS or push rule at minute 0, so a page may go unheard: {', '.join(sorted(quiet))}"
        )
        hint = "notification rules are theirs to set: PagerDuty, My Profile, Notification Rules"
        yield Notice(rule="quiet-user", severity="warning", message=message, hint=hint)


def _no_teams(account: Account, policy: Policy) -> Iterator[Notice]:
    if policy.teams and "teams" in account.lacks:
        message = f"this account's plan has no teams, and the policy names some: {listed(policy.teams)}"
        hint = "leave `team:` out of rotations and ladders, or upgrade the plan"
        yield Notice(rule="no-teams", severity="warning", message=message, hint=hint)


def _restricted_people(wanted: Wanted, account: Account, changes: Sequence[Change]) -> Iterator[Notice]:
    written = {user for change in changes for user in users_of(_object(change))}
    found = [
        wanted.people.get(user.id, user.name)
        for user in account.users
        if user.id in written and user.role == "restricted_access"
    ]
    if found:
        message = (
            f"PagerDuty may refuse people with restricted access outside of their teams: {listed(found)}"
        )
        hint = "give them a role in the team of what they serve on"
        yield Notice(rule=POSSIBLE, severity="note", message=message, hint=hint)


def _many_targets(account: Account, changes: Sequence[Change]) -> Iterator[Notice]:
    most = max((len(rule.targets) for policy in account.policies for rule in policy.rules), default=0)
    wide = []
    for change in changes:
        want = _object(change)
        if isinstance(want, EscalationPolicy):
            widest = max(len(rule.targets) for rule in want.rules)
            wide += [change.name] if widest > max(FEW_TARGETS, most) else []
    if wide:
        message = f"older accounts take {FEW_TARGETS} targets on a level, and these have more: {listed(wide)}"
        hint = "if it is refused: page a rotation instead, or spread them over two levels"
        yield Notice(rule=POSSIBLE, severity="note", message=message, hint=hint)


def _support_hours(account: Account, changes: Sequence[Change]) -> Iterator[Notice]:
    if not account.abilities or "service_support_hours" in account.abilities:
        return
    wants = [(change.name, _object(change)) for change in changes]
    hours = [
        name for name, want in wants if isinstance(want, Service) and want.urgency.type == "use_support_hours"
    ]
    if hours:
        message = f"this account may not know support hours, and these services want them: {listed(hours)}"
        hint = "if it is refused: a constant urgency, or another plan"
        yield Notice(rule=POSSIBLE, severity="note", message=message, hint=hint)


def _unlisted_zones(account: Account, changes: Sequence[Change]) -> Iterator[Notice]:
    """Whatever zone an object has already, PagerDuty took once."""
    has = {obj.id: _zone(obj) for obj in account.objects()}
    wants = [(change.name, want, _zone(want)) for change in changes if (want := _object(change))]
    unlisted = {
        name: zone_name
        for name, want, zone_name in wants
        if zone_name and not is_listed(zone_name) and has.get(want.id) != zone_name
    }
    if unlisted:
        message = (
            "layer-based schedules and support hours take the time zones of PagerDuty's list, "
            f"and these have another: {listed(unlisted)}"
        )
        twins = {name: listed_twin(name, account.at) for name in sorted(set(unlisted.values()))}
        same = [f"{twin} for {name}" for name, twin in twins.items() if twin]
        hint = "if it is refused: " + (
            f"a name with the same clock, {listed(same)}" if same else "a shift-based schedule takes any zone"
        )
        yield Notice(rule=POSSIBLE, severity="note", message=message, hint=hint)


def _zone(obj: ManagedObject | None) -> str:
    """ "" where none is told, or any is taken."""
    if isinstance(obj, Schedule):
        return obj.time_zone
    return obj.urgency.time_zone if isinstance(obj, Service) else ""


def _object(change: Change) -> AnySchedule | EscalationPolicy | Service | None:
    want = change.want
    return want if isinstance(want, AnySchedule | EscalationPolicy | Service) else None
