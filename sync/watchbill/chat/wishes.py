"""Overrides wished for in chat: in PagerDuty at once, and in the YAML by a pull request.

An override from chat is declared in the YAML by the same verb as on the command line, written to the account alone,
and proposed; merging it leaves nothing to do, and apply never removes it before.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchbill.chat.answer import Answer, Button, refused
from watchbill.chat.context import Context
from watchbill.chat.overrides import standing, write_overrides
from watchbill.chat.proposals import Opened, Taken, open_pull
from watchbill.chat.spans import local
from watchbill.chat.workspace import edit, workspace
from watchbill.errors import AccountError, WatchbillError
from watchbill.rota.clock import Zone, zone


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


def grant(context: Context, wishes: Sequence[Wish], what: str) -> Answer:
    """All of them in the YAML of a copy, then in the account, then as one pull request."""
    rotation = wishes[0].rotation
    where = zone(context.policy.zone_of(rotation))
    files: dict[str, str | None] = {}
    said: list[str] = []
    with workspace(context.policies) as copy:
        for wish in wishes:
            edited = edit(copy, wish.words(where, context.me), context.now)
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
    where: Zone,
) -> tuple[Opened | None, str]:
    """The pull request, or why there is none."""
    commands = "; ".join(f"watchbill {shlex.join(w.words(where, context.me))}" for w in wishes)
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
