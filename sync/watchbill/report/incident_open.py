"""`incident open`, for people and as `watchbill.incident-opened/1`."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from watchbill.account.incidents import Incident
from watchbill.incident.opening import Ready
from watchbill.ladder.simulate import Simulation
from watchbill.model.base import Model
from watchbill.model.policy import Policy
from watchbill.report.columns import wrapped
from watchbill.report.duty import simulation_lines
from watchbill.report.paint import Paint
from watchbill.report.safe import plain


class LaterPage(Model):
    after_minutes: int
    """Since it opened, while nobody acknowledges."""
    level: int
    people: tuple[str, ...]
    """Handles."""


class OpenedAnswer(Model):
    format: Literal["watchbill.incident-opened/1"] = "watchbill.incident-opened/1"
    done: bool
    """false: only shown."""
    id: str | None
    number: int | None
    title: str
    severity: str
    domain: str
    service: str
    """Handle."""
    ladder: str
    """Key of the ladder."""
    escalation_policy: str
    """Its name in PagerDuty."""
    priority: str | None
    """null where the account has no such priority."""
    urgency: str
    level: int | None
    """Where PagerDuty began; null while it is only shown."""
    paged: tuple[str, ...]
    """Names of who PagerDuty pages now; while it is only shown, by the policy."""
    steps: tuple[LaterPage, ...]
    """By the policy, the first one included."""
    problems: tuple[str, ...] = ()


def opened_answer(
    ready: Ready, run: Simulation, made: Incident | None, *, level: int = 0, problems: tuple[str, ...] = ()
) -> OpenedAnswer:
    wish = ready.wanted
    steps = tuple(
        LaterPage(
            after_minutes=step.after_minutes,
            level=step.level,
            people=tuple(dict.fromkeys(duty.person for duty in step.targets)),
        )
        for step in run.steps
    )
    first = next((step.people for step in steps if step.people), ())
    return OpenedAnswer(
        done=made is not None,
        id=made.id if made else None,
        number=made.number if made else None,
        title=wish.title,
        severity=wish.severity,
        domain=wish.domain,
        service=wish.service,
        ladder=wish.ladder.key,
        escalation_policy=wish.ladder.vendor_name,
        priority=wish.priority if ready.priority else None,
        urgency=wish.urgency,
        level=level or None,
        paged=tuple(made.names.get(user, user) for user in made.assignees) if made else first,
        steps=steps,
        problems=problems,
    )


def wanted_text(ready: Ready, run: Simulation, policy: Policy, *, color: bool, width: int) -> str:
    """Before it is open."""
    paint = Paint(color)
    lines = _where("Would open", ready, policy, paint, width)
    return "\n".join(
        [*lines, "Pages:", *simulation_lines(run, policy, ready.wanted.severity, paint, width)]
    ).rstrip()


def opened_text(
    answer: OpenedAnswer, ready: Ready, run: Simulation, policy: Policy, *, color: bool, width: int
) -> str:
    paint, number = Paint(color), answer.number
    lines = _where(f"Opened #{number}:", ready, policy, paint, width)
    names = ", ".join(plain(name) for name in answer.paged) or "NOBODY"
    lines += [f"Paged now, level {answer.level}: {paint.bold(names)}"]
    later = replace(run, steps=tuple(step for step in run.steps if step.level > (answer.level or 0)))
    if later.steps:
        lines += ["Then, while nobody acknowledges:"]
    lines += simulation_lines(later, policy, ready.wanted.severity, paint, width)
    lines += [paint.red(plain(problem)) for problem in answer.problems]
    lines += [
        "Next:",
        f"  watchbill incident show {number}",
        f'  watchbill incident update {number} "what is known"',
    ]
    if later.steps:
        lines.append(f"  watchbill incident escalate {number} --to-level {later.steps[0].level}")
    return "\n".join(lines)


def _where(verb: str, ready: Ready, policy: Policy, paint: Paint, width: int) -> list[str]:
    wish = ready.wanted
    service = policy.services[wish.service].title
    priority = (
        f"priority {wish.priority}" if ready.priority else f"no priority {wish.priority} in this account"
    )
    services = len(policy.domains[wish.domain].services)
    more = f"; --service names another of its {services}" if services > 1 else ""
    told = f"{wish.severity} in {policy.domains[wish.domain].title}, service {service} ({wish.service}){more}"
    how = f"escalation policy {wish.ladder.vendor_name}, {priority}, {wish.urgency} urgency"
    lines = [paint.bold(line) for line in wrapped(f"{verb} {wish.title}", width, hanging=2)]
    return [*lines, *(f"  {line}" for text in (told, how) for line in wrapped(text, width - 2))]
