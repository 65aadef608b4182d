"""Every name that is used exists, and is of a kind that makes sense there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from watchbill.checks.context import Context
from watchbill.checks.rule import Problem, Rule
from watchbill.checks.uses import STANDS, TOLD, Use
from watchbill.config.near_window import near_window
from watchbill.config.suggest import did_you_mean
from watchbill.findings import Place
from watchbill.model.ladders import Domain, Step, step_targets
from watchbill.model.policy import NAMED, Policy
from watchbill.model.text import Duration

_ONE = {
    "people": "person",
    "roles": "role",
    "rotations": "rotation",
    "external": "external object",
    "severities": "severity",
    "domains": "domain",
    "services": "service",
    "ladders": "ladder",
    "teams": "team",
    "hours": "entry of settings.hours called",
    "automatic": "automatic trigger",
    "messages": "message",
}


def _unknown_name(context: Context) -> Iterator[Problem]:
    for use in context.uses:
        if any(use.name in _objects(context.policy, kind) for kind in use.kinds) or _may_exist(context, use):
            continue
        if _kind_of(context.policy, use.name) is not None and use.kinds[0] in NAMED:
            continue
        message = f"there is no {_either(use.kinds)} '{use.name}'"
        yield Problem(use.place, message, _near(context.policy, use))


def _wrong_kind(context: Context) -> Iterator[Problem]:
    for use in context.uses:
        kind = _kind_of(context.policy, use.name)
        if kind is None or use.kinds[0] not in NAMED or kind in use.kinds:
            continue
        message = f"'{use.name}' is a {_ONE[kind]}; here stands a {_either(use.kinds)}"
        hint = did_you_mean(use.name, _candidates(context.policy, use)) or _remedy(context.policy, use, kind)
        yield Problem(use.place, message, hint)

    for use in context.uses:
        external = context.policy.external.get(use.name)
        if external is None or "external" not in use.kinds:
            continue
        if "ladders" in use.kinds and use.name in context.policy.ladders:
            continue  # ladders have handles of their own, and come first
        if "ladders" in use.kinds and external.ladder is None:
            yield Problem(
                use.place, f"'{use.name}' is a schedule; a service stands on a ladder", _MAKE_LADDER
            )
        elif "people" in use.kinds and external.schedule is None:
            hint = "page a person, role, rotation or external schedule"
            yield Problem(use.place, f"'{use.name}' is a whole ladder, which nobody can page", hint)


_MAKE_LADDER = "define one under `ladders` that pages it, or an external object with `ladder: its exact name`"


def _remedy(policy: Policy, use: Use, kind: str) -> str:
    if use.kinds == ("people",) and kind == "roles":
        holder = policy.roles[use.name].holder
        return f"name who holds it: '{holder}'" if holder in policy.people else "name a person"
    if kind == "people" and use.kinds == ("roles", "rotations"):
        return "make a role that this person holds: {title: ..., held_by: " + use.name + "}"
    return f"name a {_either(use.kinds)}"


def _domain_place(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for handle, ladder in policy.ladders.items():
        for place, target in _domain_targets(("ladders", handle, "steps"), ladder.steps):
            yield Problem(
                place, f"{target} has no meaning outside of a domain", "name a role, rotation or person"
            )
    for handle, domain in policy.domains.items():
        for key in ("steps", "also"):
            for place, target in _domain_targets(("domains", handle, key), getattr(domain, key) or {}):
                if not _has(domain, target):
                    yield Problem(
                        place, f"this domain has no {target[7:]}", f"give it one: `{target[7:]}: ...`"
                    )
        if domain.steps is not None:
            continue
        for severity, spec in policy.severities.items():
            for place, target in _domain_targets(("severities", severity, "steps"), spec.steps):
                if not _has(domain, target):
                    message = f"{severity} pages {target} after {place[3]}, but this domain has none"
                    yield Problem(("domains", handle), message, f"give it one: `{target[7:]}: ...`")


def _domain_targets(place: Place, steps: Mapping[Duration, Step]) -> Iterator[tuple[Place, str]]:
    for after, step in steps.items():
        for target in step_targets(step):
            if target.startswith("domain."):
                yield (*place, after.text), target


def _has(domain: Domain, target: str) -> bool:
    return getattr(domain, target.removeprefix("domain."), None) is not None


def _not_notifiable(context: Context) -> Iterator[Problem]:
    for use in context.uses:
        role = context.policy.roles.get(use.name)
        if use.kinds == TOLD and "notify" in use.place and role is not None and role.notify is None:
            hint = f"give the role an address: `notify: {{slack: {use.name}}}`, or page it"
            yield Problem(use.place, f"the role '{use.name}' cannot be told anything", hint)


def _vendor_severity(context: Context) -> Iterator[Problem]:
    for handle, vendor in context.policy.vendors.items():
        for i, step in enumerate(vendor.steps):
            for name in (step.only_for or ()) if not isinstance(step, str) else ():
                if name not in vendor.severities:
                    known = ", ".join(vendor.severities) or "none"
                    hint = did_you_mean(name, vendor.severities) or f"its own severities are: {known}"
                    message = f"{vendor.title} has no severity '{name}'"
                    yield Problem(("vendors", handle, "steps", i, "only_for"), message, hint)


def _objects(policy: Policy, kind: str) -> Mapping[str, Any]:
    if kind == "hours":
        return policy.settings.hours
    if kind == "automatic":
        return policy.triggers.automatic
    objects: Mapping[str, Any] = getattr(policy, kind)
    return objects


def _kind_of(policy: Policy, name: str) -> str | None:
    return next((kind for kind in NAMED if name in _objects(policy, kind)), None)


def _may_exist(context: Context, use: Use) -> bool:
    """It is defined where something could not be read or used; that has its own finding."""
    homes = {"hours": "settings", "automatic": "triggers"}
    kinds = {homes.get(kind, kind) for kind in use.kinds}
    if kinds & context.loaded.unread or (
        kinds & {"settings"} and ("settings", "settings") in context.loaded.broken
    ):
        return True
    return any(
        (kind, use.name) in context.loaded.broken
        for kind in {*use.kinds, *(NAMED if use.kinds[0] in NAMED else ())}
    )


def _candidates(policy: Policy, use: Use) -> list[str]:
    return [name for kind in use.kinds for name in _objects(policy, kind)]


def _near(policy: Policy, use: Use) -> str:
    for kind in use.kinds:
        for handle, item in _objects(policy, kind).items():
            called = [
                *getattr(item, "aliases", ()),
                getattr(item, "title", None),
                getattr(item, "name", None),
            ]
            if use.name in (_as_handle(text) for text in called if isinstance(text, str)):
                return f"that is another name of '{handle}': write '{handle}'"
    for kinds in (use.kinds[1:], use.kinds[:1]) if use.kinds[0] == "people" else (use.kinds,):
        if near := did_you_mean(use.name, [name for kind in kinds for name in _objects(policy, kind)]):
            return near
    if use.kinds == ("hours",):
        known = ", ".join(["always", *policy.settings.hours])
        window = near_window(use.name)
        form = f"write it like {window.as_yaml}, or " if window is not None else ""
        return f"{form}define it in settings.hours; there are: {known}"
    return f"define it under `{_home(use.kinds)}`"


def _home(kinds: tuple[str, ...]) -> str:
    if kinds == ("automatic",):
        return "triggers.automatic"
    return "` or `".join(kinds if len(kinds) < 3 else STANDS)


def _as_handle(text: str) -> str:
    return "-".join(text.casefold().replace("/", " ").replace("-", " ").split())


def _either(kinds: tuple[str, ...]) -> str:
    *most, last = [_ONE[kind] for kind in kinds]
    return f"{', '.join(most)} or {last}" if most else last


RULES = (
    Rule("unknown-name", "error", "A name that nothing defines", _unknown_name),
    Rule("wrong-kind", "error", "A name of something else than is needed there", _wrong_kind),
    Rule("domain-place", "error", "domain.secondary where there is none", _domain_place),
    Rule("not-notifiable", "error", "A role that is told, but has no address", _not_notifiable),
    Rule("vendor-severity", "error", "A severity that the vendor's own scale lacks", _vendor_severity),
)
