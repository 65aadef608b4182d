"""Declared overrides and leave, found by what people remember of them: rotation, person, time or file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from watchbill.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchbill.cli.changing import Draft
    from watchbill.config.load import Loaded
    from watchbill.model.policy import Policy
    from watchbill.report.dated_list import LeaveItem, OverrideItem, State
    from watchbill.rota.clock import Instant
    from watchbill.rota.spans import Span


def listed_overrides(
    loaded: Loaded,
    policy: Policy,
    names: Sequence[str],
    window: tuple[str | None, str | None],
    now: Instant,
) -> list[OverrideItem]:
    """In order of time.  `names`: a rotation or domain, a person, a file; each at most once."""
    from watchbill.report.dated_list import OverrideItem
    from watchbill.rota.duty import override_span

    rotation, person, file = _named(policy, names)
    low, high = _window(policy, window, now, rotation)
    found = []
    for index, one in enumerate(policy.overrides):
        span = override_span(policy, one)
        home = loaded.locator.spot(("overrides", index))
        item = OverrideItem(
            index=index,
            state="cancelled" if one.cancelled else _state(span, now),
            rotation=one.rotation,
            person=one.person,
            instead_of=one.instead_of,
            span=span,
            reason=one.reason,
            requested_by=one.requested_by,
            file=home.file if home else None,
            line=home.line if home else None,
        )
        fits = rotation in (None, one.rotation) and person in (None, one.person) and _is_in(file, item.file)
        if fits and span[0] < high and span[1] > low:
            found.append(item)
    return sorted(found, key=lambda item: (item.span, item.rotation, item.person))


def listed_leave(
    loaded: Loaded,
    policy: Policy,
    names: Sequence[str],
    window: tuple[str | None, str | None],
    now: Instant,
) -> list[LeaveItem]:
    """In order of time.  `names`: a person, a file."""
    from watchbill.ladder.leave import leave_span
    from watchbill.report.dated_list import LeaveItem

    rotation, person, file = _named(policy, names)
    if rotation is not None:
        raise UsageError(f"leave is of people, and {rotation} is a rotation", remedy="name a person")
    low, high = _window(policy, window, now, rotation)
    found = []
    for index, one in enumerate(policy.absences):
        span = leave_span(policy, one)
        home = loaded.locator.spot(("absences", index))
        where = (home.file, home.line) if home else (None, None)
        fits = person in (None, one.person) and _is_in(file, where[0])
        if fits and span[0] < high and span[1] > low:
            days = (str(one.first_day), str(one.last_day))
            found.append(LeaveItem(index, _state(span, now), one.person, days, span, one.covered_by, *where))
    return sorted(found, key=lambda item: (item.span, item.person))


def one_override(draft: Draft, names: Sequence[str], since: str | None) -> int:
    """Index of the one override that is meant and is not over.  Raises UsageError that lists the candidates."""
    policy, now = draft.before, draft.options.now
    every = listed_overrides(draft.loaded, policy, names, (None, None), now)
    alive = [one for one in every if one.state in ("active", "future")]
    if since is not None:
        at = _at(policy, since, now, _named(policy, names)[0])
        every, alive = ([o for o in some if o.span[0] <= at < o.span[1]] for some in (every, alive))
    if len(alive) == 1:
        return alive[0].index
    told = [
        f"{_where(one.rotation, one.person, one.file)} from {_begin(policy, one)}" for one in alive or every
    ]
    if alive:
        raise UsageError(
            "\n  ".join(["several overrides fit:", *told]), remedy="name the person, --from T, or the file"
        )
    if every:
        done = "cancelled already" if every[-1].state == "cancelled" else "over already"
        raise UsageError(
            f"that override is {done}: {told[-1]}", remedy="`watchbill override list` lists every one"
        )
    raise UsageError(
        f"there is no such override{' of ' + ' '.join(names) if names else ''}",
        remedy="`watchbill override list` lists every one; one made in PagerDuty is taken back there",
    )


def one_leave(draft: Draft, names: Sequence[str], since: str | None) -> LeaveItem:
    """The one leave that is meant and is not over.  Raises UsageError that lists the candidates."""
    policy, now = draft.before, draft.options.now
    every = listed_leave(draft.loaded, policy, names, (None, None), now)
    if since is not None:
        at = _at(policy, since, now, None)
        every = [one for one in every if one.span[0] <= at < one.span[1]]
    alive = [one for one in every if one.state != "past"]
    if len(alive) == 1:
        return alive[0]
    told = [
        f"{_where('', one.person, one.file)} from {one.days[0]} to {one.days[1]}" for one in alive or every
    ]
    if alive:
        raise UsageError(
            "\n  ".join(["several leaves fit:", *told]), remedy="name the person, --from DAY, or the file"
        )
    if every:
        raise UsageError(
            f"that leave is over already: {told[-1]}", remedy="`watchbill tidy` takes out what is over"
        )
    raise UsageError(
        f"there is no such leave{' of ' + ' '.join(names) if names else ''}",
        remedy="`watchbill leave list` lists every one",
    )


def _where(rotation: str, person: str, file: str | None) -> str:
    return f"{f'{file}: ' if file else ''}{f'{rotation}, ' if rotation else ''}{person}"


def _begin(policy: Policy, one: OverrideItem) -> str:
    return str(policy.overrides[one.index].from_)


def _named(policy: Policy, names: Sequence[str]) -> tuple[str | None, str | None, Path | None]:
    from watchbill.cli.changing import known_person
    from watchbill.cli.who import known
    from watchbill.ladder.stands_for import named

    rotation = person = None
    file: Path | None = None
    for name in names:
        if name.endswith((".yaml", ".yml")):
            file = Path(name)
            continue
        try:
            found = named(policy, name)
        except UsageError:
            person = known_person(policy, name)
            continue
        if found is None:
            known(name, [*policy.rotations, *policy.people], "rotation or person")
        else:
            rotation = found.rotation
    return rotation, person, file


def _is_in(wanted: Path | None, file: str | None) -> bool:
    """As shown, or any shorter end of it."""
    if wanted is None or file is None:
        return wanted is None
    parts, there = wanted.parts, Path(file).parts
    return there[-len(parts) :] == parts or wanted.resolve() == Path(file).resolve()


def _window(
    policy: Policy, window: tuple[str | None, str | None], now: Instant, rotation: str | None
) -> Span:
    from watchbill.rota.turns import FOREVER, LONG_AGO

    low, high = (None if text is None else _at(policy, text, now, rotation) for text in window)
    return LONG_AGO if low is None else low, FOREVER if high is None else high


def _at(policy: Policy, text: str, now: Instant, rotation: str | None) -> Instant:
    """By the clock of the rotation that was named, else of the policy."""
    from watchbill.cli.times import parse_time
    from watchbill.rota.clock import zone

    return parse_time(text, zone(policy.zone_of(rotation) if rotation else policy.settings.time_zone), now)


def _state(span: Span, now: Instant) -> State:
    return "past" if span[1] <= now else "future" if span[0] > now else "active"
