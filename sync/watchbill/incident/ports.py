"""What the procedures need from the outside; the command line and chat bring it along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


class Chat(Protocol):
    """Where people talk.  Texts are plain; a transport escapes them and knows how to mention people."""

    def post(self, channel: str, text: str, mention: Sequence[str] = ()) -> None:
        """`channel` without #; `mention`: handles of people.  Raises what the transport raises."""
        ...


@runtime_checkable
class Asking(Protocol):
    """A chat in which an answer is one press away."""

    def ask(self, channel: str, text: str, choices: Sequence[tuple[str, str]]) -> None:
        """`choices`: (label, chat command)."""
        ...


@runtime_checkable
class Telling(Protocol):
    """A chat that reaches one person alone."""

    def tell(self, handle: str, text: str, choices: Sequence[tuple[str, str]] = ()) -> bool:
        """False where the chat does not have them."""
        ...


def try_post(
    chat: Chat,
    channel: str,
    text: str,
    mention: Sequence[str] = (),
    *,
    choices: Sequence[tuple[str, str]] = (),
) -> list[str]:
    """What went wrong, in words: for a post that comes after what matters was done.  `choices` only where the chat
    has buttons."""
    try:
        if choices and isinstance(chat, Asking):
            chat.ask(channel, text, choices)
        else:
            chat.post(channel, text, mention)
    except Exception as failed:  # noqa: BLE001  whatever a chat transport raises, PagerDuty has it already
        return [f"#{channel} was not told: {failed}"]
    return []


class Silent:
    """Keeps what would have been said: for `--print`, and where there is no chat."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, tuple[str, ...]]] = []

    def post(self, channel: str, text: str, mention: Sequence[str] = ()) -> None:
        self.said.append((channel, text, tuple(mention)))
