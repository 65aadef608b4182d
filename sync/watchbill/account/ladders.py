"""A composed ladder as an escalation policy.

Level i waits until minute(i+1), the last one `last_wait`.  A level's targets: a rotation is its schedule (the
covering one's, where another covers it), a person or the holder of a role is a user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from watchbill.account.lookup import Lookup
from watchbill.account.objects import EscalationPolicy, Ref, Rule
from watchbill.findings import Place
from watchbill.ladder.compose import ComposedLadder, LadderStep
from watchbill.ladder.resolve import resolve

MOST_TARGETS = 10


@dataclass(frozen=True, slots=True)
class MappedLadder:
    policy: EscalationPolicy | None
    """None: it cannot be written; `why` says what is missing."""
    why: tuple[str, ...] = ()


def ladder_key(key: str) -> str:
    return f"ladder/{key}"


def rotation_key(handle: str) -> str:
    return f"rotation/{handle}"


def map_ladder(ladder: ComposedLadder, lookup: Lookup, pins: Mapping[str, str]) -> MappedLadder:
    """`pins`: rotation handle -> id of its schedule, where that is known already."""
    place = place_of(ladder)
    lost: list[str] = []
    levels = [
        (step.minute, _targets(step, ladder, lookup, pins, lost), step.round_robin) for step in ladder.steps
    ]
    team = _team(ladder, lookup, lost)
    if lost and not lookup.is_sandbox:
        return MappedLadder(None, tuple(dict.fromkeys(lost)))
    kept = [level for level in levels if level[1]]
    if not kept:
        lookup.report(
            "ladder-empty",
            f"{ladder.title}: no level has anybody to page",
            "give the roles it names a holder",
            place,
        )
        return MappedLadder(None, (f"{ladder.title} has nobody to page",))
    for minute, targets, _ in levels:
        if not targets:
            lookup.report(
                "level-dropped",
                f"{ladder.title}: nobody to page at {minute} min, so the sandbox has no such level",
                "a real account refuses this; give the role a holder",
                place,
                note=True,
            )
    minutes = [minute for minute, _, _ in kept]
    waits = [after - at for at, after in pairwise([*minutes, minutes[-1] + ladder.last_wait])]
    rules = tuple(
        Rule(delay_minutes=wait, targets=targets, round_robin=round_robin)
        for (_, targets, round_robin), wait in zip(kept, waits, strict=True)
    )
    if any(len(rule.targets) > MOST_TARGETS for rule in rules):
        lookup.report(
            "too-many-targets",
            f"{ladder.title}: more than {MOST_TARGETS} targets on one level",
            "PagerDuty takes ten; page a rotation instead, or spread them over two levels",
            place,
        )
        return MappedLadder(None, (f"{ladder.title} has too many targets on one level",))
    policy = EscalationPolicy(
        key=ladder_key(ladder.key),
        id=ladder.pagerduty_id or "",
        name=ladder.vendor_name,
        description=ladder.description,
        loops=ladder.repeat,
        handoff_notices="always" if ladder.handoff_notices == "always" else "if_has_services",
        rules=rules,
        team=team,
    )
    return MappedLadder(policy)


def place_of(ladder: ComposedLadder) -> Place:
    if ladder.domain is not None:
        return ("domains", ladder.domain)
    return ("severities", ladder.severity) if ladder.severity is not None else ("ladders", ladder.key)


def _targets(
    step: LadderStep, ladder: ComposedLadder, lookup: Lookup, pins: Mapping[str, str], lost: list[str]
) -> tuple[Ref, ...]:
    found: dict[tuple[str, str, str], Ref] = {}
    for name in step.targets:
        ref = _target(name, ladder, lookup, pins)
        if ref is None:
            lost.append(f"nobody is known for {name}")
        else:
            found[ref.sort_key] = ref
    return tuple(found[key] for key in sorted(found))


def _target(name: str, ladder: ComposedLadder, lookup: Lookup, pins: Mapping[str, str]) -> Ref | None:
    paged = resolve(lookup.policy, name)
    if paged is None:
        lookup.report(
            "unset-holder",
            f"{ladder.title} pages {name}, which nobody holds",
            f"set held_by of {name} to a person or a rotation",
            ("roles", name, "held_by") if name in lookup.policy.roles else place_of(ladder),
            note=lookup.is_sandbox,
        )
        return None
    if paged.rotation is not None:
        return Ref(kind="schedule", key=rotation_key(paged.rotation), id=pins.get(paged.rotation, ""))
    if paged.external is not None:
        return lookup.external(paged.external)
    user = lookup.user(paged.person) if paged.person is not None else None
    return None if user is None else Ref(kind="user", id=user)


def _team(ladder: ComposedLadder, lookup: Lookup, lost: list[str]) -> str:
    if not ladder.teams:
        return ""
    if len(ladder.teams) > 1:
        lookup.report(
            "one-team-only",
            f"{ladder.title} names {len(ladder.teams)} teams; PagerDuty keeps one",
            "leave one",
            (*place_of(ladder), "team"),
        )
    team = lookup.team(ladder.teams[0], (*place_of(ladder), "team"))
    if team is None:
        lost.append(f"team {ladder.teams[0]} is unknown")
    return team or ""
