"""An account made fit for another one: what could not be made again there is cut, renamed or left out, and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from watchbill.account.canon import live_layers
from watchbill.account.marker import room
from watchbill.account.objects import (
    Account,
    AnySchedule,
    EscalationPolicy,
    Ref,
    Service,
    ShiftSchedule,
)
from watchbill.adopt.objects import title_of
from watchbill.adopt.portable_times import Timed, with_fit_times
from watchbill.private_text import masked

T = TypeVar("T", AnySchedule, EscalationPolicy, Service)

LONGEST_NAME = 255
_LONGEST_KEY = "escalation_policy/" + "x" * 63


def made_portable(account: Account, now: int) -> tuple[Account, list[str]]:
    """The account as it can be made elsewhere, and in words what is not as it was."""
    notes = ["settings.pagerduty.account says sandbox: write there which account this is for"]
    schedules = _timely(_fit(account.schedules, "schedule", notes), "schedule", now, notes)
    services = _timely(_fit(account.services, "service", notes), "service", now, notes)
    able = {s.id for s in schedules if isinstance(s, ShiftSchedule) or live_layers(s, now)}
    users = {user.id for user in account.users}

    def pages(ref: Ref) -> bool:
        return ref.id in (able if ref.kind == "schedule" else users)

    policies = tuple(
        _without_gone(p, pages, notes) for p in _fit(account.policies, "escalation policy", notes)
    )
    made = account.model_copy(update={"schedules": schedules, "policies": policies, "services": services})
    return made, notes


def _fit(objects: Sequence[T], what: str, notes: list[str]) -> tuple[T, ...]:
    """Names that PagerDuty would take again, and descriptions with room for the marker; no old marker."""
    taken: set[str] = set()
    found = []
    for obj in objects:
        name = _free(_taken_by_pagerduty(obj), taken)
        taken.add(name.casefold())
        description = masked(obj.description)[: room(_LONGEST_KEY)].rstrip()
        shown = masked(obj.name)
        if name != obj.name:
            notes.append(f"{what} {shown!r} ({obj.id}) becomes {name!r}, a name that PagerDuty takes")
        if description != obj.description:
            notes.append(
                f"{what} {shown!r}: its description is cut, for a secret or for room for watchbill's line"
            )
        found.append(obj.model_copy(update={"name": name, "description": description, "marker": None}))
    return tuple(found)


def _timely(objects: Sequence[Timed], what: str, now: int, notes: list[str]) -> tuple[Timed, ...]:
    found = []
    for obj in objects:
        fit, told = with_fit_times(obj, now)
        notes += [f"{what} {masked(obj.name)!r}: {text}" for text in told]
        found.append(fit)
    return tuple(found)


def _taken_by_pagerduty(obj: AnySchedule | EscalationPolicy | Service) -> str:
    """The name as it may be written; a schedule's may hold anything."""
    if isinstance(obj, AnySchedule):
        return masked(obj.name).strip()
    shown = "".join(c if c.isprintable() else " " for c in masked(obj.name)).strip()
    return title_of(shown) if isinstance(obj, EscalationPolicy) else shown


def _free(name: str, taken: set[str]) -> str:
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        end = f" ({number})"
        found = name[: LONGEST_NAME - len(end)] + end
    return found


def _without_gone(
    policy: EscalationPolicy, pages: Callable[[Ref], bool], notes: list[str]
) -> EscalationPolicy:
    """Whom nobody can page is skipped by PagerDuty at once; so a level of nobody else is not needed."""
    rules = []
    for level, rule in enumerate(policy.rules, start=1):
        targets = tuple(ref for ref in rule.targets if pages(ref))
        if len(targets) < len(rule.targets):
            gone = "is left out" if not targets else "loses them"
            notes.append(
                f"escalation policy {masked(policy.name)!r}, level {level}, pages deleted users or empty schedules; it {gone}"
            )
        if targets:
            rules.append(rule.model_copy(update={"targets": targets}))
    return policy.model_copy(update={"rules": tuple(rules)})
