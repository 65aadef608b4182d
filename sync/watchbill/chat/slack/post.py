"""Posting to channels and people, with mentions that work and texts that cannot ping by accident."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from watchbill.chat.answer import Answer, Button
from watchbill.chat.slack.blocks import LONGEST_TEXT, cut, escape, message
from watchbill.chat.slack.people import SlackPeople
from watchbill.model.policy import Policy

_ID = re.compile(r"[CDG][A-Z0-9]{4,}")
"""As Slack names a channel by id."""


_WHY = {
    "channel_not_found": "Slack has no public channel of that name",
    "not_in_channel": "the app has not been invited to it",
    "is_archived": "it is archived",
}


class SlackChat:
    """The port of the procedures: what they say goes to a channel by name."""

    def __init__(self, client: WebClient, people: SlackPeople, policy: Policy) -> None:
        self._client, self._people, self._policy = client, people, policy

    def post(self, channel: str, text: str, mention: Sequence[str] = ()) -> None:
        users = [self._user(handle) for handle in mention]
        names = " ".join(f"<@{user}>" if user else escape(name) for user, name in users)
        body = escape(text.strip())
        told = cut(f"{names}\n{body}" if names else body, LONGEST_TEXT)
        self._send(channel, text=told, unfurl_media=False)

    def ask(self, channel: str, text: str, choices: Sequence[tuple[str, str]]) -> None:
        buttons = tuple(Button(label, command) for label, command in choices)
        self._send(channel, **message(Answer(text.strip(), buttons=buttons)))

    def _send(self, channel: str, **what: Any) -> None:
        """Raises RuntimeError with Slack's own word for what was wrong."""
        where = channel if _ID.fullmatch(channel) else f"#{channel.lstrip('#')}"
        try:
            self._client.chat_postMessage(channel=where, unfurl_links=False, **what)
        except SlackApiError as refused:
            error = str(refused.response.get("error"))
            raise RuntimeError(_WHY.get(error, f"Slack refused: {error}")) from refused

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
