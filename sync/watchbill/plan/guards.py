"""Guards: what a plan may not do without somebody saying why.

Each has its own id and its own waiver, in the settings or on the command line, with a day it expires on; there
is no general force.
"""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.account.objects import Account
from watchbill.account.wanted import Wanted
from watchbill.model.policy import Policy
from watchbill.model.settings import Guards, Waiver
from watchbill.plan import guards_reach, words
from watchbill.plan.document import Change, GuardResult
from watchbill.plan.effects import EffectsRead
from watchbill.plan.guards_scope import out_of_scope
from watchbill.plan.linked import Links
from watchbill.plan.overrides import LISTED
from watchbill.plan.rules import Rules
from watchbill.plan.waivers import Raised, judged
from watchbill.rota.clock import Instant

DELETIONS = "deletions"
CHANGED = "changed"
IMMINENT = "imminent"

TOO_FEW_FOR_PER_CENT = 10
"""Managed objects; below that, one change is a large share and says nothing."""


def judge(
    changes: Sequence[Change],
    effects: EffectsRead,
    wanted: Wanted,
    links: Links,
    account: Account,
    policy: Policy,
    rules: Rules,
    *,
    now: Instant,
    waivers: Sequence[Waiver] = (),
    more: Sequence[Raised] = (),
) -> tuple[GuardResult, ...]:
    raised = [
        *_deletions(changes, rules.guards),
        *_changed(changes, links, rules.guards),
        *_imminent(effects, policy, rules.guards, now),
        *guards_reach.raised(changes, effects, wanted, links, now),
        *dict.fromkeys(
            one for scope in rules.scopes for one in out_of_scope(changes, account, policy, scope)
        ),
        *more,
    ]
    zone_name = policy.settings.time_zone
    return rules.held_back(judged(raised, (*rules.waivers, *waivers), now=now, zone_name=zone_name))


def _deletions(changes: Sequence[Change], guards: Guards) -> list[Raised]:
    gone = [c.name for c in changes if c.action == "delete" and c.kind not in ("override", "routing")]
    most = guards.max_deletions
    if len(gone) <= most:
        return []
    message = f"{len(gone)} objects would be deleted, {most} are allowed: {', '.join(gone)}"
    return [(DELETIONS, message, "delete them in smaller steps")]


def _changed(changes: Sequence[Change], links: Links, guards: Guards) -> list[Raised]:
    managed = len(links.current) + len(links.leftovers)
    touched = sum(map(_touches, changes))
    most = guards.max_changed_percent
    if managed < TOO_FEW_FOR_PER_CENT or touched * 100 <= most * managed:
        return []
    share = f"{touched} of {managed} managed objects ({touched * 100 // managed} %)"
    return [(CHANGED, f"{share} would change, {most} % are allowed", "make the change in smaller steps")]


def _touches(change: Change) -> bool:
    """Work of time never blocks, and to list an override in a marker changes no object."""
    if change.kind == "override" or change.class_ == "upkeep":
        return False
    only_listed = all(field.path == LISTED for field in change.fields)
    return change.action == "delete" or (change.action == "update" and not only_listed)


def _imminent(effects: EffectsRead, policy: Policy, guards: Guards, now: Instant) -> list[Raised]:
    """Somebody on call soon would not be; a declared override is meant to be soon, and a first crew harms nobody."""
    soon = now + guards.starts_within.seconds
    found: list[Raised] = []
    for rotation, rows in effects.rows.items():
        row = next((r for r in rows if r.differs and r.before is not None and not r.declared), None)
        if row is None or row.start >= soon:
            continue
        when = "now" if row.start <= now else words.local(row.start, policy.settings.time_zone)
        message = f"{rotation}: {row.after or 'nobody'} instead of {row.before}, from {when}"
        found.append(
            (
                IMMINENT,
                f"{message} (less than {guards.starts_within} ahead)",
                "let the change start at a later handoff",
            )
        )
    return found
