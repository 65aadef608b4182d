"""What the pages' script knows: who has duty when, and every ladder, resolved.  No e-mail, no number.

Times are minutes since 1970; duty is counted from one shift to the next, so that a year of a rotation is small.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from watchbill.ladder.compose import ComposedLadder, ladder_for
from watchbill.ladder.resolve import resolve
from watchbill.model.base import PLACEHOLDER, UNSET
from watchbill.model.policy import Policy
from watchbill.publish.colours import colours
from watchbill.report.source import NOT_ASKED, Source, source_text
from watchbill.rota.clock import DAY, MINUTE, WEEK, Instant, zone
from watchbill.rota.duty import Roster, Shift

BEFORE = 2 * WEEK
LONGEST, SHORTEST = 54 * WEEK, 10 * WEEK
MOST = 80_000
"""Numbers for duty; beyond it the data reach less far."""
_PER_SHIFT = 3


def site_data(policy: Policy, roster: Roster, now: Instant, source: Source = NOT_ASKED) -> dict[str, Any]:
    since = zone(policy.settings.time_zone).instant(zone(policy.settings.time_zone).day_of(now - BEFORE))
    rotations, until = _rotations(policy, roster, since, now)
    shade = colours(policy)
    return {
        "format": "watchbill.site/1",
        "at": now,
        "source": source_text(source).removeprefix("source: "),
        "zone": policy.settings.time_zone,
        "since": since // MINUTE,
        "until": until // MINUTE,
        "people": {
            handle: [policy.title_of(handle), int(person.is_placeholder), shade.get(handle, 0)]
            for handle, person in policy.people.items()
        },
        "titles": {
            name: spec.title for kind in (policy.roles, policy.rotations) for name, spec in kind.items()
        },
        "rotations": rotations,
        "severities": {
            name: {"timeout": str(spec.ack_timeout) if spec.ack_timeout else None}
            for name, spec in policy.severities.items()
        },
        "domains": {
            handle: {
                "title": spec.title,
                "own": spec.steps is not None,
                "ladders": _ladders(policy, handle),
            }
            for handle, spec in policy.domains.items()
        },
        "tags": [[tag, handle] for handle, spec in policy.domains.items() for tag in spec.tags],
        "targets": _targets(policy),
    }


def _rotations(
    policy: Policy, roster: Roster, since: Instant, now: Instant
) -> tuple[dict[str, Any], Instant]:
    """As far ahead as fits, and how far that is."""
    own = [handle for handle, spec in policy.rotations.items() if spec.has_schedule]
    in_four_weeks = sum(len(roster.shifts(handle, now, now + 4 * WEEK)) for handle in own) or 1
    reach = min(LONGEST, max(SHORTEST, MOST // (in_four_weeks * _PER_SHIFT) * 4 * WEEK))
    until = (now + reach) // DAY * DAY
    return {
        handle: _duty(roster.shifts(handle, since, until), policy.zone_of(handle), since) for handle in own
    }, until


def _duty(shifts: Iterable[Shift], where: str, since: Instant) -> dict[str, Any]:
    """[minutes since the end of the last one, minutes it lasts, place in `holders`] for each shift in turn."""
    holders: dict[tuple[str | None, str, str], int] = {}
    numbers: list[int] = []
    last = since // MINUTE
    for shift in shifts:
        holder = holders.setdefault((shift.person, shift.because, shift.rotation), len(holders))
        start, end = shift.start // MINUTE, -(-shift.end // MINUTE)
        numbers += (start - last, end - start, holder)
        last = end
    return {"zone": where, "holders": [list(holder) for holder in holders], "shifts": numbers}


def _ladders(policy: Policy, domain: str) -> dict[str, Any]:
    """By severity; a domain with steps of its own has one, under the empty name."""
    return {name: _ladder(ladder_for(policy, name, domain)) for name in _severities(policy, domain)}


def _severities(policy: Policy, domain: str) -> list[str]:
    return [""] if policy.domains[domain].steps is not None else list(policy.severities)


def _ladder(ladder: ComposedLadder) -> dict[str, Any]:
    return {
        "key": ladder.key,
        "title": ladder.vendor_name,
        "repeat": ladder.repeat,
        "urgency": ladder.urgency,
        "delays": list(ladder.delays),
        "steps": [
            [step.minute, list(step.targets), step.may_be_empty, step.confirm] for step in ladder.steps
        ],
    }


def _targets(policy: Policy) -> dict[str, Any]:
    """Whom each name on a ladder stands for; a text says why it is nobody."""
    names = {
        target
        for domain in policy.domains
        for severity in _severities(policy, domain)
        for step in ladder_for(policy, severity, domain).steps
        for target in step.targets
    }
    return {name: _target(policy, name) for name in sorted(names)}


def _target(policy: Policy, name: str) -> dict[str, Any] | str:
    paged = resolve(policy, name)
    if paged is None:
        held = policy.roles[name].held_by if name in policy.roles else None
        return f"is {held}" if held in (UNSET, PLACEHOLDER) else "stands for nobody"
    return {
        "role": paged.role,
        "rotation": paged.rotation,
        "person": paged.person,
        "external": paged.external,
        "via": list(paged.via),
    }
