"""What the rules look at, with the parts that several of them need made once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from watchbill.checks.uses import Use, uses
from watchbill.config.load import Loaded
from watchbill.findings import Place, Severity
from watchbill.ladder.compose import ComposedLadder, compose
from watchbill.ladder.outlook import Outlook
from watchbill.ladder.resolve import Paged, resolve
from watchbill.model.base import NOBODY
from watchbill.model.ladders import Step, Steps
from watchbill.model.policy import Policy
from watchbill.model.text import Duration
from watchbill.rota.clock import Instant
from watchbill.rota.duty import Roster


@dataclass(frozen=True)
class Context:
    """`now` decides only what has expired."""

    loaded: Loaded
    policy: Policy
    account_is_real: bool
    now: Instant
    before: Policy | None = None
    """The version that this one replaces, where there is one."""

    @cached_property
    def outlook(self) -> Outlook:
        """As far as the settings say; only for a policy whose duty can be rendered."""
        return Outlook(Roster(self.policy), self.now, self.now + self.policy.settings.outlook.seconds)

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        return tuple(uses(self.policy))

    @cached_property
    def ladders(self) -> dict[str, ComposedLadder]:
        return compose(self.policy)

    @property
    def on_real(self) -> Severity:
        """An error on a real account, a warning on the sandbox."""
        return "error" if self.account_is_real else "warning"

    def paged(self, target: str) -> Paged | None:
        return resolve(self.policy, target)

    def people_of(self, target: str) -> frozenset[str]:
        """Everyone whom this target may page, whoever's turn it is."""
        return frozenset(self._people(target, set()))

    def _people(self, name: str, seen: set[str]) -> set[str]:
        if name in seen:
            return set()
        seen.add(name)
        policy = self.policy
        if name in policy.people:
            return {name}
        if name in policy.roles:
            return self._people(policy.roles[name].held_by, seen)
        if name not in policy.rotations:
            return set()
        rotation = policy.rotations[name]
        onward = [
            rotation.covered_by,
            rotation.otherwise,
            rotation.same_crew.as_ if rotation.same_crew else None,
        ]
        found = {person for person in rotation.members if person != NOBODY}
        found |= {shift.person for shift in policy.shifts if shift.rotation == name}
        found |= {override.person for override in policy.overrides if override.rotation == name}
        return found.union(*(self._people(other, seen) for other in onward if other))

    def step_place(self, ladder: ComposedLadder, minute: int) -> Place:
        """Where the step of that minute was written; the severity's step rather than what a domain adds to it."""
        sources = self._sources(ladder)
        return next(((*place, after.text) for place, after, _ in _at(sources, minute)), sources[0][0])

    def written_steps(self, ladder: ComposedLadder, minute: int) -> list[tuple[Place, Step]]:
        """The steps of that minute as they stand in the files, in the order of `step_place`."""
        return [((*place, after.text), step) for place, after, step in _at(self._sources(ladder), minute)]

    def _sources(self, ladder: ComposedLadder) -> list[tuple[Place, Steps]]:
        policy = self.policy
        sources: list[tuple[Place, Steps]] = []
        if ladder.domain is None and ladder.severity is None:
            sources.append((("ladders", ladder.key, "steps"), policy.ladders[ladder.key].steps))
        if ladder.severity is not None:
            place: Place = ("severities", ladder.severity, "steps")
            sources.append((place, policy.severities[ladder.severity].steps))
        if ladder.domain is not None:
            domain = policy.domains[ladder.domain]
            sources.append((("domains", ladder.domain, "steps"), domain.steps or {}))
            sources.append((("domains", ladder.domain, "also"), domain.also))
        return sources


def _at(sources: list[tuple[Place, Steps]], minute: int) -> Iterator[tuple[Place, Duration, Step]]:
    for place, steps in sources:
        yield from ((place, after, step) for after, step in steps.items() if after.minutes == minute)
