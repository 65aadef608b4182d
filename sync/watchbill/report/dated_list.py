"""`override list` and `leave list`: what the files declare, with its state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from watchbill.model.base import Model
from watchbill.model.policy import Policy
from watchbill.report.columns import wrapped
from watchbill.report.paint import Paint
from watchbill.report.safe import cells, cut, padded, plain
from watchbill.report.times import full, length
from watchbill.rota.clock import Instant, iso, zone
from watchbill.rota.spans import Span

State = Literal["past", "active", "future", "cancelled"]


@dataclass(frozen=True, slots=True)
class OverrideItem:
    index: int
    state: State
    rotation: str
    person: str
    instead_of: str | None
    span: Span
    reason: str | None
    requested_by: str | None
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class LeaveItem:
    index: int
    state: State
    person: str
    days: tuple[str, str]
    """First and last, both included."""
    span: Span
    covered_by: str | None
    file: str | None
    line: int | None


class DeclaredOverride(Model):
    state: State
    rotation: str
    person: str
    instead_of: str | None
    start: str
    """ISO, UTC."""
    end: str
    """ISO, UTC."""
    reason: str | None
    requested_by: str | None
    file: str | None
    line: int | None


class OverridesAnswer(Model):
    """`watchbill.override-list/1`: what `override list --json` prints."""

    format: Literal["watchbill.override-list/1"] = "watchbill.override-list/1"
    now: str
    overrides: tuple[DeclaredOverride, ...]


class DeclaredLeave(Model):
    state: Literal["past", "active", "future"]
    person: str
    first_day: str
    last_day: str
    """Included."""
    covered_by: str | None
    file: str | None
    line: int | None


class LeaveAnswer(Model):
    """`watchbill.leave-list/1`: what `leave list --json` prints."""

    format: Literal["watchbill.leave-list/1"] = "watchbill.leave-list/1"
    now: str
    absences: tuple[DeclaredLeave, ...]


def overrides_json(found: Sequence[OverrideItem], now: Instant) -> dict[str, Any]:
    keys = ("state", "rotation", "person", "instead_of", "reason", "requested_by", "file", "line")
    items = tuple(
        DeclaredOverride(
            start=iso(one.span[0]), end=iso(one.span[1]), **{key: getattr(one, key) for key in keys}
        )
        for one in found
    )
    return OverridesAnswer(now=iso(now), overrides=items).model_dump(mode="json")


def leave_json(found: Sequence[LeaveItem], now: Instant) -> dict[str, Any]:
    items = tuple(
        DeclaredLeave.model_validate(
            {
                **{key: getattr(one, key) for key in ("state", "person", "covered_by", "file", "line")},
                "first_day": one.days[0],
                "last_day": one.days[1],
            }
        )
        for one in found
    )
    return LeaveAnswer(now=iso(now), absences=items).model_dump(mode="json")


def overrides_text(found: Sequence[OverrideItem], policy: Policy, *, color: bool, width: int) -> str:
    if not found:
        return "no overrides are declared that fit"
    rows = []
    for one in found:
        where = zone(policy.zone_of(one.rotation))
        instead = f" for {policy.title_of(one.instead_of)}" if one.instead_of else ""
        rows.append(
            (
                one.state,
                policy.title_of(one.rotation),
                f"{policy.title_of(one.person)}{instead}",
                f"{full(one.span[0], where)} ({length(one.span[1] - one.span[0])})",
                [f"until {full(one.span[1], where)} ({where.name})", one.reason, _spot(one.file, one.line)],
            )
        )
    return _table(("state", "rotation", "person", "from"), rows, color=color, width=width)


def leave_text(found: Sequence[LeaveItem], policy: Policy, *, color: bool, width: int) -> str:
    if not found:
        return "no leave is declared that fits"
    rows = [
        (
            one.state,
            policy.title_of(one.person),
            f"{one.days[0]} to {one.days[1]}",
            f"covered by {policy.title_of(one.covered_by)}" if one.covered_by else "not covered",
            [_spot(one.file, one.line)],
        )
        for one in found
    ]
    return _table(("state", "person", "days, both included", "cover"), rows, color=color, width=width)


def _spot(file: str | None, line: int | None) -> str | None:
    return f"{file}:{line}" if file else None


def _table(
    names: tuple[str, str, str, str],
    rows: Sequence[tuple[str, str, str, str, list[str | None]]],
    *,
    color: bool,
    width: int,
) -> str:
    """Four columns, and what does not fit into them on lines below."""
    paint = Paint(color)
    texts = [[plain(cell) for cell in row[:4]] for row in rows]
    most = (9, 22, 24, width)
    widths = [min(max(cells(row[i]) for row in [list(names), *texts]), most[i]) for i in range(4)]

    def line(row: Sequence[str]) -> str:
        return "  ".join(padded(cut(cell, widths[i]), widths[i]) for i, cell in enumerate(row)).rstrip()

    lines = [paint.dim(line(names))]
    for row, shown in zip(rows, texts, strict=True):
        lines.append(line(shown))
        for more in row[4]:
            lines += [paint.dim(f"    {part}") for part in wrapped(more, width - 4)] if more else []
    return "\n".join(lines)
