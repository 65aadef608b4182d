"""Asking others to take over: the offer holds nothing but words, and is judged anew when somebody says yes."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Mapping, Sequence

from watchbill.chat.answer import Answer, Button, refused
from watchbill.chat.context import Context
from watchbill.chat.overrides import standing
from watchbill.chat.spans import (
    FLAGS,
    agreed,
    from_now,
    holders,
    instant,
    local,
    next_minute,
    next_shift,
    schedule_named,
    span,
)
from watchbill.chat.wishes import grant, wishes_for
from watchbill.errors import AccountError
from watchbill.incident.people import People
from watchbill.ladder.allowed import people_behind
from watchbill.rota.clock import zone

_deciding = threading.Lock()
"""One decision about an offer at a time: the account has no compare-and-swap."""


def cover(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    """`cover database 2h`: asks for somebody to take over; the first who accepts has it."""
    asked = from_now(context, "cover", words)
    if isinstance(asked, Answer):
        return asked
    rotation = asked.rotation
    where = zone(context.policy.zone_of(rotation))
    offer = f"accept {rotation} {context.me} {local(asked.start, where, 'T')} {local(asked.end, where, 'T')}"
    crew = sorted(people_behind(context.policy, rotation) - {context.me})
    others = [h for h in holders(context, rotation, asked.start, asked.end) if h != context.me]
    whose = f", the turn of {' and '.join(map(context.name, others))}" if others else ""
    text = (
        f"{context.name(context.me)} asks for cover: {context.policy.rotations[rotation].title}, "
        f"{local(asked.start, where)} to {local(asked.end, where)}{whose}. Who takes it? "
        f"({', '.join(map(context.name, crew))})"
    )
    table = "\n".join(["Also served:", *(f"  {line}" for line in asked.also)]) if asked.also else ""
    return Answer(text, table=table, buttons=(Button("I take it", offer, "go"),), private=False)


def accept(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    """What the button of `cover` does."""
    if len(words) != 4 or words[0] not in context.policy.rotations or words[1] not in context.policy.people:
        return refused("this offer cannot be read any more; ask for cover again")
    rotation, asker = words[0], words[1]
    where = zone(context.policy.zone_of(rotation))
    try:
        start, end = (instant(text, where) for text in words[2:])
    except ValueError:
        return refused("this offer cannot be read any more; ask for cover again")
    if end <= context.now:
        return refused("that time is over")
    if context.me == asker:
        return refused("you asked for it yourself")
    start = max(start, next_minute(context.now))
    with _deciding:
        try:
            with context.connect() as transport:
                users = standing(context, transport, rotation, start, end)
                if users:
                    people = People(context.policy, transport)
                    taken = [user for user in users if people.handle(user) != asker]
                    if taken:
                        return refused(f"{people.name(taken[0])} has it already; thank you all the same")
        except AccountError as away:
            return refused(f"PagerDuty is away, nothing was changed: {away.message}")
        if holders(context, rotation, start, end) == [context.me]:
            return refused("it is your turn already")
        reason = f"covers for {context.name(asker)}"
        return grant(context, wishes_for(context, rotation, context.me, (start, end), reason), "cover")


def swap(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    """`swap database ben`: my next shift for theirs; they have to agree."""
    said = [word for word in words if word not in FLAGS]
    if len(said) < 2:
        return refused("which rotation, with whom? swap database ben")
    asked, other = schedule_named(context, " ".join(said[:-1])), said[-1].lstrip("@")
    if isinstance(asked, Answer):
        return asked
    rotation = asked.rotation
    if other not in context.policy.people:
        return refused("which rotation, with whom? swap database ben (a handle of people.yaml)")
    if other == context.me:
        return refused("with whom? that is you")
    mine, theirs = (next_shift(context, rotation, person) for person in (context.me, other))
    if mine is None or theirs is None:
        who = context.me if mine is None else other
        return refused(f"{context.name(who)} has no shift in {rotation} within a year")
    where = zone(context.policy.zone_of(rotation))
    for shift in (mine, theirs):
        also = agreed(context, asked, (shift.start, shift.end), shlex.join(["swap", *said]), words)
        if isinstance(also, Answer):
            return also
    offer = f"swap-yes {rotation} {context.me} {other} {local(mine.start, where, 'T')} {local(theirs.start, where, 'T')}"
    text = (
        f"{context.name(other)}: {context.name(context.me)} would like to swap in "
        f"{context.policy.rotations[rotation].title}. You would have {span(mine, where)}, "
        f"they would have {span(theirs, where)}."
    )
    return Answer(text, buttons=(Button("Swap", offer, "go"),), private=False)


def swap_yes(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    """What the button of `swap` does, for the one who was asked."""
    people, rotations = context.policy.people, context.policy.rotations
    if len(words) != 5 or words[0] not in rotations or words[1] not in people or words[2] not in people:
        return refused("this offer cannot be read any more; ask again")
    rotation, asker, other = words[0], words[1], words[2]
    if context.me != other:
        return refused(f"only {context.name(other)} can say yes to this")
    mine, theirs = next_shift(context, rotation, asker), next_shift(context, rotation, other)
    where = zone(context.policy.zone_of(rotation))
    if (
        mine is None
        or theirs is None
        or [local(s.start, where, "T") for s in (mine, theirs)] != list(words[3:])
    ):
        return refused("the shifts have moved since; ask again")
    wishes = [
        *wishes_for(
            context, rotation, other, (mine.start, mine.end), f"swap with {context.name(asker)}", asker
        ),
        *wishes_for(
            context, rotation, asker, (theirs.start, theirs.end), f"swap with {context.name(other)}", other
        ),
    ]
    with _deciding:
        return grant(context, wishes, "swap")
