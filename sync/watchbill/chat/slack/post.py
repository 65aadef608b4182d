"""Posting to channels and people, with mentions that work and texts that cannot ping by accident."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from watchbill.chat.answer import Answer, Button
from watchbill.chat.slack.blocks import LONGEST_TEXT, cut, escape, message, mrkdwn
from watchbill.chat.slack.people import SlackPeople
from watchbill.model.policy import Policy

log = logging.getLogger(__name__)

_ID = re.compile(r"[CDG][A-Z0-9]{4,}")
"""As Slack names a channel by id."""


_WHY = {
    "channel_not_found": "Slack has no public channel of that name",
    "not_in_channel": "the app is not in it: invite it",
    "is_archived": "it is archived: unarchive it, or name another channel in the policy",
    "name_taken": "it is there and the app cannot see it (private, or archived): invite the app",
    "missing_scope": "the app may not create it: create it, or give the app the scope channels:manage",
    "restricted_action": "the workspace does not let the app create it: create it, and invite the app",
    "user_is_restricted": "the workspace does not let the app create it: create it, and invite the app",
    "invalid_name_specials": "Slack takes no such name for a channel: lower case, digits, - and _",
}


class SlackChat:
    """The port of the procedures: what they say goes to a channel by name."""

    def __init__(self, client: WebClient, people: SlackPeople, policy: Policy) -> None:
        self._client, self._people, self._policy = client, people, policy

    def post(self, channel: str, text: str, mention: Sequence[str] = ()) -> None:
        users = [self._user(handle) for handle in mention]
        names = " ".join(f"<@{user}>" if user else escape(name) for user, name in users)
        body = mrkdwn(text.strip())
        told = cut(f"{names}\n{body}" if names else body, LONGEST_TEXT)
        self._send(channel, [user for user, _ in users if user], text=told, unfurl_media=False)

    def ask(self, channel: str, text: str, choices: Sequence[tuple[str, str]]) -> None:
        buttons = tuple(Button(label, command) for label, command in choices)
        self._send(channel, (), **message(Answer(text.strip(), buttons=buttons)))

    def _send(self, channel: str, people: Sequence[str], **what: Any) -> None:
        """A channel that is not there is created, with these people in it.  Raises RuntimeError with the reason."""
        is_id = bool(_ID.fullmatch(channel))
        name = channel.lstrip("#")
        where = channel if is_id else f"#{name}"
        try:
            try:
                self._client.chat_postMessage(channel=where, unfurl_links=False, **what)
            except SlackApiError as refused:
                if is_id or refused.response.get("error") != "channel_not_found":
                    raise
                made = self._client.conversations_create(name=name)["channel"]["id"]
                self._invite(made, people)
                self._client.chat_postMessage(channel=made, unfurl_links=False, **what)
        except SlackApiError as refused:
            error = str(refused.response.get("error"))
            raise RuntimeError(_WHY.get(error, f"Slack refused: {error}")) from refused

    def _invite(self, channel: str, people: Sequence[str]) -> None:
        """Who cannot be invited is mentioned all the same."""
        if not people:
            return
        try:
            self._client.conversations_invite(channel=channel, users=",".join(people))
        except SlackApiError as refused:
            log.warning("nobody was invited to the new channel: %s", refused.response.get("error"))

    def tell(self, handle: str, text: str, choices: Sequence[tuple[str, str]] = ()) -> bool:
        """To one person alone; False when Slack does not know them."""
        person = self._policy.people.get(handle)
        user = self._people.user(person.email) if person else None
        if user is None:
            return False
        channel = self._client.conversations_open(users=user)["channel"]["id"]
        buttons = tuple(Button(label, command) for label, command in choices)
        self._client.chat_postMessage(
            channel=channel, unfurl_links=False, **message(Answer(text, buttons=buttons))
        )
        return True

    def _user(self, handle: str) -> tuple[str | None, str]:
        person = self._policy.people.get(handle)
        name = self._policy.title_of(handle)
        return (self._people.user(person.email) if person else None), name
