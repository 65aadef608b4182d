"""A sign of life for a person who acts and waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

log = logging.getLogger(__name__)

WORKING_AFTER = 0.7
"""Seconds after which a person who waits sees that something happens."""


@contextmanager
def patience(client: WebClient, channel: str, user: str, after: float) -> Iterator[None]:
    """The person sees "working..." where the block takes longer than `after` seconds."""
    timer = threading.Timer(after, _working, (client, channel or user, user))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _working(client: WebClient, channel: str, user: str) -> None:
    try:
        client.chat_postEphemeral(channel=channel, user=user, text="working \u2026")
    except SlackApiError as refused:
        log.info("the channel took no note: %s", refused.response.get("error"))
