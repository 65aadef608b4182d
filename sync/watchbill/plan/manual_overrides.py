"""Overrides that people made in PagerDuty: a plan names them, and never counts them as drift."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from watchbill.account.ladders import rotation_key
from watchbill.ladder.live import Difference
from watchbill.model.policy import Policy
from watchbill.plan.document import Notice
from watchbill.plan.words import span
from watchbill.rota.clock import Instant

ACTIVE, AHEAD = "override-active", "override-ahead"
_HINT = "watchbill keeps it; to have it in the policy: `watchbill adopt --overrides`"


def manual_override_notices(
    differences: Iterable[Difference], policy: Policy, now: Instant
) -> Iterator[Notice]:
    """One for each stretch in which an override in PagerDuty puts other people on call than the files do."""
    for each in sorted(
        (d for d in differences if d.cause == "override"), key=lambda d: (d.start, d.rotation)
    ):
        title = policy.title_of(each.rotation)
        when = span(each.start, each.end, policy.zone_of(each.rotation))
        on_call, by_files = (_names(policy, people) for people in (each.on_call, each.by_files))
        yield Notice(
            rule=ACTIVE if each.start <= now else AHEAD,
            severity="note",
            message=f"{title}: override in PagerDuty: {on_call} on call {when}, not in the files ({by_files})",
            hint=_HINT,
            name=title,
            key=rotation_key(each.rotation),
        )


def active_overrides(notices: Iterable[Notice]) -> str:
    """`2 manual overrides are active`; "" for none."""
    active = sum(notice.rule == ACTIVE for notice in notices)
    if not active:
        return ""
    return "1 manual override is active" if active == 1 else f"{active} manual overrides are active"


def _names(policy: Policy, people: Iterable[str]) -> str:
    return " + ".join(policy.title_of(person) for person in people) or "nobody"
