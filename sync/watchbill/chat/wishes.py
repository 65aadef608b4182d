"""Overrides wished for in chat: in PagerDuty at once, and in the YAML by a pull request.

An override from chat is declared in the YAML by the same verb as on the command line, written to the account alone,
and proposed; merging it leaves nothing to do, and apply never removes it before.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from watchbill.chat.answer import Answer, Button, refused
from watchbill.chat.context import Context
from watchbill.chat.overrides import standing, write_overrides
from watchbill.chat.proposals import Opened, Taken, open_pull
from watchbill.chat.spans import local
from watchbill.chat.workspace import edit, workspace
from watchbill.errors import AccountError, WatchbillError
from watchbill.ladder.stands_for import Named, also_served
from watchbill.report.times import length
from watchbill.rota.clock import Zone, zone
from watchbill.rota.dated import end_after
from watchbill.rota.spans import Span


@dataclass(frozen=True, slots=True)
class Wish:
    """One override, in local minutes of its rotation."""

    rotation: str
    person: str
    start: int
    end: int
    reason: str
    instead_of: str = ""
    waits: bool = False
    """It is beyond `chat.longest`: only the merge of its pull request makes it hold."""

    def words(self, where: Zone, requested_by: str) -> list[str]:
        words = ["override", "add", f"--from={local(self.start, where)}", f"--until={local(self.end, where)}"]
        words += [f"--reason={self.reason}", f"--requested-by={requested_by}"]
        words += [f"--instead-of={self.instead_of}"] if self.instead_of else []
        return [*words, "--", self.rotation, self.person]


def wishes_for(
    context: Context, rotation: str, person: str, span: Span, reason: str, instead_of: str = ""
) -> list[Wish]:
    """Also in each rotation that falls back to this one: its schedule has a copy, which only an apply would follow.

    A longer span comes in two parts; the second one waits.
    """
    longest = context.policy.settings.chat.longest
    cut = end_after(span[0], longest, zone(context.policy.zone_of(rotation)))
    if span[1] > cut:
        first = wishes_for(context, rotation, person, (span[0], cut), reason, instead_of)
        rest = _wishes(context, rotation, person, (cut, span[1]), reason, instead_of)
        return [*first, *(replace(wish, waits=True) for wish in rest)]
    return _wishes(context, rotation, person, span, reason, instead_of)


def _wishes(
    context: Context, rotation: str, person: str, span: Span, reason: str, instead_of: str
) -> list[Wish]:
    followers = [
        served
        for served in also_served(context.policy, Named("rotation", rotation, rotation), span)
        if served.kind == "rotation" and context.policy.rotations[served.handle].has_schedule
    ]
    return [
        Wish(rotation, person, *span, reason, instead_of),
        *(Wish(f.handle, person, *part, f"{reason} ({rotation})") for f in followers for part in f.spans),
    ]


def lacks_login(context: Context, people: Sequence[str]) -> Answer | None:
    """A refusal where a pull request could not name one of those who want it: then they could approve it."""
    if context.forge is None:
        return None
    missing = [handle for handle in people if not context.policy.people[handle].github]
    if not missing:
        return None
    fields = " and ".join(f"people.{handle}.github" for handle in missing)
    are = "are" if len(missing) > 1 else "is"
    return refused(
        f"{fields} {are} missing in the policy, so nobody could see that {context.name(missing[0])} may not "
        "approve this. Add it by a pull request; nothing was changed"
    )


def grant(
    context: Context, wishes: Sequence[Wish], what: str, also: Sequence[str] = (), others: Sequence[str] = ()
) -> Answer:
    """All of them in the YAML of a copy, then in the account, then as one pull request.

    `also`: lines about what else the schedule serves.  `others`: more people who want it."""
    policy = context.policy
    missing = lacks_login(context, [context.me, *others])
    if missing:
        return missing
    zones = {wish.rotation: zone(policy.zone_of(wish.rotation)) for wish in wishes}
    at_once = [wish for wish in wishes if not wish.waits]
    with workspace(context.policies) as copy:
        now = _declared(context, copy, at_once)
        if isinstance(now, Answer):
            return now
        with workspace(copy) as whole:
            later = _declared(context, whole, [wish for wish in wishes if wish.waits])
        if isinstance(later, Answer):
            return later
        files, said = {**now.files, **later.files}, "\n".join([*now.said, *later.said])
        done: list[str] = []
        try:
            for rotation in dict.fromkeys(wish.rotation for wish in at_once):
                _write(context, copy, [wish for wish in at_once if wish.rotation == rotation])
                done.append(policy.title_of(rotation))
        except WatchbillError as failed:
            why = f"{failed.message}. {failed.remedy}"
            if not done:
                return refused(f"NOT done, the pager is where it was: {why}")
            return refused(f"done in PagerDuty for {', '.join(done)} ONLY: {why} Type it again to finish it.")
    told = "; ".join(
        f"{context.name(w.person)} has {policy.title_of(w.rotation)} from {local(w.start, zones[w.rotation])} "
        f"to {local(w.end, zones[w.rotation])} ({length(w.end - w.start)}{', after the merge' if w.waits else ''})"
        for w in wishes
    )
    table = "\n".join(["Also served:", *(f"  {line}" for line in also)]) if also else ""
    opened, trouble = _record(context, wishes, what, files, said, others)
    if opened is None:
        told = f"{told}. It holds in PagerDuty, but NOT in git: {trouble}"
        return Answer(told, table=table, private=False, failed=True)
    buttons = (Button("Cancel", f"cancel {opened.number}", "stop"),)
    told = f"{told}. Recorded as #{opened.number} {opened.url}"
    return Answer(told, table=table, buttons=buttons, private=False)


@dataclass(frozen=True, slots=True)
class _Declared:
    files: dict[str, str | None]
    said: tuple[str, ...]


def _declared(context: Context, copy: Path, wishes: Sequence[Wish]) -> _Declared | Answer:
    """The wishes in the YAML of the copy; or the refusal of the first that the policy does not take."""
    files: dict[str, str | None] = {}
    said: list[str] = []
    for wish in wishes:
        where = zone(context.policy.zone_of(wish.rotation))
        edited = edit(copy, wish.words(where, context.me), context.now)
        if edited.ran.code:
            return refused(edited.ran.complaint)
        files |= edited.files
        said.append(edited.ran.out)
    return _Declared(files, tuple(said))


def _write(context: Context, copy: Path, wishes: Sequence[Wish]) -> None:
    """Of one rotation.  Raises AccountError when not all of it could be written.  What is there already is not
    written again."""
    rotation = wishes[0].rotation
    with context.connect() as transport:
        if write_overrides(context, transport, copy, rotation):
            return
        if not all(standing(context, transport, rotation, wish.start, wish.end) for wish in wishes):
            raise AccountError("the account has no schedule for it yet", remedy="`watchbill apply` makes it")


def _record(
    context: Context,
    wishes: Sequence[Wish],
    what: str,
    files: Mapping[str, str | None],
    effect: str,
    others: Sequence[str],
) -> tuple[Opened | None, str]:
    """The pull request, or why there is none."""
    zones = {wish.rotation: zone(context.policy.zone_of(wish.rotation)) for wish in wishes}
    commands = "\n".join(f"watchbill {shlex.join(w.words(zones[w.rotation], context.me))}" for w in wishes)
    if context.forge is None:
        return None, f"GitHub is not connected here. Add it: {commands}"
    first, where = wishes[0], zones[wishes[0].rotation]
    every = [
        Taken(w.rotation, w.person, *(local(at, zones[w.rotation], "T") for at in (w.start, w.end)))
        for w in wishes
        if not w.waits
    ]
    taken = every[0]
    until = taken.end.replace(":", "").lower()
    slug = f"{what}-{first.rotation}-{taken.start.replace(':', '').lower()}-{until}-{first.person}"
    title = f"{context.name(first.person)} has {first.rotation} from {local(first.start, where)}"
    mark = "\n".join(one.line for one in every)
    try:
        with context.forge() as forge:
            return open_pull(
                context, forge, slug=slug, title=title, effect=effect, files=files, mark=mark, others=others
            ), ""
    except WatchbillError as failed:
        return None, f"{failed.message} Add it: {commands}"
