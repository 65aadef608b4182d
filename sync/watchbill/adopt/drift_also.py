"""A hand-edited ladder of a domain in the domain's own words: what `also` adds, and who is its primary.

Either says it for every severity of the domain, so it is right only where all of its ladders were edited alike; the
plan afterwards is the judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from watchbill.account.objects import EscalationPolicy
from watchbill.adopt import words
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.drift_edit import Candidate, Edit, RefKey, put
from watchbill.model.ladders import DOMAIN_PLACES, Domain, Steps, step_targets
from watchbill.model.policy import Policy
from watchbill.model.text import Duration
from watchbill.rota.clock import MINUTE

ByMinute = dict[int, set[RefKey]]
Word = Callable[[RefKey, tuple[str, ...]], str]


def without_also(
    spec: Domain, own: Steps, current: EscalationPolicy, refs: Mapping[str, RefKey]
) -> EscalationPolicy:
    """The levels less what `also` adds to them.  `own`: the steps that it is added to.  Raises CannotSay."""
    adds, named = _refs_of(spec.also, refs), _refs_of(own, refs)
    kept = []
    minute = 0
    for rule in current.rules:
        pages = {(ref.kind, ref.id) for ref in rule.targets}
        added = adds.pop(minute, set())
        if not added <= pages:
            raise CannotSay(f"at {minute} min it lacks what `also` of its domain adds")
        rest = [t for t in rule.targets if (t.kind, t.id) not in added - named.get(minute, set())]
        if rest:
            kept.append((minute, rule.model_copy(update={"targets": tuple(rest)})))
        minute += rule.delay_minutes
    if adds:
        raise CannotSay(f"at {min(adds)} min it lacks what `also` of its domain adds")
    if not kept or kept[0][0]:
        raise CannotSay("nobody is left whom it pages at once")
    ends = [at for at, _ in kept[1:]]
    delays = [end - at for (at, _), end in zip(kept, ends, strict=False)] + [current.rules[-1].delay_minutes]
    rules = [rule.model_copy(update={"delay_minutes": d}) for (_, rule), d in zip(kept, delays, strict=True)]
    return current.model_copy(update={"rules": tuple(rules)})


def domain_candidates(
    domain: str,
    raw: Mapping[str, Any],
    policy: Policy,
    own: Steps,
    current: EscalationPolicy,
    refs: Mapping[str, RefKey],
    word: Word,
) -> Iterator[Candidate]:
    """`raw`: the domain's data.  `refs`: of every word that a step may say, `domain.primary` too."""
    spec = policy.domains[domain]
    pages: ByMinute = {}
    minute = 0
    for rule in current.rules:
        pages[minute] = {(ref.kind, ref.id) for ref in rule.targets}
        minute += rule.delay_minutes
    named = _refs_of(own, refs)
    yield from _stands(domain, spec, policy, own, pages, refs, word)
    if all(targets <= pages.get(at, set()) for at, targets in named.items()):
        also = {at: more for at in pages if (more := pages[at] - named.get(at, set()))}
        value = _also(raw.get("also") or {}, also, refs, word)
        if value != (raw.get("also") or {}):
            yield Candidate((Edit(("domains", domain), put("also", value=value or None)),), _told(domain))


def _told(domain: str) -> str:
    return f"domain {domain}, for every severity"


def _also(raw: Mapping[str, Any], also: ByMinute, refs: Mapping[str, RefKey], word: Word) -> dict[str, Any]:
    """Steps that mean the same keep their words."""
    known = {Duration.parse(text).minutes: text for text in raw}
    found: dict[str, Any] = {}
    for at, targets in sorted(also.items()):
        text = known.get(at) or words.duration(at * MINUTE)
        said = _said(raw.get(text))
        if {refs[name] for name in said if name in refs} == targets:
            found[text] = raw[text]
            continue
        kept = [name for name in said if refs.get(name) in targets]
        new = targets - {refs[name] for name in kept}
        names = [*kept, *sorted(word(ref, ()) for ref in new)]
        found[text] = names[0] if len(names) == 1 else names
    return found


def _stands(
    domain: str,
    spec: Domain,
    policy: Policy,
    own: Steps,
    pages: ByMinute,
    refs: Mapping[str, RefKey],
    word: Word,
) -> Iterator[Candidate]:
    """Another rotation or role where the steps say `domain.primary`."""
    for place in DOMAIN_PLACES:
        said = f"domain.{place}"
        if said not in refs or getattr(spec, place) is None:
            continue
        minutes = [at.minutes for at, step in own.items() if said in step_targets(step)]
        if not minutes or any(refs[said] in pages.get(at, set()) for at in minutes):
            continue
        named = _refs_of(own, refs)
        new = [pages.get(at, set()) - named.get(at, set()) for at in minutes]
        if any(len(more) != 1 or more != new[0] for more in new):
            continue
        name = word(next(iter(new[0])), ())
        if name in policy.rotations or name in policy.roles:
            yield Candidate((Edit(("domains", domain), put(place, value=name)),), _told(domain))


def _refs_of(steps: Steps, refs: Mapping[str, RefKey]) -> ByMinute:
    return {
        at.minutes: {refs[name] for name in step_targets(step) if name in refs} for at, step in steps.items()
    }


def _said(step: Any) -> tuple[str, ...]:
    page = step.get("page", ()) if isinstance(step, dict) else step
    return (page,) if isinstance(page, str) else tuple(page or ())
