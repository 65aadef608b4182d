"""What of a plan's effects is shown, the same for every surface: titles, local times, and which rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.model.policy import Policy
from watchbill.plan.document import Change, Effects, PersonEffect, Plan, ShiftEffect
from watchbill.report.safe import count, plain
from watchbill.report.times import full
from watchbill.rota.clock import WEEK, parse_instant, zone

MOST_NEW = 3
"""Shifts shown of a rotation that had nobody before."""
MOST_ROWS = 12

KIND = {
    "schedule": "schedule",
    "escalation_policy": "escalation policy",
    "service": "service",
    "routing": "routing",
    "integration": "integration",
    "override": "override",
}
SIGN = {"create": "+", "update": "~", "delete": "-", "claim": "=", "forget": "!"}
DONE = {
    "create": "to create",
    "update": "to change",
    "delete": "to delete",
    "claim": "to take over",
    "forget": "to release",
}
CLASS = {
    "pending": "",
    "drift": "edited in the account",
    "conflict": "edited here and in the account",
    "upkeep": "time passed",
}


@dataclass(frozen=True, slots=True)
class ShownRow:
    """`gap`: rows were left out before this one."""

    start: str
    end: str
    before: str
    after: str
    differs: bool
    gap: bool = False


@dataclass(frozen=True, slots=True)
class ShownTable:
    title: str
    zone: str
    rows: tuple[ShownRow, ...]
    more: int
    """Rows that changed and are not shown."""
    is_new: bool
    """Nobody was on duty before."""


def who(policy: Policy, handle: str | None) -> str:
    if handle is None:
        return "nobody"
    return " + ".join(plain(policy.title_of(name)) for name in handle.split(" + "))


def title(policy: Policy, rotation: str) -> str:
    return plain(policy.title_of(rotation))


def tables(effects: Effects, policy: Policy) -> list[ShownTable]:
    by_rotation: dict[str, list[ShiftEffect]] = {}
    for shift in effects.shifts:
        by_rotation.setdefault(shift.rotation, []).append(shift)
    return [_table(rotation, shifts, policy) for rotation, shifts in by_rotation.items()]


def takeovers(effects: Effects, policy: Policy) -> list[tuple[str, list[str]]]:
    """Per rotation: who takes whose shifts; shifts in a row that change the same way are told once."""
    found: dict[str, list[tuple[ShiftEffect, ShiftEffect, int]]] = {}
    for shift in effects.shifts:
        if shift.before is None or shift.before == shift.after:
            continue
        runs = found.setdefault(shift.rotation, [])
        if runs and (runs[-1][1].before, runs[-1][1].after) == (shift.before, shift.after):
            runs[-1] = (runs[-1][0], shift, runs[-1][2] + 1)
        else:
            runs.append((shift, shift, 1))
    return [
        (title(policy, rotation), [_takeover(*run, policy=policy) for run in runs])
        for rotation, runs in found.items()
    ]


def _takeover(first: ShiftEffect, last: ShiftEffect, shifts: int, *, policy: Policy) -> str:
    where = zone(policy.settings.time_zone)
    start, end = full(parse_instant(first.start), where), full(parse_instant(last.end), where)
    taken = f"{who(policy, first.after)} for {who(policy, first.before)}"
    if first.after is None:
        taken = f"nobody instead of {who(policy, first.before)}"
    return f"{taken}: {start} to {end}" + (f" ({shifts} shifts)" if shifts > 1 else "")


def _table(rotation: str, shifts: Sequence[ShiftEffect], policy: Policy) -> ShownTable:
    changed = [i for i, shift in enumerate(shifts) if shift.before != shift.after]
    is_new = all(shift.before is None for shift in shifts)
    most = MOST_NEW if is_new else MOST_ROWS
    told = set(changed[:most])
    where = zone(policy.settings.time_zone)
    rows: list[ShownRow] = []
    last = -1
    for i, shift in enumerate(shifts):
        if i not in told:
            continue
        rows.append(
            ShownRow(
                start=full(parse_instant(shift.start), where),
                end=full(parse_instant(shift.end), where),
                before=who(policy, shift.before),
                after=who(policy, shift.after),
                differs=shift.before != shift.after,
                gap=i != last + 1 and last >= 0,
            )
        )
        last = i
    return ShownTable(title(policy, rotation), where.name, tuple(rows), len(changed) - len(told), is_new)


def now_lines(effects: Effects, policy: Policy) -> tuple[bool, list[str]]:
    """Whether somebody on call right now is replaced, and the lines that tell."""
    replaced = [e for e in effects.on_call_now if e.before is not None and e.before != e.after]
    first = [e for e in effects.on_call_now if e.before is None and e.after is not None]
    lines = [
        f"{title(policy, e.rotation)}: {who(policy, e.before)} → {who(policy, e.after)}" for e in replaced
    ]
    lines += [f"{title(policy, e.rotation)}: {who(policy, e.after)} (nobody until now)" for e in first]
    return bool(replaced), lines


def person_line(effect: PersonEffect, policy: Policy) -> tuple[str, str, str, str]:
    """Name, hours before and after, difference, and first change."""
    where = zone(policy.settings.time_zone)
    difference = effect.hours_after - effect.hours_before
    first = full(parse_instant(effect.first_change), where) if effect.first_change else ""
    hours = f"{effect.hours_before:g} h → {effect.hours_after:g} h"
    return who(policy, effect.person), hours, f"{difference:+g} h" if difference else "±0 h", first


def hours_title(effects: Effects, policy: Policy) -> str:
    """A change far ahead is compared around its own date."""
    since, until = parse_instant(effects.since), parse_instant(effects.until)
    if until - since > 6 * WEEK:
        return "Hours in the time compared"
    return f"Hours until {full(until, zone(policy.settings.time_zone))}"


def counts(plan: Plan) -> str:
    """3 changes: 1 schedule to change, 2 overrides to create"""
    if not plan.changes:
        return "no changes"
    parts = []
    for action, words in DONE.items():
        for kind, name in KIND.items():
            number = sum(c.action == action and c.kind == kind for c in plan.changes)
            if number:
                parts.append(f"{count(number, name)} {words}")
    return f"{count(len(plan.changes), 'change')}: {', '.join(parts)}"


def why_of(change: Change) -> str:
    """ "" for what the policy brings."""
    deleted = change.action == "create" and change.class_ == "drift" and change.kind != "override"
    return "deleted in the account" if deleted else CLASS[change.class_]


def head(change: Change) -> str:
    """schedule medicalcor-backend (edited in the account)"""
    why = why_of(change)
    return f"{KIND[change.kind]} {plain(change.name)}" + (f" ({why})" if why else "")


def hidden_of(change: Change) -> list[str]:
    """One line, or none."""
    number, _, word = change.unchanged.partition(" ")
    return [f"({number} unchanged {word} hidden)"] if change.unchanged else []


def sections(plan: Plan) -> list[tuple[str, list[Change]]]:
    """What people decided, what others edited, what only time brought."""
    parts = (
        ("Changes", ("pending",)),
        ("Edited in the account (applying reverts it; `adopt` keeps it)", ("drift", "conflict")),
        ("Upkeep (no decision needed)", ("upkeep",)),
    )
    found = [(name, [c for c in plan.changes if c.class_ in classes]) for name, classes in parts]
    return [(name, changes) for name, changes in found if changes]
