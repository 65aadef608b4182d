"""watchbill swap"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from watchbill.cli.changing import Draft, dry_run_option, known_person, show
from watchbill.cli.options import FROM, Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.model.policy import Policy
    from watchbill.rota.spans import Span


@dataclass(frozen=True, slots=True)
class _Move:
    rotation: str
    span: Span
    person: str
    """Takes it."""
    instead_of: str


@click.command("swap")
@click.argument("one", metavar="PERSON")
@click.argument("other", metavar="PERSON")
@click.argument("rotation", required=False)
@click.option(*FROM, metavar="T", required=True, help="Shifts are exchanged from here on.")
@click.option("--until", metavar="T", required=True, help="Shifts are exchanged until here.")
@click.option("--reason", help="Why; default: swap with the other one.")
@click.option("--yes", is_flag=True, help="Take everything that the schedule serves, without a question.")
@click.option("--only", is_flag=True, help="Refuse where the schedule serves more than was named.")
@dry_run_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    one: str,
    other: str,
    rotation: str | None,
    since: str,
    until: str,
    *,
    reason: str | None,
    yes: bool,
    only: bool,
    dry_run: bool,
) -> None:
    """Two people exchange their duty in that time: each has what the other one had.

    In every rotation in which they serve, or in ROTATION only.  Each shift becomes one override in a file of its
    own; all are written, or none.

    \b
    Example:  watchbill swap primary-1 primary-2 --from "mon 09:00" --until +35d
              watchbill swap backend-1 backend-2 backend --from "mon 09:00" --until +35d --yes
    """
    from watchbill.cli.overriding import agreed, schedule_named
    from watchbill.cli.times import parse_time
    from watchbill.rota.clock import zone

    draft = Draft(Globals.of(ctx), dry_run=dry_run)
    policy, now = draft.before, draft.options.now
    people = known_person(policy, one), known_person(policy, other)
    if people[0] == people[1]:
        raise UsageError(f"{people[0]} cannot swap with themselves", remedy="name two people")
    asked = None if rotation is None else schedule_named(policy, rotation)
    where = zone(policy.zone_of(asked.rotation) if asked else policy.settings.time_zone)
    start, end = (-(-parse_time(text, where, now) // 60) * 60 for text in (since, until))
    if end <= start:
        raise UsageError("it would end before it begins", remedy="give a later --until")
    if end <= now:
        raise UsageError("that is over already", remedy="give a later time")
    with_schedule = [handle for handle, spec in policy.rotations.items() if spec.has_schedule]
    rotations = [asked.rotation] if asked else with_schedule
    moves = [move for handle in rotations for move in _moves(policy, handle, people, (max(start, now), end))]
    if not moves:
        names = " nor ".join(policy.title_of(p) for p in people)
        raise UsageError(
            f"neither {names} is on duty in that time",
            remedy="`watchbill who` and `watchbill why` show who is",
        )
    _refuse_away(policy, moves)
    for move in moves:
        _write(draft, move, reason)
    served = [] if asked is None else agreed(draft, asked, (start, end), yes=yes, only=only, dry_run=dry_run)
    _show(draft, people, moves, served)


def _moves(policy: Policy, rotation: str, people: tuple[str, str], span: Span) -> list[_Move]:
    """Their own shifts; a fallback's copy follows the rotation that it copies."""
    from watchbill.rota.duty import Roster

    takes = {people[0]: people[1], people[1]: people[0]}
    return [
        _Move(rotation, (-(-s.start // 60) * 60, s.end), takes[s.person], s.person)
        for s in Roster(policy).shifts(rotation, *span)
        if s.person in takes and s.because != "fallback"
    ]


def _refuse_away(policy: Policy, moves: list[_Move]) -> None:
    from watchbill.ladder.leave import leaves_in

    for move in moves:
        for leave in leaves_in(policy, move.person, move.span):
            raise UsageError(
                f"{policy.title_of(move.person)} is away from {leave.first_day} to {leave.last_day}, "
                f"and would have {policy.title_of(move.rotation)} then",
                remedy="take another time, or cancel the leave: `watchbill leave cancel`",
            )


def _write(draft: Draft, move: _Move, reason: str | None) -> None:
    from watchbill.cli.overriding import as_override, local_minutes, put, refuse_clash

    start, end = local_minutes(draft.before, move.rotation, *move.span)
    item: dict[str, Any] = {
        "rotation": move.rotation,
        "person": move.person,
        "instead_of": move.instead_of,
        "from": start,
        "until": end,
        "reason": reason or f"swap with {draft.before.title_of(move.instead_of)}",
    }
    override, span = as_override(draft.before, item)
    refuse_clash(draft, override, span)
    put(draft, item, override, span)


def _show(draft: Draft, people: tuple[str, str], moves: list[_Move], served: list[str]) -> None:
    from watchbill.cli.overriding import table_around

    policy = draft.before
    spans: dict[str, list[Span]] = {}
    for move in moves:
        spans.setdefault(move.rotation, []).append(move.span)
    whole = {rotation: (found[0][0], max(end for _, end in found)) for rotation, found in spans.items()}
    names = [policy.title_of(person) for person in people]
    idle = [p for p in people if all(move.instead_of != p for move in moves)]
    notes = [
        f"{policy.title_of(person)} has no duty in that time, so only one of them gives something away"
        for person in idle
    ]
    show(
        draft,
        verb="swap",
        head=f"{names[0]} and {names[1]} swap in {', '.join(policy.title_of(r) for r in spans)}",
        at=min(start for start, _ in whole.values()),
        tables=[table_around(draft, rotation, span) for rotation, span in whole.items()],
        notes=[*served, *notes],
        asked={"person": people[0], "with": people[1], "rotation": next(iter(spans))},
    )
