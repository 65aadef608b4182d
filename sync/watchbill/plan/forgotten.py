"""Overrides whose YAML is gone: the account's stay, and the plan says so (rulings 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from watchbill.account.ladders import rotation_key
from watchbill.account.objects import OverrideSlot, Slot
from watchbill.account.wanted import Wanted
from watchbill.model.policy import Policy
from watchbill.model.rotations import Override
from watchbill.plan import words
from watchbill.plan.document import Notice
from watchbill.plan.overrides import OverridePlan
from watchbill.rota.clock import Instant
from watchbill.rota.dated import override_span

RULE = "forgotten-override"


@dataclass(frozen=True, slots=True)
class Forgotten:
    override: Override
    start: Instant
    end: Instant
    until: str
    """The commit that took it out; "" = not committed."""

    @property
    def key(self) -> str:
        return rotation_key(self.override.rotation)


def no_longer_declared(
    past: Sequence[tuple[Override, str]], policy: Policy, now: Instant
) -> tuple[Forgotten, ...]:
    """Those not over yet that the policy neither declares nor takes back."""
    said = {(o.rotation, o.person, *override_span(policy, o)) for o in policy.overrides}
    found: dict[tuple[str, str, Instant, Instant], Forgotten] = {}
    for override, until in past:
        if override.rotation not in policy.rotations or override.person not in policy.people:
            continue
        start, end = override_span(policy, override)
        match = (override.rotation, override.person, start, end)
        if end > now and match not in said:
            found.setdefault(match, Forgotten(override, start, end, until))
    return tuple(found.values())


def forgotten_notices(
    forgotten: Sequence[Forgotten],
    overrides: Mapping[str, OverridePlan],
    wanted: Wanted,
    policy: Policy,
    now: Instant,
) -> Iterator[Notice]:
    """`overrides`: by key of the schedule, as the plan sorts them; ours by its YAML is foreign without."""
    users = {handle: user for user, handle in wanted.people.items()}
    for one in forgotten:
        plan, user = overrides.get(one.key), users.get(one.override.person)
        if plan is None or not any(_is(slot, one, user, now) for slot in plan.foreign):
            continue
        rotation = one.override.rotation
        span = words.span(one.start, one.end, policy.settings.time_zone)
        by = f"commit {one.until} took it out" if one.until else "its YAML is gone"
        message = (
            f"{policy.title_of(rotation)}: the override of {policy.title_of(one.override.person)}, {span}, "
        )
        message += f"is declared no more ({by}); in the account it stays"
        hint = "to take it back there, declare it again with `cancelled: true`"
        yield Notice(rule=RULE, severity="note", message=message, hint=hint)


def _is(slot: Slot, one: Forgotten, user: str | None, now: Instant) -> bool:
    """A shift-based schedule keeps an override in pieces, one for each turn."""
    if slot.user != user:
        return False
    starts = max(slot.start, now), max(one.start, now)
    if isinstance(slot, OverrideSlot):
        return slot.end == one.end and starts[0] == starts[1]
    return starts[0] >= starts[1] and slot.end <= one.end
