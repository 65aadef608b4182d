"""watchbill override add|list|cancel"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from watchbill.cli.changing import Draft, dry_run_option, known_person, show
from watchbill.cli.commands import Commands
from watchbill.cli.options import FROM, Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchbill.model.policy import Policy
    from watchbill.model.rotations import Override
    from watchbill.rota.clock import Instant
    from watchbill.rota.spans import Span


@click.group("override", cls=Commands)
def command() -> None:
    """One person stands in for another for a while.

    \b
    Example:  watchbill override add backend infra-1 --from "tomorrow 18:00" --for 2h
    """


@command.command("add")
@click.argument("rotation", metavar="ROTATION|DOMAIN")
@click.argument("person")
@click.option(*FROM, metavar="T", default="now", help="When it begins (default: now).")
@click.option("--until", metavar="T", help="When it ends.")
@click.option("--for", "length", metavar="LENGTH", help="How long, instead of --until: 2h, 3 days.")
@click.option(
    "--instead-of", metavar="PERSON", help="Who is replaced; refused where somebody else is on duty."
)
@click.option("--reason", help="Why; shown wherever the override is.")
@click.option("--requested-by", metavar="PERSON", help="Who asked for it.")
@click.option("--yes", is_flag=True, help="Take everything that the schedule serves, without a question.")
@click.option("--only", is_flag=True, help="Refuse where the schedule serves more than was named.")
@dry_run_option
@global_options
@click.pass_context
def add(
    ctx: click.Context,
    /,
    rotation: str,
    person: str,
    *,
    yes: bool,
    only: bool,
    dry_run: bool,
    **options: str | None,
) -> None:
    """PERSON has ROTATION from T on.  Times are the rotation's wall clock; hours and minutes are real time.

    A domain or a rotation that another one covers means the schedule that is paged for it.

    \b
    Example:  watchbill override add backend backend-2 --from "next thu 09:00" --until "next thu 18:00"
              watchbill override add infra security-1 --for 2h --reason "infra-1 is on a train"
              watchbill override add database primary-3 --for 2h --yes
    """
    from watchbill.cli.overriding import agreed, as_override, put, refuse_clash, schedule_named

    if yes and only:
        raise UsageError("--yes and --only exclude each other", remedy="take one of them")
    draft = Draft(Globals.of(ctx), dry_run=dry_run)
    policy = draft.before
    asked = schedule_named(policy, rotation)
    item = _wanted(policy, asked.rotation, known_person(policy, person), options, draft.options.now)
    override, span = as_override(policy, item)
    refuse_clash(draft, override, span)
    served = agreed(draft, asked, span, yes=yes, only=only, dry_run=dry_run)
    put(draft, item, override, span)
    _show(draft, "override add", override, span, served)


@command.command("cancel")
@click.argument("names", nargs=-1, metavar="[ROTATION] [PERSON] [FILE]")
@click.option(*FROM, metavar="T", help="The one that begins then, or is under way then.")
@dry_run_option
@global_options
@click.pass_context
def cancel(ctx: click.Context, names: tuple[str, ...], since: str | None, dry_run: bool) -> None:
    """Takes back an override that is not over yet: it is marked as cancelled, and the next apply removes it.

    It is found by rotation, person, time or file; where several fit, they are listed.

    \b
    Example:  watchbill override add infra security-1 --from "tomorrow 18:00" --for 2h
              watchbill override cancel infra security-1
    """
    from watchbill.cli.dated_find import one_override
    from watchbill.cli.overriding import cancel_at
    from watchbill.rota.duty import override_span

    draft = Draft(Globals.of(ctx), dry_run=dry_run)
    index = one_override(draft, names, since)
    cancel_at(draft, index)
    override = draft.before.overrides[index]
    _show(draft, "override cancel", override, override_span(draft.before, override), ())


@command.command("list")
@click.argument("names", nargs=-1, metavar="[ROTATION] [PERSON]")
@click.option("--state", type=click.Choice(("active", "future", "past", "cancelled")), multiple=True)
@click.option(*FROM, metavar="T", help="Only those that end after T.")
@click.option("--until", metavar="T", help="Only those that begin before T.")
@global_options
@click.pass_context
def list_(
    ctx: click.Context, names: tuple[str, ...], state: tuple[str, ...], since: str | None, until: str | None
) -> None:
    """The overrides that the files declare, and whether each is past, active, future or cancelled.

    \b
    Example:  watchbill override list
              watchbill override list --state active --state future
    """
    from watchbill.cli.dated_find import listed_overrides
    from watchbill.cli.load import valid_policy
    from watchbill.report.dated_list import overrides_json, overrides_text

    options = Globals.of(ctx)
    loaded, policy = valid_policy(options, mending=True)
    found = listed_overrides(loaded, policy, names, (since, until), options.now)
    found = [one for one in found if not state or one.state in state]
    if options.as_json:
        click.echo(json.dumps(overrides_json(found, options.now), indent=2, ensure_ascii=False))
    else:
        click.echo(overrides_text(found, policy, color=options.color, width=options.width))


def _wanted(
    policy: Policy, handle: str, person: str, options: dict[str, str | None], now: Instant
) -> dict[str, Any]:
    """The item as the file will hold it."""
    from watchbill.cli.overriding import local_minutes
    from watchbill.cli.times import parse_time
    from watchbill.model.text import Duration
    from watchbill.rota.clock import zone

    where = zone(policy.zone_of(handle))
    until, length = options["until"], options["length"]
    if (until is None) == (length is None):
        raise UsageError("say how long: --until T or --for LENGTH", remedy="for example --for 2h")
    start = -(-parse_time(options["since"] or "now", where, now) // 60) * 60
    item: dict[str, Any] = {"rotation": handle, "person": person}
    if options["instead_of"]:
        item["instead_of"] = known_person(policy, options["instead_of"])
    if until is not None:
        end = parse_time(until, where, now)
        if end <= start:
            raise UsageError("it would end before it begins", remedy="give a later --until")
        item["from"], item["until"] = local_minutes(policy, handle, start, end)
    elif length is not None:
        try:
            told = str(Duration.parse(length.strip()))
        except ValueError as error:
            raise UsageError(str(error), remedy="--for 2h") from None
        item["from"], item["for"] = local_minutes(policy, handle, start)[0], told
    item |= {key: options[key] for key in ("reason",) if options[key]}
    if options["requested_by"]:
        item["requested_by"] = known_person(policy, options["requested_by"])
    return item


def _show(draft: Draft, verb: str, override: Override, span: Span, served: Sequence[str]) -> None:
    from watchbill.cli.overriding import head_of, table_around
    from watchbill.ladder.leave import leaves_in
    from watchbill.rota.duty import Roster

    policy, handle, adds = draft.before, override.rotation, verb == "override add"
    notes = list(served)
    table = table_around(draft, handle, span)
    if all(row.before == row.after for row in table):
        notes.append("nobody's duty changes")
    elif adds and policy.rotations[handle].hours is not None:
        outside = [s for s in Roster(policy).shifts(handle, *span) if s.because == "fallback"]
        if outside:
            notes.append("it holds outside the rotation's hours too: the fallback is replaced as well")
    for leave in leaves_in(policy, override.person, span) if adds else ():
        name = policy.title_of(override.person)
        notes.append(f"{name} is away from {leave.first_day} to {leave.last_day}, both days included")
    show(
        draft,
        verb=verb,
        head=head_of(policy, override, span, "has" if adds else "does not have"),
        at=span[0],
        tables=[table],
        notes=notes,
        asked={"rotation": handle, "person": override.person},
    )
