"""Escalating a live incident: to a level, along a path, or to whoever has what is needed.

First `prepare`, pure but for looking: who, by which words, what stands against it.  Then `carry_out`: the page
first, then the note that remembers it, then chat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from watchbill.errors import AccountError, GuardRefused, UsageError
from watchbill.findings import Finding
from watchbill.incident import guards
from watchbill.incident.fill import one_of
from watchbill.incident.notes import Mark, marks, with_mark
from watchbill.incident.people import Actor, People
from watchbill.incident.ports import Chat, try_post
from watchbill.incident.request import Request, missing_of, reason_trigger, text_of, values_of
from watchbill.incident.ring import Rung, ring_level, ring_people
from watchbill.incident.situation import Situation
from watchbill.incident.targets import Targets, of_level, of_names, of_need
from watchbill.ladder.paths import moments
from watchbill.ladder.resolve import OnDuty
from watchbill.model.policy import Policy
from watchbill.pagerduty.incidents import add_note, read_log
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import iso
from watchbill.rota.duty import Roster

_MOVES = frozenset({"acknowledge", "assign", "delegate", "escalate", "resolve", "trigger"})


@dataclass(frozen=True, slots=True)
class Prepared:
    situation: Situation
    targets: Targets
    text: str
    """The filled template."""
    channel: str
    mark: Mark
    how: Literal["level", "responders"]
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Escalated:
    prepared: Prepared
    rung: Rung
    problems: tuple[str, ...] = field(default=())
    """What went wrong after the page was out: a note or a message that was not delivered."""


def prepare(roster: Roster, people: People, situation: Situation, request: Request) -> Prepared:
    """Raises GuardRefused, UsageError."""
    policy = roster.policy
    if not situation.incident.is_open:
        raise UsageError(
            f"{situation.incident.label} is resolved",
            remedy="reopen it in PagerDuty first, if it is not over",
        )
    targets, mark = _whom(roster, people, situation, request)
    values = values_of(policy, situation, request)
    missing = missing_of(policy, values)
    if not request.is_bare:
        guards.context_given(policy, missing, request.reason)
    if not targets.paged and not targets.told:
        raise UsageError(
            f"{targets.title} reaches nobody now ({', '.join(targets.unreached)})",
            remedy="page a level now: --to-level N; then give the rotation an `otherwise:`, the role a holder",
        )
    due = situation.now + request.next_update * 60
    told = {**mark.values, "next-update": iso(due)}
    if missing and request.is_bare:
        told["context"] = "to-follow"
    if request.reason:
        told |= {"reason": request.reason, "set-off": reason_trigger(policy, request.reason)}
    channel = (values.get("channel") or [""])[0]
    quiet = [policy.title_of(d.person) for d in targets.paged if _is_quiet(people, d)]
    return Prepared(
        situation,
        targets,
        text_of(policy, values),
        channel,
        replace(mark, values={k: v for k, v in told.items() if v}),
        _how(situation, targets),
        (*guards.quiet_phones(policy, situation, quiet), *guards.context_missing(policy, missing)),
    )


def carry_out(
    transport: Transport, people: People, actor: Actor, chat: Chat, prepared: Prepared
) -> Escalated:
    """Raises AccountError when nobody could be paged, GuardRefused when the incident moved on since it was read;
    then nothing else was done either."""
    targets, incident = prepared.targets, prepared.situation.incident
    users = {user.id: d.person for d in targets.paged if (user := people.user(d.person)) is not None}
    absent = [d.person for d in targets.paged if d.person not in users.values()]
    if prepared.how == "level":
        _has_not_moved(transport, prepared.situation)
        rung = ring_level(transport, incident, targets.level, tuple(users.values()), actor.acting)
    else:
        began = prepared.situation.began
        rung = ring_people(
            transport, incident, users, prepared.text, actor.acting, level=targets.level, since=began
        )
    rung = replace(rung, missed=(*rung.missed, *absent))
    mark = replace(prepared.mark, values={**prepared.mark.values, "who": ",".join(rung.people)})
    problems = _remember(transport, incident.id, with_mark(prepared.text, mark), actor)
    problems += _tell(chat, prepared, people.policy)
    return Escalated(prepared, rung, tuple(problems))


def _has_not_moved(transport: Transport, situation: Situation) -> None:
    """To set a level takes the incident from whoever has it: also from who acknowledged it a moment ago."""
    news = read_log(transport, situation.incident.id)[len(situation.log) :]
    if any(entry.what in _MOVES for entry in news):
        raise GuardRefused(
            f"{situation.incident.label} moved on while the escalation was prepared; nobody was paged",
            remedy="look at it (`watchbill incident show`), then escalate again",
        )


def _whom(roster: Roster, people: People, situation: Situation, request: Request) -> tuple[Targets, Mark]:
    if request.level is not None:
        targets = of_level(roster, situation, request.level)
        guards.upwards_only(people, situation, request.level)
        guards.levels_in_order(roster.policy, situation, request.level, request.emergency)
        values = {"level": str(request.level)}
        if request.emergency.strip():
            values["emergency"] = request.emergency.strip()
        return targets, Mark("escalate", values)
    if request.page:
        title = roster.policy.title_of(request.page)
        targets = of_names(roster, situation, title, [request.page])
        return targets, Mark("escalate", {"page": request.page})
    if request.need:
        return of_need(roster, situation, request.need), Mark("escalate", {"need": request.need})
    return _next_on_path(roster, situation, request)


def _next_on_path(roster: Roster, situation: Situation, request: Request) -> tuple[Targets, Mark]:
    """The step after the last that was taken; whoever is `or`-ed stands in for nobody, or for no answer."""
    paths = roster.policy.paths
    if request.path not in paths:
        raise UsageError(f"there is no path {request.path!r}", remedy=one_of(paths, "paths"))
    path = paths[request.path]
    steps = moments(path)
    taken = [m for m in marks(situation.log, "escalate") if m.values.get("path") == request.path]
    place = max((m.number("step") for m in taken), default=0)
    if 0 < place <= len(steps) and not _answered(situation, taken[-1].at):
        second = tuple(step.or_ for step in steps[place - 1].steps if step.or_)
        if second and taken[-1].values.get("turn") != "or":
            targets = of_names(roster, situation, f"{path.title}: {steps[place - 1].title}", second)
            return targets, Mark("escalate", {"path": request.path, "step": str(place), "turn": "or"})
    if place >= len(steps):
        raise UsageError(
            f"{path.title} has {len(steps)} steps, and all were taken",
            remedy="`watchbill incident show` tells who was paged",
        )
    moment = steps[place]
    if moment.only_if and not request.confirmed:
        raise GuardRefused(
            f"{moment.title} is only for: {'; '.join(moment.only_if)}",
            [
                Finding(
                    "path-condition", "error", f"{moment.title}: {'; '.join(moment.only_if)}", "confirm it"
                )
            ],
            remedy="if that holds, say --confirm",
        )
    names = list(moment.names)
    targets = of_names(roster, situation, f"{path.title}: {moment.title}", names)
    if targets.unreached:
        instead = [
            s.or_ for s in moment.steps if s.or_ and not of_names(roster, situation, "", s.page or ()).paged
        ]
        targets = replace(of_names(roster, situation, targets.title, [*names, *instead]))
    return targets, Mark("escalate", {"path": request.path, "step": str(place + 1)})


def _answered(situation: Situation, since: int) -> bool:
    """Somebody took it after that page: acknowledged, or said yes to it."""
    joined = any(r.state == "joined" and r.at >= since for r in situation.incident.responders)
    return joined or any(e.what == "acknowledge" and e.at >= since for e in situation.log)


def _how(situation: Situation, targets: Targets) -> Literal["level", "responders"]:
    """Where the ladder stands still, the owner keeps the incident and others are asked to join."""
    return "level" if targets.level > 0 and situation.climbs else "responders"


def _is_quiet(people: People, duty: OnDuty) -> bool:
    user = people.user(duty.person)
    return user is not None and user.loud is False


def _remember(transport: Transport, incident: str, note: str, actor: Actor) -> list[str]:
    try:
        add_note(transport, incident, note, actor.acting)
    except AccountError as failed:
        return [f"the page is out, but its note was not written: {failed.message}"]
    return []


def _tell(chat: Chat, prepared: Prepared, policy: Policy) -> list[str]:
    wanted: list[tuple[str, str, Sequence[str]]] = [
        (prepared.channel, prepared.text, [d.person for d in prepared.targets.paged])
    ]
    wanted += [
        (told.channel, f"{policy.title_of(told.role)}, for your information:\n{prepared.text}", ())
        for told in prepared.targets.told
        if told.channel
    ]
    return [problem for channel, text, who in wanted for problem in try_post(chat, channel, text, who)]
