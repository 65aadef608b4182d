"""Messages to people about what somebody else did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watchbill.chat.context import Context
from watchbill.incident.ports import Telling


def notify(
    context: Context, people: Iterable[str], text: str, choices: Sequence[tuple[str, str]] = ()
) -> list[str]:
    """To each of them but the person who acts: alone where the chat can, else in the channel.  Returns what failed."""
    others = [handle for handle in dict.fromkeys(people) if handle != context.person]
    try:
        if not isinstance(context.chat, Telling):
            if others:
                context.chat.post(context.channel, text, others)
            return []
        missed = [handle for handle in others if not context.chat.tell(handle, text, choices)]
    except Exception as failed:  # noqa: BLE001  any error of a chat transport: PagerDuty has it already
        return [f"a message could not be sent: {type(failed).__name__}"]
    return [f"{context.name(handle)} is not in this chat and was not notified" for handle in missed]
