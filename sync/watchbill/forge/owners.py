"""CODEOWNERS: the last pattern that fits a file names its owners.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from watchbill.regex import Pattern

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""GitHub takes the first of these that there is."""
_WORDS = re.compile(r"(?:\\.|[^\s\\])+")
_OWNER = re.compile(r"@[A-Za-z0-9][A-Za-z0-9-]*(?:/[A-Za-z0-9._-]+)?|[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: Pattern
    owners: tuple[str, ...]
    """@login, @org/team or an address; none = nobody owns it."""


@dataclass(frozen=True, slots=True)
class Owners:
    rules: tuple[Rule, ...] = ()

    def of(self, path: str) -> tuple[str, ...]:
        """`path` from the top of the repository, without a leading slash."""
        found = (rule.owners for rule in reversed(self.rules) if rule.pattern.fits(path))
        return next(found, ())

    def all_of(self, paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
        return {path: self.of(path) for path in paths}


def read_owners(text: str) -> Owners:
    """Lines that GitHub would skip are skipped."""
    rules = []
    for line in text.splitlines():
        words = _words(line)
        if not words or words[0].startswith("!") or "[" in words[0]:
            continue
        if any(not _OWNER.fullmatch(word) for word in words[1:]):
            continue
        rules.append(Rule(_compiled(words[0].replace("\\", "")), tuple(words[1:])))
    return Owners(tuple(rules))


def _words(line: str) -> list[str]:
    """Up to a comment; a backslash keeps a blank or a # in a name."""
    found = []
    for word in _WORDS.findall(line):
        if word.startswith("#"):
            break
        found.append(word)
    return found


def _compiled(pattern: str) -> Pattern:
    anchored = "/" in pattern.rstrip("/")
    body = pattern.strip("/")
    folder_only, shallow = pattern.endswith("/"), body.endswith("/*")
    made = ""
    for part in re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", body):
        if part == "**/":
            made += "(?:.*/)?"
        elif part == "/**":
            made += "/.*"
        elif part == "**":
            made += ".*"
        elif part == "*":
            made += "[^/]*"
        elif part == "?":
            made += "[^/]"
        else:
            made += re.escape(part)
    below = "/.*" if folder_only else "" if shallow else "(?:/.*)?"
    return Pattern(f"(?s){'' if anchored else '(?:.*/)?'}{made}{below}")
