"""The runbook's procedures: paths, how to escalate, standing down, vendors, and what is kept an eye on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from watchbill.model.directory import SLOT, Message, Metric, Procedure, Vendor, VendorStep
from watchbill.model.policy import Policy
from watchbill.model.text import Duration
from watchbill.publish.blocks import (
    Block,
    Entry,
    Heading,
    Listing,
    Strong,
    Words,
    items,
    paragraph,
    table,
)
from watchbill.publish.graph import drawing_of
from watchbill.publish.names import Names
from watchbill.publish.phrases import span
from watchbill.report.safe import plain


def escalation_paths(policy: Policy, names: Names) -> Iterator[Block]:
    if not policy.paths:
        return
    yield Heading(2, "Escalation Paths")
    for number, path in enumerate(policy.paths.values(), start=1):
        yield Heading(3, f"Path {number}: {path.title}")
        if path.purpose:
            yield paragraph(path.purpose)
        yield drawing_of(path, names)
        if path.use_when:
            yield paragraph(Strong("When to use:"), f" {path.use_when}")


def escalation_procedures(policy: Policy) -> Iterator[Block]:
    ways = {name: spec for name, spec in policy.procedures.items() if not spec.criteria}
    used = {spec.message for spec in policy.procedures.values()}
    messages = [spec for name, spec in policy.messages.items() if name not in used]
    if not (ways or messages):
        return
    yield Heading(2, "Escalation Procedures")
    if ways:
        yield Heading(3, "How to Escalate")
    for spec in ways.values():
        yield Heading(4, f"{spec.title}{_only(spec)}")
        yield from _way(spec, policy)
    for message in messages:
        yield Heading(3, "Escalation Message Template" if len(messages) == 1 else message.title)
        if message.use_when:
            yield paragraph(f"{message.use_when}, include:")
        yield Listing(filled(message), "markdown")


def _only(spec: Procedure) -> str:
    """(P1 only, after hours)"""
    if spec.only_when is None:
        return ""
    parts = [f"{' or '.join(spec.only_when.severity)} only"] if spec.only_when.severity else []
    if spec.only_when.outside:
        named = spec.only_when.outside
        parts.append("after hours" if named == "business" else f"outside {named} hours")
    return f" ({', '.join(parts)})"


def _way(spec: Procedure, policy: Policy) -> Iterator[Block]:
    if spec.command is not None:
        yield Listing(_shell(spec), "bash")
    elif spec.steps:
        yield items(spec.steps, ordered=True)
    if spec.message in policy.messages:
        yield Listing(filled(policy.messages[spec.message]))


def _shell(spec: Procedure) -> str:
    told = [spec.purpose, f"In {spec.at}:" if spec.at else None]
    told += [f"{number}. {step}" for number, step in enumerate(spec.steps, start=1)]
    command = plain(spec.command)
    lines = [f"# {plain(text)}" for text in told if text]
    ours = re.fullmatch(r"watchbill (incident escalate .*)", command)
    if ours:
        # Runbooks in use name this verb of PagerDuty's own client, which never had it; who looks for it finds it.
        lines += ["", "# Or use PagerDuty CLI", f"# (pd {ours[1]} never existed; this does it)", command]
        return "\n".join(lines)
    return "\n".join([*lines, "", command] if lines else [command])


def filled(message: Message) -> str:
    """With each field's example; a line with a field of type `lines` once per line of it, counting up."""
    lines: list[str] = []
    for line in message.text.rstrip("\n").split("\n"):
        many = [name for name in SLOT.findall(line) if message.fields[name].type == "lines"]
        if len(many) != 1:
            lines.append(SLOT.sub(lambda slot: _example(message, slot[1]), line))
            continue
        for number, value in enumerate(_examples(message, many[0]), start=1):
            head, slot, tail = re.sub(r"^1\.", f"{number}.", line).partition(SLOT.search(line)[0])  # type: ignore[index]
            lines.append(f"{head}{value}{tail}" if slot else line)
    return "\n".join(lines)


def _examples(message: Message, name: str) -> tuple[str, ...]:
    return message.fields[name].example or (f"[{name}]",)


def _example(message: Message, name: str) -> str:
    return ", ".join(message.fields[name].example or (f"[{name.replace('_', ' ')}]",))


def standing_down(policy: Policy) -> Iterator[Block]:
    for spec in policy.procedures.values():
        if not spec.criteria:
            continue
        yield Heading(2, spec.title)
        yield Heading(3, "When to De-escalate" if spec.title == "De-escalation" else "When")
        yield items(spec.criteria)
        if spec.steps:
            yield Heading(3, f"{spec.title} Procedure")
            yield items(_with_message(spec, policy), ordered=True)


def _with_message(spec: Procedure, policy: Policy) -> Iterator[Entry]:
    """The first step is the one that announces."""
    for number, step in enumerate(spec.steps):
        if number == 0 and spec.message in policy.messages:
            yield Entry((Strong(f"{step}:"),), (Listing(filled(policy.messages[spec.message])),))
        else:
            yield Entry((step,))


def external_escalations(policy: Policy) -> Iterator[Block]:
    if not any(vendor.steps for vendor in policy.vendors.values()):
        return
    yield Heading(2, "External Escalations")
    for vendor in policy.vendors.values():
        if vendor.steps:
            yield from checklist(vendor, 3)


def checklist(vendor: Vendor, level: int) -> Iterator[Block]:
    names = f" ({', '.join(vendor.aliases)})" if vendor.aliases else " Support"
    yield Heading(level, f"{vendor.title}{names}")
    if vendor.use_when:
        yield paragraph(f"{vendor.use_when}:")
    entries = [_step(step, number, vendor) for number, step in enumerate(vendor.steps)]
    if vendor.include and not any(_is_form(step) for step in vendor.steps):
        entries.append(Entry((f"Include: {', '.join(vendor.include)}",)))
    yield items(entries, ordered=True)


def _is_form(step: str | VendorStep) -> bool:
    """Done by filling in a form somewhere: what to include stands with it."""
    return isinstance(step, VendorStep) and bool(step.do and step.at and ": " in step.at)


def _step(step: str | VendorStep, number: int, vendor: Vendor) -> Entry:
    if isinstance(step, str):
        return Entry((step,))
    if number == 0 and vendor.severities:
        scale = items(f"{name}: {meaning}" for name, meaning in vendor.severities.items())
        return Entry((Strong(f"{step_text(step)}:"),), (scale,))
    if _is_form(step):
        where, _, way = (step.at or "").partition(": ")
        lines = [f"# Via {where}", way]
        if vendor.include:
            lines += ["", "# Include:", *(f"- {item}" for item in vendor.include)]
        return Entry((Strong(f"{step.do}:"),), (Listing("\n".join(lines)),))
    return Entry(_lead(step))


def _lead(step: VendorStep) -> Words:
    if step.only_for:
        return Strong(f"For {', '.join(step.only_for)}:"), f" {_rest(step)}"
    return (step_text(step),)


def step_text(step: VendorStep) -> str:
    only = f"For {', '.join(step.only_for)}: " if step.only_for else ""
    return only + _rest(step)


def _rest(step: VendorStep) -> str:
    when = f"{step.when}: " if step.when else ""
    return when + ": ".join(text for text in (step.do, step.at) if text)


def guidance(policy: Policy) -> Iterator[Block]:
    if policy.guidance:
        yield Heading(2, "Escalation Don'ts")
        yield table(("Don't", "Instead"), ((rule.dont, rule.instead) for rule in policy.guidance.values()))


def metrics(policy: Policy) -> Iterator[Block]:
    if policy.metrics:
        yield Heading(2, "Escalation Metrics")
        yield paragraph("Track these to improve escalation effectiveness:")
        yield table(
            ("Metric", "Target", "Review Frequency"),
            ((m.title, target(m), m.review.capitalize()) for m in policy.metrics.values()),
        )


def target(metric: Metric) -> str:
    """< 30 min for P1, < 3 levels, 0"""
    goal, sign = (metric.below, "< ") if metric.below is not None else (metric.at_most, "at most ")
    told = span(goal.minutes) if isinstance(goal, Duration) else str(goal)
    if goal == 0:
        sign = ""
    if metric.measure == "levels":
        told += " levels"
    return sign + told + (f" for {' and '.join(metric.severity)}" if metric.severity else "")


def revisions(policy: Policy) -> Iterator[Block]:
    if policy.revisions:
        yield Heading(2, "Revision History")
        yield table(
            ("Date", "Version", "Author", "Changes"),
            ((str(r.date), r.version, r.author, r.changes) for r in policy.revisions),
        )
