"""What people are reminded of: the next word they promised, standing down, a question before a late level; and the
ladder that follows a changed priority."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from watchbill.incident.conditions import priority_raised_at
from watchbill.incident.decide import Decision
from watchbill.incident.guards import is_on
from watchbill.incident.notes import Mark
from watchbill.incident.situation import Situation
from watchbill.ladder.compose import compose
from watchbill.model.policy import Policy
from watchbill.rota.clock import MINUTE

TIMES = 3
BETWEEN = 10 * MINUTE
AFTER_CONTAINED = 30 * MINUTE
BEFORE_CONFIRM = 10 * MINUTE
MOVE_AGAIN = 30 * MINUTE
MANY_ALERTS = 3
"""So many alerts on one incident are a sign that it grows; doubled, a new one."""


def reminders(policy: Policy, situation: Situation) -> Iterator[Decision]:
    if situation.incident.is_open:
        yield from _next_update(policy, situation)
        yield from _context(policy, situation)
        yield from _question_before_page(policy, situation)
        yield from _growing(policy, situation)
        yield from _move(policy, situation)
    yield from _stand_down(policy, situation)


def _next_update(policy: Policy, situation: Situation) -> Iterator[Decision]:
    """Three times, ten minutes apart, then never again until the next promise."""
    promises = [m for m in situation.marks if m.values.get("next-update")]
    if not promises or not is_on(policy, "next-update"):
        return
    last = promises[-1]
    due = _instant(last.values["next-update"])
    said = sum(m.at >= last.at and m.values.get("what") == "next-update" for m in _reminders(situation))
    if due is None or said >= TIMES or situation.now < due + said * BETWEEN:
        return
    text = (
        f"An update on {situation.incident.label} was promised for {last.values['next-update'][11:16]} UTC."
    )
    yield _remind("next-update", text, number=said + 1)


def _context(policy: Policy, situation: Situation) -> Iterator[Decision]:
    """After a page without words: once, five minutes later, unless words came."""
    bare = [m for m in situation.marks if m.values.get("context") == "to-follow"]
    if not bare or not is_on(policy, "template-complete") or situation.now < bare[-1].at + 5 * MINUTE:
        return
    worded = [
        m
        for m in situation.marks
        if m.at >= bare[-1].at and m.what in ("update", "escalate") and m is not bare[-1]
    ]
    if worded or any(
        m.values.get("what") == "context" and m.at >= bare[-1].at for m in _reminders(situation)
    ):
        return
    yield _remind(
        "context",
        f"Whoever was paged for {situation.incident.label} waits for words: impact, what was tried, the ask.",
    )


def _question_before_page(policy: Policy, situation: Situation) -> Iterator[Decision]:
    """`confirm:` of the next level, ten minutes ahead; the page does not wait for the answer."""
    ladder, coming = situation.ladder, situation.incident.escalates_at
    if ladder is None or coming is None or situation.level >= len(ladder.steps):
        return
    step = ladder.steps[situation.level]
    if not step.confirm or situation.now < coming - BEFORE_CONFIRM:
        return
    if any(
        m.values.get("what") == "confirm" and m.number("level") == situation.level + 1
        for m in _reminders(situation)
    ):
        return
    who = ", ".join(policy.title_of(name) for name in step.targets)
    left = max(0, -(-(coming - situation.now) // MINUTE))
    text = f"In {left} min {who} is paged for {situation.incident.label}: {step.confirm}? The page goes out unless it is acknowledged."
    yield _remind("confirm", text, level=situation.level + 1)


def _growing(policy: Policy, situation: Situation) -> Iterator[Decision]:
    """A sign, no proof: so it is asked."""
    if all(t.when.impact is None for t in policy.triggers.automatic.values()):
        return
    asked = max(
        (m.number("alerts") for m in _reminders(situation) if m.values.get("what") == "impact"), default=0
    )
    alerts = situation.incident.alerts
    if alerts < MANY_ALERTS or alerts < 2 * asked:
        return
    text = (
        f"{alerts} alerts on {situation.incident.label}: is the impact growing? If so: "
        f'watchbill incident update {situation.incident.number} --expanding "..."'
    )
    yield _remind("impact", text, alerts=alerts)


def _stand_down(policy: Policy, situation: Situation) -> Iterator[Decision]:
    """When it is resolved, or was contained half an hour ago, and people who were asked have not been released."""
    if not is_on(policy, "stand-down-reminder"):
        return
    released = max((m.at for m in situation.marks if m.what == "stand-down"), default=0)
    waiting = [r for r in situation.incident.responders if r.is_engaged and r.at >= released]
    contained = [m.at for m in situation.marks if m.values.get("contained")]
    due = situation.incident.resolved
    if due is None and contained:
        due = contained[-1] + AFTER_CONTAINED
    if due is None or situation.now < due or released >= due:
        return
    if not waiting and situation.incident.is_open:
        return
    escalated = any(m.what in ("escalate", "trigger") for m in situation.marks)
    if (not waiting and not escalated) or any(
        m.values.get("what") == "stand-down" and m.at >= due for m in _reminders(situation)
    ):
        return
    names = ", ".join(r.name or r.user for r in waiting) or "whoever was paged"
    text = (
        f"Stand down {names}? Notice, thanks, and whether it was needed: "
        f"watchbill incident stand-down {situation.incident.number} --needed yes|no"
    )
    yield _remind("stand-down", text)


def _move(policy: Policy, situation: Situation) -> Iterator[Decision]:
    """The priority says another ladder than the one it stands on.  While somebody has it, it stays theirs."""
    ladder, incident = situation.ladder, situation.incident
    if ladder is None or ladder.severity is None or not incident.priority or situation.severity is None:
        return
    if (
        ladder.severity == situation.severity
        or ladder.domain != situation.domain
        or incident.status != "triggered"
    ):
        return
    wanted = next(
        (
            one
            for one in compose(policy).values()
            if (one.domain, one.severity) == (ladder.domain, situation.severity)
        ),
        None,
    )
    if wanted is None or incident.direct or _failed_lately(situation, wanted.key):
        return
    elapsed = (situation.now - incident.opened) // MINUTE
    by_now = sum(step.minute <= elapsed for step in wanted.steps)
    level = min(max(by_now, situation.engaged, 1), len(wanted.steps))
    raised = priority_raised_at(policy, situation) is not None
    values = {"name": "moved-up" if raised else "moved-down", "level": str(level), "ladder": wanted.key}
    text = f"Priority is {incident.priority} now: moved from {ladder.title} to {wanted.title}, level {level}."
    yield Decision(
        "move", values["name"], text, Mark("trigger", values), ladder=wanted.vendor_name, level=level
    )


def _failed_lately(situation: Situation, ladder: str) -> bool:
    """Such a move is tried again after a while, not every round."""
    failed = [m.at for m in situation.marks if m.what == "failed" and m.values.get("ladder") == ladder]
    return bool(failed) and situation.now < failed[-1] + MOVE_AGAIN


def _remind(what: str, text: str, **numbers: int) -> Decision:
    values = {"what": what, **{key: str(number) for key, number in numbers.items()}}
    return Decision("remind", what, text, Mark("reminder", values))


def _reminders(situation: Situation) -> list[Mark]:
    return [mark for mark in situation.marks if mark.what == "reminder"]


def _instant(text: str) -> int | None:
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
