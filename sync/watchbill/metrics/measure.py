"""From many incidents' facts to the runbook's figures, each beside its target.

The definitions: time to first escalation over those that escalated (who was faster is counted apart); the answer to
an escalation by one of those it went to; the highest level of each incident; needless by what was said at the
stand-down, never by guessing; missed by replay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from watchbill.metrics.facts import Facts
from watchbill.model.directory import Metric
from watchbill.model.text import Duration


@dataclass(frozen=True, slots=True)
class Sample:
    """What one metric takes from the incidents."""

    values: tuple[float, ...]
    apart: int = 0
    """Counted, but not measured: resolved before any escalation, never answered, nobody was asked."""
    why_apart: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    handle: str
    title: str
    value: float | None
    """Seconds for times, a number, or 0..1 for a share; None = nothing to measure."""
    goal: float
    strict: bool
    """The target itself fails (below), or passes (at most)."""
    unit: str
    """seconds | number | share"""
    count: int
    """Of values it rests on."""
    sample: Sample
    review: str

    @property
    def passed(self) -> bool | None:
        if self.value is None:
            return None
        return self.value < self.goal if self.strict else self.value <= self.goal


def figure_of(handle: str, metric: Metric, facts: Iterable[Facts]) -> Figure:
    of = [f for f in facts if not metric.severity or f.severity in metric.severity]
    sample = _SAMPLES[metric.measure](of)
    goal, unit = _goal(metric)
    value = _taken(metric, sample)
    strict = metric.below is not None
    return Figure(handle, metric.title, value, goal, strict, unit, len(sample.values), sample, metric.review)


def by_group(
    handle: str, metric: Metric, facts: Sequence[Facts], key: Callable[[Facts], Iterable[str]]
) -> dict[str, Figure]:
    """The same figure for each severity, domain or team, in the order of first appearance."""
    groups: dict[str, list[Facts]] = {}
    for one in facts:
        for name in key(one):
            groups.setdefault(name, []).append(one)
    return {name: figure_of(handle, metric, members) for name, members in sorted(groups.items())}


def distribution(facts: Iterable[Facts]) -> dict[int, int]:
    """Highest level -> how many incidents."""
    return dict(sorted(Counter(f.levels for f in facts).items()))


def _taken(metric: Metric, sample: Sample) -> float | None:
    if metric.take == "count":
        return float(sum(sample.values))
    if not sample.values:
        return None
    if metric.take == "median":
        return float(median(sample.values))
    return fmean(sample.values)


def _goal(metric: Metric) -> tuple[float, str]:
    goal = metric.below if metric.below is not None else metric.at_most
    assert goal is not None
    if isinstance(goal, Duration):
        return float(goal.seconds), "seconds"
    if isinstance(goal, str):
        return int(goal.removesuffix("%")) / 100, "share"
    return float(goal), "number"


def _first_escalation(facts: Sequence[Facts]) -> Sample:
    values = tuple(float(f.first_escalation) for f in facts if f.first_escalation is not None)
    return Sample(values, len(facts) - len(values), "never escalated")


def _escalation_ack(facts: Sequence[Facts]) -> Sample:
    every = [e for f in facts for e in f.escalations]
    values = tuple(float(e.seconds_to_answer) for e in every if e.seconds_to_answer is not None)
    return Sample(values, len(every) - len(values), "never answered by whom it went to")


def _levels(facts: Sequence[Facts]) -> Sample:
    told = tuple(f"{count} x level {level}" for level, count in distribution(facts).items())
    return Sample(tuple(float(f.levels) for f in facts), details=told)


def _unnecessary(facts: Sequence[Facts]) -> Sample:
    escalated = [f for f in facts if f.escalations]
    said = [f for f in escalated if f.needed]
    suspected = tuple(
        f"#{f.incident.number}: suspected needless" for f in escalated if not f.needed and f.suspected
    )
    return Sample(
        tuple(float(f.needed == "no") for f in said),
        len(escalated) - len(said),
        "nobody was asked",
        suspected,
    )


def _missed(facts: Sequence[Facts]) -> Sample:
    told = tuple(f"#{f.incident.number}: {why}" for f in facts for why in f.missed)
    return Sample(tuple(float(len(f.missed)) for f in facts), details=told)


_SAMPLES: dict[str, Callable[[Sequence[Facts]], Sample]] = {
    "first-escalation": _first_escalation,
    "escalation-ack": _escalation_ack,
    "levels": _levels,
    "unnecessary": _unnecessary,
    "missed": _missed,
}
