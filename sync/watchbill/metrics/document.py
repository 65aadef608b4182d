"""`metrics --json`: `watchbill.metrics/1`."""

from __future__ import annotations

from typing import Literal

from watchbill.metrics.measure import Figure
from watchbill.metrics.report import Report
from watchbill.model.base import Model
from watchbill.rota.clock import iso


class FigureAnswer(Model):
    metric: str
    title: str
    value: float | None
    """Seconds, a number, or a share from 0 to 1; null = nothing to measure."""
    unit: Literal["seconds", "number", "share"]
    target: float
    target_included: bool
    """Whether the target itself passes."""
    passed: bool | None
    measured: int
    apart: int
    why_apart: str
    details: tuple[str, ...]
    review: str


class WeekAnswer(Model):
    start: str
    """ISO, UTC."""
    figures: tuple[FigureAnswer, ...]


class MetricsAnswer(Model):
    format: Literal["watchbill.metrics/1"] = "watchbill.metrics/1"
    since: str
    until: str
    incidents: int
    figures: tuple[FigureAnswer, ...]
    groups: dict[str, dict[str, tuple[FigureAnswer, ...]]]
    """severity | domain | team -> name -> figures."""
    weeks: tuple[WeekAnswer, ...]


def answer_of(report: Report) -> MetricsAnswer:
    return MetricsAnswer(
        since=iso(report.since),
        until=iso(report.until),
        incidents=report.incidents,
        figures=tuple(map(_figure, report.figures)),
        groups={
            group: {name: tuple(map(_figure, figures)) for name, figures in names.items()}
            for group, names in report.groups.items()
        },
        weeks=tuple(
            WeekAnswer(start=iso(week.start), figures=tuple(map(_figure, week.figures)))
            for week in report.weeks
        ),
    )


def _figure(figure: Figure) -> FigureAnswer:
    return FigureAnswer.model_validate(
        {
            "metric": figure.handle,
            "title": figure.title,
            "value": figure.value,
            "unit": figure.unit,
            "target": figure.goal,
            "target_included": not figure.strict,
            "passed": figure.passed,
            "measured": figure.count,
            "apart": figure.sample.apart,
            "why_apart": figure.sample.why_apart,
            "details": figure.sample.details,
            "review": figure.review,
        }
    )
