"""Event rules in the account: an import says none of them, and tells where some are."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from watchbill.account.objects import Account, ServiceRouting
from watchbill.private_text import masked


def rules_left(account: Account, services: Collection[str], *, portable: bool) -> Iterator[str]:
    """`services`: ids of those that the new policy names."""
    for routing in account.routings:
        if routing.id in services and (told := _told(routing)):
            stay = "stay behind" if portable else "stay as they are"
            yield f"service {masked(routing.name)!r}: {told} {stay}; no file says them"
    unread = [id_ for id_ in account.unroutable if id_ in services]
    if unread:
        why = account.unroutable[unread[0]]
        yield f"event rules of {_count(len(unread), 'service')} could not be read, and stay as they are: {why}"


def _told(routing: ServiceRouting) -> str:
    parts = []
    if routing.rules:
        parts.append(f"{_count(len(routing.rules), 'event rule')} that watchbill wrote for another policy")
    if routing.foreign:
        labels = ", ".join(repr(masked(rule.label)) for rule in routing.foreign[:3] if rule.label)
        more = ", ..." if len(routing.foreign) > 3 else ""
        parts.append(f"{_count(len(routing.foreign), 'event rule')}{f' ({labels}{more})' if labels else ''}")
    catch_all = routing.catch_all or routing.foreign_catch_all
    if catch_all is not None and not catch_all.is_empty:
        parts.append("the actions for every other event")
    return " and ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
