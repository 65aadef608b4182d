"""History: the last changes of the policy and what each did to people; the runbook's own revisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watchbill.ladder.changes import LadderChange
from watchbill.model.policy import Policy
from watchbill.plan.document import Effects
from watchbill.publish.blocks import Heading
from watchbill.publish.html import blocks_html
from watchbill.publish.page import Page, empty
from watchbill.publish.procedures import revisions
from watchbill.publish.safe_html import EMPTY, Html, joined, tag
from watchbill.report.shown import takeovers
from watchbill.report.times import full
from watchbill.report.written import CommitRead
from watchbill.rota.clock import zone

_MOST_LINES = 8


@dataclass(frozen=True, slots=True)
class Past:
    """One change of the policy; without effects where one side could not be read."""

    commit: CommitRead
    effects: Effects | None = None
    ladders: tuple[LadderChange, ...] = ()
    note: str = ""


def history_page(policy: Policy, past: Sequence[Past], why_empty: str) -> Page:
    lead = joined(("The last changes of the policy and their effect on people, from git.",))
    shown = tag("ol", joined((_change(policy, change) for change in past), "\n"), class_="history")
    parts = [shown if past else empty("No changes to show.", why_empty)]
    told = [block for block in revisions(policy) if not isinstance(block, Heading)]
    if told:
        parts += [tag("h2", "Revision History"), blocks_html(told)]
    return Page("history", "History", lead, joined(parts, "\n"))


def _change(policy: Policy, change: Past) -> Html:
    where = zone(policy.settings.time_zone)
    commit = change.commit
    lines = list(_lines(policy, change))
    more = [f"and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return tag(
        "li",
        tag("h2", commit.subject or "(no subject)"),
        tag(
            "p",
            tag("time", full(commit.at, where)),
            f" · {commit.author} · ",
            tag("code", commit.id[:9]),
            class_="meta",
        ),
        tag("ul", joined(tag("li", line) for line in [*lines[:_MOST_LINES], *more])) if lines else EMPTY,
        tag("p", change.note or "Nobody's duty changed.", class_="hint") if not lines else EMPTY,
    )


def _lines(policy: Policy, change: Past) -> Iterable[str]:
    if change.effects is not None:
        for rotation, lines in takeovers(change.effects, policy):
            yield from (f"{rotation}: {line}" for line in lines)
        named = {shift.rotation for shift in change.effects.shifts if shift.before is None}
        yield from (
            f"{policy.title_of(rotation)}: people where there was nobody" for rotation in sorted(named)
        )
    for ladder in change.ladders:
        if ladder.is_new or ladder.is_gone:
            yield f"ladder {ladder.title}: {'new' if ladder.is_new else 'gone'}"
            continue
        for step in ladder.steps:
            before, after = (" + ".join(side) or "nobody" for side in (step.before, step.after))
            yield f"ladder {ladder.title}, minute {step.minute}: {before} → {after}"
        if ladder.others:
            yield f"ladder {ladder.title}: {', '.join(ladder.others).replace('_', ' ')} changed"
