"""Pull requests from chat: the people who asked are named in the commit, and may not approve.

A pull request is believed by its commits that the bot wrote: others can edit a body and push to a branch.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from watchbill.chat.context import Context
from watchbill.chat.spans import holders, instant
from watchbill.forge.port import Forge, Proposal, Request
from watchbill.report.github_comment import fenced
from watchbill.report.plan_markdown import escape
from watchbill.rota.clock import zone
from watchbill.rota.spans import Span

_BRANCH = "watchbill/chat-"
_REQUESTED = re.compile(r"^Requested-by: (\S+)$", re.MULTILINE)
_TAKE = re.compile(r"^<!-- watchbill:override (\S+) (\S+) (\S+) (\S+) -->$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Taken:
    """An override that is in the account already, as its pull request remembers it."""

    rotation: str
    person: str
    start: str
    """Local, as the YAML says it: 2026-11-23T16:00."""
    end: str

    def span(self, context: Context) -> Span:
        where = zone(context.policy.zone_of(self.rotation))
        return instant(self.start, where), instant(self.end, where)

    @property
    def line(self) -> str:
        return f"<!-- watchbill:override {self.rotation} {self.person} {self.start} {self.end} -->"


@dataclass(frozen=True, slots=True)
class Opened:
    number: int
    url: str


def open_pull(
    context: Context,
    forge: Forge,
    *,
    slug: str,
    title: str,
    effect: str,
    files: Mapping[str, str | None],
    mark: str = "",
    others: Sequence[str] = (),
) -> Opened:
    """`others`: more people who want it.  All have a login: the caller asked `lacks_login`."""
    wanted_by = [context.me, *others]
    names = " and ".join(f"**{escape(context.name(handle))}**" for handle in wanted_by)
    lines = [f"Requested-by: {context.policy.people[handle].github}" for handle in wanted_by]
    lines += ["", mark] if mark else []
    body = [f"Asked for in chat by {names}.", "", fenced(effect.strip()), "", *lines]
    wish = Proposal(
        branch=f"{_BRANCH}{slug}",
        title=title,
        body="\n".join(body),
        message="\n".join([title, "", *lines]),
        files={f"{context.prefix}{name}": text for name, text in files.items()},
        base=context.branch,
    )
    made = forge.propose(wish)
    return Opened(made.number, made.url)


@dataclass(frozen=True, slots=True)
class Act:
    """What a pull request of the bot did in the account already."""

    request: Request
    taken: tuple[Taken, ...]
    wanted_by: tuple[str, ...]
    """Handles; a login of nobody in the policy is left out."""

    def people(self, context: Context) -> tuple[str, ...]:
        """Who wanted it, who has the duty by it, and whose turn it is by the files."""
        found = list(self.wanted_by)
        for one in self.taken:
            start, end = one.span(context)
            found += [one.person, *holders(context, one.rotation, start, end)]
        return tuple(dict.fromkeys(found))


def act_of(context: Context, forge: Forge, request: Request) -> Act | None:
    """None for a pull request that is not the bot's, or holds no override."""
    bots = forge.bots | {forge.me.lower()}
    if not request.branch.startswith(_BRANCH) or request.author.lower() not in bots:
        return None
    commits = forge.commits_of(request.number)
    texts = "\n".join(c.message for c in commits if c.author.login.lower() in bots)
    taken = tuple(Taken(*found) for found in _TAKE.findall(texts))
    taken = tuple(one for one in taken if one.rotation in context.policy.rotations)
    logins = {login.lower() for login in _REQUESTED.findall(texts)}
    people = context.policy.people.items()
    wanted_by = tuple(handle for handle, person in people if (person.github or "").lower() in logins)
    return Act(request, taken, wanted_by) if taken else None


def rejected_acts(
    context: Context, forge: Forge, passed_over: Collection[int] = ()
) -> Iterator[tuple[int, Act | None]]:
    """Of each pull request from chat that was closed without a merge: its number, and its act while that lasts.

    Each costs a request, but for the numbers that are passed over."""
    for request in forge.rejected_requests(_BRANCH):
        if request.number in passed_over:
            continue
        act = act_of(context, forge, request)
        lasts = act is not None and any(t.span(context)[1] > context.now for t in act.taken)
        yield request.number, act if lasts else None
