"""Which calendars there are, and the duty in each: one per rotation, one per person.

A feed reaches from the first day of the month before now to fourteen months after it, so that it changes when
the policy does and at the turn of a month, not with every look.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from watchbill.model.policy import Policy
from watchbill.publish.names import Names
from watchbill.report.safe import plain
from watchbill.rota.clock import Instant, Zone, day_number, zone
from watchbill.rota.duty import Roster, Shift
from watchbill.rota.turns import FOREVER, LONG_AGO

MONTHS_AHEAD = 14
_WORDS = {
    "turn": "",
    "override": "Override.",
    "shift": "Listed shift.",
    "pagerduty": "By PagerDuty's schedule.",
}


@dataclass(frozen=True, slots=True)
class Duty:
    uid: str
    start: Instant
    end: Instant
    summary: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    path: str
    """Below the folder of the calendars: rotations/primary.ics"""
    title: str
    zone: Zone
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """[since, until), midnights of the policy's own zone."""

    since: Instant
    until: Instant


def reach_at(policy: Policy, now: Instant) -> Reach:
    where = zone(policy.settings.time_zone)
    today = where.at(now)
    months = today.year * 12 + today.month - 1

    def first(month: int) -> Instant:
        return where.instant(day_number(date(month // 12, month % 12 + 1, 1)))

    return Reach(first(months - 1), first(months + MONTHS_AHEAD))


def feeds(policy: Policy, roster: Roster, reach: Reach) -> list[Feed]:
    made: list[Feed] = []
    own: dict[str, list[Duty]] = {person: [] for person in policy.people}
    feeding = _Feeding(policy, roster, reach)
    for rotation, spec in policy.rotations.items():
        stints = feeding.stints(rotation)
        where = zone(policy.zone_of(rotation))
        duties = tuple(feeding.for_rotation(rotation, stint) for stint in stints)
        made.append(Feed(f"rotations/{rotation}.ics", plain(spec.title), where, duties))
        for stint in stints if spec.has_schedule else ():
            if stint.shift.person in own:
                own[stint.shift.person].append(feeding.for_person(rotation, stint))
    for person, found in own.items():
        where = zone(policy.people[person].time_zone or policy.settings.time_zone)
        ordered = tuple(sorted(found, key=lambda duty: (duty.start, duty.uid)))
        made.append(
            Feed(f"people/{person}.ics", plain(f"On call: {policy.title_of(person)}"), where, ordered)
        )
    return made


@dataclass(frozen=True, slots=True)
class _Stint:
    shift: Shift
    mark: str
    """With rotation and person: this stretch of duty and no other."""


class _Feeding:
    def __init__(self, policy: Policy, roster: Roster, reach: Reach) -> None:
        self.policy, self.roster, self.reach = policy, roster, reach
        self.names = Names(policy)
        self.home = _home(policy)

    def stints(self, rotation: str) -> list[_Stint]:
        """Whole at the ends of the reach; what has no end within two years is cut there."""
        since, until = self.reach.since, self.reach.until
        begun = {s.person: s.start for s in self.roster.around(rotation, since) if s.start > LONG_AGO}
        ends = {s.person: s.end for s in self.roster.around(rotation, until - 1) if s.end < FOREVER}
        made = []
        for shift in self.roster.shifts(rotation, since, until):
            start, end, mark = shift.start, shift.end, str(shift.start)
            if start == since:
                start = begun.get(shift.person, since)
                mark = str(start) if shift.person in begun else "running"
            if end == until:
                end = ends.get(shift.person, until)
            made.append(_Stint(shift._replace(start=start, end=end), mark))
        return made

    def for_rotation(self, rotation: str, stint: _Stint) -> Duty:
        person = stint.shift.person
        who = self.policy.title_of(person) if person else "nobody"
        return self._duty(rotation, stint, "rotations", f"{self.policy.rotations[rotation].title}: {who}")

    def for_person(self, rotation: str, stint: _Stint) -> Duty:
        return self._duty(rotation, stint, "people", f"On call: {self.policy.rotations[rotation].title}")

    def _duty(self, rotation: str, stint: _Stint, kind: str, summary: str) -> Duty:
        shift = stint.shift
        uid = f"{stint.mark}-{rotation}-{shift.person or 'nobody'}@{kind}.{self.home}.watchbill"
        return Duty(uid, shift.start, shift.end, plain(summary), plain(_why(shift, self.names)))


def _home(policy: Policy) -> str:
    """Two organisations may both have a rotation `primary`."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in policy.settings.organization.casefold())
    return kept.strip("-") or "policy"


def _why(shift: Shift, names: Names) -> str:
    if shift.because == "fallback":
        return f"Fallback to {names.title(shift.rotation)}."
    return _WORDS[shift.because]
