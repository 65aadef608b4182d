"""watchbill crew add|remove|move"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from watchbill.cli.changing import Draft, dry_run_option, known_person, known_rotation, show
from watchbill.cli.commands import Commands
from watchbill.cli.options import FROM, Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchbill.model.policy import Policy
    from watchbill.rota.crew_change import CrewChange
    from watchbill.rota.crew_places import Ask


@click.group("crew", cls=Commands)
def command() -> None:
    """Who joins a crew, leaves it or changes places, from a handoff on.

    Nobody's turn before that handoff moves.

    \b
    Example:  watchbill crew add backend infra-4
    """


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option(*FROM, metavar="DATE|now", help="First handoff on or after this day."),
            click.option("--layer", metavar="NAME", help="Of a rotation with layers."),
            click.option("--only-next", is_flag=True, help="Leave crews that are dated later as they are."),
            dry_run_option,
            global_options,
            click.pass_context,
        )
    ):
        function = option(function)
    return function


@command.command("add")
@click.argument("rotation")
@click.argument("person")
@click.option("--first", is_flag=True, help="They take the first turn of the new crew.")
@click.option("--after", metavar="PERSON", help="Right after this person's next turn.")
@click.option("--position", type=int, metavar="N", help="They take the N-th turn of the new crew.")
@click.option("--again", is_flag=True, help="One more place for somebody who is in the crew.")
@click.option("--turn", metavar="LENGTH", help="For a crew of one that had no turns: '1 week'.")
@click.option("--handoff", metavar="WHEN", help="For a crew of one that had no turns: 'mon 09:00'.")
@_options
def add(ctx: click.Context, rotation: str, person: str, **options: Any) -> None:
    """PERSON joins at the next handoff, after everybody who is there.

    \b
    Example:  watchbill crew add backend infra-4
              watchbill crew add backend infra-1 --after backend-2 --from "next mon 09:00"
    """
    if sum(bool(options[key]) for key in ("first", "after", "position")) > 1:
        raise UsageError("--first, --after and --position exclude each other", remedy="take one of them")
    _crew(ctx, "add", rotation, person, options)


@command.command("remove")
@click.argument("rotation")
@click.argument("person")
@click.option("--position", type=int, metavar="N", help="Only their place number N, as the file has it.")
@_options
def remove(ctx: click.Context, rotation: str, person: str, **options: Any) -> None:
    """PERSON leaves at the next handoff; whoever came after them comes one turn earlier.

    \b
    Example:  watchbill crew remove backend backend-1
              watchbill crew remove infra infra-1 --from now
    """
    _crew(ctx, "remove", rotation, person, options)


@command.command("move")
@click.argument("rotation")
@click.argument("person")
@click.option("--before", metavar="PERSON", help="Right before this person's next turn.")
@click.option("--after", metavar="PERSON", help="Right after this person's next turn.")
@click.option("--position", type=int, metavar="N", help="Their place number N, as the file has it.")
@click.option("--all", "every", is_flag=True, help="Change crews that are dated later, too.")
@_options
def move(ctx: click.Context, rotation: str, person: str, **options: Any) -> None:
    """PERSON changes places; everybody else keeps their order.

    \b
    Example:  watchbill crew move backend backend-1 --after backend-3
    """
    if bool(options["before"]) == bool(options["after"]):
        raise UsageError("say where to: --before or --after somebody", remedy="take one of them")
    if options["every"] and options["only_next"]:
        raise UsageError("--all and --only-next exclude each other", remedy="take one of them")
    _crew(ctx, "move", rotation, person, options)


def _crew(ctx: click.Context, kind: str, rotation: str, person: str, options: dict[str, Any]) -> None:
    from watchbill.config.change_crews import write_crews
    from watchbill.rota.crew_change import change_crew

    draft = Draft(Globals.of(ctx), dry_run=options["dry_run"])
    handle = known_rotation(draft.before, rotation)
    ask = _ask(draft, kind, handle, person, options)
    if draft.before.rotations[handle].layers is not None:
        _layer(draft, kind, handle, options["layer"], ask)
        return
    if options["layer"] is not None:
        raise UsageError(f"{handle} has no layers", remedy="leave --layer out")
    change = change_crew(draft.before, handle, ask, draft.options.now)
    if change.edits:
        draft.edit(("rotations", handle), lambda text, path, file: write_crews(text, path, change, file=file))
    if change.takes_over is not None:
        hand_over(draft, change, ask.person)
    _show(draft, kind, change, ask)


def _ask(draft: Draft, kind: str, handle: str, person: str, options: dict[str, Any]) -> Ask:
    from watchbill.cli.times import parse_time
    from watchbill.rota.clock import zone
    from watchbill.rota.crew_places import Ask

    policy = draft.before
    since, at_once = None, (options["since"] or "").strip().lower() == "now"
    if options["since"] and not at_once:
        since = parse_time(options["since"], zone(policy.zone_of(handle)), draft.options.now)
    later = "only-next" if options["only_next"] else "all" if options.get("every") else None
    beside = {
        key: options[key] and known_person(policy, options[key])
        for key in ("before", "after")
        if key in options
    }
    return Ask(
        kind,  # type: ignore[arg-type]
        _member(policy, person, joins=kind == "add"),
        first=options.get("first", False),
        position=options.get("position"),
        since=since,
        at_once=at_once,
        again=options.get("again", False),
        later=later,  # type: ignore[arg-type]
        counting=_counting(draft, handle, options.get("turn"), options.get("handoff")),
        **beside,
    )


def _member(policy: Policy, name: str, *, joins: bool) -> str:
    """For somebody unknown who joins, the line that adds them comes with the error."""
    try:
        return known_person(policy, name, or_nobody=True)
    except UsageError as unknown:
        if not joins:
            raise
        from watchbill.cli.person_add import offer

        near = f"{unknown.remedy} " if "did you mean" in unknown.remedy else ""
        raise UsageError(unknown.message, remedy=f"{near}For somebody new: {offer(name)}") from None


def _counting(draft: Draft, handle: str, turn: str | None, handoff: str | None) -> Any:
    from watchbill.model.rotations import Counted
    from watchbill.model.text import Handoff, Turn

    if turn is None and handoff is None:
        return None
    spec = draft.before.rotations[handle]
    if spec.turn is not None:
        raise UsageError(
            f"{handle} has turns of {spec.turn} already", remedy="leave --turn and --handoff out"
        )
    if turn is None:
        raise UsageError("--handoff needs --turn beside it", remedy="--turn '1 week' --handoff 'mon 09:00'")
    try:
        return Counted(turn=Turn.parse(turn), handoff=Handoff.parse(handoff) if handoff else None)
    except ValueError as error:
        raise UsageError(str(error), remedy="--turn '1 week' --handoff 'mon 09:00'") from None


def hand_over(draft: Draft, change: CrewChange, leaver: str) -> None:
    """The rest of the leaver's turn, shift by shift, so that nobody gets hours that were not theirs."""
    from watchbill.cli.overriding import local_minutes, override_name
    from watchbill.rota.duty import Roster

    now = -(-draft.options.now // 60) * 60
    for shift in Roster(draft.before).shifts(change.rotation, now, change.at):
        if shift.person != leaver or shift.because != "turn":
            continue
        start, end = local_minutes(draft.before, change.rotation, shift.start, shift.end)
        value = {
            "rotation": change.rotation,
            "person": change.takes_over,
            "instead_of": leaver,
            "from": start,
            "until": end,
            "reason": f"{leaver} leaves the crew",
        }
        draft.create(override_name(change.rotation, start, str(change.takes_over)), "overrides", value)


def _layer(draft: Draft, kind: str, handle: str, layer: str | None, ask: Ask) -> None:
    from watchbill.cli.overriding import local_minutes
    from watchbill.config.change_layers import write_layer
    from watchbill.model.text import AGAIN
    from watchbill.rota.crew_layers import change_layer, layer_named

    index = layer_named(handle, draft.before.rotations[handle], layer)
    change = change_layer(draft.before, handle, index, ask, draft.options.now)
    (until,) = local_minutes(draft.before, handle, change.at)
    if until.endswith(AGAIN):
        raise UsageError(
            f"the handoff is the second {until[:16]} of that night, and a layer's `until` means the first",
            remedy="take another handoff with --from",
        )
    if change.edits:
        draft.edit(
            ("rotations", handle),
            lambda text, path, file: write_layer(text, path, index, change, until=until, file=file),
        )
    _show(draft, kind, change, ask, layer=layer)


def _show(draft: Draft, kind: str, change: CrewChange, ask: Ask, *, layer: str | None = None) -> None:
    from watchbill.plan.side_by_side import full_rotation, side_by_side
    from watchbill.report.times import full
    from watchbill.rota.clock import zone

    policy = draft.before
    where = zone(policy.zone_of(change.rotation))
    does = {"add": "joins", "remove": "leaves", "move": "changes places in"}[kind]
    title = policy.title_of(change.rotation) + (f", layer {layer}," if layer else "")
    head = (
        f"{policy.title_of(ask.person)} {does} {title} at the handoff {full(change.at, where)} ({where.name})"
    )
    _, after = draft.after()
    since, until = full_rotation(policy, after, change.rotation, change.at, change.at)
    show(
        draft,
        verb=f"crew {kind}",
        head=head if change.edits else f"Nothing changes in {policy.title_of(change.rotation)}",
        at=change.at,
        tables=[side_by_side(policy, after, change.rotation, since, until)],
        notes=change.notes,
        asked={"rotation": change.rotation, "person": ask.person},
    )
