"""The C parser, brought up to YAML 1.2.

ruamel.yaml.clib 0.2.15 carries libyaml 0.1.7, which gives up at a colon or a question mark inside an unquoted text
in a flow collection: `{at: 2026-11-29 03:00}`, `[Who is on it?]`.  YAML 1.2 (7.3.3) and every later parser read
those.  So each such character is replaced, one for one, by a character that no policy holds, and put back into
the values; offsets stay true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from _ruamel_yaml import CParser  # type: ignore[import-not-found]  # ruamel.yaml.clib; it ships no stubs
from ruamel.yaml.error import MarkedYAMLError

from watchbill.config.yaml_errors import explained
from watchbill.config.yaml_problem import Problem, ReadStopped

COLON, QUESTION = "\ue000", "\ue001"

_INNER_COLON = re.compile(r"(?<![\"'\]}]):(?=[^ \t\r\n,\[\]{}])")
_INNER_QUESTION = re.compile(r"(?<=[^\s\[{,])\?|\?(?=[^ \t\r\n,\[\]{}])")
_REFUSED = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue002-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def refused_character(text: str, begin: int = 0) -> Problem | None:
    """Control characters, invisible line breaks and the marks that make a text read otherwise than it shows."""
    match = _REFUSED.search(text, begin)
    if match is None:
        return None
    code, at = ord(match.group()), match.start()
    if code in (0x85, 0x2028, 0x2029):
        what, hint = "an invisible line break", "replace it by an ordinary line break"
    elif 0x202A <= code <= 0x2069:
        what, hint = (
            "a mark that changes the direction of text",
            "delete it: the file would not read as it shows",
        )
    elif code == 0xFEFF:
        what, hint = "a byte order mark inside the text", "delete it"
    elif code == 0:
        what, hint = "a NUL byte", "this is not a text file, or it is damaged; save it again as UTF-8"
    elif code >= 0xD800:
        what, hint = "a character without a meaning of its own", "delete it"
    else:
        what, hint = "a control character", "delete it; it is invisible in most editors"
    return Problem("yaml-syntax", f"the text contains {what} (U+{code:04X})", hint, at, at + 1)


def refused_escape(written: str) -> Problem | None:
    """An escape that would give one of the two stand-ins."""
    found = re.search(r"\\(?:u|U0000)[eE]00[01]", written)
    return refused_character(COLON) if found else None


def restored(text: str) -> str:
    return text.replace(COLON, ":").replace(QUESTION, "?") if COLON in text or QUESTION in text else text


def _parser(text: str) -> CParser:
    return CParser(_INNER_QUESTION.sub(QUESTION, _INNER_COLON.sub(COLON, text)))


def events(text: str) -> Iterator[Any]:
    """Parse events of `text` (without byte order mark).  Raises ReadStopped at a syntax error."""
    parser = _parser(text)
    return _each(parser.get_event, text)


def tokens(text: str) -> Iterator[Any]:
    parser = _parser(text)
    return _each(parser.get_token, text)


def _each(step: Any, text: str) -> Iterator[Any]:
    try:
        while (item := step()) is not None:
            yield item
    except MarkedYAMLError as error:
        raise ReadStopped(explained(error, text)) from None
