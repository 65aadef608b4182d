"""Asking others to take over: an offer waits in the book until one of its addressees accepts it."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Mapping, Sequence

from watchbill.chat.answer import Answer, Button, refused
from watchbill.chat.context import Context
from watchbill.chat.offer_book import Kind, Offer, Refusal
from watchbill.chat.overrides import standing
from watchbill.chat.spans import (
    FLAGS,
    agreed,
    from_now,
    holders,
    local,
    next_minute,
    next_shift,
    schedule_named,
    span,
)
from watchbill.chat.wishes import grant, lacks_login, wishes_for
from watchbill.errors import AccountError
from watchbill.incident.people import People
from watchbill.ladder.allowed import people_behind
from watchbill.rota.clock import zone
from watchbill.rota.spans import Span

_deciding = threading.Lock()
"""One decision about an offer at a time: the account has no compare-and-swap."""


def cover(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    """`cover database 2h`: asks for somebody to take over; the first who accepts has it."""
    missing = lacks_login(context, [context.me])
    asked = missing or from_now(context, "cover", words)
    if isinstance(asked, Answer):
        return asked
    rotation = asked.rotation
    where = zone(context.policy.zone_of(rotation))
    crew = sorted(people_behind(context.policy, rotation) - {context.me})
    if not crew:
        return refused(f"{context.policy.rotations[rotation].title} has nobody else to ask")
    offer = _offer(context, "cover", rotation, crew, ((asked.start, asked.end),), asked.end)
    others = [h for h in holders(context, rotation, asked.start, asked.end) if h != context.me]
    whose = f", the turn of {' and '.join(map(context.name, others))}" if others else ""
    text = (
        f"{context.name(context.me)} asks for cover: {context.policy.rotations[rotation].title}, "
        f"{local(asked.start, where)} to {local(asked.end, where)}{whose}. Who takes it? "
        f"({', '.join(map(context.name, crew))})"
    )
    table = "\n".join(["Also served:", *(f"  {line}" for line in asked.also)]) if asked.also else ""
    return Answer(
        text, table=table, buttons=(Button("I take it", f"accept {offer.id}", "go"),), private=False
    )


def accept(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    """What the button of `cover` does: `accept ID`."""
    return _decided(context, "cover", words, _cover)


def _cover(context: Context, offer: Offer) -> Answer:
    ((begin, end),) = offer.shifts
    rotation, start = offer.rotation, max(begin, next_minute(context.now))
    try:
        with context.connect() as transport:
            users = standing(context, transport, rotation, start, end)
            if users:
                people = People(context.policy, transport)
                taken = [user for user in users if people.handle(user) != offer.asker]
                if taken:
                    return refused(f"{people.name(taken[0])} has it already; thank you all the same")
    except AccountError as away:
        return refused(f"PagerDuty is away, nothing was changed: {away.message}")
    if holders(context, rotation, start, end) == [context.me]:
        return refused("it is your turn already")
    reason = f"covers for {context.name(offer.asker)}"
    wishes = wishes_for(context, rotation, context.me, (start, end), reason)
    return grant(context, wishes, "cover", others=(offer.asker,))


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
    missing = lacks_login(context, [context.me, other])
    if missing:
        return missing
    mine, theirs = (next_shift(context, rotation, person) for person in (context.me, other))
    if mine is None or theirs is None:
        who = context.me if mine is None else other
        return refused(f"{context.name(who)} has no shift in {rotation} within a year")
    where = zone(context.policy.zone_of(rotation))
    for shift in (mine, theirs):
        also = agreed(context, asked, (shift.start, shift.end), shlex.join(["swap", *said]), words)
        if isinstance(also, Answer):
            return also
    shifts = tuple((s.start, s.end) for s in (mine, theirs))
    offer = _offer(context, "swap", rotation, (other,), shifts, min(mine.start, theirs.start))
    text = (
        f"{context.name(other)}: {context.name(context.me)} would like to swap in "
        f"{context.policy.rotations[rotation].title}. You would have {span(mine, where)}, "
        f"they would have {span(theirs, where)}."
    )
    return Answer(text, buttons=(Button("Swap", f"swap-yes {offer.id}", "go"),), private=False)


def swap_yes(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    """What the button of `swap` does, for the one who was asked: `swap-yes ID`."""
    return _decided(context, "swap", words, _swap)


def _swap(context: Context, offer: Offer) -> Answer:
    asker, other = offer.asker, context.me
    now = [next_shift(context, offer.rotation, person) for person in (asker, other)]
    if any(s is None or (s.start, s.end) != offered for s, offered in zip(now, offer.shifts, strict=True)):
        return refused("the shifts have moved since; ask again")
    mine, theirs = offer.shifts
    wishes = [
        *wishes_for(context, offer.rotation, other, mine, f"swap with {context.name(asker)}", asker),
        *wishes_for(context, offer.rotation, asker, theirs, f"swap with {context.name(other)}", other),
    ]
    return grant(context, wishes, "swap", others=(asker,))


def _offer(
    context: Context,
    kind: Kind,
    rotation: str,
    addressees: Sequence[str],
    shifts: tuple[Span, ...],
    expires: int,
) -> Offer:
    made = Offer(
        id="",
        kind=kind,
        rotation=rotation,
        asker=context.me,
        addressees=tuple(addressees),
        shifts=shifts,
        expires=expires,
    )
    return context.offers.put(made, context.now)


def _decided(
    context: Context, kind: Kind, words: Sequence[str], act: Callable[[Context, Offer], Answer]
) -> Answer:
    if len(words) != 1:
        return refused("this offer cannot be read any more; ask for it again")
    with _deciding:
        offer = context.offers.take(kind, words[0], context.me, context.now)
        if isinstance(offer, Refusal):
            return refused(_why(context, offer))
        found = act(context, offer)
        if found.failed:
            context.offers.give_back(offer.id)
    return found


def _why(context: Context, refusal: Refusal) -> str:
    offer = refusal.offer
    if offer is None:
        return "there is no such offer; ask for it again"
    if refusal.reason == "taken":
        return f"{context.name(offer.taken_by)} has it already; thank you all the same"
    if refusal.reason == "expired":
        return "this offer has expired; ask for it again"
    if context.me == offer.asker:
        return "you asked for it yourself"
    return f"this offer is for {', '.join(map(context.name, offer.addressees))}"
