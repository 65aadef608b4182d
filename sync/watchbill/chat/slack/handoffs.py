"""Telling that duty changes hands: who leaves, who arrives, until when, what is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from watchbill.ladder.stints import now_and_next
from watchbill.report.times import short
from watchbill.rota.clock import zone
from watchbill.rota.duty import Roster


@dataclass
class Handoffs:
    """Remembers who had duty when it looked last; a restart begins silent."""

    last: dict[str, frozenset[str]] = field(default_factory=dict)

    def news(self, roster: Roster, now: int) -> Iterator[str]:
        policy = roster.policy
        for handle, rotation in policy.rotations.items():
            if rotation.covered_by is not None:
                continue
            shifts, _ = now_and_next(roster, handle, now)
            people = frozenset(s.person for s in shifts if s.person is not None)
            before = self.last.get(handle)
            self.last[handle] = people
            if before is None or before == people:
                continue
            where = zone(policy.settings.time_zone)
            until = min((s.end for s in shifts), default=now)
            came = ", ".join(policy.title_of(p) for p in sorted(people)) or "NOBODY"
            left = ", ".join(policy.title_of(p) for p in sorted(before)) or "nobody"
            yield f"{rotation.title}: {came} from now until {short(until, where, now)} (before: {left})"
