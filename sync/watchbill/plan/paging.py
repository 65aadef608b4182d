"""Who is paged when, before and after: per severity and domain, from two policies or from an account and a policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, NamedTuple

from watchbill.account.objects import EscalationPolicy, Ref
from watchbill.account.wanted import Wanted
from watchbill.ladder.compose import ComposedLadder, compose
from watchbill.ladder.resolve import resolve
from watchbill.model.policy import Policy
from watchbill.plan.document import Change, PagedStep, PagingEffect, PagingKind
from watchbill.plan.fields import Names
from watchbill.plan.linked import Links
from watchbill.plan.paging_services import services_between, services_of
from watchbill.rota.clock import Instant, iso


class Cell(NamedTuple):
    place: str
    """Title of a domain or of a ladder."""
    severity: str
    """ "" for a ladder that no severity belongs to."""


Steps = tuple[tuple[int, tuple[str, ...]], ...]
"""(minute, who is paged then), in order."""


@dataclass(frozen=True, slots=True)
class Ladder:
    steps: Steps
    settings: Mapping[str, str] = field(default_factory=dict)


Cells = Mapping[Cell, Ladder]


def paging_between(before: Policy, after: Policy, now: Instant) -> tuple[PagingEffect, ...]:
    sides = (before, compose(before)), (after, compose(after))
    old, new = (_cells_of_policy(policy, ladders, before, after) for policy, ladders in sides)
    return (*services_between(*sides, now), *_compared(old, new, now))


def paging_of(
    policy: Policy, wanted: Wanted, links: Links, names: Names, changes: Sequence[Change], now: Instant
) -> tuple[PagingEffect, ...]:
    """What the plan's changes do to the account's own ladders; ladders that it leaves alone are not compared."""
    found = {obj.marker.key: obj for obj in links.leftovers if obj.marker is not None}
    objects = {**found, **links.current}
    people = _Targets(policy, wanted, names, {obj.id: key for key, obj in objects.items()})
    old: dict[Cell, Ladder] = {}
    new: dict[Cell, Ladder] = {}
    for change in changes:
        if change.kind != "escalation_policy" or change.action in {"forget", "claim"}:
            continue
        was = objects.get(change.key)
        title = was.name if was is not None else change.name
        cells = cells_of(policy, change.key.partition("/")[2], title)
        if isinstance(was, EscalationPolicy) and change.action != "create":
            old |= dict.fromkeys(cells, people.ladder(was))
        if isinstance(change.want, EscalationPolicy) and change.action != "delete":
            new |= dict.fromkeys(cells, people.ladder(change.want))
    return (*services_of(changes, now), *_compared(old, new, now))


def cells_of(policy: Policy, key: str, title: str) -> list[Cell]:
    """The incidents that the ladder with this key is for; the policy need not have it any more."""
    for handle, domain in policy.domains.items():
        if key == handle:
            return [Cell(domain.title, severity) for severity in policy.severities]
        rest = key.removeprefix(f"{handle}-")
        if rest != key and (rest in policy.severities or title.endswith(f" {rest}")):
            return [Cell(domain.title, rest)]
    if key in policy.severities:
        return [Cell(domain.title, key) for domain in policy.domains.values()]
    place, _, severity = title.rpartition(" ")
    if severity in policy.severities and key.endswith(f"-{severity}"):
        return [Cell(place, severity)]
    return [Cell(title, "")]


class _Targets:
    """Who the account's references stand for, by the policy's handles."""

    def __init__(self, policy: Policy, wanted: Wanted, names: Names, keys: Mapping[str, str]) -> None:
        self._policy, self._people, self._names, self._keys = policy, wanted.people, names, keys
        self._roles = _roles(policy)

    def ladder(self, found: EscalationPolicy) -> Ladder:
        minute, steps = 0, []
        for rule in found.rules:
            steps.append((minute, tuple(sorted(self._name(ref) for ref in rule.targets))))
            minute += rule.delay_minutes
        wait = found.rules[-1].delay_minutes if found.rules else 0
        return Ladder(tuple(steps), _settings(found.loops, wait))

    def _name(self, ref: Ref) -> str:
        if ref.kind == "schedule":
            kind, _, handle = (self._keys.get(ref.id) or ref.key).partition("/")
            return handle if kind == "rotation" and handle else self._names.ref(ref)
        person = self._people.get(ref.id, "")
        return self._roles.get(person) or person or self._names.ref(ref)


def _roles(policy: Policy) -> dict[str, str]:
    """Person -> the one role that they hold."""
    held: dict[str, list[str]] = {}
    for handle, role in policy.roles.items():
        held.setdefault(role.held_by, []).append(handle)
    return {person: found[0] for person, found in held.items() if person in policy.people and len(found) == 1}


def _cells_of_policy(
    policy: Policy, ladders: Mapping[str, ComposedLadder], before: Policy, after: Policy
) -> Cells:
    cells: dict[Cell, Ladder] = {}
    roles = {**_roles(policy), **_roles(after)}
    domains = {**before.domains, **after.domains}
    for ladder in ladders.values():
        spec = policy.domains.get(ladder.domain or "")
        if spec is None and ladder.severity is not None:
            found = [Cell(domains[d].title, ladder.severity) for d in policy.domains]
        elif spec is not None and ladder.key == ladder.domain:
            found = [Cell(domains[ladder.domain or ""].title, severity) for severity in policy.severities]
        elif spec is not None:
            found = [Cell(domains[ladder.domain or ""].title, ladder.severity or "")]
        else:
            found = [Cell(ladder.title, "")]
        cells |= dict.fromkeys(found, _composed(policy, ladder, roles))
    return cells


def _composed(policy: Policy, ladder: ComposedLadder, roles: Mapping[str, str]) -> Ladder:
    steps = []
    for step in ladder.steps:
        found = [resolve(policy, name) for name in step.targets]
        behind = [p.rotation or p.external or roles.get(p.person or "") or p.person for p in found if p]
        if any(behind):
            steps.append((step.minute, tuple(sorted({name for name in behind if name}))))
    return Ladder(tuple(steps), _settings(ladder.repeat, ladder.last_wait))


def _settings(repeat: int, wait: int) -> dict[str, str]:
    return {"repeats": str(repeat), "minutes before it starts over": str(wait)}


def _compared(old: Cells, new: Cells, now: Instant) -> list[PagingEffect]:
    """Equal changes are one: by place first, then by severity."""
    by_change: dict[tuple[Any, ...], dict[str, dict[str, tuple[int | None, int | None]]]] = {}
    for cell in dict.fromkeys((*new, *old)):
        for change, levels in _of_cell(old.get(cell), new.get(cell)):
            by_change.setdefault(change, {}).setdefault(cell.severity, {})[cell.place] = levels
    effects: list[PagingEffect] = []
    for change, severities in by_change.items():
        same: dict[tuple[str, ...], list[str]] = {}
        for severity, told in severities.items():
            same.setdefault(tuple(told), []).append(severity)
        for where, several in same.items():
            seen = {severities[severity][place] for severity in several for place in where}
            effects.append(_effect(change, tuple(filter(None, several)), where, seen, now))
    order = ("new", "gone", "removed", "later", "added", "earlier", "setting")
    return sorted(
        effects, key=lambda one: (-_breadth(one), order.index(one.kind), one.severities, one.target)
    )


def _breadth(effect: PagingEffect) -> int:
    return max(len(effect.severities), 1) * len(effect.places)


def _effect(
    change: tuple[Any, ...],
    severities: tuple[str, ...],
    places: tuple[str, ...],
    levels: set[tuple[int | None, int | None]],
    now: Instant,
) -> PagingEffect:
    kind, target, before, after, steps, setting, old, new = change
    before_level, after_level = next(iter(levels)) if len(levels) == 1 else (None, None)
    return PagingEffect(
        kind=kind,
        target=target,
        severities=severities,
        places=places,
        before=before,
        after=after,
        before_level=before_level,
        after_level=after_level,
        steps=tuple(PagedStep(minute=minute, targets=targets) for minute, targets in steps),
        setting=setting,
        setting_before=old,
        setting_after=new,
        since=iso(now),
    )


_Found = Iterable[tuple[tuple[Any, ...], tuple[int | None, int | None]]]


def _of_cell(old: Ladder | None, new: Ladder | None) -> _Found:
    if old is None or new is None:
        ladder = old or new
        if ladder is not None:
            yield ("gone" if new is None else "new", "", None, None, ladder.steps, "", "", ""), (None, None)
        return
    left, right = _pages(old), _pages(new)
    for target in dict.fromkeys((*right, *left)):
        was, will = left.get(target, {}), right.get(target, {})
        gone = [minute for minute in was if minute not in will]
        come = [minute for minute in will if minute not in was]
        for before, after in zip_longest(gone, come):
            levels = (None if before is None else was[before], None if after is None else will[after])
            yield (_kind(before, after), target, before, after, (), "", "", ""), levels
    for name in new.settings:
        if old.settings[name] != new.settings[name]:
            yield (
                ("setting", "", None, None, (), name, old.settings[name], new.settings[name]),
                (None, None),
            )


def _pages(ladder: Ladder) -> dict[str, dict[int, int]]:
    """Target -> minute -> level."""
    found: dict[str, dict[int, int]] = {}
    for level, (minute, targets) in enumerate(ladder.steps, 1):
        for target in targets:
            found.setdefault(target, {})[minute] = level
    return found


def _kind(before: int | None, after: int | None) -> PagingKind:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    return "earlier" if after < before else "later"
