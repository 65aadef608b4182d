"""The ownership marker: the last line of a description says whose the object is and what was written last.

    Nights go to Primary.                                      the description itself
    watchbill-derived: 1f2e3d -4c5b6a                          only where overrides were derived; - is taken back
    watchbill/1 rotation/backend 3f9c2a @2026-11-23T14:00Z     version, key, digest, when
    watchbill/1 rotation/backend writing                       instead, while several requests are under way

Reading forgives what a web form does to text: other line ends, trailing blanks, lines run together, words put
below the marker (they count as description).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from watchbill.account.objects import Marker
from watchbill.rota.clock import MINUTE, instant_of

VERSION = 1
LIMIT = 1024
"""Characters of a description in PagerDuty, marker included."""
DERIVED_AT_MOST = 100
"""Overrides that may be listed on one object."""

_DERIVED = r"watchbill-derived:(?P<derived>(?:[ \t]+-?[0-9a-f]{6})*)"
_MARKER = r"watchbill/(?P<version>[0-9]{1,9})[ \t]+(?P<key>\S+)(?P<rest>[^\n]*)"
_LINES = re.compile(rf"(?:^{_DERIVED}[ \t]*\n)?^{_MARKER}$", re.MULTILINE)
_RUN_TOGETHER = re.compile(rf"(?:(?<=\s){_DERIVED}\s+|(?<=\s)){_MARKER}\Z")
_ENDS_LIKE_OURS = re.compile(rf"(?:^|\s){_DERIVED}\Z")
_WRITTEN = re.compile(r"[ \t]*([0-9a-f]{6})[ \t]+@(\S+)[ \t]*")
_WHEN = "%Y-%m-%dT%H:%MZ"


def split_description(text: str | None) -> tuple[str, Marker | None]:
    """The description without its marker lines, and the marker if there is one."""
    plain = tidy(text)
    found = [*_LINES.finditer(plain)]
    match = found[-1] if found else _RUN_TOGETHER.search(plain)
    if match is None:
        return plain, None
    return tidy(plain[: match.start()] + plain[match.end() :]), _marker(match)


def join_description(description: str, marker: Marker | None) -> str:
    if marker is None:
        return tidy(description)
    text, lines = tidy(description), _lines(marker)
    if not marker.derived and _ENDS_LIKE_OURS.search(text):  # else it would be read back as our list
        lines = ("watchbill-derived:", *lines)
    return "\n".join(line for line in (text, *lines) if line)


def tidy(text: str | None) -> str:
    """Null is "", line ends are one character, nothing blank at either end."""
    return "\n".join((text or "").splitlines()).strip()


def excess(description: str, marker: Marker) -> int:
    """By how many characters the description with its marker is too long; 0 when it fits."""
    return max(0, len(join_description(description, marker)) - LIMIT)


def room(key: str) -> int:
    """How many characters a description may have so that the marker of `key` still fits below it."""
    return LIMIT - len(_lines(Marker(key=key, digest="0" * 6, at=0))[-1]) - 1


def to_minute(at: int) -> int:
    """Markers count in minutes; a digest is made for the very instant that its marker shows."""
    return at - at % MINUTE


def _marker(match: re.Match[str]) -> Marker:
    version, key = int(match["version"]), match["key"]
    derived = tuple((match["derived"] or "").split())
    rest = match["rest"]
    if version != VERSION:
        return Marker(key=key, digest="", at=0, version=version, derived=derived)
    if rest.strip() == "writing":
        return Marker(key=key, digest="", at=0, state="writing", derived=derived)
    written = _WRITTEN.fullmatch(rest)
    at = instant_shown(written[2]) if written else None
    if written is None or at is None:  # somebody's hand was in it: ours by its key, but it tells no story
        return Marker(key=key, digest="", at=0, derived=derived)
    return Marker(key=key, digest=written[1], at=at, derived=derived)


def instant_shown(text: str) -> int | None:
    """None for what is no time."""
    try:
        return instant_of(datetime.strptime(text, _WHEN).replace(tzinfo=UTC))
    except ValueError:
        return None


def shown_instant(at: int) -> str:
    return datetime.fromtimestamp(to_minute(at), UTC).strftime(_WHEN)


def _lines(marker: Marker) -> tuple[str, ...]:
    assert marker.version == VERSION, "only this version's markers are written"
    head = f"watchbill/{VERSION} {marker.key}"
    written = f"{head} {marker.digest} @{shown_instant(marker.at)}"
    last = f"{head} writing" if marker.state == "writing" else written
    return (f"watchbill-derived: {' '.join(marker.derived)}", last) if marker.derived else (last,)
