"""How the rules of two versions of the policy differ: one row for each setting, and what counts as looser.

A rule decides what a plan may do, who may act, or where secrets go.  A setting with no row here fails a test.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from watchbill.model.base import Model
from watchbill.model.policy import Policy
from watchbill.model.settings import EVERYONE, Acknowledged, IntegrationKeys, Waiver
from watchbill.plan.document import RuleChange, RuleEffect
from watchbill.plan.expectation_changes import expectation_changes

Row = Callable[[str, Any, Any], Iterator[RuleChange]]
"""path, value before, value now"""


def rule_changes(before: Policy, now: Policy) -> tuple[RuleChange, ...]:
    """Loosened ones first."""
    found: list[RuleChange] = []
    for path, row in ROWS.items():
        old, new = _value(before.settings, path), _value(now.settings, path)
        if row is not None and old != new:
            found += row(f"settings.{path}", old, new)
    found += expectation_changes(before.expectations, now.expectations)
    found += _handles("external", before.external, now.external, "changed", "changed")
    guidance = {h: f"{g.guard}: {g.dont}" for h, g in before.guidance.items()}
    kept = {h: f"{g.guard}: {g.dont}" for h, g in now.guidance.items() if h in guidance}
    found += _handles("guidance", guidance, kept, "loosened", "changed")
    return in_order(found)


def in_order(changes: Sequence[RuleChange]) -> tuple[RuleChange, ...]:
    rank = {"loosened": 0, "changed": 1, "tightened": 2}
    return tuple(sorted(changes, key=lambda change: rank[change.effect]))


def shown(value: Any) -> str:
    """As the settings write it, on one line."""
    match value:
        case None:
            return "not set"
        case True | False:
            return str(value).lower()
        case IntegrationKeys():
            where = f"file {value.file}" if value.command is None else f"command {shlex.join(value.command)}"
            others = value.model_dump(mode="json", exclude={"file", "command"}, exclude_defaults=True)
            return f"{where} {json.dumps(others, ensure_ascii=False)}" if others else where
        case Model():
            return json.dumps(value.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
        case tuple():
            return ", ".join(map(shown, value)) or "not set"
        case _:
            return str(value)


def _value(settings: Model, path: str) -> Any:
    value: Any = settings
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _change(path: str, effect: RuleEffect, before: Any, after: Any) -> RuleChange:
    return RuleChange(path=path, effect=effect, before=shown(before), after=shown(after))


def _changed(path: str, before: Any, after: Any) -> Iterator[RuleChange]:
    yield _change(path, "changed", before, after)


def _looser_above(size: Callable[[Any], int]) -> Row:
    def row(path: str, before: Any, after: Any) -> Iterator[RuleChange]:
        if size(after) != size(before):
            yield _change(path, "loosened" if size(after) > size(before) else "tightened", before, after)

    return row


def _looser_below(size: Callable[[Any], int]) -> Row:
    return _looser_above(lambda value: -size(value))


def _scope(path: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[RuleChange]:
    """An empty one allows everything."""
    is_looser = bool(before) and (not after or not set(after) <= set(before))
    yield _change(path, "loosened" if is_looser else "tightened", before, after)


def _people(path: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[RuleChange]:
    is_looser = EVERYONE not in before and not set(after) <= set(before)
    yield _change(path, "loosened" if is_looser else "tightened", before, after)


def _may(
    path: str, before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]
) -> Iterator[RuleChange]:
    for command in sorted({*before, *after}):
        old, new = before.get(command, ()), after.get(command, ())
        if old != new:
            yield from _people(f"{path}.{command}", old, new)


def _dated(path: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[RuleChange]:
    """Waivers and acknowledgements: one more, or one that lasts longer, is looser."""
    old, new = last_days(before), last_days(after)
    for name in sorted({*old, *new}):
        was, will = old.get(name), new.get(name)
        if was == will:
            continue
        is_looser = will is not None and (was is None or will.expires.value > was.expires.value)
        yield RuleChange(
            path=f"{path}.{name}",
            effect="loosened" if is_looser else "tightened",
            before="none" if was is None else f"until {was.expires}",
            after="none" if will is None else f"until {will.expires}: {will.reason}",
        )


def last_days(dated: Sequence[Waiver | Acknowledged]) -> dict[str, Waiver | Acknowledged]:
    """By guard or drift, the entry that lasts longest."""
    found: dict[str, Waiver | Acknowledged] = {}
    for one in sorted(dated, key=lambda one: one.expires.value):
        found[one.guard if isinstance(one, Waiver) else one.drift] = one
    return found


def _handles(
    kind: str, before: Mapping[str, Any], now: Mapping[str, Any], gone: RuleEffect, other: RuleEffect
) -> Iterator[RuleChange]:
    for handle in sorted({*before, *now}):
        old, new = before.get(handle), now.get(handle)
        if old != new:
            yield _change(f"{kind}.{handle}", gone if new is None else other, old, new)


def _seconds(value: Any) -> int:
    return int(value.seconds)


ROWS: dict[str, Row | None] = {
    "format": None,
    "organization": None,
    "time_zone": _changed,
    "hours": None,
    "pagerduty.account": _changed,
    "pagerduty.new_schedules": None,
    "pagerduty.routing": _changed,
    "pagerduty.event_rules": _changed,
    "pagerduty.integration_keys": _changed,
    "pagerduty.lease": _looser_above(lambda lease: int(lease == "ci")),
    "guards.max_deletions": _looser_above(int),
    "guards.max_changed": _looser_above(lambda share: int(share[:-1])),
    "guards.starts_within": _looser_below(_seconds),
    "guards.scope.kinds": _scope,
    "guards.scope.teams": _scope,
    "guards.scope.names": _scope,
    "waivers": _dated,
    "acknowledged": _dated,
    "chat.command": None,
    "chat.may": _may,
    "chat.phones": _people,
    "chat.longest": _looser_above(_seconds),
    "chat.groups": None,
    "chat.handoffs": None,
    "outlook": _looser_below(_seconds),
}
"""Path below `settings`, itself or with all that is below it.  None: it changes no rule; the plan shows its effect."""
