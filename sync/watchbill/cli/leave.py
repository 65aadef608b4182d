"""watchbill leave add"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from watchbill.cli.changing import Draft, dry_run_option, known_person, show
from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from watchbill.model.policy import Policy
    from watchbill.rota.spans import Span


@click.group("leave")
def command() -> None:
    """Days on which somebody is away.

    \b
    Example:  watchbill leave add backend-1 tomorrow +10d
    """


@command.command("add")
@click.argument("person")
@click.argument("first")
@click.argument("last")
@click.option("--covered-by", metavar="PERSON", help="Who serves instead, everywhere.")
@dry_run_option
@global_options
@click.pass_context
def add(
    ctx: click.Context, person: str, first: str, last: str, covered_by: str | None, dry_run: bool
) -> None:
    """PERSON is away from the day FIRST to the day LAST, both included.

    By itself it moves nobody: the shifts to cover are listed.

    \b
    Example:  watchbill leave add backend-1 tomorrow +10d
              watchbill leave add backend-2 tomorrow +10d --covered-by infra-1
    """
    from watchbill.ladder.leave import leave_span
    from watchbill.model.rotations import Absence
    from watchbill.rota.clock import zone

    draft = Draft(Globals.of(ctx), dry_run=dry_run)
    policy = draft.before
    handle = known_person(policy, person)
    cover = covered_by and known_person(policy, covered_by)
    where = zone(policy.people[handle].time_zone or policy.settings.time_zone)
    days = _days(draft, first, last, where.name)
    value = {"person": handle, "first_day": days[0].isoformat(), "last_day": days[1].isoformat()}
    value |= {"covered_by": cover} if cover else {}
    absence = Absence.model_validate(value)
    span = leave_span(policy, absence)
    if span[1] <= draft.options.now:
        raise UsageError("that is over already", remedy="give later days")
    _refuse_overlap(draft, handle, span)
    draft.create(f"absences/{handle}-{days[0].isoformat()}", "absences", value)
    _show(draft, handle, cover, days, span)


def _days(draft: Draft, first: str, last: str, zone_name: str) -> tuple[date, date]:
    from watchbill.cli.times import parse_day
    from watchbill.rota.clock import zone

    begin, end = (parse_day(text, zone(zone_name), draft.options.now) for text in (first, last))
    if end < begin:
        raise UsageError(f"the last day {end} is before the first, {begin}", remedy="both days are included")
    return begin, end


def _refuse_overlap(draft: Draft, person: str, span: Span) -> None:
    from watchbill.ladder.leave import leave_span

    for index, other in enumerate(draft.before.absences):
        start, end = leave_span(draft.before, other)
        if other.person == person and start < span[1] and end > span[0]:
            spot = draft.loaded.locator.spot(("absences", index))
            raise UsageError(
                f"{person} is away from {other.first_day} to {other.last_day} already",
                remedy=f"change it in {spot.file}:{spot.line}" if spot else "change that one",
            )


def _show(draft: Draft, person: str, cover: str | None, days: tuple[date, date], span: Span) -> None:
    from watchbill.plan.side_by_side import effects_on, rotations_changed, side_by_side
    from watchbill.report.times import full
    from watchbill.rota.clock import WEEK, zone

    policy = draft.before
    _, after = draft.after()
    head = f"{policy.title_of(person)} is away from {days[0]} to {days[1]}, both days included"
    notes = []
    for rotation, (start, end) in _to_cover(after, person, span, draft.options.now):
        where = zone(policy.zone_of(rotation))
        notes.append(
            f"to cover: {policy.title_of(rotation)}, {full(start, where)} to {full(end, where)} ({where.name})"
        )
    if cover is None and not notes:
        notes.append("no shift falls into these days")
    changed = rotations_changed(effects_on(policy, after, draft.options.now, span[0]))
    tables = [side_by_side(policy, after, r, span[0] - WEEK, span[1] + WEEK) for r in changed]
    own = [rows for rows in tables if any(row.before != row.after for row in rows)]
    show(
        draft,
        verb="leave add",
        head=head,
        at=span[0],
        tables=own,
        notes=notes,
        asked={"person": person, "covered_by": cover},
    )


def _to_cover(after: Policy, person: str, span: Span, now: int) -> list[tuple[str, Span]]:
    """The shifts that they still have while away; copies of another rotation's turns are told once."""
    from watchbill.rota.duty import Roster

    roster = Roster(after)
    return [
        (rotation, (shift.start, shift.end))
        for rotation, spec in after.rotations.items()
        if spec.covered_by is None
        for shift in roster.shifts(rotation, max(span[0], now), span[1])
        if shift.person == person and (shift.rotation == rotation or shift.rotation not in after.rotations)
    ]
