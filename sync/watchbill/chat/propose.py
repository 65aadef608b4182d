"""Edits of the policy as pull requests, with their effect."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from watchbill.chat.answer import Answer, refused
from watchbill.chat.context import Context
from watchbill.chat.proposals import open_pull
from watchbill.chat.wishes import lacks_login
from watchbill.chat.workspace import edit, workspace
from watchbill.errors import WatchbillError

_PROPOSALS = {"crew", "override", "leave", "person", "swap"}
_OPTIONS = frozenset(
    {
        *(
            "--after",
            "--before",
            "--first",
            "--from",
            "--since",
            "--until",
            "--for",
            "--again",
            "--position",
            "--all",
        ),
        *(
            "--only-next",
            "--instead-of",
            "--reason",
            "--covered-by",
            "--yes",
            "--only",
            "--name",
            "--email",
            "--slack",
            "--github",
            "--time-zone",
            "--phone-secret",
        ),
    }
)


def propose(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    """`propose crew add backend dan`: the edit as a pull request, with its effect."""
    if not words or words[0] not in _PROPOSALS:
        return refused(f"propose what? one of {', '.join(sorted(_PROPOSALS))}, as on the command line")
    wrong = next(
        (w.partition("=")[0] for w in words if w.startswith("-") and w.partition("=")[0] not in _OPTIONS), ""
    )
    if wrong:
        return refused(f"propose takes no {wrong}")
    missing = lacks_login(context, [context.me])
    if missing:
        return missing
    with workspace(context.policies) as copy:
        edited = edit(copy, list(words), context.now)
    if edited.ran.code:
        return refused(edited.ran.complaint)
    if not edited.files:
        return Answer("Nothing would change.", table=edited.ran.out)
    line = " ".join(words)
    if context.forge is None:
        with workspace(context.policies) as copy:
            looked = edit(copy, [*words[:2], "--dry-run", *words[2:]], context.now)
        told = f"GitHub is not connected here. `watchbill {shlex.join(words)}` would do this:"
        return Answer(told, table=looked.ran.out)
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


def crew(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    return propose(context, ["crew", *words], values)
