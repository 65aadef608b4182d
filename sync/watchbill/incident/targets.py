"""Whom a human's escalation pages: a level, a step of a path, or a need.  Through the one resolver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from watchbill.errors import UsageError
from watchbill.incident.fill import one_of
from watchbill.incident.situation import Situation
from watchbill.ladder.resolve import OnDuty, reached, resolve
from watchbill.model.base import WORDS
from watchbill.model.policy import Policy
from watchbill.rota.duty import Roster


@dataclass(frozen=True, slots=True)
class Told:
    """A role that is told and never paged."""

    role: str
    channel: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Targets:
    title: str
    """For people: level 2 of Database P1, Decision authority."""
    paged: tuple[OnDuty, ...]
    told: tuple[Told, ...] = ()
    level: int = 0
    """Of the ladder; 0 where none is meant."""
    unreached: tuple[str, ...] = ()
    """Names that stand for nobody at this instant."""


def of_level(roster: Roster, situation: Situation, level: int) -> Targets:
    """Raises UsageError for a level that the ladder lacks."""
    ladder = situation.ladder
    if ladder is None:
        raise UsageError(
            f"{situation.incident.label} stands on no ladder of the policy",
            remedy="name people with --need or --path, or give its service a domain in services.yaml",
        )
    if not 1 <= level <= len(ladder.steps):
        raise UsageError(
            f"{ladder.title} has {len(ladder.steps)} level(s), not {level}",
            remedy=_levels(roster.policy, situation),
        )
    names = ladder.steps[level - 1].targets
    return _targets(roster, situation, f"level {level} of {ladder.title}", names, level=level)


def of_need(roster: Roster, situation: Situation, need: str) -> Targets:
    needs = roster.policy.triggers.needs
    if need not in needs:
        raise UsageError(f"there is no need {need!r}", remedy=one_of(needs, "triggers.needs"))
    spec = needs[need]
    found = _targets(roster, situation, spec.title, spec.page or ())
    told = tuple(_told(roster.policy, role) for role in spec.notify or ())
    return Targets(found.title, found.paged, told, unreached=found.unreached)


def of_names(roster: Roster, situation: Situation, title: str, names: Iterable[str]) -> Targets:
    """Names as paths and triggers write them: also domain.primary, domain.specialist and rotation.next."""
    return _targets(roster, situation, title, tuple(names))


def told(policy: Policy, roles: Iterable[str]) -> tuple[Told, ...]:
    return tuple(_told(policy, role) for role in roles)


def _targets(
    roster: Roster, situation: Situation, title: str, names: Iterable[str], *, level: int = 0
) -> Targets:
    paged: dict[str, OnDuty] = {}
    nobody: list[str] = []
    for name in names:
        found = _reached(roster, situation, name)
        if not found:
            nobody.append(_title(roster.policy, situation, name))
        for duty in found:
            paged.setdefault(duty.person, duty)
    return Targets(title, tuple(paged.values()), level=level, unreached=tuple(nobody))


def _reached(roster: Roster, situation: Situation, name: str) -> list[OnDuty]:
    if name == "domain.specialist":
        return _specialist(roster, situation)
    if name == "rotation.next":
        return _next(roster, situation)
    if name.startswith("domain."):
        place = _place(roster.policy, situation, name)
        return reached(roster, place, situation.now) if place else []
    return reached(roster, name, situation.now)


def _place(policy: Policy, situation: Situation, name: str) -> str | None:
    if situation.domain is None:
        return None
    found: str | None = getattr(policy.domains[situation.domain], name.removeprefix("domain."))
    return found


def _specialist(roster: Roster, situation: Situation) -> list[OnDuty]:
    """The domain's experts whose names are known, else its secondary."""
    policy = roster.policy
    for expert in policy.experts.values():
        if expert.domain != situation.domain:
            continue
        known = [name for name in (expert.primary, expert.backup) if name and name not in WORDS]
        found = [duty for name in known for duty in reached(roster, name, situation.now)]
        if found:
            return found[:1]
    return _reached(roster, situation, "domain.secondary")


def _next(roster: Roster, situation: Situation) -> list[OnDuty]:
    """Who has the next turn of the domain's own rotation, and is not at work already."""
    primary = _place(roster.policy, situation, "domain.primary")
    paged = resolve(roster.policy, primary) if primary else None
    if paged is None or paged.rotation is None:
        return []
    shift = roster.after(paged.rotation, situation.now)
    if shift is None or shift.person is None:
        return []
    return [OnDuty(paged.role, paged.rotation, shift.person, "turn", paged.via)]


def _told(policy: Policy, name: str) -> Told:
    role = policy.roles.get(name)
    if role is not None and role.notify is not None:
        return Told(name, role.notify.slack or "", role.notify.email or "")
    person = policy.people.get(name)
    return Told(name, email=person.email if person else "")


def _title(policy: Policy, situation: Situation, name: str) -> str:
    if name.startswith("domain."):
        place = None if name == "domain.specialist" else _place(policy, situation, name)
        return policy.title_of(place) if place else name
    return policy.title_of(name)


def _levels(policy: Policy, situation: Situation) -> str:
    assert situation.ladder is not None
    told = (
        f"{number} = {' + '.join(policy.title_of(name) for name in step.targets)}"
        for number, step in enumerate(situation.ladder.steps, start=1)
    )
    return "its levels: " + ", ".join(told)
