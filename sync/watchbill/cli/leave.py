"""watchbill leave add|list|cancel"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from watchbill.cli.changing import Draft, dry_run_option, known_person, show
from watchbill.cli.commands import Commands
from watchbill.cli.options import FROM, Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from watchbill.model.policy import Policy
    from watchbill.plan.document import ShiftEffect
    from watchbill.rota.spans import Span


@click.group("leave", cls=Commands)
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


@command.command("list")
@click.argument("names", nargs=-1, metavar="[PERSON]")
@click.option("--state", type=click.Choice(("active", "future", "past")), multiple=True)
@click.option(*FROM, metavar="T", help="Only leave that ends after T.")
@click.option("--until", metavar="T", help="Only leave that begins before T.")
@global_options
@click.pass_context
def list_(
    ctx: click.Context, names: tuple[str, ...], state: tuple[str, ...], since: str | None, until: str | None
) -> None:
    """The leave that the files declare, and whether each is past, active or future.

    \b
    Example:  watchbill leave list
              watchbill leave list backend-1 --state future
    """
    from watchbill.cli.dated_find import listed_leave
    from watchbill.cli.load import valid_policy
    from watchbill.report.dated_list import leave_json, leave_text

    options = Globals.of(ctx)
    loaded, policy = valid_policy(options, mending=True)
    found = listed_leave(loaded, policy, names, (since, until), options.now)
    found = [one for one in found if not state or one.state in state]
    if options.as_json:
        click.echo(json.dumps(leave_json(found, options.now), indent=2, ensure_ascii=False))
    else:
        click.echo(leave_text(found, policy, color=options.color, width=options.width))


@command.command("cancel")
@click.argument("names", nargs=-1, metavar="[PERSON] [FILE]")
@click.option(*FROM, metavar="DAY", help="The leave that this day belongs to.")
@dry_run_option
@global_options
@click.pass_context
def cancel(ctx: click.Context, names: tuple[str, ...], since: str | None, dry_run: bool) -> None:
    """Takes leave back that is not over yet.  Of leave that has begun, the days before today stay.

    \b
    Example:  watchbill leave cancel backend-1
              watchbill leave cancel backend-2 --from tomorrow
    """
    from watchbill.cli.dated_find import one_leave
    from watchbill.cli.tidy import take_out
    from watchbill.config.edit import set_value
    from watchbill.rota.clock import DAY, date_of, zone

    draft = Draft(Globals.of(ctx), dry_run=dry_run)
    policy, now = draft.before, draft.options.now
    one = one_leave(draft, names, since)
    absence = policy.absences[one.index]
    today = zone(policy.people[one.person].time_zone or policy.settings.time_zone).day_of(now)
    yesterday = date_of(today - 1)
    if absence.first_day.value > yesterday:
        take_out(draft, [("absences", one.index)])
        told, days = "is not away", (absence.first_day.value, absence.last_day.value)
    else:
        draft.edit(
            ("absences", one.index),
            lambda text, path, file: set_value(text, (*path, "last_day"), yesterday.isoformat(), file=file),
        )
        told, days = "is back", (date_of(today), absence.last_day.value)
    head = f"{policy.title_of(one.person)} {told} from {days[0]} to {days[1]}, both days included"
    span = (max(one.span[0], now - DAY), one.span[1])
    show(
        draft,
        verb="leave cancel",
        head=head,
        at=max(span[0], now),
        tables=_tables(draft, span),
        asked={"person": one.person, "covered_by": one.covered_by},
    )


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
    from watchbill.report.times import full
    from watchbill.rota.clock import zone

    policy = draft.before
    _, after = draft.after()
    head = f"{policy.title_of(person)} is away from {days[0]} to {days[1]}, both days included"
    notes = _long_runs(policy, after, cover, span) if cover else []
    for rotation, (start, end) in _to_cover(after, person, span, draft.options.now):
        where = zone(policy.zone_of(rotation))
        notes.append(
            f"to cover: {policy.title_of(rotation)}, {full(start, where)} to {full(end, where)} ({where.name})"
        )
    if cover is None and not notes:
        notes.append("no shift falls into these days")
    show(
        draft,
        verb="leave add",
        head=head,
        at=span[0],
        tables=_tables(draft, span),
        notes=notes,
        asked={"person": person, "covered_by": cover},
    )


def _tables(draft: Draft, span: Span) -> list[tuple[ShiftEffect, ...]]:
    """Of each rotation whose own duty changes, with a week on each side."""
    from watchbill.plan.side_by_side import effects_on, rotations_changed, side_by_side
    from watchbill.rota.clock import WEEK

    policy, now = draft.before, draft.options.now
    _, after = draft.after()
    changed = rotations_changed(effects_on(policy, after, now, max(span[0], now)))
    tables = [side_by_side(policy, after, r, span[0] - WEEK, span[1] + WEEK) for r in changed]
    return [rows for rows in tables if any(row.before != row.after for row in rows)]


def _long_runs(before: Policy, after: Policy, cover: str, span: Span) -> list[str]:
    """Runs of more than seven days in which whoever covers has no day off."""
    from watchbill.ladder.runs import REACH, long_runs
    from watchbill.report.times import full
    from watchbill.rota.clock import zone

    where = zone(after.people[cover].time_zone or after.settings.time_zone)
    notes = []
    for run in long_runs(before, after, cover, span):
        begin = "" if run.start <= span[0] - REACH else f" from {full(run.start, where)}"
        end = "" if run.end >= span[1] + REACH else f" to {full(run.end, where)}"
        much = f"{run.days:g} days" if begin and end else f"at least {run.days:g} days"
        notes.append(f"{after.title_of(cover)} is on duty {much} in a row{begin}{end} ({where.name})")
    return notes


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
