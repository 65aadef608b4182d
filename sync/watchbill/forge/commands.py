"""Commands in comments: `/watchbill who database`.  Words, never a shell line; nothing that looks like an option."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

CALL = "/watchbill"
Verb = Literal["plan", "simulate", "who", "explain", "apply", "adopt", "help"]

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}"
_TIME = r"[A-Za-z0-9][A-Za-z0-9 :+.-]{0,39}"
_FORMS: dict[Verb, re.Pattern[str]] = {
    "plan": re.compile(r"plan"),
    "simulate": re.compile(
        rf"simulate (?P<severity>{_NAME}) (?P<domain>{_NAME})(?: (?:--)?at (?P<at>{_TIME}))?"
    ),
    "who": re.compile(rf"who(?: (?P<name>(?!at ){_NAME}))?(?: (?:--)?at (?P<at>{_TIME}))?"),
    "explain": re.compile(rf"explain (?P<rule>{_NAME})"),
    "apply": re.compile(r"apply(?: (?P<digest>[0-9a-f]{12,64}))?"),
    "adopt": re.compile(rf"adopt(?: (?P<name>{_NAME}))?"),
    "help": re.compile(r"(?:help)?"),
}
USAGE = """\
/watchbill plan                                       the plan for this pull request, made anew
/watchbill simulate P1 database at 2026-11-29 03:00   who would be paged, minute by minute
/watchbill who backend at tomorrow 03:00              who is on duty
/watchbill explain RULE                               what a finding means, with an example
/watchbill apply                                      after the merge, or on a drift issue: apply what is on main
/watchbill apply DIGEST                               the same; a code owner says yes to exactly this plan
/watchbill adopt                                      on a drift issue: a pull request that keeps the edit"""


@dataclass(frozen=True, slots=True)
class Command:
    verb: Verb
    words: dict[str, str]

    @property
    def writes(self) -> bool:
        return self.verb in {"apply", "adopt"}


def parse(body: str) -> Command | str | None:
    """None: not for us.  A text: what is wrong with it.  Only the first line counts."""
    first = next(iter(body.splitlines()), "")
    line = " ".join(first.split()) if first.startswith(CALL) else ""  # further in it is quoted, or code
    if line != CALL and not line.startswith(f"{CALL} "):
        return None
    rest = line.removeprefix(CALL).strip().replace('"', "").replace("'", "")
    for verb, form in _FORMS.items():
        found = form.fullmatch(rest)
        if found:
            return Command(verb, {name: text for name, text in found.groupdict().items() if text})
    return "this is no command here"


def verb_line(command: Command, *, merged: bool = True) -> list[str]:
    """The words of the command line that answers it.  Nothing in them can be taken for an option.

    Not `merged`: the policy that answers is a proposal.
    """
    words = command.words
    at = ["--at", words["at"]] if "at" in words else []
    at += [] if merged else ["--proposed"]
    if command.verb == "simulate":
        return ["simulate", *at, "--", words["severity"], words["domain"]]
    if command.verb == "who":
        return ["who", *at, "--", *([words["name"]] if "name" in words else [])]
    assert command.verb == "explain", command.verb
    return ["explain", "--", words["rule"]]
