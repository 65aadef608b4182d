"""Guards: what a plan may not do without somebody saying why.

Each has its own id and its own waiver, in the settings or on the command line, with a day it expires on; there
is no general force.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watchbill.account.ladders import ladder_key, rotation_key
from watchbill.account.objects import EscalationPolicy, Rule
from watchbill.account.wanted import Wanted
from watchbill.ladder.compose import compose
from watchbill.model.policy import Policy
from watchbill.model.settings import Waiver
from watchbill.plan import words
from watchbill.plan.document import Change, GuardResult
from watchbill.plan.duty import of_roster
from watchbill.plan.effects import OUTLOOK, EffectsRead
from watchbill.plan.link import Links
from watchbill.plan.overrides import LISTED
from watchbill.rota.clock import Instant, date_of, zone
from watchbill.rota.spans import Span, complement, union

DELETIONS = "deletions"
CHANGED = "changed"
IMMINENT = "imminent"
EMPTY_LEVEL = "empty-level"

TOO_FEW_FOR_PER_CENT = 10
"""Managed objects; below that, one change is a large share and says nothing."""

Raised = tuple[str, str, str]
"""guard, message, remedy"""


def judge(
    changes: Sequence[Change],
    effects: EffectsRead,
    wanted: Wanted,
    links: Links,
    policy: Policy,
    *,
    now: Instant,
    waivers: Sequence[Waiver] = (),
) -> tuple[GuardResult, ...]:
    raised = [
        *_deletions(changes, policy),
        *_changed(changes, links, policy),
        *_imminent(effects, policy, now),
        *_empty_levels(changes, effects, wanted, links, now),
    ]
    today = date_of(zone(policy.settings.time_zone).day_of(now))
    valid = [w for w in (*policy.settings.waivers, *waivers) if w.expires.value >= today]
    return tuple(_result(one, valid) for one in raised)


def _result(raised: Raised, waivers: Iterable[Waiver]) -> GuardResult:
    guard, message, remedy = raised
    reason = next((waiver.reason for waiver in waivers if waiver.guard == guard), None)
    waive = f"or say why it may pass: `--waive {guard}=REASON` once, settings.waivers until a day"
    return GuardResult(guard=guard, message=message, remedy=f"{remedy}; {waive}", waived=reason)


def _deletions(changes: Sequence[Change], policy: Policy) -> list[Raised]:
    gone = [change.name for change in changes if change.action == "delete" and change.kind != "override"]
    most = policy.settings.guards.max_deletions
    if len(gone) <= most:
        return []
    message = f"{len(gone)} objects would be deleted, {most} are allowed: {', '.join(gone)}"
    return [(DELETIONS, message, "delete them in smaller steps")]


def _changed(changes: Sequence[Change], links: Links, policy: Policy) -> list[Raised]:
    managed = len(links.current) + len(links.leftovers)
    touched = sum(map(_touches, changes))
    most = policy.settings.guards.max_changed_percent
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


def _imminent(effects: EffectsRead, policy: Policy, now: Instant) -> list[Raised]:
    """Somebody on call soon would not be; a declared override is meant to be soon, and a first crew harms nobody."""
    soon = now + policy.settings.guards.starts_within.seconds
    found: list[Raised] = []
    for rotation, rows in effects.rows.items():
        row = next((r for r in rows if r.differs and r.before is not None and not r.declared), None)
        if row is None or row.start >= soon:
            continue
        when = "now" if row.start <= now else words.local(row.start, policy.settings.time_zone)
        message = f"{rotation}: {row.after or 'nobody'} instead of {row.before}, from {when}"
        within = policy.settings.guards.starts_within
        found.append(
            (IMMINENT, f"{message} (less than {within} ahead)", "let the change start at a later handoff")
        )
    return found


def _empty_levels(
    changes: Sequence[Change], effects: EffectsRead, wanted: Wanted, links: Links, now: Instant
) -> list[Raised]:
    """A level that had somebody at all times, and would not."""
    schedules = {change.key for change in changes if change.kind == "schedule"}
    policies = {change.key for change in changes if change.kind == "escalation_policy"}
    allowed = _may_be_empty(effects.roster.policy)
    found: list[Raised] = []
    for item in wanted.objects:
        old = links.current.get(item.want.key)
        if not isinstance(item.want, EscalationPolicy) or not isinstance(old, EscalationPolicy):
            continue
        for number, rule in enumerate(item.want.rules):
            touched = item.want.key in policies or any(ref.key in schedules for ref in rule.targets)
            if not touched or number >= len(old.rules) or (item.want.key, number) in allowed:
                continue
            was = _gaps(old.rules[number], effects, links, now, before=True)
            if not was and (gaps := _gaps(rule, effects, links, now, before=False)):
                when = words.local(gaps[0][0], effects.roster.policy.settings.time_zone)
                message = f"{item.want.name}: level {number + 1} would reach nobody from {when}"
                found.append((EMPTY_LEVEL, message, "give the hours to somebody (`otherwise:`)"))
    return found


def _may_be_empty(policy: Policy) -> set[tuple[str, int]]:
    """Ladder's key and level from 0, of levels that say so."""
    return {
        (ladder_key(ladder.key), level)
        for ladder in compose(policy).values()
        for level, step in enumerate(ladder.steps)
        if step.may_be_empty
    }


def _gaps(rule: Rule, effects: EffectsRead, links: Links, now: Instant, *, before: bool) -> list[Span]:
    """When nobody of these targets is on duty.  Users always are; of other teams' schedules nothing is known."""
    keys = {obj.id: key for key, obj in links.current.items()}
    covered: list[Span] = []
    for ref in rule.targets:
        key = ref.key or keys.get(ref.id, "")
        rotation = key.partition("/")[2]
        if ref.kind == "user" or key != rotation_key(rotation):
            return []
        if rotation not in effects.roster.policy.rotations:
            return []
        rows = effects.rows.get(rotation)
        if rows is None:
            covered += [(s.start, s.end) for s in of_roster(effects.roster, rotation, now, now + OUTLOOK)]
        else:
            covered += [(r.start, r.end) for r in rows if (r.before if before else r.after) is not None]
    return complement(union(covered), now, now + OUTLOOK)
