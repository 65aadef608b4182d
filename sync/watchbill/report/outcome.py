"""What became of an apply, told also when it was interrupted."""

from __future__ import annotations

import json
import textwrap

from watchbill.apply.outcome import Outcome, Step
from watchbill.report.paint import Paint
from watchbill.report.plan_markdown import changed_rules, escape
from watchbill.report.rules import rules_text
from watchbill.report.safe import count, plain
from watchbill.report.shown import KIND

_PAST = {
    "create": "created",
    "update": "changed",
    "delete": "deleted",
    "claim": "taken over",
    "forget": "released",
}


def render_outcome(outcome: Outcome, *, color: bool, width: int) -> str:
    """What did not go as planned in full; what did, counted."""
    paint = Paint(color)
    lines = [rules_text(outcome.rules, None, paint, width)] if outcome.rules else []
    for step in outcome.steps:
        if not step.is_done:
            lines += _step(step, paint, width)
        lines += [
            paint.yellow(f"  {KIND[step.kind]} {plain(step.name)}: {plain(note)}") for note in step.notes
        ]
    if outcome.fatal:
        lines.append(paint.red(plain(outcome.fatal)))
        if outcome.fatal_remedy:
            lines.append(paint.blue(f"  → {plain(outcome.fatal_remedy)}"))
    if outcome.interrupted:
        lines.append(paint.yellow("Interrupted. What was written stays; run it again to go on."))
    if outcome.lease_left:
        lines.append(paint.yellow(f"The lease stays in the account: {plain(outcome.lease_left)}"))
        lines.append(paint.blue("  → nothing to do: the next apply takes it over"))
    lines.append((paint.green if outcome.complete else paint.red)(_verdict(outcome)))
    lines += [f"  {line}" for line in _counts(outcome)]
    if outcome.journal and outcome.wrote:
        lines.append(paint.dim(f"  journal: {plain(outcome.journal)}"))
    return "\n".join(lines)


def outcome_markdown(outcome: Outcome) -> str:
    lines = [f"### watchbill: {_verdict(outcome)}", ""]
    lines += [f"{part}\n" for part in changed_rules(outcome.rules)]
    lines += [f"- {line}" for line in _counts(outcome)]
    lines += [
        f"- **{step.status}**: {KIND[step.kind]} {escape(step.name)}: {escape(step.reason)}"
        for step in outcome.steps
        if not step.is_done
    ]
    if outcome.fatal:
        lines.append(f"\n{escape(outcome.fatal)} {escape(outcome.fatal_remedy)}".rstrip())
    return "\n".join(lines) + "\n"


def outcome_json(outcome: Outcome) -> str:
    return json.dumps(outcome.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False) + "\n"


def _step(step: Step, paint: Paint, width: int) -> list[str]:
    shade = paint.red if step.status in ("failed", "stale") else paint.yellow
    told = f"{step.status}: {KIND[step.kind]} {plain(step.name)}"
    lines = [shade(f"  {told}")]
    for text, how in ((step.reason, str), (f"→ {step.remedy}" if step.remedy else "", paint.blue)):
        wrapped = textwrap.wrap(plain(text), max(width - 6, 40), break_on_hyphens=False)
        lines += [how(f"    {line}") for line in wrapped]
    return lines


def _verdict(outcome: Outcome) -> str:
    if outcome.complete:
        return (
            "Nothing to do, nothing written." if not outcome.wrote else "All done, and read back as wanted."
        )
    done = len(outcome.applied)
    return f"{done} of {count(len(outcome.steps), 'change')} done; the rest is still to do."


def _counts(outcome: Outcome) -> list[str]:
    lines = []
    for action, past in _PAST.items():
        kinds = [step.kind for step in outcome.applied if step.action == action and step.status == "applied"]
        told = ", ".join(count(kinds.count(kind), name) for kind, name in KIND.items() if kind in kinds)
        if told:
            lines.append(f"{past}: {told}")
    already = sum(step.status == "already" for step in outcome.steps)
    if already:
        lines.append(f"already as wanted: {already}")
    if outcome.requests or outcome.lease_requests:
        lines.append(f"{count(outcome.requests, 'request')}, {count(outcome.writes, 'write')}")
    if outcome.lease_requests:
        told = f"{count(outcome.lease_requests, 'request')}, {count(outcome.lease_writes, 'write')}"
        lines.append(f"for the lease: {told}")
    return lines
