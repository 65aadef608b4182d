"""Leave that nobody covers, covers who cannot, overrides that replace the wrong person, crews edited in place."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.checks.context import Context
from watchbill.checks.rule import Problem, Rule
from watchbill.checks.when import some, when
from watchbill.findings import Severity
from watchbill.ladder.crew_edits import Moved, edited_in_place
from watchbill.ladder.leave import bad_covers, mismatches, to_cover
from watchbill.model.base import NOBODY
from watchbill.rota.clock import Instant


def _uncovered_leave(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for found in to_cover(context.outlook):
        absence = policy.absences[found.absence]
        away = f"{absence.person} is away from {absence.first_day} to {absence.last_day}"
        shifts = [
            f"{rotation} {_span(start, end, policy.settings.time_zone)}"
            for rotation, (start, end) in found.shifts
        ]
        severity: Severity | None = None
        hint = "name who covers: `covered_by:`, or an override for each shift"
        if shifts:
            message = f"{away}, and nobody covers {_count(shifts, 'shift')}: {some(shifts, 1)}"
        else:
            hats = ", ".join(policy.roles[role].title for role in found.roles)
            message = f"{away}, and ladders page {absence.person} as {hats} whatever the day"
            severity, hint = "note", "let somebody else hold the role for that time"
        yield Problem(("absences", found.absence), message, hint, severity, _listed(shifts))


def _cover_busy(context: Context) -> Iterator[Problem]:
    policy = context.policy
    found: dict[tuple[int, str, str], list[str]] = {}
    for bad in bad_covers(context.outlook):
        span = _span(*bad.span, policy.settings.time_zone)
        found.setdefault((bad.absence, bad.rotation, bad.elsewhere or ""), []).append(span)
    for (index, rotation, elsewhere), spans in found.items():
        absence = policy.absences[index]
        why = f"is on duty in {elsewhere}" if elsewhere else "is away too"
        message = (
            f"{absence.covered_by} covers {absence.person} in {rotation}, but {why} then: {some(spans, 1)}"
        )
        yield Problem(
            ("absences", index, "covered_by"),
            message,
            "name somebody who is free, or write overrides for these shifts",
            details=_listed(spans),
        )


def _instead_of(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for found in mismatches(policy, context.now):
        override = policy.overrides[found.override]
        where = policy.settings.time_zone
        told = [f"{s.person} from {when(s.start, where)} to {when(s.end, where)}" for s in found.holders]
        told += [f"nobody from {when(s, where)} to {when(e, where)}" for s, e in found.nobody]
        message = f"{override.instead_of} is not on duty all that time in {override.rotation}; on duty: {some(told)}"
        hint = "name who is really replaced, leave `instead_of` out, or clip the override to that duty"
        yield Problem(("overrides", found.override, "instead_of"), message, hint)


def _crew_edited(context: Context) -> Iterator[Problem]:
    if context.before is None:
        return
    policy, outlook = context.policy, context.outlook
    for edit in edited_in_place(context.before, policy, outlook.since, outlook.until):
        turns = [_moved(moved, policy.settings.time_zone) for moved in edit.moved]
        now = next((m for m in edit.moved if m.start <= context.now < m.end), None)
        message = (
            f"the running crew was edited in place, which moves {_count(turns, 'turn')}: {some(turns, 1)}"
        )
        if now is not None:
            message = f"ON CALL NOW CHANGES; {message}"
        hint = (
            f"`watchbill crew add|remove|move` ({edit.rotation}) starts a new crew at the next handoff; "
            "commit this only if you mean it"
        )
        yield Problem(("rotations", edit.rotation), message, hint, details=_listed(turns))


def _moved(moved: Moved, zone_name: str) -> str:
    return f"{_span(moved.start, moved.end, zone_name)}  {moved.before or NOBODY} → {moved.after or NOBODY}"


def _span(start: Instant, end: Instant, zone_name: str) -> str:
    return f"{when(start, zone_name)} to {when(end, zone_name)}"


def _count(items: list[str], what: str) -> str:
    return f"{len(items)} {what}{'' if len(items) == 1 else 's'}"


def _listed(lines: list[str]) -> tuple[str, ...]:
    """One is in the message already."""
    rest = [f"and {len(lines) - LONGEST_LIST} more"] if len(lines) > LONGEST_LIST else []
    return (*lines[:LONGEST_LIST], *rest) if len(lines) > 1 else ()


LONGEST_LIST = 30

RULES = (
    Rule("uncovered-leave", "warning", "Leave with shifts that nobody covers", _uncovered_leave),
    Rule("cover-busy", "warning", "A cover who is away or on duty elsewhere", _cover_busy),
    Rule("instead-of", "error", "An override instead of somebody who is not on duty", _instead_of),
    Rule("crew-edited", "warning", "A running crew edited in place", _crew_edited),
)
