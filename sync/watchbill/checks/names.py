"""Names in PagerDuty: one object each, and short enough."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.account.marker import room
from watchbill.checks.context import Context
from watchbill.checks.rule import Problem, Rule
from watchbill.findings import Place
from watchbill.model.policy import Policy

LONGEST_NAME = 255


def _schedules(context: Context) -> Iterator[tuple[Place, str]]:
    for handle, rotation in context.policy.rotations.items():
        if rotation.has_schedule:
            yield (
                ("rotations", handle, *(("pagerduty", "name") if rotation.pagerduty.name else ("title",))),
                rotation.vendor_name,
            )
    for handle, external in context.policy.external.items():
        if external.schedule:
            yield ("external", handle, "schedule"), external.schedule


def _policies(context: Context) -> Iterator[tuple[Place, str]]:
    for ladder in context.ladders.values():
        if ladder.domain is not None:
            place: Place = ("domains", ladder.domain, "title")
        elif ladder.severity is not None:
            place = ("severities", ladder.severity)
        else:
            place = ("ladders", ladder.key, *(("pagerduty", "name") if ladder.name else ("title",)))
        yield place, ladder.vendor_name
    for handle, external in context.policy.external.items():
        if external.ladder:
            yield ("external", handle, "ladder"), external.ladder


def _services(context: Context) -> Iterator[tuple[Place, str]]:
    for handle, service in context.policy.services.items():
        key = ("pagerduty", "name") if service.pagerduty.name else ("title",)
        yield ("services", handle, *key), service.pagerduty.name or service.title


_FAMILIES = (("schedule", _schedules), ("escalation policy", _policies), ("service", _services))


def _duplicate_name(context: Context) -> Iterator[Problem]:
    for what, named in _FAMILIES:
        first: dict[str, Place] = {}
        for place, name in named(context):
            other = first.setdefault(name.casefold(), place)
            if other[:2] != place[:2] or (other != place):
                message = f"a second {what} called '{name}'; the first is {other[0]}.{other[1]}"
                yield Problem(place, message, "PagerDuty objects are found by name: change one of them")


def _long_name(context: Context) -> Iterator[Problem]:
    for what, named in _FAMILIES:
        for place, name in named(context):
            if len(name) > LONGEST_NAME:
                message = (
                    f"the {what} would be called by {len(name)} characters; PagerDuty takes {LONGEST_NAME}"
                )
                yield Problem(place, message, "shorten the title")


def _long_description(context: Context) -> Iterator[Problem]:
    """The ownership marker stands below every description that watchbill writes (rulings 1)."""
    for kind, key, text in _descriptions(context.policy):
        free = room(f"{_KEYS[kind]}/{key}")
        if len(text) > free:
            message = f"{len(text)} characters; with the marker that watchbill adds, {free} fit"
            yield Problem((kind, key, "description"), message, f"shorten it by {len(text) - free}")


_KEYS = {"rotations": "rotation", "ladders": "ladder", "services": "service"}


def _descriptions(policy: Policy) -> Iterator[tuple[str, str, str]]:
    for kind in _KEYS:
        for handle, item in getattr(policy, kind).items():
            if item.description:
                yield kind, handle, item.description


def _one_name_two_things(context: Context) -> Iterator[Problem]:
    first: dict[str, tuple[str, str]] = {}
    for kind in ("roles", "rotations"):
        for handle, item in getattr(context.policy, kind).items():
            for alias in (item.title, *item.aliases):
                other = first.setdefault(alias.casefold(), (kind, handle))
                if other != (kind, handle):
                    message = f"'{alias}' also means {other[0]}.{other[1]}"
                    key = "title" if alias == item.title else "aliases"
                    yield Problem(
                        (kind, handle, key), message, "whoever asks for it by that name gets the first one"
                    )


RULES = (
    Rule("duplicate-name", "error", "Two PagerDuty objects of one name", _duplicate_name),
    Rule("long-name", "error", "A name that PagerDuty does not take", _long_name),
    Rule("long-description", "error", "A description without room for the marker", _long_description),
    Rule("ambiguous-name", "warning", "One title or alias for two things", _one_name_two_things),
)
