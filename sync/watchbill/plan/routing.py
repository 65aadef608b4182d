"""What severity routing asks of a plan: the rule sets to read, what of them is ours, and what to know about the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from watchbill.account.canon import ref_form
from watchbill.account.labels import routing_key
from watchbill.account.objects import Account, ManagedObject, Service, ServiceRouting
from watchbill.account.wanted import Wanted
from watchbill.model.settings import SANDBOX
from watchbill.plan.document import Change, Class, Notice
from watchbill.plan.link import link
from watchbill.plan.linked import Links
from watchbill.rota.clock import MINUTE

FOREIGN_RULE = "foreign-rule-above"
FOREIGN_CATCH_ALL = "foreign-catch-all"


def rules_to_read(wanted: Wanted, account: Account, claims: Collection[str] = ()) -> dict[str, str]:
    """Id -> name of the services of ours, also of those that left the policy."""
    links = link(wanted, account, claims)
    linked = (links.current.get(item.want.key) for item in wanted.objects if not item.policy_only)
    services = (obj for obj in (*linked, *links.leftovers) if isinstance(obj, Service))
    return {service.id: service.name for service in services}


def released_with(keys: Collection[str]) -> frozenset[str]:
    """A service is released with its rules."""
    services = (key.partition("/")[2] for key in keys if key.startswith("service/"))
    return frozenset(keys) | {routing_key(handle) for handle in services}


def fitted(want: ServiceRouting, current: ServiceRouting | None) -> ServiceRouting:
    """Somebody else's catch-all stays, unless it is the one that we made."""
    theirs = None if current is None else current.foreign_catch_all
    if theirs is None or want.catch_all is None:
        return want
    ours = want.catch_all.policy
    if theirs.policy is not None and ours is not None and ref_form(theirs.policy) == ref_form(ours):
        return want
    return want.model_copy(update={"catch_all": None})


def id_to_be(want: ManagedObject, current: ManagedObject | None) -> str:
    """ "" for what gets one when it is made; a rule set has its service's."""
    if current is None:
        return want.service.id if isinstance(want, ServiceRouting) else ""
    return current.id


def fresh_class(current: ServiceRouting, standing: Mapping[str, ManagedObject]) -> Class:
    """Of a rule set without any rule of ours: somebody took them out, if it was saved after we wrote the service.

    `standing`: by key, what the account has of what is wanted."""
    service = next((o for o in standing.values() if isinstance(o, Service) and o.id == current.id), None)
    marker = None if service is None else service.marker
    if marker is None or not marker.digest or current.is_blank or current.edited_at is None:
        return "pending"
    return "drift" if current.edited_at >= marker.at - MINUTE else "pending"


def routing_notices(
    wanted: Wanted, links: Links, changes: Iterable[Change], account: Account
) -> tuple[Notice, ...]:
    found: list[Notice] = []
    for item in wanted.objects:
        current = links.current.get(item.want.key)
        if isinstance(current, ServiceRouting):
            found += _foreign(current)
    writes = any(c.kind == "routing" and c.action in ("create", "update") for c in changes)
    if writes and account.name != SANDBOX:
        message = (
            "whether this account's plan lets event rules set escalation policy and priority shows only when they "
            "are written"
        )
        hint = "rules that PagerDuty saves without evaluating them are named after the apply"
        found.append(Notice(rule="possible-refusal", severity="note", message=message, hint=hint))
    return tuple(found)


def _foreign(routing: ServiceRouting) -> Iterable[Notice]:
    above = [rule for rule in routing.foreign if rule.above]
    if above:
        labels = ", ".join(repr(rule.label) for rule in above)
        message = (
            f"{routing.name}: {labels} is asked before the rules of watchbill, and wins where it matches"
        )
        if any(rule.always for rule in above):
            message += "; it has no condition, so it takes every event"
        hint = "move it below them in the service's event orchestration, if it is not meant to win"
        yield Notice(rule=FOREIGN_RULE, severity="warning", message=message, hint=hint)
    if routing.foreign_catch_all is not None:
        message = f"{routing.name}: the catch-all of its event rules is somebody else's, and stays"
        hint = "events that no rule takes go by it; empty it in PagerDuty, and watchbill sets the default severity"
        yield Notice(rule=FOREIGN_CATCH_ALL, severity="warning", message=message, hint=hint)
    if routing.foreign and not routing.active:
        message = f"{routing.name}: its event rules are switched off; routing switches them on, also those of others"
        hint = f"look at {', '.join(repr(rule.label) for rule in routing.foreign)} first"
        yield Notice(rule="foreign-rules-wake", severity="warning", message=message, hint=hint)
