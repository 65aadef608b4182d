"""All metrics over one period, and their weeks: what table, JSON, CSV and chart show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from watchbill.metrics.facts import Facts
from watchbill.metrics.measure import Figure, by_group, figure_of
from watchbill.model.policy import Policy
from watchbill.rota.clock import Zone, zone

BREAKDOWNS = ("severity", "domain", "team")


@dataclass(frozen=True, slots=True)
class Week:
    start: int
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Report:
    since: int
    until: int
    incidents: int
    figures: tuple[Figure, ...]
    groups: dict[str, dict[str, tuple[Figure, ...]]]
    """severity | domain | team -> name -> the same figures for it alone."""
    weeks: tuple[Week, ...]
    """Oldest first; whole weeks back from `until`, by the opening of incidents and the policy's wall clock."""
    zone: Zone
    """Of the policy."""

    @property
    def failed(self) -> tuple[Figure, ...]:
        return tuple(figure for figure in self.figures if figure.passed is False)


def report_of(policy: Policy, facts: Sequence[Facts], since: int, until: int) -> Report:
    metrics = policy.metrics
    groups: dict[str, dict[str, tuple[Figure, ...]]] = {}
    for breakdown in BREAKDOWNS:
        found: dict[str, list[Figure]] = {}
        for handle, metric in metrics.items():
            for name, figure in by_group(handle, metric, facts, partial(_names, breakdown)).items():
                found.setdefault(name, []).append(figure)
        groups[breakdown] = {name: tuple(figures) for name, figures in found.items()}
    return Report(
        since,
        until,
        len(facts),
        tuple(figure_of(handle, metric, facts) for handle, metric in metrics.items()),
        groups,
        tuple(_weeks(policy, facts, since, until)),
        zone(policy.settings.time_zone),
    )


def _names(breakdown: str, facts: Facts) -> Sequence[str]:
    if breakdown == "team":
        return facts.teams or ("no team",)
    name = facts.severity if breakdown == "severity" else facts.domain
    return (name or f"no {breakdown}",)


def _weeks(policy: Policy, facts: Sequence[Facts], since: int, until: int) -> list[Week]:
    starts: list[int] = []
    where = zone(policy.settings.time_zone)
    day, second = where.local(until)
    while not starts or starts[-1] > since:
        starts.append(max(since, where.instant(day - 7 * (len(starts) + 1), second)))
    found = []
    for start, stop in zip(starts[::-1], [*starts[::-1][1:], until], strict=True):
        of = [f for f in facts if start <= f.incident.opened < stop]
        found.append(Week(start, tuple(figure_of(h, m, of) for h, m in policy.metrics.items())))
    return found
