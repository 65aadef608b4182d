"""How the account fits this policy, and what can be said of the policy without any account."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.account.lookup import Lookup
from watchbill.account.objects import NEVER_SERVE, Account, User
from watchbill.doctor.diagnosis import Line, fail, ok, warn
from watchbill.doctor.facts import Facts
from watchbill.ladder.compose import compose
from watchbill.ladder.resolve import resolve
from watchbill.model.policy import Policy
from watchbill.model.settings import SANDBOX

_SHOWN = 8


def offline_lines(policy: Policy) -> Iterator[Line]:
    """Of the files alone."""
    account = policy.settings.pagerduty.account
    yield ok("settings", f"account {account}, zone {policy.settings.time_zone}")
    placeholders = [handle for handle, person in policy.people.items() if person.is_placeholder]
    if placeholders:
        means = "they can be paged in the sandbox only; a real account refuses the policy"
        remedy = "write their names, and the e-mail addresses that PagerDuty knows"
        make = warn if account == SANDBOX else fail
        yield make("people", f"placeholders: {_named(placeholders)}", means, remedy)
    ladders = compose(policy)
    own = sum(1 for rotation in policy.rotations.values() if rotation.has_schedule)
    yield ok(
        "objects", f"{own} schedules, {len(ladders)} escalation policies, {len(policy.services)} services"
    )
    most = max((len(ladder.steps) for ladder in ladders.values()), default=0)
    wide = max((len(step.targets) for ladder in ladders.values() for step in ladder.steps), default=0)
    if wide > 5:
        says = f"a step pages {wide} at once; older accounts stop at 5"
        yield warn("objects", says, "the apply may be refused", "page a rotation, or fewer people")
    yield ok("ladders", f"{most} levels at most, {wide} targets at most in one")


def fit_lines(policy: Policy, facts: Facts, *, sandbox: bool) -> Iterator[Line]:
    """`sandbox`: the embedded one, which makes the people it needs."""
    yield from _identity(policy, facts, sandbox=sandbox)
    yield from _kinds(policy, facts)
    lookup = Lookup(
        policy, Account(name=SANDBOX if sandbox else "it", at=0, users=facts.users, teams=facts.teams)
    )
    if facts.may("users"):
        yield from _people(policy, facts, lookup, sandbox=sandbox)
    if facts.may("teams"):
        yield from _teams(policy, lookup)
    if facts.may("priorities"):
        yield from _priorities(policy, facts)
    if not facts.may("round robin"):
        yield from _round_robin(policy)


def on_duty(policy: Policy) -> frozenset[str]:
    """Handles of everybody whom a rotation, a ladder, an override or a leave may put on call."""
    found = {name for rotation in policy.rotations.values() for name in rotation.members}
    found |= {shift.person for shift in policy.shifts} | {o.person for o in policy.overrides}
    names = [rotation.otherwise for rotation in policy.rotations.values()]
    names += [absence.covered_by for absence in policy.absences]
    names += [t for ladder in compose(policy).values() for step in ladder.steps for t in step.targets]
    for name in names:
        paged = resolve(policy, name) if name else None
        if paged is not None and paged.person is not None:
            found.add(paged.person)
    return frozenset(found & policy.people.keys())


def _identity(policy: Policy, facts: Facts, *, sandbox: bool) -> Iterator[Line]:
    said = policy.settings.pagerduty.account.removeprefix("eu/").removeprefix("us/")
    if sandbox or said == SANDBOX or not facts.subdomain:
        return
    if facts.subdomain != said:
        says = f"the token is for account {facts.subdomain}, settings say {said}"
        means = "an apply would write into another account than the policy is for"
        yield fail("account", says, means, "take that account's token, or correct settings.pagerduty.account")
    else:
        yield ok("account", f"{said}, as the settings say")


def _kinds(policy: Policy, facts: Facts) -> Iterator[Line]:
    new = policy.settings.pagerduty.new_schedules
    layers, shifts = (facts.counts.get(f"{kind}-based schedules", 0) for kind in ("layer", "shift"))
    says = f"{layers} layer-based and {shifts} shift-based schedules; new ones will be {new[:-1]}-based"
    if new == "shifts" and not facts.may("shift-based schedules"):
        means = "new rotations cannot be made as settings.pagerduty.new_schedules says"
        yield fail(
            "kinds", f"{says}, which this account does not answer", means, "say `new_schedules: layers`"
        )
    else:
        yield ok("kinds", says, "a schedule keeps its kind; `new_schedules` is for those still to be made")


def _people(policy: Policy, facts: Facts, lookup: Lookup, *, sandbox: bool) -> Iterator[Line]:
    people = {h: p for h, p in policy.people.items() if not p.is_placeholder or sandbox}
    known = lookup.users(list(people))
    yield ok("people", f"{len(known)} of {len(people)} found by e-mail")
    serving = on_duty(policy)
    lost = [handle for handle in people if handle not in known]
    remedy = "users are never created here: invite them in PagerDuty, or correct the e-mail"
    if on_call := [h for h in lost if h in serving]:
        means = "their rotations and ladders cannot be applied"
        yield fail("people", f"no user has the e-mail of {_named(on_call)}, who take duty", means, remedy)
    if others := [h for h in lost if h not in serving]:
        yield warn("people", f"no user has the e-mail of {_named(others)}", "they take no duty now", remedy)
    users = {user.id: user for user in facts.users}
    yield from _roles({h: users[known[h]] for h in known if h in serving})
    yield from _loud({h: users[known[h]] for h in known if h in serving and people[h].human})
    strangers = [name for id_, name in facts.on_call.items() if id_ not in set(known.values())]
    if strangers:
        means = "they are paged by escalation policies that are not watchbill's, or the policy lacks them"
        yield warn("people", f"on call now and not in the policy: {_named(strangers)}", means)


def _roles(users: dict[str, User]) -> Iterator[Line]:
    idle = [handle for handle, user in users.items() if user.role in NEVER_SERVE]
    if idle:
        means = "PagerDuty takes stakeholders on no schedule and pages them never"
        remedy = "give them a responder's license, or take them out of the crews"
        yield fail("roles", f"on duty with a stakeholder's role: {_named(idle)}", means, remedy)
    limited = [handle for handle, user in users.items() if user.role == "restricted_access"]
    if limited:
        means = "they see only what single objects or teams let them"
        yield warn("roles", f"restricted access: {_named(limited)}", means, "give them a role in their team")


def _loud(users: dict[str, User]) -> Iterator[Line]:
    quiet = [handle for handle, user in users.items() if user.loud is False]
    if quiet:
        means = "no phone, SMS or push rule for high urgency at minute 0: a page may go unheard"
        remedy = "theirs to set: PagerDuty, My Profile, Notification Rules"
        yield warn("contacts", f"not loud at once: {_named(quiet)}", means, remedy)
    elif users:
        yield ok("contacts", "everybody on duty is rung at once by phone, SMS or push")


def _teams(policy: Policy, lookup: Lookup) -> Iterator[Line]:
    before = len(lookup.findings)
    for handle in policy.teams:
        lookup.team(handle, ("teams", handle))
    for finding in lookup.findings[before:]:
        make = fail if finding.is_error else warn
        yield make("teams", finding.message, "what belongs to that team cannot be applied", finding.hint)


def _priorities(policy: Policy, facts: Facts) -> Iterator[Line]:
    have = {priority.name for priority in facts.priorities}
    wanted = {severity.priority or handle for handle, severity in policy.severities.items()}
    if missing := sorted(wanted - have):
        means = "incidents of these severities get no priority"
        remedy = "PagerDuty, Account Settings, Incident Priorities; or name the right one with `priority:`"
        yield warn("priorities", f"no priority named {_named(missing)}", means, remedy)


def _round_robin(policy: Policy) -> Iterator[Line]:
    using = [x.title for x in compose(policy).values() if any(step.round_robin for step in x.steps)]
    if using:
        means = "these ladders cannot be applied"
        yield fail(
            "round robin", f"asked for by {_named(using)}", means, "take `round_robin` out of their steps"
        )


def _named(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(sorted(names)[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
