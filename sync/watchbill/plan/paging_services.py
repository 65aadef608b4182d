"""Services that come, go, or change what their incidents do: from two policies, or from a plan's changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from watchbill.account.services import urgency_of
from watchbill.ladder.compose import ComposedLadder, default_ladder_key
from watchbill.model.policy import Policy
from watchbill.plan.document import Change, PagingEffect
from watchbill.plan.fields import urgency_words
from watchbill.rota.clock import Instant, iso

_SERVICE_FIELDS = ("escalation policy", "urgency")


def services_of(changes: Sequence[Change], now: Instant) -> list[PagingEffect]:
    moved: dict[tuple[str, ...], list[str]] = {}
    for change in changes:
        if change.kind != "service" or change.action in {"forget", "claim"}:
            continue
        if change.action in {"create", "delete"}:
            fields = {f.path: str(f.after or f.before or "") for f in change.fields}
            kind = "new" if change.action == "create" else "gone"
            moved.setdefault((kind, "service", "", fields.get("escalation policy", "")), []).append(
                change.name
            )
            continue
        for one in change.fields:
            if one.path in _SERVICE_FIELDS:
                told = ("setting", one.path, str(one.before or "none"), str(one.after or "none"))
                moved.setdefault(told, []).append(change.name)
    return _of_services(moved, now)


Side = tuple[Policy, Mapping[str, ComposedLadder]]
"""A policy and its ladders."""


def services_between(before: Side, after: Side, now: Instant) -> list[PagingEffect]:
    old, new = _services(*before), _services(*after)
    moved: dict[tuple[str, ...], list[str]] = {}
    for handle in dict.fromkeys((*new, *old)):
        one, other = old.get(handle), new.get(handle)
        found = other or one
        assert found is not None
        if one is None or other is None:
            kind = "new" if one is None else "gone"
            moved.setdefault((kind, "service", "", found["escalation policy"]), []).append(found["name"])
            continue
        for field in _SERVICE_FIELDS:
            if one[field] != other[field]:
                moved.setdefault(("setting", field, one[field], other[field]), []).append(found["name"])
    return _of_services(moved, now)


def _services(policy: Policy, ladders: Mapping[str, ComposedLadder]) -> dict[str, dict[str, str]]:
    """Services that a ladder is for, with the fields of a change of theirs."""
    found: dict[str, str] = {}
    for domain, spec in policy.domains.items():
        ladder = ladders.get(default_ladder_key(policy, domain))
        found |= dict.fromkeys(spec.services, ladder.vendor_name if ladder is not None else "none")
    for handle, service in policy.services.items():
        if service.ladder is not None and service.ladder in ladders:
            found[handle] = ladders[service.ladder].vendor_name
    return {
        handle: {
            "name": policy.services[handle].pagerduty.name or policy.services[handle].title,
            "escalation policy": name,
            "urgency": _urgency(handle, policy),
        }
        for handle, name in found.items()
        if handle in policy.services
    }


def _urgency(handle: str, policy: Policy) -> str:
    urgency = urgency_of(handle, policy)
    return "hours that PagerDuty cannot express" if urgency is None else urgency_words(urgency)


def _of_services(moved: Mapping[tuple[str, ...], list[str]], now: Instant) -> list[PagingEffect]:
    """Services that go to one policy are one effect, wherever they come from."""
    together: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    for (kind, setting, before, after), names in moved.items():
        together.setdefault((kind, setting, after), {})[before] = names
    return [
        PagingEffect(
            kind="new" if kind == "new" else "gone" if kind == "gone" else "setting",
            places=tuple(sorted(name for names in found.values() for name in names)),
            setting=setting,
            setting_before=next(iter(found)) if len(found) == 1 else "",
            setting_after=after,
            since=iso(now),
        )
        for (kind, setting, after), found in together.items()
    ]
