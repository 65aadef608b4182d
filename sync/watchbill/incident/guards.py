"""The runbook's don'ts as guards on an escalation.  Each is on only while the policy's guidance names it, except
`upwards_only`: an escalation never goes down, in any policy."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.errors import GuardRefused
from watchbill.findings import Finding
from watchbill.incident.people import People
from watchbill.incident.request import duration_text
from watchbill.incident.situation import Situation
from watchbill.model.policy import Policy


def is_on(policy: Policy, guard: str) -> bool:
    return any(rule.guard == guard for rule in policy.guidance.values())


def advice(policy: Policy, guard: str) -> str:
    """What the guidance says to do instead."""
    return next((rule.instead for rule in policy.guidance.values() if rule.guard == guard), "")


def upwards_only(people: People, situation: Situation, level: int) -> None:
    """Raises GuardRefused for a level at or below the present one.  Takes a level of the ladder, from 1."""
    if level > situation.present:
        return
    policy, label, present = people.policy, situation.incident.label, situation.present
    paged = f"level {present} ({_who(policy, situation, present)})"
    if not situation.climbs:
        message = (
            f"{label}: {paged} was paged already, and level {level} is not above it; nobody higher would come, "
            f"and in an account without responder requests {_owners(people, situation)} would lose the incident"
        )
    elif level == present:
        message = (
            f"{label} is on {paged} already; to set it again would page the same people again, "
            f"and {_next_page(policy, situation, level)}{_instead(situation)}"
        )
    else:
        message = (
            f"{label} is on {paged}, above level {level}; {_owners(people, situation)} would lose the incident, "
            f"and the ladder would start again from level {level}: {_next_page(policy, situation, level)}"
        )
    if present < situation.levels:
        remedy = f"escalate to level {present + 1} ({_who(policy, situation, present + 1)})"
    else:
        remedy = "no level is above it: ask for a need (--need)"
    call = f"watchbill incident phone {situation.incident.number}"
    raise GuardRefused(message, remedy=f"{remedy}; to call people: `{call}`")


def levels_in_order(policy: Policy, situation: Situation, level: int, emergency: str) -> None:
    """Raises GuardRefused when levels between would be skipped without a reason."""
    if not is_on(policy, "levels-in-order") or level <= situation.engaged + 1 or emergency.strip():
        return
    skipped = range(situation.engaged + 1, level)
    named = " and ".join(f"level {n} ({_who(policy, situation, n)})" for n in skipped)
    raise _refused(
        policy,
        "levels-in-order",
        f"{situation.incident.label} is on level {situation.engaged}; level {level} would skip {named}",
        f'escalate to level {situation.engaged + 1}, or say why with --emergency "reason"',
    )


def context_given(policy: Policy, missing: Sequence[str], reason: str) -> None:
    """Raises GuardRefused that names every field the template still lacks; a reason not to delay stands for all."""
    if reason or not missing:
        return
    guard = "tried-first" if tuple(missing) == ("tried",) else "template-complete"
    if not is_on(policy, guard):
        return
    options = " ".join(f'--{name.replace("_", "-")} "..."' for name in missing)
    reasons = ", ".join(policy.triggers.do_not_delay)
    raise _refused(
        policy,
        guard,
        f"the escalation request does not say {', '.join(missing)}",
        f"add {options}; or say --reason and one of {reasons}",
    )


def context_missing(policy: Policy, missing: Sequence[str]) -> tuple[Finding, ...]:
    """The same as a warning, for the one-line escalation to the next level: that page does not wait for words."""
    try:
        context_given(policy, missing, "")
    except GuardRefused as refused:
        hint = "tell whoever comes: watchbill incident update, or the template in the channel"
        return (Finding("template-complete", "warning", refused.message, hint),)
    return ()


def quiet_phones(policy: Policy, situation: Situation, quiet: Sequence[str]) -> tuple[Finding, ...]:
    """P1 and only e-mail: the page goes out all the same, and whoever escalates is told to call."""
    if not quiet or situation.severity != "P1" or not is_on(policy, "no-email-for-p1"):
        return ()
    return (
        Finding(
            "no-email-for-p1",
            "warning",
            f"PagerDuty would reach {', '.join(quiet)} by e-mail only, or late",
            f"{advice(policy, 'no-email-for-p1')}: `watchbill incident phone {situation.incident.number}`",
        ),
    )


def _owners(people: People, situation: Situation) -> str:
    incident = situation.incident
    owners = incident.acknowledged_by or incident.assignees
    return ", ".join(people.name(user, incident.names.get(user, "")) for user in owners) or "its owner"


def _next_page(policy: Policy, situation: Situation, level: int) -> str:
    """What the ladder would do after `level` was set now."""
    assert situation.ladder is not None
    wait = duration_text(situation.ladder.delays[level - 1] * 60)
    if level == situation.levels:
        return f"the ladder would start over {wait} from now"
    return f"level {level + 1} ({_who(policy, situation, level + 1)}) would be paged {wait} from now"


def _instead(situation: Situation) -> str:
    due = situation.incident.escalates_at
    return "" if due is None else f" instead of {duration_text(due - situation.now)} from now"


def _who(policy: Policy, situation: Situation, level: int) -> str:
    if situation.ladder is None or level > len(situation.ladder.steps):
        return "nobody"
    return ", ".join(policy.title_of(name) for name in situation.ladder.steps[level - 1].targets)


def _refused(policy: Policy, guard: str, message: str, remedy: str) -> GuardRefused:
    instead = advice(policy, guard)
    return GuardRefused(
        f"{message} ({guard}: {instead[0].lower()}{instead[1:]})" if instead else message, remedy=remedy
    )
