"""A hand-edited escalation policy in the words of its ladder: an explicit one, a domain's own, or a severity's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from watchbill.account.objects import EscalationPolicy, Rule
from watchbill.adopt import words
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.drift_also import domain_candidates, without_also
from watchbill.adopt.drift_edit import Candidate, Edit, RefKey, Spoken, put, renamed
from watchbill.adopt.objects import MOST_LOOPS, MOST_TARGETS, title_of
from watchbill.model.ladders import Domain
from watchbill.model.policy import Policy
from watchbill.model.text import Duration
from watchbill.rota.clock import MINUTE


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a composed ladder comes from; both None for one under `ladders`."""

    domain: str | None = None
    severity: str | None = None


def ladder_candidates(
    key: str,
    cell: Cell,
    raw: Mapping[str, Any],
    policy: Policy,
    want: EscalationPolicy,
    current: EscalationPolicy,
    spoken: Spoken,
) -> Iterator[Candidate]:
    """`raw`: the data of the ladder, of the domain with steps of its own, or of the severity.  Raises CannotSay."""
    if cell.domain is None and cell.severity is None:
        changes = [
            *_own_fields(raw, want, current, spoken),
            *_running(raw, want, current, spoken.target, spoken),
        ]
        place: tuple[str, ...] = ("ladders", key)
        told = "its ladder"
    elif cell.domain is not None and policy.domains[cell.domain].steps is not None:
        place, told = ("domains", cell.domain), f"the steps of domain {cell.domain}"
        changes = list(_domain(raw, policy.domains[cell.domain], want, current, spoken))
    else:
        place, told = ("severities", str(cell.severity)), f"severity {cell.severity}, for every domain"
        changes = list(_severity(raw, cell, policy, want, current, spoken))
    yield Candidate(tuple(Edit(place, change) for change in changes), told)


def nearest(cell: Cell, policy: Policy) -> str:
    """What the policy could say instead of one cell of the matrix."""
    if cell.severity is None or cell.domain is None or policy.domains[cell.domain].steps is not None:
        return ""
    also = f"`also:` of the domain {cell.domain} adds targets for every severity"
    return f"{also}; an entry of its own under `ladders:`, named by the service's `ladder:`, says anything"


def _own_fields(
    raw: Mapping[str, Any], want: EscalationPolicy, current: EscalationPolicy, spoken: Spoken
) -> Iterator[Any]:
    if current.name.strip() != want.name.strip():
        yield renamed(raw, current.name, title_of(current.name))
    if current.description != want.description:
        yield put("description", value=current.description or None)
    if current.team != want.team:
        yield put("team", value=spoken.team(current.team) if current.team else None)
    if current.handoff_notices != want.handoff_notices:
        always = current.handoff_notices == "always"
        yield put("handoff_notices", value="always" if always else "if-services")


def _running(
    raw: Mapping[str, Any],
    want: EscalationPolicy,
    current: EscalationPolicy,
    target: Callable[[RefKey, tuple[str, ...]], str],
    spoken: Spoken,
    refs: Mapping[str, RefKey] | None = None,
) -> Iterator[Any]:
    """Steps, the wait after the last, and how often it starts over."""
    if not current.rules:
        raise CannotSay("it has no level any more")
    steps = _steps(raw.get("steps", {}), current.rules, target, spoken.refs if refs is None else refs)
    if steps != raw.get("steps"):
        yield put("steps", value=steps)
    if current.rules[-1].delay_minutes != want.rules[-1].delay_minutes:
        yield put("last_wait", value=words.duration(current.rules[-1].delay_minutes * MINUTE))
    if current.loops != want.loops:
        if current.loops > MOST_LOOPS:
            raise CannotSay(f"it starts over {current.loops} times; {MOST_LOOPS} is the most")
        yield put("repeat", value=current.loops)


def _steps(
    raw: Mapping[str, Any],
    rules: tuple[Rule, ...],
    target: Callable[[RefKey, tuple[str, ...]], str],
    refs: Mapping[str, RefKey],
) -> dict[str, Any]:
    """A level that pages the same keeps its words.  Levels that reach nobody are not in the account, and stay."""
    old = sorted(raw.items(), key=lambda pair: Duration.parse(pair[0]).minutes)
    seen = [(text, step) for text, step in old if any(name in refs for name in _pages(step))]
    unseen = {text: step for text, step in old if (text, step) not in seen}
    minutes = {Duration.parse(text).minutes: text for text, _ in seen}
    made: dict[int, tuple[str, Any]] = {}
    at = 0
    for level, rule in enumerate(rules):
        if rule.delay_minutes < 1:
            raise CannotSay("two of its levels begin in the same minute")
        before = seen[level][1] if level < len(seen) else None
        made[at] = (minutes.get(at) or words.duration(at * MINUTE), _step(rule, before, target, refs))
        at += rule.delay_minutes
    for text, step in unseen.items():
        made.setdefault(Duration.parse(text).minutes, (text, step))
    return dict(made[minute] for minute in sorted(made))


def _step(
    rule: Rule, before: Any, target: Callable[[RefKey, tuple[str, ...]], str], refs: Mapping[str, RefKey]
) -> Any:
    wanted = {(ref.kind, ref.id) for ref in rule.targets}
    if not wanted:
        raise CannotSay("one of its levels has no target")
    if len(wanted) > MOST_TARGETS:
        raise CannotSay(f"one of its levels has {len(wanted)} targets; {MOST_TARGETS} is the most")
    said = _pages(before)
    in_turn = isinstance(before, dict) and bool(before.get("round_robin"))
    if before is not None and {refs[name] for name in said if name in refs} == wanted:
        if in_turn == rule.round_robin:
            return before
        names = list(said)
    else:
        kept = [name for name in said if name not in refs or refs[name] in wanted]
        new = wanted - {refs[name] for name in kept if name in refs}
        names = [*kept, *sorted(target(ref, ()) for ref in new)]
    page: Any = names[0] if len(names) == 1 else names
    long = {k: v for k, v in before.items() if k != "round_robin"} if isinstance(before, dict) else {}
    if rule.round_robin:
        long["round_robin"] = True
    return {**long, "page": page} if long else page


def _pages(step: Any) -> tuple[str, ...]:
    page = step.get("page", ()) if isinstance(step, dict) else step
    return (page,) if isinstance(page, str) else tuple(page or ())


def _domain(
    raw: Mapping[str, Any], spec: Domain, want: EscalationPolicy, current: EscalationPolicy, spoken: Spoken
) -> Iterator[Any]:
    _only_steps(want, current, f"the severity {spec.default_severity}")
    if current.name != want.name:
        if title_of(current.name) != current.name:
            raise CannotSay("its name cannot be a title")
        yield put("title", value=current.name)
    places = _places(spec, spoken)
    refs = {**spoken.refs, **places}
    bare = without_also(spec, spec.steps or {}, current, refs)
    yield from _running(raw, want, bare, _word(places, spoken), spoken, refs)


def _severity(
    raw: Mapping[str, Any],
    cell: Cell,
    policy: Policy,
    want: EscalationPolicy,
    current: EscalationPolicy,
    spoken: Spoken,
) -> Iterator[Any]:
    if cell.domain is None:
        raise CannotSay(f"severity {cell.severity} pages all domains on one ladder")
    spec = policy.domains[cell.domain]
    if current.name != want.name:
        raise CannotSay("its name is made of the domain's title and the severity")
    _only_steps(want, current, "", loops=False)
    places = _places(spec, spoken)
    refs = {**spoken.refs, **places}
    bare = without_also(spec, policy.severities[str(cell.severity)].steps, current, refs)
    yield from _running(raw, want, bare, _word(places, spoken), spoken, refs)


def domain_words(
    cell: Cell, raw: Mapping[str, Any], policy: Policy, current: EscalationPolicy, spoken: Spoken
) -> Iterator[Candidate]:
    """The same in the words of its domain.  `raw`: the domain's data."""
    assert cell.domain is not None
    spec = policy.domains[cell.domain]
    own = spec.steps if spec.steps is not None else policy.severities[str(cell.severity)].steps
    places = _places(spec, spoken)
    refs = {**spoken.refs, **places}
    yield from domain_candidates(cell.domain, raw, policy, own, current, refs, _word(places, spoken))


def _only_steps(
    want: EscalationPolicy, current: EscalationPolicy, holder: str, *, loops: bool = True
) -> None:
    for what in ("description", "team", "handoff_notices"):
        if getattr(current, what) != getattr(want, what):
            raise CannotSay(f"a ladder of the matrix has no {what.replace('_', ' ')} of its own")
    if not loops:
        return
    if current.loops != want.loops or (
        current.rules[-1:]
        and want.rules[-1:]
        and (current.rules[-1].delay_minutes != want.rules[-1].delay_minutes)
    ):
        raise CannotSay(f"how often it starts over, and when, comes from {holder}")


def _places(spec: Domain, spoken: Spoken) -> dict[str, RefKey]:
    named = {"primary": spec.primary, "secondary": spec.secondary, "tertiary": spec.tertiary}
    return {
        f"domain.{place}": spoken.refs[name] for place, name in named.items() if name and name in spoken.refs
    }


def _word(places: Mapping[str, RefKey], spoken: Spoken) -> Callable[[RefKey, tuple[str, ...]], str]:
    def word(ref: RefKey, prefer: tuple[str, ...] = ()) -> str:
        return next((name for name, known in places.items() if known == ref), None) or spoken.target(
            ref, prefer
        )

    return word
