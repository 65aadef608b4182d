"""An override acts on one schedule: which one a name means, and everything else that this schedule serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from watchbill.errors import UsageError
from watchbill.ladder.resolve import resolve
from watchbill.model.ladders import DOMAIN_PLACES, step_targets
from watchbill.model.policy import Policy
from watchbill.model.rotations import Override
from watchbill.model.text import LocalTime
from watchbill.rota.clock import zone
from watchbill.rota.dated import wall_text
from watchbill.rota.duty import Roster
from watchbill.rota.spans import Span, union

_PROBE = "?"
"""No valid handle.  It takes the span in a trial; wherever it serves then, the override reaches."""

Kind = Literal["rotation", "role", "domain", "severity", "ladder"]


@dataclass(frozen=True, slots=True)
class Named:
    kind: Literal["rotation", "domain"]
    said: str
    """Its handle."""
    rotation: str
    """The rotation with the schedule that is paged for it."""

    @property
    def is_schedule(self) -> bool:
        return (self.kind, self.said) == ("rotation", self.rotation)


@dataclass(frozen=True, slots=True)
class Served:
    kind: Kind
    handle: str
    title: str
    how: str
    """covered by Primary On-Call"""
    spans: tuple[Span, ...]


def named(policy: Policy, name: str) -> Named | None:
    """By handle, title or alias, whatever the case; None for an unknown name.

    Raises UsageError for a name that stands for no schedule.
    """
    found = _found(policy, name)
    if found is None:
        return None
    kind, handle = found
    title = title_of(policy, kind, handle)
    if kind == "person":
        raise UsageError(
            f"{title} is a person, and an override is of a rotation",
            remedy="name the rotation, then the person",
        )
    paged = resolve(policy, policy.domains[handle].primary if kind == "domain" else handle)
    if kind == "role":
        _refuse_role(policy, handle, paged.rotation if paged else None)
    if paged is None or paged.rotation is None:
        who = policy.title_of((paged and (paged.person or paged.external)) or "nobody")
        raise UsageError(
            f"{title} has no schedule: {who} is paged for it directly",
            remedy=f"give it a rotation, or change who is paged: `watchbill show {handle}` names the file",
        )
    return Named("domain" if kind == "domain" else "rotation", handle, paged.rotation)


def _refuse_role(policy: Policy, role: str, rotation: str | None) -> None:
    title = policy.title_of(role)
    if rotation is not None:
        raise UsageError(
            f"{title} is a role that {policy.title_of(rotation)} holds, and an override is of a rotation",
            remedy=f"name the rotation: {rotation}",
        )
    holder = policy.roles[role].held_by
    raise UsageError(
        f"{title} is a role without a schedule; held by: {policy.title_of(holder)}",
        remedy=f"change `held_by` of {role} for as long as somebody else has it",
    )


def _found(policy: Policy, name: str) -> tuple[str, str] | None:
    """A handle first, then other names."""
    wanted = name.casefold()
    kinds: tuple[tuple[str, Mapping[str, Iterable[str]]], ...] = (
        ("rotation", {h: (r.title, r.vendor_name, *r.aliases) for h, r in policy.rotations.items()}),
        ("role", {h: (r.title, *r.aliases) for h, r in policy.roles.items()}),
        ("domain", {h: (d.title,) for h, d in policy.domains.items()}),
        ("person", {h: (p.name, p.email) for h, p in policy.people.items()}),
    )
    for kind, handles in kinds:
        if wanted in handles:
            return kind, wanted
    for kind, handles in kinds:
        for handle, names in handles.items():
            if wanted in {text.casefold() for text in names}:
                return kind, handle
    return None


def title_of(policy: Policy, kind: str, handle: str) -> str:
    if kind == "domain":
        return policy.domains[handle].title
    if kind == "ladder":
        return policy.ladders[handle].title
    return policy.title_of(handle)


def also_served(policy: Policy, asked: Named, span: Span) -> list[Served]:
    """What an override of that span reaches besides the thing that was named, and besides what reaches the schedule
    only through it."""
    rotations = _rotations(policy, asked.rotation, span)
    reached: dict[str, tuple[Span, ...]] = {asked.rotation: (span,), **rotations}
    roles: dict[str, str] = {}
    for role in policy.roles:
        paged = resolve(policy, role)
        if paged is not None and paged.rotation in reached:
            roles[role] = policy.roles[role].held_by
            reached[role] = reached[paged.rotation]
    own = {asked.said} if asked.kind == "rotation" else set()
    through = {role for role, holder in roles.items() if holder in own} | own
    found = [
        Served("rotation", r, policy.title_of(r), _how(policy, r, asked.rotation), spans)
        for r, spans in rotations.items()
        if r != asked.said and not _leads(policy, asked, r)
    ]
    found += [
        Served("role", r, policy.title_of(r), f"held by {policy.title_of(holder)}", reached[r])
        for r, holder in roles.items()
        if r not in through
    ]
    for kind, handle, targets in _paging(policy):
        used = {target: how for target, how in targets.items() if target in reached}
        if (kind, handle) != (asked.kind, asked.said) and not used.keys() <= through:
            how = ", ".join(f"{how} {policy.title_of(t)}" for t, how in used.items() if t not in through)
            spans = tuple(union(s for t in used for s in reached[t]))
            found.append(Served(kind, handle, title_of(policy, kind, handle), how, spans))
    return found


def _rotations(policy: Policy, rotation: str, span: Span) -> dict[str, tuple[Span, ...]]:
    """Other rotations whose duty follows, each with when: tried with somebody whom nobody else can be."""
    where = zone(policy.zone_of(rotation))
    trial = Override.model_construct(
        rotation=rotation,
        person=_PROBE,
        from_=LocalTime(wall_text(span[0], where)),
        until=LocalTime(wall_text(span[1], where)),
    )
    others = tuple(o for o in policy.overrides if o.rotation != rotation)
    roster = Roster(policy.model_copy(update={"overrides": (*others, trial)}))
    found = {
        other: tuple((s.start, s.end) for s in roster.shifts(other, *span) if s.person == _PROBE)
        for other in policy.rotations
        if other != rotation
    }
    return {other: spans for other, spans in found.items() if spans}


def _leads(policy: Policy, asked: Named, rotation: str) -> bool:
    """Whether the name goes through this covered rotation on its way to the schedule, which is no surprise."""
    if asked.kind != "domain":
        return False
    paged = resolve(policy, policy.domains[asked.said].primary)
    return paged is not None and rotation in paged.via


def _how(policy: Policy, rotation: str, schedule: str) -> str:
    cover = policy.rotations[rotation].covered_by
    if cover is not None:
        return f"covered by {policy.title_of(cover)}"
    return f"falls back to {policy.title_of(policy.rotations[rotation].otherwise or schedule)}"


def _paging(policy: Policy) -> Iterator[tuple[Kind, str, dict[str, str]]]:
    """Everything that pages by name: target -> how."""
    for handle, domain in policy.domains.items():
        targets = {target: place for place in DOMAIN_PLACES if (target := getattr(domain, place)) is not None}
        for steps in (domain.also, domain.steps or {}):
            targets |= {
                t: f"at {after}"
                for after, step in steps.items()
                for t in step_targets(step)
                if t not in targets
            }
        yield "domain", handle, targets
    listed: tuple[tuple[Kind, Mapping[str, object]], ...] = (
        ("severity", policy.severities),
        ("ladder", policy.ladders),
    )
    for kind, specs in listed:
        for handle, spec in specs.items():
            steps = spec.steps  # type: ignore[attr-defined]
            yield (
                kind,
                handle,
                {t: f"at {after}" for after, step in steps.items() for t in step_targets(step)},
            )
