"""Zone names that mean the same are one name; and which of them PagerDuty takes."""

from __future__ import annotations

from watchbill.rota.clock import DAY, Instant, Zone, zone
from watchbill.rota.listed_zones import LISTED

_UTC = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "Etc/Universal", "Universal"})
_AHEAD = 5 * 366 * DAY
_PAST = -20 * 366 * DAY
"""Of two zones that agree from now on, the one that agreed more in the past is nearer: another name of the same."""


def zone_name(name: str) -> str:
    return "Etc/UTC" if name in _UTC else name


def is_listed(name: str) -> bool:
    """Whether a layer-based schedule or a service can be written with it."""
    return zone_name(name) in LISTED


def listed_twin(name: str, at: Instant) -> str | None:
    """The zone on PagerDuty's list whose clock shows the same from `at` on, in the years that schedules reach."""
    mine = zone(name)
    same = [other for other in sorted(LISTED) if _same_from(mine, zone(other), at)]
    return min(same, key=lambda other: (_differs(mine, zone(other), at), len(other)), default=None)


def _same_from(mine: Zone, theirs: Zone, at: Instant) -> bool:
    changes = mine.changes_between(at, at + _AHEAD)
    return changes == theirs.changes_between(at, at + _AHEAD) and all(
        mine.offset_at(moment) == theirs.offset_at(moment) for moment in (at, *changes)
    )


def _differs(mine: Zone, theirs: Zone, at: Instant) -> int:
    return len({*mine.changes_between(_PAST, at)} ^ {*theirs.changes_between(_PAST, at)})
