"""Telling people how it stands: a status update, a note that keeps the next one due, a word in the channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from watchbill.errors import AccountError, UsageError
from watchbill.incident.notes import Mark, with_mark
from watchbill.incident.people import Actor
from watchbill.incident.ports import Chat, try_post
from watchbill.incident.situation import Situation
from watchbill.pagerduty.incidents import add_note, publish_status
from watchbill.pagerduty.problems import Forbidden, NotEntitled
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import iso


@dataclass(frozen=True, slots=True)
class Updated:
    text: str
    published: bool
    """False where the account has no status updates: the note and the channel have it."""
    problems: tuple[str, ...] = ()


def utc_clock(at: int) -> str:
    """14:05 UTC"""
    return f"{datetime.fromtimestamp(at, UTC):%H:%M} UTC"


def update_text(situation: Situation, message: str, next_update: int) -> str:
    return f"Update on {situation.incident.label}: {message.strip()}\nNext update: {utc_clock(next_update)}"


def publish_update(
    transport: Transport,
    actor: Actor,
    chat: Chat,
    situation: Situation,
    message: str,
    *,
    channel: str,
    minutes: int,
    contained: bool = False,
    tags: tuple[str, ...] = (),
    expanding: bool = False,
) -> Updated:
    """`minutes` until the next one is due; `contained` starts the reminder to stand down; `expanding` and `tags`
    are what the triggers look for.  Raises UsageError, AccountError."""
    if not message.strip():
        raise UsageError("an update needs words", remedy='say how it stands: "rolled back, errors falling"')
    due = situation.now + minutes * 60
    text = update_text(situation, message, due)
    values = {"next-update": iso(due)}
    if contained:
        values["contained"] = "yes"
    if expanding:
        values["impact"] = "expanding"
    if tags:
        values["tags"] = ",".join(tags)
    add_note(transport, situation.incident.id, with_mark(text, Mark("update", values)), actor.acting)
    published, problems = True, []
    try:
        publish_status(transport, situation.incident.id, text, actor.acting)
    except (NotEntitled, Forbidden):
        published = False
    except AccountError as failed:
        published = False
        problems.append(f"the status update was not published: {failed.message}")
    problems += try_post(chat, channel, text)
    return Updated(text, published, tuple(problems))
