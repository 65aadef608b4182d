"""Every name that is used anywhere in the policy, with its place and what it must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from watchbill.findings import Place
from watchbill.model.base import NOBODY, PLACEHOLDER, UNSET
from watchbill.model.escalation import PathStep
from watchbill.model.ladders import LongStep, Step
from watchbill.model.policy import Policy
from watchbill.model.settings import ALWAYS, EVERYONE
from watchbill.model.text import Duration, Window


class Use(NamedTuple):
    place: Place
    name: str
    kinds: tuple[str, ...]
    """Any of these kinds will do."""


TARGET = ("people", "roles", "rotations", "external")
HOLDER = ("people", "rotations")
STANDS = ("roles", "rotations")
SERVES = ("people", "roles", "rotations")
PERSON = ("people",)
TOLD = ("roles", "people")


def uses(policy: Policy) -> Iterator[Use]:
    yield from _each(("settings", "guards", "scope", "teams"), policy.settings.guards.scope.teams, ("teams",))
    yield from _chat(policy)
    for handle, role in policy.roles.items():
        if role.holder is not None:
            yield Use(("roles", handle, "held_by"), role.holder, HOLDER)
    yield from _rotations(policy)
    yield from _duty(policy)
    yield from _ladders(policy)
    yield from _escalation(policy)
    yield from _directory(policy)


def _chat(policy: Policy) -> Iterator[Use]:
    chat, place = policy.settings.chat, ("settings", "chat")
    for command, names in chat.may.items():
        known = tuple(name for name in names if name != EVERYONE)
        yield from _each((*place, "may", command), known, SERVES)
    yield from _each((*place, "phones"), tuple(n for n in chat.phones if n != EVERYONE), SERVES)
    for group, rotations in chat.groups.items():
        yield from _each((*place, "groups", group), rotations, ("rotations",))


def _rotations(policy: Policy) -> Iterator[Use]:
    for handle, rotation in policy.rotations.items():
        place: Place = ("rotations", handle)
        yield from _each((*place, "team"), rotation.team, ("teams",))
        yield from _crew((*place, "crew"), rotation.crew)
        yield from _hours((*place, "hours"), rotation.hours)
        for i, dated in enumerate(rotation.crews or ()):
            yield from _crew((*place, "crews", i, "order"), dated.order)
            yield from _hours((*place, "crews", i, "hours"), dated.hours)
        for i, layer in enumerate(rotation.layers or ()):
            yield from _crew((*place, "layers", i, "crew"), layer.crew)
            yield from _hours((*place, "layers", i, "hours"), layer.hours)
        if rotation.same_crew:
            yield Use((*place, "same_crew", "as"), rotation.same_crew.as_, ("rotations",))
        if rotation.covered_by:
            yield Use((*place, "covered_by"), rotation.covered_by, SERVES)
        if rotation.otherwise:
            yield Use((*place, "otherwise"), rotation.otherwise, SERVES)


def _duty(policy: Policy) -> Iterator[Use]:
    for i, shift in enumerate(policy.shifts):
        yield Use(("shifts", i, "rotation"), shift.rotation, ("rotations",))
        yield Use(("shifts", i, "person"), shift.person, PERSON)
    for i, override in enumerate(policy.overrides):
        yield Use(("overrides", i, "rotation"), override.rotation, ("rotations",))
        yield Use(("overrides", i, "person"), override.person, PERSON)
        if override.instead_of:
            yield Use(("overrides", i, "instead_of"), override.instead_of, PERSON)
        if override.requested_by:
            yield Use(("overrides", i, "requested_by"), override.requested_by, PERSON)
    for i, absence in enumerate(policy.absences):
        yield Use(("absences", i, "person"), absence.person, PERSON)
        if absence.covered_by:
            yield Use(("absences", i, "covered_by"), absence.covered_by, SERVES)


def _ladders(policy: Policy) -> Iterator[Use]:
    for handle, severity in policy.severities.items():
        yield from _steps(("severities", handle, "steps"), severity.steps)
    for handle, domain in policy.domains.items():
        place: Place = ("domains", handle)
        for key in ("primary", "secondary", "tertiary"):
            name = getattr(domain, key)
            if name:
                yield Use((*place, key), name, STANDS)
        yield from _each((*place, "services"), domain.services, ("services",))
        yield Use((*place, "default_severity"), domain.default_severity, ("severities",))
        yield from _steps((*place, "also"), domain.also)
        yield from _steps((*place, "steps"), domain.steps or {})
    for handle, ladder in policy.ladders.items():
        yield from _steps(("ladders", handle, "steps"), ladder.steps)
        yield from _each(("ladders", handle, "team"), ladder.team, ("teams",))
    for handle, service in policy.services.items():
        if service.ladder:
            yield Use(("services", handle, "ladder"), service.ladder, ("ladders", "external"))
        if service.urgency is not None and not isinstance(service.urgency, str):
            yield Use(("services", handle, "urgency", "during"), service.urgency.during, ("hours",))


def _escalation(policy: Policy) -> Iterator[Use]:
    for handle, trigger in policy.triggers.automatic.items():
        place: Place = ("triggers", "automatic", handle)
        yield from _each((*place, "when", "severity"), trigger.when.severity, ("severities",))
        yield from _each((*place, "then", "page"), trigger.then.page, TARGET)
        yield from _each((*place, "then", "notify"), trigger.then.notify, TOLD)
        yield from _each((*place, "then", "page_only_for"), trigger.then.page_only_for, ("severities",))
    for handle, need in policy.triggers.needs.items():
        yield from _each(("triggers", "needs", handle, "page"), need.page, TARGET)
        yield from _each(("triggers", "needs", handle, "notify"), need.notify, TOLD)
    for handle, reason in policy.triggers.do_not_delay.items():
        if not isinstance(reason, str):
            yield Use(("triggers", "do_not_delay", handle, "trigger"), reason.trigger, ("automatic",))
    for handle, path in policy.paths.items():
        yield from _path(("paths", handle, "steps"), path.steps)
    for i, question in enumerate(policy.expectations):
        place = ("expectations", i)
        if question.incident:
            yield Use((*place, "incident", "severity"), question.incident.severity, ("severities",))
            yield Use((*place, "incident", "domain"), question.incident.domain, ("domains",))
        for after, names in (question.pages or {}).items():
            yield from _each((*place, "pages", after.text), names, TARGET)
        yield from _each((*place, "never_together"), question.never_together, TARGET)
        yield from _each((*place, "always_someone"), question.always_someone, STANDS)
        yield from _each((*place, "off_duty"), question.off_duty, PERSON)


def _directory(policy: Policy) -> Iterator[Use]:
    for handle, expert in policy.experts.items():
        yield Use(("experts", handle, "domain"), expert.domain, ("domains",))
        for key, name in (("primary", expert.primary), ("backup", expert.backup)):
            if name not in (PLACEHOLDER, UNSET):
                yield Use(("experts", handle, key), name, TOLD)
    for handle, procedure in policy.procedures.items():
        place: Place = ("procedures", handle)
        if procedure.message:
            yield Use((*place, "message"), procedure.message, ("messages",))
        if procedure.only_when:
            yield from _each((*place, "only_when", "severity"), procedure.only_when.severity, ("severities",))
            if procedure.only_when.outside:
                yield Use((*place, "only_when", "outside"), procedure.only_when.outside, ("hours",))
    for handle, metric in policy.metrics.items():
        yield from _each(("metrics", handle, "severity"), metric.severity, ("severities",))


def _each(place: Place, names: tuple[str, ...] | None, kinds: tuple[str, ...]) -> Iterator[Use]:
    """Names that stand for something wherever they are (`domain.primary`, `nobody`) are left out."""
    for i, name in enumerate(names or ()):
        if "." not in name and not (name == NOBODY and kinds == TARGET):
            yield Use((*place, i) if len(names or ()) > 1 else place, name, kinds)


def _crew(place: Place, crew: tuple[str, ...] | None) -> Iterator[Use]:
    for i, name in enumerate(crew or ()):
        if name != NOBODY:
            yield Use((*place, i), name, PERSON)


def _hours(place: Place, hours: tuple[Window | str, ...] | None) -> Iterator[Use]:
    for i, item in enumerate(hours or ()):
        if isinstance(item, str) and item != ALWAYS:
            yield Use((*place, i) if len(hours or ()) > 1 else place, item, ("hours",))


def _steps(place: Place, steps: Mapping[Duration, Step]) -> Iterator[Use]:
    for after, step in steps.items():
        if isinstance(step, LongStep):
            yield from _each((*place, after.text, "page"), step.page, TARGET)
        else:
            yield from _each((*place, after.text), step if isinstance(step, tuple) else (step,), TARGET)


def _path(place: Place, steps: tuple[PathStep, ...]) -> Iterator[Use]:
    for i, step in enumerate(steps):
        yield from _each((*place, i, "page"), step.page, TARGET)
        if step.or_ and "." not in step.or_:
            yield Use((*place, i, "or"), step.or_, TARGET)
        for j, branch in enumerate(step.fork or ()):
            yield from _path((*place, i, "fork", j), branch)
