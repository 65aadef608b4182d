"""Pull requests from chat: who asked stands in the body, and may not approve."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from watchbill.chat.context import Context
from watchbill.forge.port import Forge, Proposal
from watchbill.report.github_comment import fenced
from watchbill.report.plan_markdown import escape

_TAKE = re.compile(r"^<!-- watchbill:override (\S+) (\S+) (\S+) (\S+) -->$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Taken:
    """An override that is in the account already, as its pull request remembers it."""

    rotation: str
    person: str
    start: str
    """Local, as the YAML says it: 2026-11-23T16:00."""
    end: str

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
) -> Opened:
    person = context.policy.people[context.person] if context.person else None
    login = person.github if person and person.github else ""
    who = escape(context.name(context.person)) if context.person else escape(context.asker)
    body = [f"Asked for in chat by **{who}**.", "", fenced(effect.strip()), ""]
    body += [f"Requested-by: {login}", ""] if login else []
    body += [mark] if mark else []
    wish = Proposal(
        branch=f"watchbill/chat-{slug}",
        title=title,
        body="\n".join(body),
        files={f"{context.prefix}{name}": text for name, text in files.items()},
        base=context.branch,
    )
    made = forge.propose(wish)
    return Opened(made.number, made.url)


def taken_in(body: str) -> list[Taken]:
    return [Taken(*found) for found in _TAKE.findall(body or "")]
