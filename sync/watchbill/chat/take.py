"""Having the pager for a while, from now on; and giving it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from watchbill.chat.answer import Answer, refused
from watchbill.chat.context import Context
from watchbill.chat.overrides import write_overrides
from watchbill.chat.proposals import Taken, taken_in
from watchbill.chat.spans import from_now, spoken
from watchbill.chat.wishes import grant, wishes_for
from watchbill.chat.workspace import workspace
from watchbill.errors import WatchbillError


def take(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    """`take database 2h`: of the schedule that is paged for it, after a question where that serves more."""
    asked = from_now(context, "take", words)
    if isinstance(asked, Answer):
        return asked
    wishes = wishes_for(context, asked.rotation, context.me, (asked.start, asked.end), "taken in chat")
    return grant(context, wishes, "take", asked.also)


def cancel(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    """`cancel 12`: the override out of PagerDuty, its pull request closed."""
    if len(words) != 1 or not words[0].lstrip("#").isdecimal():
        return refused("which pull request? cancel 12")
    if context.forge is None:
        return refused(
            "GitHub is not connected here; `watchbill override cancel` on the command line does it"
        )
    number = int(words[0].lstrip("#"))
    try:
        with context.forge() as forge:
            pull = forge.request(number)
            taken = taken_in(pull.body)
            if not taken or not pull.branch.startswith("watchbill/chat-"):
                return refused(f"#{number} is no override from chat")
            if pull.is_merged:
                return refused(
                    f"#{number} is merged already; `propose override cancel {taken[0].rotation} {taken[0].person}` ends it"
                )
            gone = sum(_withdraw(context, one) for one in taken) > 0
            if not pull.is_open and not gone:
                return refused(f"#{number} is closed already, and PagerDuty has it no more")
            if pull.is_open:
                forge.withdraw(number)
    except WatchbillError as failed:
        return refused(f"not cancelled: {failed.message}. {failed.remedy}")
    who = context.name(taken[0].person)
    done = "taken back in PagerDuty" if gone else "not in PagerDuty any more"
    return Answer(
        f"{who}'s override of {', '.join(dict.fromkeys(one.rotation for one in taken))} is {done}; #{number} is closed.",
        private=False,
    )


def _withdraw(context: Context, taken: Taken) -> bool:
    """False when the account has it no more."""
    text = (
        f"overrides:\n  - {{rotation: {taken.rotation}, person: {taken.person}, cancelled: true,\n"
        f"     from: {spoken(taken.start)}, until: {spoken(taken.end)}}}\n"
    )
    with workspace(context.policies) as copy:
        (copy / "watchbill-chat-cancel.yaml").write_text(text, "utf-8")
        with context.connect() as transport:
            return write_overrides(context, transport, copy, taken.rotation)
