"""The runbook's first part: the two matrices, and when to escalate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from watchbill.ladder.compose import ladder_for
from watchbill.model.escalation import AutomaticTrigger, DoNotDelay, Need
from watchbill.model.ladders import LongStep, Severity, Step, step_targets
from watchbill.model.people import Role
from watchbill.model.policy import Policy
from watchbill.model.text import Duration
from watchbill.publish.blocks import Block, Code, Heading, Paragraph, Strong, Words, items, paragraph, table
from watchbill.publish.names import Names
from watchbill.publish.phrases import span


def escalation_matrix(policy: Policy, names: Names) -> Iterator[Block]:
    if not (policy.severities or policy.domains or policy.ladders):
        return
    yield Heading(2, "Escalation Matrix")
    if policy.severities:
        yield Heading(3, "By Severity")
        minutes = sorted({after.minutes for spec in policy.severities.values() for after in spec.steps})
        yield table(
            ("Severity", *(span(m) if m else "Initial Responder" for m in minutes)),
            (
                (Strong(handle), *(_cell(spec.steps, minute, names) for minute in minutes))
                for handle, spec in policy.severities.items()
            ),
        )
        yield paragraph(
            "The columns count from the opening of the incident, for as long as nobody has acknowledged: an "
            "acknowledgement stops the ladder, the automatic triggers go on watching. On-Call is the primary of "
            "the incident's domain."
        )
        notes = [note for handle, spec in policy.severities.items() for note in _notes(handle, spec, names)]
        if notes:
            yield items(notes)
    if policy.domains:
        yield from _by_domain(policy, names)
    if policy.ladders:
        yield from _ladders(policy, names)


def _cell(steps: Mapping[Duration, Step], minute: int, names: Names) -> Words:
    found = [
        target for after, step in steps.items() if after.minutes == minute for target in step_targets(step)
    ]
    return (" + ".join(names.with_holder(names.short(t), t) for t in found) or "-",)


def _notes(handle: str, spec: Severity, names: Names) -> Iterator[Words]:
    for after, step in spec.steps.items():
        if isinstance(step, LongStep) and step.confirm:
            whom = " + ".join(names.short(target) for target in step.page)
            asked = f"ten minutes before, chat asks: {step.confirm}? The page goes out whatever the answer."
            yield Strong(handle), f": {whom} at {span(after.minutes)}; {asked}"
    if spec.repeat:
        times = "once" if spec.repeat == 1 else f"{spec.repeat} times"
        yield (
            Strong(handle),
            f": {span(spec.last_wait.minutes)} after its last step the ladder starts over, {times}.",
        )
    if spec.urgency == "low":
        yield Strong(handle), ": low urgency; PagerDuty never escalates it."


def _by_domain(policy: Policy, names: Names) -> Iterator[Block]:
    yield Heading(3, "By Domain")
    places = ("primary", "secondary", "tertiary")
    yield table(
        ("Domain", *(place.capitalize() for place in places)),
        (
            (
                Strong(spec.title),
                *(_named(getattr(spec, place), names) for place in places),
            )
            for spec in policy.domains.values()
        ),
    )
    for handle, spec in policy.domains.items():
        if spec.steps is None:
            if spec.also:
                yield paragraph(Strong(spec.title), f" also pages, {_joining(spec.also, names)}.")
            continue
        yield paragraph(
            Strong(spec.title),
            " has a ladder of its own, the same for every severity"
            + (f"; so does whatever is tagged {_or(spec.tags)}." if spec.tags else "."),
        )
        ladder = ladder_for(policy, spec.default_severity, handle)
        yield table(
            ("After", "Who"),
            (
                (
                    span(step.minute) if step.minute else "at once",
                    " + ".join(names.with_holder(names.title(t), t) for t in step.targets),
                )
                for step in ladder.steps
            ),
        )


def _joining(also: Mapping[Duration, Step], names: Names) -> str:
    """What joins the steps of every severity: at once Shadow; after 15 min the Database Lead."""
    told = [
        f"{f'after {span(after.minutes)}' if after.minutes else 'at once'} {_cell(also, after.minutes, names)[0]}"
        for after in also
    ]
    return f"whatever the severity: {'; '.join(told)}"


def _ladders(policy: Policy, names: Names) -> Iterator[Block]:
    """Those that are not severity by domain."""
    yield Heading(3, "Other Ladders")
    minutes = sorted({after.minutes for spec in policy.ladders.values() for after in spec.steps})
    yield table(
        ("Ladder", *(span(m) if m else "Initial Responder" for m in minutes)),
        (
            (Strong(spec.title), *(_cell(spec.steps, minute, names) for minute in minutes))
            for spec in policy.ladders.values()
        ),
    )


def _named(handle: str | None, names: Names) -> str:
    return names.with_holder(names.short(handle), handle) if handle else "-"


def _or(words: Iterable[str]) -> str:
    return " or ".join(words)


def when_to_escalate(policy: Policy, names: Names) -> Iterator[Block]:
    triggers = policy.triggers
    if not (triggers.automatic or triggers.needs or triggers.do_not_delay):
        return
    yield Heading(2, "When to Escalate")
    if triggers.automatic:
        yield Heading(3, "Automatic Escalation Triggers")
        yield table(
            ("Condition", "Escalation Level", "Reason", "In detail"),
            (
                (t.title, _level(t, names), t.reason, _detail(t, policy, names))
                for t in triggers.automatic.values()
            ),
        )
        yield paragraph(
            "A trigger makes sure of a level once per incident; if the ladder is there, nothing happens."
        )
    if triggers.needs:
        yield Heading(3, "Manual Escalation Triggers")
        yield paragraph("Escalate when you need:")
        yield table(
            ("Need", "Escalate To", "watchbill incident escalate"),
            (
                (Strong(need.title), _whom(need, names), Code(f"--need {handle}"))
                for handle, need in triggers.needs.items()
            ),
        )
    if triggers.do_not_delay:
        yield Heading(3, "Do NOT Delay Escalation When:")
        yield items(
            why.title if isinstance(why, DoNotDelay) else why for why in triggers.do_not_delay.values()
        )


def _level(trigger: AutomaticTrigger, names: Names) -> str:
    then = trigger.then
    parts = [f"+{then.levels} level{'s' if then.levels > 1 else ''}"] if then.levels else []
    parts += [names.title(target) for target in (*(then.page or ()), *(then.notify or ()))]
    told = " + ".join(parts)
    when = trigger.when
    waits = when.unacknowledged_for or when.no_activity_for or when.open_for
    if then.page and not waits and not then.page_only_for:
        return f"{told} immediately"
    return told


def _detail(trigger: AutomaticTrigger, policy: Policy, names: Names) -> str:
    then, parts = trigger.then, []
    if trigger.warn_before:
        parts.append(f"warned {span(trigger.warn_before.minutes)} before")
    if then.page_only_for:
        parts.append(f"paged only for {_or(then.page_only_for)}")
    for handle in then.notify or ():
        role = policy.roles.get(handle)
        parts.append(f"{names.title(handle)} is told{_where(role)}")
    return "; ".join(parts) or "-"


def _where(role: Role | None) -> str:
    if role is None or role.notify is None:
        return ""
    return f" in #{role.notify.slack}" if role.notify.slack else f" at {role.notify.email}"


def _whom(need: Need, names: Names) -> str:
    found = [*(need.notify or ()), *(need.page or ())]
    if len(found) == 1:
        return names.title(found[0])
    return " + ".join(names.short(target) for target in found)


def assumptions(policy: Policy) -> Paragraph | None:
    """How many of the people are not known yet."""
    unknown = [handle for handle, person in policy.people.items() if person.is_placeholder]
    if not unknown:
        return None
    told = f"{len(unknown)} of {len(policy.people)} people are not named yet: [Name] stands for them"
    serving = [handle for spec in policy.rotations.values() for handle in spec.members if handle in unknown]
    if serving:
        told += f", and where they take turns, their place in the crew, such as {serving[0]}"
    return paragraph(f"{told}.")
