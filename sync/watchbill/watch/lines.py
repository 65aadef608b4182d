"""The watchdog's log: one line for one thing, and what --dry-run explains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from watchbill.report.safe import plain
from watchbill.rota.clock import iso
from watchbill.watch.round import Seen


def log_lines(seen: Iterable[Seen], now: int) -> Iterator[str]:
    """Only what was done, and trouble."""
    for one in seen:
        label = f"{iso(now)} #{one.incident.number}"
        for acted in one.acted:
            yield f"{label} {acted.name}: {plain(acted.text)}"
            yield from (f"{label} {acted.name}: PROBLEM {plain(problem)}" for problem in acted.problems)
        if one.trouble:
            yield f"{label} TROUBLE {plain(one.trouble)}"


def explained(seen: Iterable[Seen]) -> Iterator[str]:
    """Every trigger of every incident, with why."""
    empty = True
    for one in seen:
        empty = False
        situation = one.situation
        if situation is None:
            yield f"{plain(one.incident.label)}: {plain(one.trouble)}"
            continue
        where = f"{situation.severity or '?'} in {situation.domain or '?'}, level {situation.engaged} of {situation.levels}"
        yield f"{plain(situation.incident.label)} ({situation.incident.status}, {where})"
        for judged in one.judged:
            yield f"  {judged.state:<6} {plain(judged.title)}: {plain(judged.why)}"
            yield from (f"         would: {plain(decision.text)}" for decision in judged.decisions)
        yield from (f"  would remind: {plain(decision.text)}" for decision in one.reminders)
    if empty:
        yield "no open incident of the policy's services"
