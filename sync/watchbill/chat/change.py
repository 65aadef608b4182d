"""Commands that change who is on call: in PagerDuty at once, and in the YAML by a pull request.

An override from chat is declared in the YAML by the same verb as on the command line, written to the account alone,
and proposed; merging it leaves nothing to do, and apply never removes it before.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchbill.chat.answer import Answer, Button, refused
from watchbill.chat.context import Context
from watchbill.chat.overrides import carry_out, override_changes, standing
from watchbill.chat.proposals import Opened, Taken, open_pull, taken_in
from watchbill.chat.workspace import edit, workspace
from watchbill.errors import AccountError, WatchbillError
from watchbill.ladder.answers import handles_for
from watchbill.rota.clock import MINUTE, Zone, zone
from watchbill.rota.duty import Shift

Values = Mapping[str, str]

_LENGTH = re.compile(r"^(\d{1,3})\s*(m|h|d|min|minutes?|hours?|days?)$")
_SECONDS = {"m": 60, "h": 3600, "d": 86_400}
LONGEST = 14 * 86_400
_PROPOSALS = {"crew", "override", "leave", "person"}
_OPTIONS = frozenset(
    {
        *("--after", "--before", "--first", "--from", "--until", "--for", "--again", "--position", "--all"),
        *("--only-next", "--instead-of", "--reason", "--covered-by"),
    }
)
_deciding = threading.Lock()
"""One decision about an offer at a time: the account has no compare-and-swap."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One override, in local minutes of its rotation."""

    rotation: str
    person: str
    start: int
    end: int
    reason: str
    instead_of: str = ""

    def words(self, where: Zone, requested_by: str) -> list[str]:
        words = ["override", "add", f"--from={local(self.start, where)}", f"--until={local(self.end, where)}"]
        words += [f"--reason={self.reason}", f"--requested-by={requested_by}"]
        words += [f"--instead-of={self.instead_of}"] if self.instead_of else []
        return [*words, "--", self.rotation, self.person]


def take(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`take database 2h`"""
    if len(words) < 2:
        return refused("what, and for how long? take database 2h")
    rotation, length = schedule_of(context, " ".join(words[:-1])), seconds_of(words[-1])
    if rotation is None:
        return refused(f"no rotation is called {' '.join(words[:-1])!r}; `who` lists every one")
    if not length or length > LONGEST:
        return refused(f"{words[-1]!r} is no length; write it like 30m, 2h or 1d, at most 14d")
    start = -(-context.now // MINUTE) * MINUTE
    end = sayable_end(start + length, zone(context.policy.zone_of(rotation)))
    assert context.person is not None
    return _act(context, [Wish(rotation, context.person, start, end, "taken in chat")], "take")


def cancel(context: Context, words: Sequence[str], values: Values) -> Answer:
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
            pull = forge.repo.get_pull(number)
            taken = taken_in(pull.body)
            if taken is None or not pull.head.ref.startswith("watchbill/chat-"):
                return refused(f"#{number} is no override from chat")
            if pull.merged:
                return refused(
                    f"#{number} is merged already; `propose override cancel {taken.rotation} {taken.person}` ends it"
                )
            gone = _withdraw(context, taken)
            if pull.state != "open" and not gone:
                return refused(f"#{number} is closed already, and PagerDuty has it no more")
            if pull.state == "open":
                pull.edit(state="closed")
                forge.repo.get_git_ref(f"heads/{pull.head.ref}").delete()
    except WatchbillError as failed:
        return refused(f"not cancelled: {failed.message}. {failed.remedy}")
    who = context.name(taken.person)
    done = "taken back in PagerDuty" if gone else "not in PagerDuty any more"
    return Answer(f"{who}'s override of {taken.rotation} is {done}; #{number} is closed.", private=False)


def cover(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`cover database 2h`: asks for somebody to take over; the first who accepts has it."""
    if len(words) < 2:
        return refused("what, and for how long? cover database 2h")
    rotation, length = schedule_of(context, " ".join(words[:-1])), seconds_of(words[-1])
    if rotation is None:
        return refused(f"no rotation is called {' '.join(words[:-1])!r}; `who` lists every one")
    if not length or length > LONGEST:
        return refused(f"{words[-1]!r} is no length; write it like 30m, 2h or 1d")
    start = -(-context.now // MINUTE) * MINUTE
    where = zone(context.policy.zone_of(rotation))
    end = sayable_end(start + length, where)
    offer = f"accept {rotation} {context.person} {local(start, where, 'T')} {local(end, where, 'T')}"
    crew = ", ".join(
        context.name(person) for person in sorted(_crew(context, rotation) - {context.person or ""})
    )
    assert context.person is not None
    others = [h for h in _holders(context, rotation, start, end) if h != context.person]
    whose = f", the turn of {' and '.join(map(context.name, others))}" if others else ""
    text = (
        f"{context.name(context.person)} asks for cover: {context.policy.rotations[rotation].title}, "
        f"{local(start, where)} to {local(end, where)}{whose}. Who takes it? ({crew})"
    )
    return Answer(text, buttons=(Button("I take it", offer, "go"),), private=False)


def accept(context: Context, words: Sequence[str], values: Values) -> Answer:
    """What the button of `cover` does."""
    if len(words) != 4 or words[0] not in context.policy.rotations or words[1] not in context.policy.people:
        return refused("this offer cannot be read any more; ask for cover again")
    rotation, asker = words[0], words[1]
    where = zone(context.policy.zone_of(rotation))
    try:
        start, end = (instant(text, where) for text in words[2:])
    except ValueError:
        return refused("this offer cannot be read any more; ask for cover again")
    assert context.person is not None
    if end <= context.now:
        return refused("that time is over")
    if context.person == asker:
        return refused("you asked for it yourself")
    start = max(start, -(-context.now // MINUTE) * MINUTE)
    with _deciding:
        try:
            with context.connect() as transport:
                users = standing(context, transport, rotation, start, end)
                if users:
                    from watchbill.incident.people import People  # noqa: PLC0415  only for a name

                    people = People(context.policy, transport)
                    taken = [user for user in users if people.handle(user) != asker]
                    if taken:
                        return refused(f"{people.name(taken[0])} has it already; thank you all the same")
        except AccountError as away:
            return refused(f"PagerDuty is away, nothing was changed: {away.message}")
        if _holders(context, rotation, start, end) == [context.person]:
            return refused("it is your turn already")
        wish = Wish(rotation, context.person, start, end, f"covers for {context.name(asker)}")
        return _act(context, [wish], "cover")


def swap(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`swap database ben`: my next shift for theirs; they have to agree."""
    if len(words) < 2:
        return refused("which rotation, with whom? swap database ben")
    rotation, other = schedule_of(context, " ".join(words[:-1])), words[-1].lstrip("@")
    if rotation is None or other not in context.policy.people:
        return refused("which rotation, with whom? swap database ben (a handle of people.yaml)")
    assert context.person is not None
    if other == context.person:
        return refused("with whom? that is you")
    mine, theirs = (_next_shift(context, rotation, person) for person in (context.person, other))
    if mine is None or theirs is None:
        who = context.person if mine is None else other
        return refused(f"{context.name(who)} has no shift in {rotation} within a year")
    where = zone(context.policy.zone_of(rotation))
    offer = f"swap-yes {rotation} {context.person} {other} {local(mine.start, where, 'T')} {local(theirs.start, where, 'T')}"
    text = (
        f"{context.name(other)}: {context.name(context.person)} would like to swap in "
        f"{context.policy.rotations[rotation].title}. You would have {span(mine, where)}, "
        f"they would have {span(theirs, where)}."
    )
    return Answer(text, buttons=(Button("Swap", offer, "go"),), private=False)


def swap_yes(context: Context, words: Sequence[str], values: Values) -> Answer:
    """What the button of `swap` does, for the one who was asked."""
    people, rotations = context.policy.people, context.policy.rotations
    if len(words) != 5 or words[0] not in rotations or words[1] not in people or words[2] not in people:
        return refused("this offer cannot be read any more; ask again")
    rotation, asker, other = words[0], words[1], words[2]
    if context.person != other:
        return refused(f"only {context.name(other)} can say yes to this")
    mine, theirs = _next_shift(context, rotation, asker), _next_shift(context, rotation, other)
    where = zone(context.policy.zone_of(rotation))
    if (
        mine is None
        or theirs is None
        or [local(s.start, where, "T") for s in (mine, theirs)] != list(words[3:])
    ):
        return refused("the shifts have moved since; ask again")
    wishes = [
        Wish(rotation, other, mine.start, mine.end, f"swap with {context.name(asker)}", asker),
        Wish(rotation, asker, theirs.start, theirs.end, f"swap with {context.name(other)}", other),
    ]
    with _deciding:
        return _act(context, wishes, "swap")


def propose(context: Context, words: Sequence[str], values: Values) -> Answer:
    """`propose crew add backend dan`: the edit as a pull request, with its effect."""
    if not words or words[0] not in _PROPOSALS:
        return refused(f"propose what? one of {', '.join(sorted(_PROPOSALS))}, as on the command line")
    wrong = next(
        (w.partition("=")[0] for w in words if w.startswith("-") and w.partition("=")[0] not in _OPTIONS), ""
    )
    if wrong:
        return refused(f"propose takes no {wrong}")
    with workspace(context.policies) as copy:
        edited = edit(copy, list(words), context.now)
    if edited.ran.code:
        return refused(edited.ran.complaint)
    if not edited.files:
        return Answer("Nothing would change.", table=edited.ran.out)
    line = " ".join(words)
    if context.forge is None:
        return Answer(
            f"GitHub is not connected here. `watchbill {line}` would do this:", table=edited.ran.out
        )
    slug = re.sub(r"[^a-z0-9]+", "-", line.lower()).strip("-")[:60]
    try:
        with context.forge() as forge:
            pull = open_pull(context, forge, slug=slug, title=line, effect=edited.ran.out, files=edited.files)
    except WatchbillError as failed:
        return refused(f"no pull request: {failed.message}. {failed.remedy}")
    return Answer(
        f"#{pull.number} {pull.url}: a code owner other than you has to approve it.",
        table=edited.ran.out,
        private=False,
    )


def crew(context: Context, words: Sequence[str], values: Values) -> Answer:
    return propose(context, ["crew", *words], values)


def _act(context: Context, wishes: Sequence[Wish], what: str) -> Answer:
    """All of them in the YAML of a copy, then in the account, then as one pull request."""
    rotation = wishes[0].rotation
    where = zone(context.policy.zone_of(rotation))
    assert context.person is not None
    files: dict[str, str | None] = {}
    said: list[str] = []
    with workspace(context.policies) as copy:
        for wish in wishes:
            edited = edit(copy, wish.words(where, context.person), context.now)
            if edited.ran.code:
                return refused(edited.ran.complaint)
            files |= edited.files
            said.append(edited.ran.out)
        try:
            _write(context, copy, wishes)
        except WatchbillError as failed:
            return refused(f"NOT done, the pager is where it was: {failed.message}. {failed.remedy}")
    told = "; ".join(
        f"{context.name(w.person)} has {context.policy.rotations[rotation].title} from {local(w.start, where)} "
        f"to {local(w.end, where)}"
        for w in wishes
    )
    opened, trouble = _record(context, wishes, what, files, "\n".join(said), where)
    if opened is None:
        return Answer(f"{told}. It holds in PagerDuty, but NOT in git: {trouble}", private=False, failed=True)
    buttons = (Button("Cancel", f"cancel {opened.number}", "stop"),) if len(wishes) == 1 else ()
    return Answer(f"{told}. Recorded as #{opened.number} {opened.url}", buttons=buttons, private=False)


def _write(context: Context, copy: Path, wishes: Sequence[Wish]) -> None:
    """Raises AccountError when not all of it could be written.  What is there already is not written again."""
    rotation = wishes[0].rotation
    with context.connect() as transport:
        plan = override_changes(context, transport, copy, rotation)
        if not plan.changes:
            if all(standing(context, transport, rotation, wish.start, wish.end) for wish in wishes):
                return
            raise AccountError("the account has no schedule for it yet", remedy="`watchbill apply` makes it")
        outcome = carry_out(context, transport, plan)
    if outcome.exit_code:
        why = next((step.reason for step in outcome.steps if step.reason), "PagerDuty did not take it")
        raise AccountError(why, remedy="`watchbill plan` shows how it stands")


def _record(
    context: Context,
    wishes: Sequence[Wish],
    what: str,
    files: Mapping[str, str | None],
    effect: str,
    where: Zone,
) -> tuple[Opened | None, str]:
    """The pull request, or why there is none."""
    commands = "; ".join(f"watchbill {' '.join(w.words(where, context.person or ''))}" for w in wishes)
    if context.forge is None:
        return None, f"GitHub is not connected here. Add it: {commands}"
    first = wishes[0]
    taken = Taken(first.rotation, first.person, local(first.start, where, "T"), local(first.end, where, "T"))
    until = taken.end.replace(":", "").lower()
    slug = f"{what}-{first.rotation}-{taken.start.replace(':', '').lower()}-{until}-{first.person}"
    title = f"{context.name(first.person)} has {first.rotation} from {local(first.start, where)}"
    mark = taken.line if len(wishes) == 1 else ""
    try:
        with context.forge() as forge:
            return open_pull(
                context, forge, slug=slug, title=title, effect=effect, files=files, mark=mark
            ), ""
    except WatchbillError as failed:
        return None, f"{failed.message} Add it: {commands}"


def _withdraw(context: Context, taken: Taken) -> bool:
    """False when the account has it no more."""
    text = (
        f"overrides:\n  - {{rotation: {taken.rotation}, person: {taken.person}, cancelled: true,\n"
        f"     from: {taken.start.replace('T', ' ')}, until: {taken.end.replace('T', ' ')}}}\n"
    )
    with workspace(context.policies) as copy:
        (copy / "watchbill-chat-cancel.yaml").write_text(text, "utf-8")
        with context.connect() as transport:
            plan = override_changes(context, transport, copy, taken.rotation)
            if not plan.changes:
                return False
            outcome = carry_out(context, transport, plan)
    if outcome.exit_code:
        raise AccountError("PagerDuty did not take it back", remedy="`watchbill plan` shows how it stands")
    return True


def schedule_of(context: Context, name: str) -> str | None:
    """The rotation whose schedule is meant: by handle, title or alias, by the domain it is primary of, through covers."""
    found = handles_for(context.policy, name) or []
    for handle in found:
        rotation: str | None = handle
        seen: set[str] = set()
        while rotation in context.policy.rotations and rotation not in seen:
            seen.add(rotation)
            cover = context.policy.rotations[rotation].covered_by
            if cover is None:
                return rotation
            rotation = cover
    return None


def seconds_of(text: str) -> int:
    """0 for what is no length."""
    found = _LENGTH.match(text.strip().lower())
    return int(found[1]) * _SECONDS[found[2][0]] if found else 0


def local(at: int, where: Zone, between: str = " ") -> str:
    return where.at(at).strftime(f"%Y-%m-%d{between}%H:%M")


def instant(text: str, where: Zone) -> int:
    from datetime import datetime  # noqa: PLC0415

    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M")  # noqa: DTZ007  a wall clock of the zone beside it
    from watchbill.rota.clock import day_number  # noqa: PLC0415

    return where.instant(day_number(moment.date()), moment.hour * 3600 + moment.minute * 60)


def sayable_end(end: int, where: Zone) -> int:
    """A wall clock that comes twice means the first time: an end in the second hour is put off until that is over."""
    while instant(local(end, where, "T"), where) < end:
        end += MINUTE
    return end


def span(shift: Shift, where: Zone) -> str:
    return f"{local(shift.start, where)} to {local(shift.end, where)}"


def _next_shift(context: Context, rotation: str, person: str) -> Shift | None:
    """That has not begun yet."""
    shifts = context.roster.shifts(rotation, context.now, context.now + 366 * 86_400)
    return next((s for s in shifts if s.person == person and s.start > context.now), None)


def _holders(context: Context, rotation: str, start: int, end: int) -> list[str]:
    """Whose turns these are by the files, in order."""
    shifts = context.roster.shifts(rotation, start, end)
    return list(dict.fromkeys(shift.person for shift in shifts if shift.person is not None))


def _crew(context: Context, rotation: str) -> frozenset[str]:
    from watchbill.chat.context import people_behind  # noqa: PLC0415

    return people_behind(context.policy, rotation)
