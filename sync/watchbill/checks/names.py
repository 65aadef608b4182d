"""Names in PagerDuty: one object each, and short enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from watchbill.account.marker import room
from watchbill.checks.context import Context
from watchbill.checks.rule import Problem, Rule
from watchbill.findings import Place
from watchbill.model.policy import Policy

LONGEST_NAME = 255


class Named(NamedTuple):
    place: Place
    name: str
    id: str
    """PagerDuty's, where the policy says it."""


def _schedules(context: Context) -> Iterator[Named]:
    for handle, rotation in context.policy.rotations.items():
        if rotation.has_schedule:
            key = ("pagerduty", "name") if rotation.pagerduty.name else ("title",)
            yield Named(("rotations", handle, *key), rotation.vendor_name, rotation.pagerduty.id or "")
    for handle, external in context.policy.external.items():
        if external.schedule:
            yield Named(("external", handle, "schedule"), external.schedule, external.id or "")


def _policies(context: Context) -> Iterator[Named]:
    for ladder in context.ladders.values():
        if ladder.domain is not None:
            place: Place = ("domains", ladder.domain, "title")
        elif ladder.severity is not None:
            place = ("severities", ladder.severity)
        else:
            place = ("ladders", ladder.key, *(("pagerduty", "name") if ladder.name else ("title",)))
        yield Named(place, ladder.vendor_name, ladder.pagerduty_id or "")
    for handle, external in context.policy.external.items():
        if external.ladder:
            yield Named(("external", handle, "ladder"), external.ladder, external.id or "")


def _services(context: Context) -> Iterator[Named]:
    for handle, service in context.policy.services.items():
        key = ("pagerduty", "name") if service.pagerduty.name else ("title",)
        name = service.pagerduty.name or service.title
        yield Named(("services", handle, *key), name, service.pagerduty.id or "")


_FAMILIES = (("schedule", _schedules), ("escalation policy", _policies), ("service", _services))


def _duplicate_name(context: Context) -> Iterator[Problem]:
    for what, named in _FAMILIES:
        seen: dict[str, list[Named]] = {}
        for item in named(context):
            others = seen.setdefault(item.name.casefold(), [])
            other = next((o for o in others if not _told_apart(o, item)), None)
            others.append(item)
            if other is not None:
                message = (
                    f"a second {what} called '{item.name}'; the first is {other.place[0]}.{other.place[1]}"
                )
                yield Problem(item.place, message, "PagerDuty objects are found by name: change one of them")


def _told_apart(one: Named, other: Named) -> bool:
    """By their ids; but two of one name that are both to be written are too many all the same."""
    if one.place == other.place:
        return True
    theirs = one.place[0] == other.place[0] == "external"
    return bool(one.id and other.id and one.id != other.id) and (theirs or one.name != other.name)


def _long_name(context: Context) -> Iterator[Problem]:
    for what, named in _FAMILIES:
        for place, name, _ in named(context):
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
