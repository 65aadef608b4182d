"""What the verbs share that write overrides: names, spans, clashes, and what else the schedule serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchbill.errors import GuardRefused, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchbill.cli.changing import Draft
    from watchbill.ladder.stands_for import Named
    from watchbill.model.policy import Policy
    from watchbill.model.rotations import Override
    from watchbill.plan.document import ShiftEffect
    from watchbill.rota.clock import Instant
    from watchbill.rota.spans import Span


def schedule_named(policy: Policy, name: str) -> Named:
    """A rotation or a domain by handle, title or alias.  Raises UsageError, also for a role or a person."""
    from watchbill.cli.who import known
    from watchbill.ladder.stands_for import named

    found = named(policy, name)
    if found is None:
        known(name, [*policy.rotations, *policy.domains], "rotation or domain")
    assert found is not None
    return found


def agreed(draft: Draft, asked: Named, span: Span, *, yes: bool, only: bool, dry_run: bool) -> list[str]:
    """Notes about everything else that the override reaches.

    Raises GuardRefused with --only, and UsageError where somebody has to agree and nobody can.
    """
    from watchbill.ladder.stands_for import also_served, title_of
    from watchbill.report.served import served_lines

    policy = draft.before
    served = also_served(policy, asked, span)
    if not served:
        return []
    title = title_of(policy, asked.kind, asked.said)
    head = f"{policy.title_of(asked.rotation)} also serves"
    lines = served_lines(policy, served, asked.rotation, span)
    if only:
        raise GuardRefused(
            _listed(f"more than {title} would be affected; {head}:", lines),
            remedy="leave --only out to take all of it, or give it a schedule of its own",
        )
    if not asked.is_schedule and not dry_run and not yes:
        _ask(draft, title, policy.title_of(asked.rotation), lines)
    return [f"{head} {line}" for line in lines]


def _ask(draft: Draft, title: str, schedule: str, lines: Sequence[str]) -> None:
    import sys

    import click

    told = _listed(f"{title} is served by {schedule}, which also serves:", lines)
    if draft.options.as_json or not sys.stdin.isatty():
        raise UsageError(
            told, remedy="add --yes to take all of it; --only refuses where it is more than you named"
        )
    click.echo(told, err=True)
    if not click.confirm("take all of it?", err=True):
        raise click.Abort


def _listed(head: str, lines: Sequence[str]) -> str:
    return "\n".join([head, *(f"  {line}" for line in lines)])


def as_override(policy: Policy, item: dict[str, Any]) -> tuple[Override, Span]:
    """Of an item as the file will hold it.  Raises UsageError."""
    from pydantic import ValidationError

    from watchbill.model.rotations import Override
    from watchbill.rota.duty import override_span

    try:
        override = Override.model_validate(item)
    except ValidationError as error:
        raise UsageError(error.errors()[0]["msg"], remedy="use other words") from None
    return override, override_span(policy, override)


def local_minutes(policy: Policy, rotation: str, *instants: Instant) -> tuple[str, ...]:
    """As the rotation's wall clock shows them, and as `from` and `until` of an override say them."""
    from watchbill.rota.clock import zone
    from watchbill.rota.dated import wall_text

    where = zone(policy.zone_of(rotation))
    return tuple(wall_text(at, where) for at in instants)


def override_name(rotation: str, start: str, person: str) -> str:
    """overrides/<rotation>/<date>-<hhmm>-<person>: two people who add some at once never meet."""
    clock = start[11:].replace(":", "").replace(" ", "-")
    return f"overrides/{rotation}/{start[:10]}-{clock}-{person}"


def refuse_clash(draft: Draft, override: Override, span: Span) -> None:
    """A time that is over, that another override has, or in which `instead_of` is not on duty."""
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


def put(draft: Draft, item: dict[str, Any], override: Override, span: Span) -> None:
    """In a file of its own.  A cancelled one of the same person and time is declared again instead."""
    from watchbill.config.edit import remove
    from watchbill.rota.duty import override_span

    policy = draft.before
    for index, other in enumerate(policy.overrides):
        alike = (other.rotation, other.person) == (override.rotation, override.person)
        if alike and other.cancelled and override_span(policy, other) == span:
            draft.edit(
                ("overrides", index), lambda text, path, file: remove(text, (*path, "cancelled"), file=file)
            )
            return
    draft.create(override_name(override.rotation, item["from"], override.person), "overrides", item)


def cancel_at(draft: Draft, index: int) -> None:
    from watchbill.config.edit import insert_key, set_value

    said = "cancelled" in draft.before.overrides[index].model_fields_set

    def change(text: str, path: tuple[str | int, ...], file: str) -> str:
        if said:
            return set_value(text, (*path, "cancelled"), True, file=file)
        return insert_key(text, path, "cancelled", True, file=file)

    draft.edit(("overrides", index), change)


def table_around(draft: Draft, rotation: str, span: Span) -> tuple[ShiftEffect, ...]:
    """Before and after, from the shift at the begin of the span to the shift at its end; at most five weeks more."""
    from watchbill.plan.side_by_side import side_by_side
    from watchbill.rota.clock import WEEK
    from watchbill.rota.duty import Roster

    roster = Roster(draft.before)
    around = [*roster.around(rotation, span[0]), *roster.around(rotation, span[1] - 1)]
    since = max(min((s.start for s in around), default=span[0]), span[0] - 5 * WEEK)
    until = min(max((s.end for s in around), default=span[1]), span[1] + 5 * WEEK)
    _, after = draft.after()
    low, high = min(since, span[0]), max(until, span[1])
    return side_by_side(draft.before, after, rotation, low, high, fallback=True)


def head_of(policy: Policy, override: Override, span: Span, does: str) -> str:
    from watchbill.report.times import full, length
    from watchbill.rota.clock import zone

    where = zone(policy.zone_of(override.rotation))
    return (
        f"{policy.title_of(override.person)} {does} {policy.title_of(override.rotation)} "
        f"from {full(span[0], where)} to {full(span[1], where)} ({length(span[1] - span[0])}, {where.name})"
    )
