"""Carrying a decision out: the note that remembers it first, then the phones, then the channel.

Each note names the run that wrote it.  Of two watchdogs that decide the same at once, the one whose note stands
second sees the other's when it reads the log again, and leaves the rest to it.

A page is taken for done when the incident shows it (assigned, or asked to join), not when the note says so: killed
between the two, the next round rings whoever was not rung.  Words are said at most once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from secrets import token_hex

from watchbill.account.incidents import Incident, LogEntry
from watchbill.errors import AccountError, AccountUnauthorised, AccountUnreachable
from watchbill.incident.decide import Decision
from watchbill.incident.notes import Mark, marks, with_mark
from watchbill.incident.people import People
from watchbill.incident.ports import Chat, try_post
from watchbill.incident.request import suggested_channel
from watchbill.incident.ring import Rung, ring_level, ring_people
from watchbill.incident.situation import Situation
from watchbill.pagerduty.incidents import Acting, add_note, delegate, find_incident, policy_id, read_log
from watchbill.pagerduty.transport import Transport

RING_AGAIN_WITHIN = 3600
"""Seconds: an older page that never came through is no longer of use by itself."""


@dataclass(frozen=True, slots=True)
class Acted:
    incident: str
    name: str
    text: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hands:
    """What acting needs."""

    transport: Transport
    people: People
    acting: Acting
    chat: Chat
    run: str = field(default_factory=lambda: token_hex(3))


def act(hands: Hands, situation: Situation, decision: Decision) -> Acted:
    """Raises AccountError when even the note could not be written: then nothing was done."""
    incident = situation.incident
    mark = replace(decision.mark, values={**decision.mark.values, "run": hands.run})
    add_note(hands.transport, incident.id, with_mark(decision.text, mark), hands.acting)
    news = _since(hands, situation)
    if not _is_first(news, mark, hands.run):
        return Acted(incident.id, decision.name, "another watchdog does it")
    problems: list[str] = []
    mention: tuple[str, ...] = ()
    if decision.kind == "page" and decision.targets is not None:
        mention = tuple(d.person for d in decision.targets.paged)
        if not _rung_meanwhile(hands, incident, news, mention):
            problems += _ring(hands, situation, decision.mark, mention, decision.text)
    elif decision.kind == "move":
        problems += _move(hands, situation, decision)
    problems += _say(hands.chat, situation, decision, mention)
    return Acted(incident.id, decision.name, decision.text, tuple(problems))


def _since(hands: Hands, situation: Situation) -> tuple[LogEntry, ...]:
    """What happened since it was judged.  Nothing, when that cannot be read: a page too many is better than none."""
    try:
        return read_log(hands.transport, situation.incident.id)[len(situation.log) :]
    except AccountError:
        return ()


def _is_first(news: Sequence[LogEntry], mark: Mark, run: str) -> bool:
    """Whether nobody else wrote the same before."""
    said = {key: value for key, value in mark.values.items() if key != "run"}
    same = [
        m.values.get("run")
        for m in marks(news, mark.what)
        if {key: value for key, value in m.values.items() if key != "run"} == said
    ]
    return same[:1] in ([], [run])


def _rung_meanwhile(hands: Hands, incident: Incident, news: Sequence[LogEntry], who: Sequence[str]) -> bool:
    """Another watchdog saw the note before we rang, and made up for it."""
    users = set(hands.people.ids(who))
    if not users or any(users <= set(entry.assignees) for entry in news):
        return bool(users)
    before = {(r.user, r.asked_at) for r in incident.responders}
    try:
        now = find_incident(hands.transport, incident.id).responders
    except AccountError:
        return False
    return users <= {r.user for r in now if (r.user, r.asked_at) not in before}


def unfinished(situation: Situation, people: People) -> Iterator[Mark]:
    """Pages that a note promises and the incident does not show: their run was killed in between."""
    if not situation.incident.is_open:
        return
    failed = {
        (m.values.get("name"), m.values.get("level", "")) for m in situation.marks if m.what == "failed"
    }
    for mark in situation.marks:
        who = [handle for handle in mark.values.get("who", "").split(",") if handle]
        if (
            mark.what != "trigger"
            or not who
            or (mark.values.get("name"), mark.values.get("level", "")) in failed
        ):
            continue
        missing = set(people.ids(who)) - situation.asked
        if missing and situation.now - mark.at <= RING_AGAIN_WITHIN:
            yield mark


def finish(hands: Hands, situation: Situation, mark: Mark) -> Acted:
    who = tuple(handle for handle in mark.values["who"].split(",") if handle)
    name = mark.values.get("name", "")
    problems = _ring(
        hands, situation, mark, who, f"{name}: this page was interrupted, it is made up for now."
    )
    return Acted(
        situation.incident.id, name, f"{name}: a page that was interrupted is made up for", tuple(problems)
    )


def _ring(hands: Hands, situation: Situation, mark: Mark, who: Sequence[str], text: str) -> list[str]:
    incident, level = situation.incident, mark.number("level")
    users = {user.id: handle for handle in who if (user := hands.people.user(handle)) is not None}
    higher = level if level > situation.level else 0
    if higher and situation.climbs:
        rung = ring_level(hands.transport, incident, level, tuple(users.values()), hands.acting)
    else:
        rung = ring_people(
            hands.transport, incident, users, text, hands.acting, level=higher, since=situation.began
        )
    absent = [handle for handle in who if handle not in users.values()]
    return _not_rung(hands, situation, mark, rung, absent)


def _not_rung(hands: Hands, situation: Situation, mark: Mark, rung: Rung, absent: Sequence[str]) -> list[str]:
    missed = [*rung.missed, *absent]
    if not missed:
        return []
    names = ", ".join(hands.people.policy.title_of(handle) for handle in missed)
    told = f"{names} could not be paged by PagerDuty: call them"
    values = {
        "name": mark.values.get("name", ""),
        "level": mark.values.get("level", ""),
        "who": ",".join(missed),
    }
    note = with_mark(told, Mark("failed", {key: value for key, value in values.items() if value}))
    add_note(hands.transport, situation.incident.id, note, hands.acting)
    return [told]


def _move(hands: Hands, situation: Situation, decision: Decision) -> list[str]:
    """What could not be done is remembered, so that it is not said again every round."""
    target = policy_id(hands.transport, decision.ladder)
    told = f"the account has no escalation policy {decision.ladder}: apply the policy first"
    if target is not None:
        try:
            delegate(hands.transport, situation.incident.id, target, decision.level, hands.acting)
        except (AccountUnreachable, AccountUnauthorised):
            raise
        except AccountError as refused:
            told = f"it was not moved to {decision.ladder}: {refused.message}"
        else:
            return []
    values = {"name": decision.name, "ladder": decision.mark.values["ladder"]}
    note = with_mark(f"{told[0].upper()}{told[1:]}.", Mark("failed", values))
    add_note(hands.transport, situation.incident.id, note, hands.acting)
    return [told]


def _say(chat: Chat, situation: Situation, decision: Decision, mention: Sequence[str]) -> list[str]:
    channel = suggested_channel(situation)
    wanted = [(channel, decision.text, tuple(mention))]
    wanted += [(told.channel, decision.text, ()) for told in decision.told if told.channel]
    problems = [
        f"{told.role} has no channel: tell them by {told.email or 'hand'}"
        for told in decision.told
        if not told.channel
    ]
    choices = _still_working(situation) if decision.kind == "warn" else ()
    for where, text, who in wanted:
        problems += try_post(chat, where, f"{situation.incident.label}: {text}", who, choices=choices)
    return problems


def _still_working(situation: Situation) -> tuple[tuple[str, str], ...]:
    """One press, a note in the name of who pressed, and the clock begins again."""
    return (("Still working", f"update {situation.incident.number} still working on it"),)
