"""Where the procedures speak: Slack where its token is set, else nowhere; the embedded sandbox never."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchbill.cli.incident_live import Live
    from watchbill.incident.ports import Chat


def connected_chat(here: Live) -> Chat:
    from watchbill.cli.credentials import credential

    token = credential("SLACK_BOT_TOKEN")
    if token is None or not here.is_shared:
        from watchbill.incident.ports import Silent

        return Silent()
    from watchbill.chat.slack.app import client_of
    from watchbill.chat.slack.people import SlackPeople
    from watchbill.chat.slack.post import SlackChat

    client = client_of(token, os.environ.get("SLACK_API_URL", ""))
    return SlackChat(client, SlackPeople(client), here.policy)
