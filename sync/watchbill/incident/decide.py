"""What is to be done about an incident now, and why.  Pure: the same situation gives the same decisions.

Each decision carries the mark that will remember it; what the marks and the incident already show is not decided
again, so a restart doubles nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from watchbill.incident.conditions import Condition, condition_of
from watchbill.incident.notes import Mark
from watchbill.incident.situation import Situation
from watchbill.incident.targets import Targets, Told, of_level, of_names, told
from watchbill.model.escalation import AutomaticTrigger
from watchbill.model.policy import Policy
from watchbill.rota.clock import iso
from watchbill.rota.duty import Roster

LADDER_IS_COMING = 90
"""Seconds: so near its own next level the ladder is left alone, or both would ring."""


@dataclass(frozen=True, slots=True)
class Decision:
    kind: Literal["page", "tell", "warn", "remind", "move"]
    name: str
    """Of the trigger or reminder."""
    text: str
    """For the note and the channel."""
    mark: Mark
    targets: Targets | None = None
    told: tuple[Told, ...] = ()
    ladder: str = ""
    """Name of the policy to move to, for a move."""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """One trigger's state in words, for --dry-run; and what follows from it."""

    name: str
    title: str
    state: Literal["fires", "done", "waits", "no"]
    why: str
    due: int = 0
    decisions: tuple[Decision, ...] = field(default=())


def judge(roster: Roster, situation: Situation) -> list[Judged]:
    """All automatic triggers, in the policy's order."""
    automatic = roster.policy.triggers.automatic
    return [_judge(roster, situation, name, trigger) for name, trigger in automatic.items()]


def _judge(roster: Roster, situation: Situation, name: str, trigger: AutomaticTrigger) -> Judged:
    condition = condition_of(roster.policy, situation, name, trigger)
    if condition.state == "no":
        return Judged(name, trigger.title, "no", condition.why)
    if condition.state == "waits":
        warned = tuple(_warning(situation, name, trigger, condition))
        return Judged(name, trigger.title, "waits", condition.why, condition.due, warned)
    found: list[Decision] = []
    why: list[str] = []
    if trigger.then.levels is not None:
        decision, reason = _levels(roster, situation, name, trigger, condition)
        why.append(reason)
        found += [decision] if decision else []
    if trigger.then.page or trigger.then.notify:
        decision, reason = _people(roster, situation, name, trigger)
        why.append(reason)
        found += [decision] if decision else []
    return Judged(
        name, trigger.title, "fires" if found else "done", "; ".join(why), condition.due, tuple(found)
    )


def _levels(
    roster: Roster, situation: Situation, name: str, trigger: AutomaticTrigger, condition: Condition
) -> tuple[Decision | None, str]:
    """Makes sure of a level: if the ladder is there already, nothing happens."""
    if situation.ladder is None:
        return None, "it stands on no ladder of the policy"
    fired = [m for m in situation.marks if _is(m, name)]
    if any(m.values.get("since") == iso(condition.since) for m in fired):
        return None, "done for this time"
    before = condition.since - 1 if trigger.when.impact is not None else condition.since
    goal = situation.engaged_at(before) + (trigger.then.levels or 0)
    if goal > situation.levels:
        if situation.engaged >= situation.levels:
            return _at_the_top(roster.policy, situation, name, trigger, goal)
        goal = situation.levels
    reached = max([situation.engaged, *(n for at, n in situation.history if at >= condition.since)])
    if reached >= goal:
        return None, f"level {reached} is reached already"
    if any(m.number("level") == goal for m in fired):
        return None, f"made sure of level {goal} already"
    coming = situation.incident.escalates_at
    if coming is not None and coming - situation.now <= LADDER_IS_COMING and situation.level + 1 >= goal:
        return None, "the ladder itself is about to go there"
    targets = of_level(roster, situation, goal)
    people = ", ".join(roster.policy.title_of(d.person) for d in targets.paged) or "nobody"
    text = f"{trigger.title}: {trigger.reason}. Making sure of {targets.title}: {people}."
    mark = Mark("trigger", _values(name, targets, level=goal, since=condition.since))
    return Decision("page", name, text, mark, targets, level=goal), f"level {goal} of {situation.levels}"


def _at_the_top(
    policy: Policy, situation: Situation, name: str, trigger: AutomaticTrigger, goal: int
) -> tuple[Decision | None, str]:
    """Nobody is above: said once."""
    said = any(_is(m, name) and m.values.get("top") for m in situation.marks)
    if said:
        return None, "the top of the ladder is reached, and said so"
    more = ""
    if situation.levels == 1:
        more = " Raise the severity if it is worse than that."
    text = f"{trigger.title}: {trigger.reason}. There is no level above {situation.levels}.{more}"
    mark = Mark("trigger", {"name": name, "top": "yes"})
    return Decision("tell", name, text, mark), "the top of the ladder is reached"


def _people(
    roster: Roster, situation: Situation, name: str, trigger: AutomaticTrigger
) -> tuple[Decision | None, str]:
    if any(_is(m, name) and not m.number("level") and not m.values.get("top") for m in situation.marks):
        return None, "done once already"
    then, policy = trigger.then, roster.policy
    names = then.page or ()
    if then.page_only_for and situation.severity not in then.page_only_for:
        names = ()
    targets = of_names(roster, situation, trigger.title, names)
    roles = told(policy, then.notify or ())
    people = ", ".join(policy.title_of(d.person) for d in targets.paged)
    informed = ", ".join(policy.title_of(one.role) for one in roles)
    parts = [f"paging {people}" if people else "", f"telling {informed}" if informed else ""]
    nobody = [policy.title_of(n) for n in names] if names and not targets.paged else []
    parts += [f"{', '.join(nobody)} stands for nobody now: call them"] if nobody else []
    text = f"{trigger.title}: {trigger.reason}. {' and '.join(p for p in parts if p).capitalize()}."
    mark = Mark("trigger", _values(name, targets))
    kind: Literal["page", "tell"] = "page" if targets.paged else "tell"
    return Decision(kind, name, text, mark, targets, roles), " and ".join(p for p in parts if p)


def _warning(
    situation: Situation, name: str, trigger: AutomaticTrigger, condition: Condition
) -> Iterator[Decision]:
    """Once per stretch of quiet; any human activity ends the stretch."""
    if trigger.warn_before is None or situation.now < condition.due - trigger.warn_before.seconds:
        return
    window = iso(condition.since)
    if any(
        m.what == "warning" and m.values.get("name") == name and m.values.get("since") == window
        for m in situation.marks
    ):
        return
    left = max(1, -(-(condition.due - situation.now) // 60))
    text = (
        f"{trigger.title}? In {left} min the next level is paged. Still working on it: say so with an update "
        f'(watchbill incident update {situation.incident.number} "still working: ..."), or a note.'
    )
    yield Decision("warn", name, text, Mark("warning", {"name": name, "since": window}))


def _is(mark: Mark, name: str) -> bool:
    return mark.what == "trigger" and mark.values.get("name") == name


def _values(name: str, targets: Targets, *, level: int = 0, since: int = 0) -> dict[str, str]:
    values = {"name": name, "who": ",".join(d.person for d in targets.paged)}
    if level:
        values |= {"level": str(level), "since": iso(since)}
    return {key: value for key, value in values.items() if value}
