"""What a plan leaves for later: crews that begin too far ahead to be written now, and what is not upkeep."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.account.wanted import Wanted
from watchbill.model.policy import Policy
from watchbill.plan.document import LATER_CREW, OTHER_CHANGES, Notice
from watchbill.rota.clock import Instant, iso, zone

_HINT = "the scheduled workflow `upkeep` does it; without it, run `watchbill apply` in that time"


def later_notices(wanted: Wanted, policy: Policy) -> Iterator[Notice]:
    """One for each crew; a fallback's crew is due on several schedules."""
    told = set()
    for key, later in sorted(wanted.later.items(), key=lambda pair: (pair[1].start, pair[0])):
        if later in told:
            continue
        told.add(later)
        place = policy.zone_of(later.rotation)
        start, opens = _when(later.start, place), _when(later.opens, place)
        yield Notice(
            rule=LATER_CREW,
            severity="note",
            message=f"the crew of {policy.rotations[later.rotation].title} from {start} is written by an apply "
            f"after {opens} and before {start}",
            hint=_HINT,
            key=key,
            due=iso(later.start),
        )


def other_changes(number: int) -> Iterator[Notice]:
    """Of a plan of upkeep alone."""
    if number:
        other = "1 other change is" if number == 1 else f"{number} other changes are"
        yield Notice(
            rule=OTHER_CHANGES,
            severity="note",
            message=f"{other} left out of this plan, which is of upkeep alone",
            hint="`watchbill plan` shows all of it",
        )


def _when(at: Instant, zone_name: str) -> str:
    """2027-02-01 09:00; the day alone at midnight."""
    return zone(zone_name).at(at).strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
