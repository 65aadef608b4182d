"""Services, tags and alerts: each leads to exactly one ladder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from watchbill.checks.context import Context
from watchbill.checks.rule import Problem, Rule
from watchbill.findings import Place


def _service_once(context: Context) -> Iterator[Problem]:
    said = ((h, ("domains", h, "services"), d.services) for h, d in context.policy.domains.items())
    for place, name, first in _claimed_twice(said):
        yield Problem(
            place,
            f"'{name}' already belongs to {first}",
            "a service has one domain: take it out of one of them",
        )


def _tag_once(context: Context) -> Iterator[Problem]:
    said = ((h, ("domains", h, "tags"), d.tags) for h, d in context.policy.domains.items())
    for place, name, first in _claimed_twice(said):
        yield Problem(place, f"incidents tagged '{name}' already go to {first}", "a tag leads to one domain")


def _alert_once(context: Context) -> Iterator[Problem]:
    said = (
        (h, ("severities", h, "from_alerts"), s.from_alerts) for h, s in context.policy.severities.items()
    )
    for place, name, first in _claimed_twice(said):
        yield Problem(place, f"alerts of severity {name} already open {first}", "an alert opens one severity")


def _claimed_twice(said: Iterable[tuple[str, Place, tuple[str, ...]]]) -> Iterator[tuple[Place, str, str]]:
    first: dict[str, str] = {}
    for handle, place, names in said:
        for i, name in enumerate(names):
            other = first.setdefault(name, handle)
            if other != handle:
                yield (*place, i) if len(names) > 1 else place, name, other


def _no_ladder(context: Context) -> Iterator[Problem]:
    policy = context.policy
    homes = {name for domain in policy.domains.values() for name in domain.services}
    if any(kind == "domains" for kind, _ in context.loaded.broken) or "domains" in context.loaded.unread:
        return
    for handle, service in policy.services.items():
        if service.ladder is None and handle not in homes:
            hint = "add it to the `services` of a domain, or give it a `ladder`"
            yield Problem(("services", handle), "it has no ladder: its incidents page nobody", hint)
        elif service.ladder is not None and handle in homes:
            hint = "keep one of them: the domain, or `ladder`"
            yield Problem(("services", handle, "ladder"), "it stands on its domain's ladder already", hint)


RULES = (
    Rule("service-in-two-domains", "error", "A service in two domains", _service_once),
    Rule("tag-in-two-domains", "error", "A tag that two domains claim", _tag_once),
    Rule("alert-in-two-severities", "error", "An alert that opens two severities", _alert_once),
    Rule("service-ladder", "error", "A service with no ladder, or with two", _no_ladder),
)
