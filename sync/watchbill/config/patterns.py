"""What the model's patterns mean, and what people probably meant to write."""

from __future__ import annotations

import re
from collections.abc import Sequence

from watchbill.config.lines import quoted
from watchbill.model.base import HANDLE, SEVERITY_HANDLE

HANDLE_MEANING = "handle: small letters, digits and hyphens"
_MEANINGS = {
    HANDLE: (HANDLE_MEANING, "'eng-manager'"),
    SEVERITY_HANDLE: ("handle: letters, digits and hyphens", "'P1'"),
    r"^[a-z][a-z0-9-]{0,62}$": ("name of hours in the settings", "'business'"),
    r"^[^\r\n]+$": ("single line", "one line"),
    r"^[A-Za-z0-9-]{1,64}$": ("PagerDuty id", "'PABC123'"),
    r"^[A-Z][A-Z0-9_]{0,99}$": ("name of a secret: capital letters, digits and _", "'PHONE_ANA'"),
    r"^[^@#\s][^\s]{0,79}$": ("chat name: without @, # and blanks", "'ana'"),
    r"^(?:100|[1-9]?[0-9])%$": ("share from 0% to 100%", "'30%'"),
    r"^[0-9]{1,3}%$": ("share in per cent", "'10%'"),
    r"^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$": ("country or subdivision by its ISO code", "'RO' or 'DE-BY'"),
    r"^(?:eu/|us/)?[a-z0-9][a-z0-9-]{0,62}$": ("PagerDuty subdomain", "'acme', 'eu/acme' or 'sandbox'"),
    r"^[a-z][a-z0-9_]{0,62}$": ("name of a field: small letters, digits and _", "'help_needed'"),
}


def meaning_of(pattern: str) -> tuple[str, str]:
    """(what it is, examples)"""
    if pattern in _MEANINGS:
        return _MEANINGS[pattern]
    if "specialist" in pattern:
        return HANDLE_MEANING, "'eng-manager', 'domain.specialist' or 'rotation.next'"
    if "domain" in pattern:
        return HANDLE_MEANING, "'eng-manager' or 'domain.primary'"
    if "@" in pattern:
        return "e-mail address", "'ana@example.com'"
    return "text of this form", quoted(pattern)


def is_handle_pattern(pattern: str) -> bool:
    return meaning_of(pattern)[0] in (HANDLE_MEANING, _MEANINGS[SEVERITY_HANDLE][0])


def handle_hint(value: str, pattern: str, names: dict[str, str], *, listed: bool = False) -> str:
    """For a title, an alias, a handle with capitals and blanks in it, or several of them where `listed` allows it."""
    if not is_handle_pattern(pattern):
        return ""
    if value in ("domain.specialist", "rotation.next"):
        return f"{value} works in paths and in needs only; a ladder takes domain.primary, domain.secondary or domain.tertiary"
    if value.casefold() in names:
        return f"its handle is {quoted(names[value.casefold()])}"
    plain = value if pattern == SEVERITY_HANDLE else value.casefold()
    handle = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:63]
    words = value.split()
    if listed and len(words) > 1 and handle not in names.values():
        found = _several(words, names)
        if not found and all(re.fullmatch(pattern, word) for word in words):
            known = set(names.values()) & set(words)
            if not known:
                return f"{comma_missing(words)}; if it is one name, write {quoted(handle)}"
            found = words
        if found:
            return comma_missing(found)
    return f"write it like {quoted(handle)}" if re.fullmatch(pattern, handle) else ""


def comma_missing(words: Sequence[str]) -> str:
    return f"a comma is missing: write [{', '.join(words)}], or one item per line, each after a dash"


def _several(words: Sequence[str], names: dict[str, str]) -> list[str]:
    """The handles of the names in a row, which may have blanks in them; empty where a word is left over."""
    handles = set(names.values())
    for size in range(len(words), 0, -1):
        first, rest = " ".join(words[:size]), words[size:]
        handle = first if first in handles else names.get(first.casefold())
        if handle is None:
            continue
        others = _several(rest, names)
        if others or not rest:
            return [handle, *others]
    return []


def two_digits(text: str) -> str:
    """9:00 and 9am"""
    text = re.sub(r"(?<![0-9:])([0-9])(?=:[0-9]{2})", r"0\1", text)
    return (
        re.sub(r"(?<![0-9:])([0-9]{1,2})(am|pm)?(?=[ -]|$)(?!:)", _hour, text)
        if re.search(r"[ap]m", text)
        else text
    )


def _hour(match: re.Match[str]) -> str:
    hour = int(match[1]) % 12 + (12 if match[2] == "pm" else 0) if match[2] else int(match[1])
    return f"{hour:02}:00"


def without_offset(text: str) -> str:
    """2026-12-24t09:00:00+02:00 -> 2026-12-24 09:00"""
    return re.sub(
        r"^(\d{4}-\d\d-\d\d)[t ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)? ?(?:z|[+-]\d\d:?\d\d)?$", r"\1 \2", text
    )


_LONG_DAYS = {
    day[:3]: day for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
}


def spelled(text: str) -> str:
    """Whole names of days, blanks around hyphens, units that are nearly right."""
    for short, long in _LONG_DAYS.items():
        text = re.sub(rf"\b{long}s?\b", short, text)
    text = re.sub(r"\s*([-–,])\s*", lambda m: m[1].replace("–", "-"), text)
    text = re.sub(r"^(\d+) ?(?:mins|minute?s?)$", r"\1m", text)
    text = re.sub(r"^(\d+) ?(?:hrs?|hour)$", r"\1h", text)
    return re.sub(r"^(\d+) ?([dw])$", lambda m: f"{m[1]} {'days' if m[2] == 'd' else 'weeks'}", text)
