"""Guards by meaning: somebody was reached at an instant, and would not be any more.

Looked at from now over the outlook.  Users are always on duty; of other teams' schedules nothing is known, so
they count as somebody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from watchbill.account.ladders import ladder_key, rotation_key
from watchbill.account.objects import EscalationPolicy, Ref, Rule
from watchbill.account.wanted import Wanted
from watchbill.ladder.compose import compose
from watchbill.model.policy import Policy
from watchbill.plan import words
from watchbill.plan.document import Change
from watchbill.plan.duty import of_roster
from watchbill.plan.effects import OUTLOOK, EffectsRead
from watchbill.plan.linked import Links
from watchbill.plan.waivers import Raised
from watchbill.rota.clock import Instant
from watchbill.rota.spans import Span, complement, intersect, union

EMPTY_LEVEL = "empty-level"
NO_HUMAN = "no-human"
COVERAGE_GAP = "coverage-gap"


def raised(
    changes: Sequence[Change], effects: EffectsRead, wanted: Wanted, links: Links, now: Instant
) -> Iterator[Raised]:
    schedules = {change.key for change in changes if change.kind == "schedule"}
    policies = {change.key for change in changes if change.kind == "escalation_policy"}
    reach = _Reach(
        effects, wanted, now, {obj.id: key for key, obj in links.current.items() if obj.kind != "routing"}
    )
    allowed = _may_be_empty(effects.roster.policy)
    for item in wanted.objects:
        want, old = item.want, links.current.get(item.want.key)
        if not isinstance(want, EscalationPolicy) or not isinstance(old, EscalationPolicy):
            continue
        touched = [
            want.key in policies or any(ref.key in schedules for ref in rule.targets) for rule in want.rules
        ]
        for number, rule in enumerate(want.rules):
            if touched[number] and number < len(old.rules) and (want.key, number) not in allowed:
                yield from reach.empty_level(want.name, number, old.rules[number], rule)
        if any(touched):
            yield from reach.no_human(want, old)
    for rotation in effects.rows:
        if rotation in effects.roster.policy.rotations:
            yield from reach.coverage_gap(rotation)


@dataclass(frozen=True, slots=True)
class _Reach:
    effects: EffectsRead
    wanted: Wanted
    now: Instant
    keys: Mapping[str, str]
    """Id in the account -> key."""

    def empty_level(self, ladder: str, number: int, old: Rule, new: Rule) -> Iterator[Raised]:
        """A level that had somebody at all times, and would not."""
        if not self._gaps([old], before=True) and (gaps := self._gaps([new], before=False)):
            message = f"{ladder}: level {number + 1} would reach nobody from {self._when(gaps)}"
            yield EMPTY_LEVEL, message, "give the hours to somebody (`otherwise:`)"

    def no_human(self, want: EscalationPolicy, old: EscalationPolicy) -> Iterator[Raised]:
        """No level reaches a human at an instant at which one did."""
        gaps = self._gaps(want.rules, before=False, humans=True)
        lost = intersect(gaps, complement(self._gaps(old.rules, before=True, humans=True), *self._span))
        if lost:
            message = f"{want.name}: no level would reach a human from {self._when(lost)}"
            yield NO_HUMAN, message, "page a person, or a rotation that has one at all hours, on some level"

    def coverage_gap(self, rotation: str) -> Iterator[Raised]:
        """A rotation with somebody on duty day and night, and then not."""
        if self._free(self._duty(rotation, before=True)):
            return
        if gaps := self._free(self._duty(rotation, before=False)):
            message = f"{rotation} has somebody at all hours, and would have nobody from {self._when(gaps)}"
            yield COVERAGE_GAP, message, "put somebody in the crew for these hours, or name an `otherwise:`"

    @property
    def _span(self) -> Span:
        return self.now, self.now + OUTLOOK

    def _when(self, gaps: Sequence[Span]) -> str:
        start, end = gaps[0]
        zone_name = self.effects.roster.policy.settings.time_zone
        since = "now" if start <= self.now else words.local(start, zone_name)
        return since if end >= self._span[1] else f"{since} until {words.local(end, zone_name)}"

    def _free(self, covered: Iterable[Span]) -> list[Span]:
        return complement(union(covered), *self._span)

    def _gaps(self, rules: Sequence[Rule], *, before: bool, humans: bool = False) -> list[Span]:
        covered: list[Span] = []
        for rule in rules:
            for ref in rule.targets:
                covered += self._reached(ref, before=before, humans=humans)
        return self._free(covered)

    def _reached(self, ref: Ref, *, before: bool, humans: bool) -> list[Span]:
        if ref.kind == "user":
            return [] if humans and not self._is_human(ref.id) else [self._span]
        key = ref.key or self.keys.get(ref.id, "")
        rotation = key.partition("/")[2]
        if key != rotation_key(rotation) or rotation not in self.effects.roster.policy.rotations:
            return [self._span]
        return self._duty(rotation, before=before, humans=humans)

    def _duty(self, rotation: str, *, before: bool, humans: bool = False) -> list[Span]:
        rows = self.effects.rows.get(rotation)
        if rows is None:
            stints = of_roster(self.effects.roster, rotation, *self._span)
            held = [(s.start, s.end, s.who) for s in stints]
        else:
            sides = [(r.start, r.end, r.before if before else r.after) for r in rows]
            held = [(start, end, who) for start, end, who in sides if who is not None]
        return [(start, end) for start, end, who in held if not humans or self._any_human(who)]

    def _any_human(self, who: str) -> bool:
        people = self.effects.roster.policy.people
        return any(name not in people or people[name].human for name in who.split(" + "))

    def _is_human(self, user: str) -> bool:
        handle = self.wanted.people.get(user)
        return handle is None or self.effects.roster.policy.people[handle].human


def _may_be_empty(policy: Policy) -> set[tuple[str, int]]:
    """Ladder's key and level from 0, of levels that say so."""
    return {
        (ladder_key(ladder.key), level)
        for ladder in compose(policy).values()
        for level, step in enumerate(ladder.steps)
        if step.may_be_empty
    }
