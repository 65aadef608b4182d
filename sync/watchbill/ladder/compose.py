"""The two matrices become ladders: one per domain and severity, and one for a domain with steps of its own.

`domain.primary` in a severity's steps is the domain's primary; what a domain says under `also` joins the
step of the same minute (rulings 6).  Each ladder becomes one escalation policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from watchbill.model.ladders import Domain, Ladder, LongStep, Severity, Step, step_targets
from watchbill.model.policy import Policy
from watchbill.model.text import Duration


@dataclass(frozen=True, slots=True)
class LadderStep:
    minute: int
    """Since the incident opened."""
    targets: tuple[str, ...]
    """Handles of people, roles, rotations and external objects; `domain.*` already replaced."""
    may_be_empty: str | None = None
    confirm: str | None = None
    round_robin: bool = False


@dataclass(frozen=True, slots=True)
class ComposedLadder:
    key: str
    """`database-P1`; a domain's handle where it has steps of its own; a handle of `ladders:`."""
    title: str
    steps: tuple[LadderStep, ...]
    repeat: int
    last_wait: int
    """Minutes after the last step, before it starts over."""
    urgency: Literal["high", "low"] = "high"
    domain: str | None = None
    severity: str | None = None
    ack_timeout: int | None = None
    """Seconds."""
    handoff_notices: Literal["always", "if-services"] = "if-services"
    teams: tuple[str, ...] = ()
    description: str = ""
    name: str | None = None
    """Exact PagerDuty name, where it is not the title."""
    pagerduty_id: str | None = None
    previously: str | None = None

    @property
    def vendor_name(self) -> str:
        return self.name or vendor_name(self.title)

    @property
    def delays(self) -> tuple[int, ...]:
        """Minutes each level waits before the next; the last before starting over."""
        minutes = [step.minute for step in self.steps]
        return (*(after - at for at, after in pairwise(minutes)), self.last_wait)


def vendor_name(title: str) -> str:
    r"""PagerDuty allows none of \ / & < > in a policy's name: a dash stands for each (rulings 6)."""
    return re.sub(r"\s+", " ", re.sub(r"[\\/&<>]", "-", title)).strip()


def compose(policy: Policy) -> dict[str, ComposedLadder]:
    """Every ladder of the policy by key, in the order of the files."""
    routing = policy.settings.pagerduty.routing
    made: list[ComposedLadder] = []
    if routing == "severity":
        made += [_severity_ladder(policy, handle) for handle in policy.severities]
    for handle, domain in policy.domains.items() if routing != "severity" else ():
        if domain.steps is not None:
            made.append(_own_ladder(policy, handle, domain))
        elif routing == "domain":
            if domain.default_severity in policy.severities:
                made.append(_cell(policy, handle, domain.default_severity, key=handle, title=domain.title))
        else:
            made += [_cell(policy, handle, severity) for severity in policy.severities]
    made += [_explicit(handle, ladder) for handle, ladder in policy.ladders.items()]
    return {ladder.key: ladder for ladder in made}


def ladder_for(policy: Policy, severity: str, domain: str) -> ComposedLadder:
    """The ladder as the matrices compose it, whatever the routing profile makes of it in the account."""
    spec = policy.domains[domain]
    if spec.steps is not None:
        return _own_ladder(policy, domain, spec)
    return _cell(policy, domain, severity)


def default_ladder_key(policy: Policy, domain: str) -> str:
    """The key of the ladder that the domain's services stand on."""
    spec = policy.domains[domain]
    routing = policy.settings.pagerduty.routing
    if routing == "severity":
        return spec.default_severity
    if routing == "domain" or spec.steps is not None:
        return domain
    return f"{domain}-{spec.default_severity}"


def _cell(
    policy: Policy, handle: str, severity: str, *, key: str | None = None, title: str | None = None
) -> ComposedLadder:
    domain, spec = policy.domains[handle], policy.severities[severity]
    places = _places(domain)
    steps = _merge([*_steps(spec.steps, places), *_steps(domain.also, places)])
    if spec.urgency == "low":
        steps = steps[:1]
    return _of_severity(
        spec, steps, key or f"{handle}-{severity}", title or f"{domain.title} {severity}", handle, severity
    )


def _own_ladder(policy: Policy, handle: str, domain: Domain) -> ComposedLadder:
    places = _places(domain)
    steps = _merge([*_steps(domain.steps or {}, places), *_steps(domain.also, places)])
    default = policy.severities.get(domain.default_severity)
    return ComposedLadder(
        key=handle,
        title=domain.title,
        steps=steps,
        repeat=default.repeat if default else 0,
        last_wait=default.last_wait.minutes if default else 30,
        domain=handle,
        ack_timeout=default.ack_timeout.seconds if default and default.ack_timeout else None,
    )


def _severity_ladder(policy: Policy, severity: str) -> ComposedLadder:
    """All domains on one ladder, those with steps of their own too: their services stand on it."""
    spec = policy.severities[severity]
    domains = policy.domains.values()
    places = {
        f"domain.{place}": tuple(
            dict.fromkeys(t for d in domains if (t := _end_of_cover(policy, getattr(d, place))) is not None)
        )
        for place in ("primary", "secondary", "tertiary")
    }
    return _of_severity(spec, _merge(_steps(spec.steps, places)), severity, severity, None, severity)


def _of_severity(
    spec: Severity,
    steps: tuple[LadderStep, ...],
    key: str,
    title: str,
    domain: str | None,
    severity: str,
) -> ComposedLadder:
    return ComposedLadder(
        key=key,
        title=title,
        steps=steps,
        repeat=spec.repeat,
        last_wait=spec.last_wait.minutes,
        urgency=spec.urgency,
        domain=domain,
        severity=severity,
        ack_timeout=spec.ack_timeout.seconds if spec.ack_timeout else None,
    )


def _explicit(handle: str, ladder: Ladder) -> ComposedLadder:
    return ComposedLadder(
        key=handle,
        title=ladder.title,
        steps=_merge(_steps(ladder.steps, {})),
        repeat=ladder.repeat,
        last_wait=ladder.last_wait.minutes,
        handoff_notices=ladder.handoff_notices,
        teams=ladder.team,
        description=ladder.description or "",
        name=ladder.pagerduty.name,
        pagerduty_id=ladder.pagerduty.id,
        previously=ladder.previously,
    )


def _places(domain: Domain) -> dict[str, tuple[str, ...]]:
    named = {"primary": domain.primary, "secondary": domain.secondary, "tertiary": domain.tertiary}
    return {f"domain.{place}": (name,) if name else () for place, name in named.items()}


def _end_of_cover(policy: Policy, name: str | None) -> str | None:
    seen: set[str] = set()
    while name in policy.rotations and policy.rotations[name].covered_by and name not in seen:
        seen.add(name)
        name = policy.rotations[name].covered_by
    return name


def _steps(steps: Mapping[Duration, Step], places: Mapping[str, tuple[str, ...]]) -> list[LadderStep]:
    return [_step(after.minutes, step, places) for after, step in steps.items()]


def _step(minute: int, step: Step, places: Mapping[str, tuple[str, ...]]) -> LadderStep:
    targets = tuple(
        dict.fromkeys(name for written in step_targets(step) for name in places.get(written, (written,)))
    )
    if isinstance(step, LongStep):
        return LadderStep(minute, targets, step.may_be_empty, step.confirm, step.round_robin)
    return LadderStep(minute, targets)


def _merge(steps: Iterable[LadderStep]) -> tuple[LadderStep, ...]:
    """In order of time; steps of one minute become one."""
    by_minute: dict[int, LadderStep] = {}
    for step in steps:
        known = by_minute.get(step.minute)
        if known is None:
            by_minute[step.minute] = step
            continue
        by_minute[step.minute] = LadderStep(
            step.minute,
            tuple(dict.fromkeys((*known.targets, *step.targets))),
            known.may_be_empty or step.may_be_empty,
            known.confirm or step.confirm,
            known.round_robin or step.round_robin,
        )
    return tuple(by_minute[minute] for minute in sorted(by_minute))
