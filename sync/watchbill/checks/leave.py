"""Leave that nobody covers, covers who cannot, overrides that replace the wrong person, crews edited in place."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.checks.context import Context
from watchbill.checks.rule import Problem, Rule
from watchbill.checks.when import MOST, some, when
from watchbill.findings import Severity
from watchbill.ladder.crew_edits import Moved, edited_in_place
from watchbill.ladder.leave import bad_covers, mismatches, to_cover


def _uncovered_leave(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for found in to_cover(context.outlook):
        absence = policy.absences[found.absence]
        away = f"{absence.person} is away from {absence.first_day} to {absence.last_day}"
        parts = []
        if found.shifts:
            shifts = [
                f"{rotation} {when(start, policy.zone_of(rotation))} to {when(end, policy.zone_of(rotation))}"
                for rotation, (start, end) in found.shifts
            ]
            parts.append(f"and nobody covers: {some(shifts, 2 * MOST)}")
        if found.roles:
            hats = ", ".join(policy.roles[role].title for role in found.roles)
            parts.append(f"and ladders page {absence.person} as {hats} whatever the day")
        hint = "name who covers: `covered_by:`, or an override for each shift"
        if not found.shifts:
            hint = "let somebody else hold the role for that time"
        severity: Severity | None = None if found.shifts else "note"
        yield Problem(("absences", found.absence), f"{away}, {'; '.join(parts)}", hint, severity)


def _cover_busy(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for bad in bad_covers(context.outlook):
        absence = policy.absences[bad.absence]
        where = policy.zone_of(bad.rotation)
        shift = f"{when(bad.span[0], where)} to {when(bad.span[1], where)}"
        why = f"is on duty in {bad.elsewhere}" if bad.elsewhere else "is away too"
        message = f"{absence.covered_by} covers {absence.person} in {bad.rotation}, but {why} then: {shift}"
        yield Problem(
            ("absences", bad.absence, "covered_by"),
            message,
            "name somebody who is free, or write overrides for these shifts",
        )


def _instead_of(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for found in mismatches(policy, context.now):
        override = policy.overrides[found.override]
        where = policy.zone_of(override.rotation)
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
        shifts = [_moved(moved, policy.zone_of(edit.rotation)) for moved in edit.moved]
        now = next((m for m in edit.moved if m.start <= context.now < m.end), None)
        message = f"the running crew was edited in place, which moves turns: {some(shifts, 2 * MOST)}"
        if now is not None:
            message = f"ON CALL NOW CHANGES; {message}"
        hint = (
            f"`watchbill crew add|remove|move` ({edit.rotation}) starts a new crew at the next handoff; "
            "commit this only if you mean it"
        )
        yield Problem(("rotations", edit.rotation), message, hint)


def _moved(moved: Moved, zone_name: str) -> str:
    span = f"{when(moved.start, zone_name)} to {when(moved.end, zone_name)}"
    return f"{span} {moved.before or 'nobody'} → {moved.after or 'nobody'}"


RULES = (
    Rule("uncovered-leave", "warning", "Leave with shifts that nobody covers", _uncovered_leave),
    Rule("cover-busy", "warning", "A cover who is away or on duty elsewhere", _cover_busy),
    Rule("instead-of", "error", "An override instead of somebody who is not on duty", _instead_of),
    Rule("crew-edited", "warning", "A running crew edited in place", _crew_edited),
)
