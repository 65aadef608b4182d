"""Having the pager for a while, from now on; and giving it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from watchbill.chat.answer import Answer, refused
from watchbill.chat.context import Context
from watchbill.chat.notify import notify
from watchbill.chat.overrides import standing, write_overrides
from watchbill.chat.proposals import Act, Taken, act_of, rejected_acts
from watchbill.chat.spans import from_now, spoken
from watchbill.chat.wishes import grant, wishes_for
from watchbill.chat.workspace import workspace
from watchbill.errors import WatchbillError
from watchbill.forge.approval import Judge
from watchbill.forge.owners import PLACES, read_owners
from watchbill.forge.port import Forge
from watchbill.local_files import read_bounded


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
            act = act_of(context, forge, forge.request(number))
            if act is None:
                return refused(f"#{number} is no override from chat")
            people = act.people(context)
            if context.me not in people and not _is_owner(context, forge, act):
                names = ", ".join(map(context.name, people))
                return refused(f"only {names} or a code owner of the policy may cancel #{number}")
            if act.request.is_merged:
                first = act.taken[0]
                return refused(
                    f"#{number} is merged already; `propose override cancel {first.rotation} {first.person}` ends it"
                )
            gone = sum(_withdraw(context, one) for one in act.taken) > 0
            if not act.request.is_open and not gone:
                return refused(f"#{number} is closed already, and PagerDuty has it no more")
            if act.request.is_open:
                forge.withdraw(number)
    except WatchbillError as failed:
        return refused(f"not cancelled: {failed.message}. {failed.remedy}")
    who = " and ".join(dict.fromkeys(context.name(one.person) for one in act.taken))
    done = "taken back in PagerDuty" if gone else "not in PagerDuty any more"
    where = ", ".join(dict.fromkeys(context.name(one.rotation) for one in act.taken))
    told = f"The override of {where} ({who}) is {done}; #{number} is closed."
    failed_to = notify(context, people, f"{context.name(context.me)} cancelled it in chat. {told}")
    return Answer("\n".join([told, *failed_to]), private=False)


def offer_to_take_back(context: Context) -> list[str]:
    """Of each act whose pull request was rejected, once: a button for those who wanted it or have the duty.

    Returns what could not be sent."""
    if context.forge is None:
        return []
    failed: list[str] = []
    with context.forge() as forge:
        acts = list(rejected_acts(context, forge, passed_over=context.offers.settled))
    for number, act in acts:
        stands = act is not None and any(_stands(context, one) for one in act.taken)
        if not context.offers.settle(number) or act is None or not stands:
            continue
        where = ", ".join(dict.fromkeys(context.name(one.rotation) for one in act.taken))
        text = f"#{number} was rejected, and its override of {where} still holds in PagerDuty."
        failed += notify(context, act.people(context), text, (("Take it back", f"cancel {number}"),))
    return failed


def _stands(context: Context, taken: Taken) -> bool:
    start, end = taken.span(context)
    with context.connect() as transport:
        return bool(standing(context, transport, taken.rotation, max(start, context.now), end))


def _is_owner(context: Context, forge: Forge, act: Act) -> bool:
    """By CODEOWNERS of the checkout."""
    login = context.policy.people[context.me].github
    root = context.policies.resolve()
    for _ in filter(None, context.prefix.split("/")):
        root = root.parent
    file = next((root / place for place in PLACES if (root / place).is_file()), None)
    if not login or file is None:
        return False
    owners = read_owners(read_bounded(file).decode("utf-8", "replace"))
    judge = Judge(forge, "", context.prefix)
    paths = [f"{context.prefix}overrides/{one.rotation}/override.yaml" for one in act.taken]
    return all(any(judge.is_owner(login, name) for name in owners.of(path)) for path in paths)


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
