"""Ladders: their minutes, and whether somebody is at each step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from watchbill.checks.context import Context
from watchbill.checks.rule import Problem, Rule
from watchbill.findings import Place
from watchbill.ladder.compose import ComposedLadder
from watchbill.model.ladders import Step
from watchbill.model.policy import Policy
from watchbill.model.text import Duration

MOST_TARGETS = 10
"""PagerDuty takes no more in one rule."""
MANY_TARGETS = 5


def written_steps(policy: Policy) -> Iterator[tuple[Place, Mapping[Duration, Step]]]:
    """Steps as people wrote them; `also` is another matter, it only adds."""
    for kind, objects in (
        ("severities", policy.severities),
        ("domains", policy.domains),
        ("ladders", policy.ladders),
    ):
        for handle, item in objects.items():
            if item.steps is not None:
                yield (kind, handle, "steps"), item.steps


def _start(context: Context) -> Iterator[Problem]:
    for place, steps in written_steps(context.policy):
        first = next(iter(steps))
        if first.seconds:
            message = f"nobody is paged before {first}: a ladder begins at 0m"
            yield Problem((*place, first.text), message, "make the first step `0m: ...`")


def _order(context: Context) -> Iterator[Problem]:
    policy = context.policy
    also = [(("domains", h, "also"), d.also) for h, d in policy.domains.items()]
    for place, steps in (*written_steps(policy), *also):
        for before, after in pairwise(steps):
            if after.seconds == before.seconds:
                hint = "write them as one step with a list: [a, b]"
                yield Problem((*place, after.text), f"{after} and {before} are the same minute", hint)
            elif after.seconds < before.seconds:
                yield Problem(
                    (*place, after.text), f"{after} stands after {before}", "put the steps in order of time"
                )
        for after in steps:
            if after.seconds % 60:
                yield Problem((*place, after.text), f"{after} is no whole minute", "PagerDuty counts minutes")


def _low_urgency(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for handle, severity in policy.severities.items():
        if severity.urgency == "low" and len(severity.steps) > 1:
            count = len(severity.steps)
            message = f"{handle} has {count} steps, but PagerDuty never escalates a low-urgency incident"
            yield Problem(
                ("severities", handle, "urgency"),
                message,
                "write `urgency: high`, or keep only the first step",
            )
    for handle, service in policy.services.items():
        ladder = policy.ladders.get(service.ladder or "")
        if service.urgency == "low" and ladder is not None and len(ladder.steps) > 1:
            message = f"its ladder '{service.ladder}' has {len(ladder.steps)} steps, and low urgency never escalates"
            yield Problem(
                ("services", handle, "urgency"),
                message,
                "write `urgency: high`, or take a ladder of one step",
            )


def _too_many_targets(context: Context) -> Iterator[Problem]:
    for ladder in context.ladders.values():
        for step in ladder.steps:
            count = len(step.targets)
            if count > MOST_TARGETS:
                message = f"{ladder.title}: {count} targets at {step.minute}m, PagerDuty takes {MOST_TARGETS}"
                hint = "make a rotation of them, or spread them over two steps"
                yield Problem(context.step_place(ladder, step.minute), message, hint)
            elif count > MANY_TARGETS:
                message = f"{ladder.title}: {count} phones ring at once at {step.minute}m"
                hint = "where everybody is paged, everybody hopes for the others"
                yield Problem(context.step_place(ladder, step.minute), message, hint, "warning")


def _twice_in_a_row(context: Context) -> Iterator[Problem]:
    for ladder in context.ladders.values():
        for before, after in pairwise(ladder.steps):
            both = _sure_people(context, before.targets) & _sure_people(context, after.targets)
            if both:
                who = ", ".join(sorted(both))
                minutes = f"{before.minute}m and at {after.minute}m"
                message = f"{ladder.title} pages {who} at {minutes}: the second level is no second chance"
                hint = "page somebody else at one of them"
                yield Problem(context.step_place(ladder, after.minute), message, hint)


def _sure_people(context: Context, targets: tuple[str, ...]) -> set[str]:
    """Who is paged whenever it is: people, and rotations as a whole."""
    found: set[str] = set()
    for target in targets:
        paged = context.paged(target)
        if paged is None or paged.external is not None:
            continue
        people = context.people_of(paged.rotation) if paged.rotation else frozenset()
        found |= people if len(people) == 1 else {paged.rotation or paged.person or ""}
    return found


def _end(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for ladder in context.ladders.values():
        last = ladder.steps[-1] if ladder.steps else None
        reached = [context.paged(target) for target in last.targets] if last else []
        if last is None or not reached or any(paged is None or paged.person is None for paged in reached):
            continue
        if all(not policy.people[paged.person or ""].human for paged in reached if paged):
            names = ", ".join(paged.person or "" for paged in reached if paged)
            message = f"{ladder.title} ends at {names}, which no human answers"
            hint = "end it with a person, a role or a rotation"
            yield Problem(context.step_place(ladder, last.minute), message, hint)


def _unset_holder(context: Context) -> Iterator[Problem]:
    """A role on a ladder, directly or as a rotation's fallback, that nobody holds."""
    policy = context.policy
    for role, (ladder, minute) in _first_page_of_roles(context).items():
        if policy.roles[role].holder is None and ("roles", role) not in context.loaded.broken:
            message = f"nobody holds '{role}' ({policy.roles[role].held_by}), but {ladder.title} pages it at {minute}m"
            hint = f"write `held_by:` a person or rotation, or take '{role}' off the ladder"
            yield Problem(("roles", role, "held_by"), message, hint, context.on_real)


def _first_page_of_roles(context: Context) -> dict[str, tuple[ComposedLadder, int]]:
    found: dict[str, tuple[ComposedLadder, int]] = {}
    for ladder in context.ladders.values():
        for step in ladder.steps:
            for target in step.targets:
                for role in _roles_behind(context.policy, target):
                    found.setdefault(role, (ladder, step.minute))
    return found


def _roles_behind(policy: Policy, name: str | None) -> Iterator[str]:
    seen: set[str] = set()
    while name is not None and name not in seen:
        seen.add(name)
        if name in policy.roles:
            yield name
            name = policy.roles[name].holder
        elif name in policy.rotations:
            name = policy.rotations[name].covered_by or policy.rotations[name].otherwise
        else:
            name = None


RULES = (
    Rule("ladder-start", "error", "A ladder that does not begin at once", _start),
    Rule("ladder-order", "error", "Minutes that do not ascend", _order),
    Rule("low-urgency-escalates", "error", "Low urgency with more than one step", _low_urgency),
    Rule("many-targets", "error", "Too many targets at once", _too_many_targets),
    Rule("same-person-twice", "warning", "The same person on two levels in a row", _twice_in_a_row),
    Rule("ladder-end", "error", "A ladder that ends at a mailbox", _end),
    Rule("unset-holder", "error", "A role on a ladder that nobody holds", _unset_holder),
)
