"""watchbill override add|cancel"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from watchbill.cli.changing import Draft, dry_run_option, known_person, known_rotation, show
from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.model.policy import Policy
    from watchbill.model.rotations import Override
    from watchbill.rota.clock import Instant
    from watchbill.rota.spans import Span


@click.group("override")
def command() -> None:
    """One person stands in for another for a while.

    \b
    Example:  watchbill override add backend infra-1 --from "tomorrow 18:00" --for 2h
    """


@command.command("add")
@click.argument("rotation")
@click.argument("person")
@click.option("--from", "since", metavar="T", default="now", help="When it begins (default: now).")
@click.option("--until", metavar="T", help="When it ends.")
@click.option("--for", "length", metavar="LENGTH", help="How long, instead of --until: 2h.")
@click.option(
    "--instead-of", metavar="PERSON", help="Who is replaced; refused where somebody else is on duty."
)
@click.option("--reason", help="Why; shown wherever the override is.")
@click.option("--requested-by", metavar="PERSON", help="Who asked for it.")
@dry_run_option
@global_options
@click.pass_context
def add(ctx: click.Context, /, rotation: str, person: str, dry_run: bool, **options: str | None) -> None:
    """PERSON has ROTATION from T on.  Times are the rotation's wall clock.

    \b
    Example:  watchbill override add backend backend-2 --from "next thu 09:00" --until "next thu 18:00"
              watchbill override add infra security-1 --for 2h --reason "infra-1 is on a train"
    """
    draft = Draft(Globals.of(ctx), dry_run=dry_run)
    policy = draft.before
    handle = _with_schedule(policy, known_rotation(policy, rotation))
    item = _wanted(policy, handle, known_person(policy, person), options, draft.options.now)
    override, span = _as_override(policy, item)
    _refuse_clash(draft, override, span)
    taken_back = _same(policy, override, span)
    if taken_back is not None:
        from watchbill.config.edit import remove

        draft.edit(
            ("overrides", taken_back), lambda text, path, file: remove(text, (*path, "cancelled"), file=file)
        )
    else:
        draft.create(override_name(handle, item["from"], override.person), "overrides", item)
    _show(draft, "override add", override, span, "has")


@command.command("cancel")
@click.argument("rotation")
@click.argument("person", required=False)
@click.option("--from", "since", metavar="T", help="The one that begins then, or is under way then.")
@dry_run_option
@global_options
@click.pass_context
def cancel(ctx: click.Context, rotation: str, person: str | None, since: str | None, dry_run: bool) -> None:
    """Takes back an override that is not over yet: it is marked as cancelled, so that the account follows.

    \b
    Example:  watchbill override add infra security-1 --from "tomorrow 18:00" --for 2h
              watchbill override cancel infra security-1
    """
    draft = Draft(Globals.of(ctx), dry_run=dry_run)
    policy = draft.before
    handle = known_rotation(policy, rotation)
    index = _one(draft, handle, person and known_person(policy, person), since)
    cancel_at(draft, index)
    override = policy.overrides[index]
    from watchbill.rota.duty import override_span

    _show(draft, "override cancel", override, override_span(policy, override), "does not have")


def cancel_at(draft: Draft, index: int) -> None:
    from watchbill.config.edit import insert_key, set_value

    said = "cancelled" in draft.before.overrides[index].model_fields_set

    def change(text: str, path: tuple[str | int, ...], file: str) -> str:
        if said:
            return set_value(text, (*path, "cancelled"), True, file=file)
        return insert_key(text, path, "cancelled", True, file=file)

    draft.edit(("overrides", index), change)


def _wanted(
    policy: Policy, handle: str, person: str, options: dict[str, str | None], now: Instant
) -> dict[str, Any]:
    """As the file will say it."""
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


def _as_override(policy: Policy, item: dict[str, Any]) -> tuple[Override, Span]:
    from pydantic import ValidationError

    from watchbill.model.rotations import Override
    from watchbill.rota.duty import override_span

    try:
        override = Override.model_validate(item)
    except ValidationError as error:
        raise UsageError(error.errors()[0]["msg"], remedy="use other words") from None
    return override, override_span(policy, override)


def local_minutes(policy: Policy, rotation: str, *instants: Instant) -> tuple[str, ...]:
    """As the rotation's wall clock shows them.  Raises UsageError for the second of two equal hours."""
    from watchbill.rota.clock import zone
    from watchbill.rota.duty import wall

    where = zone(policy.zone_of(rotation))
    said = [where.at(at).strftime("%Y-%m-%d %H:%M") for at in instants]
    for at, text in zip(instants, said, strict=True):
        if wall(text, where.name) != at // 60 * 60:
            raise UsageError(
                f"{text} comes twice that night, and the file could only mean the first",
                remedy="take a time before or after the clock change",
            )
    return tuple(said)


def override_name(rotation: str, start: str, person: str) -> str:
    """overrides/<rotation>/<date>-<hhmm>-<person>: two people who add some at once never meet."""
    return f"overrides/{rotation}/{start[:10]}-{start[11:].replace(':', '')}-{person}"


def _with_schedule(policy: Policy, handle: str) -> str:
    cover = policy.rotations[handle].covered_by
    if cover is not None:
        raise UsageError(
            f"{handle} has no schedule of its own: {cover} covers it", remedy=f"override {cover} instead"
        )
    return handle


def _refuse_clash(draft: Draft, override: Override, span: Span) -> None:
    """What is over, what overlaps another override, what replaces somebody who is not on duty."""
    from watchbill.ladder.leave import mismatches
    from watchbill.rota.duty import override_span

    policy, now = draft.before, draft.options.now
    if span[1] <= now:
        raise UsageError("that is over already", remedy="give a later time")
    for index, other in enumerate(policy.overrides):
        if other.rotation != override.rotation or other.cancelled:
            continue
        start, end = override_span(policy, other)
        if start < span[1] and end > span[0]:
            spot = draft.loaded.locator.spot(("overrides", index))
            where = f" ({spot.file}:{spot.line})" if spot else ""
            ending = f"to {other.until}" if other.until else f"for {other.for_}"
            raise UsageError(
                f"{other.person} stands in from {other.from_} {ending} already{where}",
                remedy=f"shorten this one, or `watchbill override cancel {other.rotation} {other.person}` first",
            )
    for found in mismatches(policy.model_copy(update={"overrides": (override,)}), now):
        real = ", ".join(
            f"{policy.title_of(s.person or '')} from {a} to {b}"
            for s in found.holders
            for a, b in [local_minutes(policy, override.rotation, s.start, s.end)]
        )
        raise UsageError(
            f"{override.instead_of} is not on duty in all of that time: {real or 'nobody is'}",
            remedy="leave --instead-of out, or take another time",
        )


def _same(policy: Policy, override: Override, span: Span) -> int | None:
    """A cancelled one of the same person and time: two entries of which one is cancelled would contradict."""
    from watchbill.rota.duty import override_span

    for index, other in enumerate(policy.overrides):
        alike = (other.rotation, other.person) == (override.rotation, override.person)
        if alike and other.cancelled and override_span(policy, other) == span:
            return index
    return None


def _one(draft: Draft, handle: str, person: str | None, since: str | None) -> int:
    from watchbill.cli.times import parse_time
    from watchbill.rota.clock import zone
    from watchbill.rota.duty import override_span

    policy, now = draft.before, draft.options.now
    at = since and parse_time(since, zone(policy.zone_of(handle)), now)
    found = []
    for index, override in enumerate(policy.overrides):
        start, end = override_span(policy, override)
        if override.rotation != handle or override.cancelled or end <= now:
            continue
        if person in (None, override.person) and (at is None or start <= int(at) < end):
            found.append(index)
    if len(found) == 1:
        return found[0]
    told = ", ".join(f"{policy.overrides[i].person} from {policy.overrides[i].from_}" for i in found)
    if not found:
        whose = f" of {person}" if person else ""
        raise UsageError(
            f"{handle} has no such override{whose} that is not over",
            remedy="`watchbill who` tells who stands in; one made in PagerDuty is taken back there",
        )
    raise UsageError(f"{handle} has several: {told}", remedy="say which one: a person, or --from T")


def _show(draft: Draft, verb: str, override: Override, span: Span, does: str) -> None:
    from watchbill.ladder.leave import leaves_in
    from watchbill.plan.side_by_side import side_by_side
    from watchbill.report.times import full
    from watchbill.rota.clock import WEEK, zone
    from watchbill.rota.duty import Roster

    policy, handle = draft.before, override.rotation
    where = zone(policy.zone_of(handle))
    roster = Roster(policy)
    around = [*roster.around(handle, span[0]), *roster.around(handle, span[1] - 1)]
    since = max(min((s.start for s in around), default=span[0]), span[0] - 5 * WEEK)
    until = min(max((s.end for s in around), default=span[1]), span[1] + 5 * WEEK)
    _, after = draft.after()
    notes = []
    table = side_by_side(policy, after, handle, min(since, span[0]), max(until, span[1]), fallback=True)
    if all(row.before == row.after for row in table):
        notes.append("nobody's duty changes")
    elif verb == "override add" and policy.rotations[handle].hours is not None:
        outside = [s for s in roster.shifts(handle, *span) if s.because == "fallback"]
        if outside:
            notes.append("it holds outside the rotation's hours too: the fallback is replaced as well")
    for leave in leaves_in(policy, override.person, span) if verb == "override add" else ():
        name = policy.title_of(override.person)
        notes.append(f"{name} is away from {leave.first_day} to {leave.last_day}, both days included")
    show(
        draft,
        verb=verb,
        head=(
            f"{policy.title_of(override.person)} {does} {policy.title_of(handle)} "
            f"from {full(span[0], where)} to {full(span[1], where)} ({where.name})"
        ),
        at=span[0],
        tables=[table],
        notes=notes,
        asked={"rotation": handle, "person": override.person},
    )
