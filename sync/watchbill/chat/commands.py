"""Every chat command, once: its name, help, whether it acts, and what runs it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from watchbill.chat import live, offers, propose, read, take
from watchbill.chat.answer import Answer, Button, refused
from watchbill.chat.context import Context
from watchbill.config.synonyms import meant
from watchbill.errors import WatchbillError
from watchbill.ladder.allowed import may

Run = Callable[[Context, Sequence[str], Mapping[str, str]], Answer]

_QUOTES = str.maketrans(
    {"\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2018": "'", "\u2019": "'", "\u00a0": " "}
)
_WORD = re.compile(
    r"""\s* (?: (?P<option> --[\w-]+= )? (?P<mark> ["']) (?P<quoted> .*?) (?P=mark) (?= \s | $ ) | (?P<bare> \S+) )""",
    re.VERBOSE | re.DOTALL,
)
_OPEN = re.compile(r'(?:--[\w-]+=)?"')
LONGEST = 4000
"""Characters: about as much as Slack sends."""
_FREE = frozenset({"update", "page"})
"""Commands that end in words of one's own: there a quote may be left open."""


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    usage: str
    help: str
    run: Run
    acts: str = ""
    """The name in settings.chat.may that allows it; "" = it only answers, for everybody."""
    hidden: bool = False
    """Only reached by a button."""


def _reading(verb: str) -> Run:
    return partial(_read, verb)


def _read(verb: str, context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    return read.ask(context, verb, words)


def _next(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    return read.upcoming(context, words)


def _help(context: Context, words: Sequence[str], values: Mapping[str, str]) -> Answer:
    shown = [c for c in COMMANDS if not c.hidden]
    width = max(len(c.usage) for c in shown)
    lines = [
        f"{c.usage:<{width}}  {c.help}"
        for c in shown
        if not c.acts or may(context.policy, context.person, c.acts)
    ]
    buttons = (Button("Who is on call", "who"), Button("Gaps", "gaps"), Button("Drift", "drift"))
    return Answer(f"{context.command} ...", table="\n".join(lines), buttons=buttons)


COMMANDS: tuple[Command, ...] = (
    Command("who", "who [NAME] [--at T]", "who is on duty, and why", _reading("who")),
    Command("mine", "mine", "your shifts of the next four weeks", _reading("mine")),
    Command("me", "me", "the same", _reading("mine"), hidden=True),
    Command("next", "next [NAME]", "who is next", _next),
    Command("why", "why ROTATION [--at T]", "turn, crew, override and commit behind it", _reading("why")),
    Command("simulate", "simulate P1 database [--at T]", "the ladder as it would run", _reading("simulate")),
    Command("explain", "explain RULE", "what a finding means", _reading("explain")),
    Command("gaps", "gaps", "levels that reach nobody", _reading("gaps")),
    Command("load", "load", "hours and nights per person", _reading("load")),
    Command("expert", "expert TOPIC", "who knows a subject", _reading("expert")),
    Command("vendor", "vendor NAME [--severity P1]", "how a supplier is reached", _reading("vendor")),
    Command("drift", "drift", "what was edited behind the policy's back", _reading("drift")),
    Command("plan", "plan", "what an apply would change", _reading("plan")),
    Command("metrics", "metrics [--since -4w]", "the five metrics", _reading("metrics")),
    Command("page", "page ROLE ID [why]", "page a role for an incident", live.page, "page"),
    Command("escalate", "escalate ID", "escalate an incident: opens the form", live.escalate, "escalate"),
    Command("update", 'update ID "words"', "tell how it stands", live.update, "update"),
    Command("stand-down", "stand-down ID", "release people: opens the form", live.stand_down, "stand-down"),
    Command(
        "phone-log",
        "phone-log ID [PERSON answered]",
        "whom to call; write an attempt down",
        live.phone_log,
        "phone-log",
    ),
    Command("take", "take ROTATION|DOMAIN 2h", "have the pager from now on, for so long", take.take, "take"),
    Command("cancel", "cancel NUMBER", "give a taken one back", take.cancel, "take"),
    Command("cover", "cover ROTATION 2h", "ask the crew to take over", offers.cover, "cover"),
    Command("accept", "accept ...", "take what is offered", offers.accept, "cover", hidden=True),
    Command("swap", "swap ROTATION PERSON", "your next shift for theirs", offers.swap, "swap"),
    Command("swap-yes", "swap-yes ...", "agree to a swap", offers.swap_yes, "swap", hidden=True),
    Command("crew", "crew add|remove|move ROTATION PERSON", "propose another crew", propose.crew, "crew"),
    Command(
        "propose",
        "propose VERB ...",
        "propose an edit: crew, override, swap, leave, person",
        propose.propose,
        "propose",
    ),
    Command("help", "help", "this list", _help),
)

_BY_NAME = {command.name: command for command in COMMANDS}


def split(text: str) -> list[str]:
    """Words as typed.  A quote opens only where a word begins and closes only where one ends, so that apostrophes
    are letters.  Raises ValueError for a double quote left open, or far too much."""
    if len(text) > LONGEST:
        raise ValueError(f"that is {len(text)} characters long; at most {LONGEST} are read")
    found = list(_WORD.finditer(_typed(text)))
    words = [(m["option"] or "") + (m["quoted"] if m["bare"] is None else m["bare"]) for m in found]
    free = bool(words) and words[0].lower() in _FREE
    if not free and any(_OPEN.match(m["bare"] or "") for m in found):
        raise ValueError("a quote is left open")
    return words


def acts(text: str) -> bool:
    """Whether `answer` would run a command that needs a permission."""
    try:
        words = split(text)
    except ValueError:
        return False
    command = _BY_NAME.get(words[0].lower()) if words else None
    return command is not None and bool(command.acts)


def _typed(text: str) -> str:
    """As it was meant: phones make dashes and quotes pretty; what no keyboard has is a space."""
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text.translate(_QUOTES))
    return re.sub(r"(?:(?<=\s)|^)[\u2014\u2013](?=[a-z])", "--", text)


def answer(context: Context, text: str, values: Mapping[str, str] | None = None) -> Answer:
    """`values`: what was filled into the command's form."""
    try:
        words = split(text)
    except ValueError as unread:
        return refused(str(unread))
    if not words:
        return _help(context, (), {})
    command = _BY_NAME.get(words[0].lower())
    if command is None:
        near = meant(words[0], [c.name for c in COMMANDS if not c.hidden])
        return refused(f"there is no {words[0]!r} here; {f'did you mean {near[0]}?' if near else 'try help'}")
    if command.acts and context.person is None:
        return refused(
            f"{context.asker} is nobody in the policy's people, and {command.name} acts: ask for a place in people.yaml"
        )
    if command.acts and not may(context.policy, context.person, command.acts):
        return refused(f"{command.name} is not for you: settings.chat.may.{command.acts} says for whom")
    try:
        return command.run(context, words[1:], values or {})
    except WatchbillError as failed:
        return refused(f"{failed.message}. {failed.remedy}".strip())
