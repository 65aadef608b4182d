"""What the parser says, in plain words, with what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ruamel.yaml.error import MarkedYAMLError

from watchbill.config.lines import Lines, quoted
from watchbill.config.yaml_problem import Problem

_QUOTE = 'put the text in quotes: "..."'
_CONTENT = re.compile(r"^\s*(?:- +)*")


@dataclass(frozen=True)
class _Scene:
    """Where the parser stopped (`at`) and where what it was reading began (`since`)."""

    text: str
    lines: Lines
    context: str
    problem: str
    at: int
    since: int

    @property
    def here(self) -> str:
        return self.lines.line(self.lines.number(self.at))

    @property
    def before(self) -> str:
        """The text of the line up to where the parser stopped."""
        return self.text[self.lines.bounds(self.lines.number(self.at))[0] : self.at]

    @property
    def character(self) -> str:
        return self.text[self.at : self.at + 1]

    def line_before(self) -> str:
        number = self.lines.number(self.at) - 1
        while number >= 1:
            line = self.lines.line(number)
            if line.strip() and not line.lstrip().startswith("#"):
                return line
            number -= 1
        return ""


def explained(error: MarkedYAMLError, text: str) -> Problem:
    at = min(error.problem_mark.index, len(text)) if error.problem_mark else 0
    since = min(error.context_mark.index, len(text)) if error.context_mark else at
    scene = _Scene(text, Lines(text, ""), error.context or "", error.problem or "", at, since)
    message, hint, start = _told(scene)
    rule = "yaml-tag" if "tag" in scene.context and "tab" not in scene.problem else "yaml-syntax"
    return Problem(rule, message, hint, start, start + 1)


def _told(scene: _Scene) -> tuple[str, str, int]:
    problem, context = scene.problem, scene.context
    if "cannot start any token" in problem:
        return *_bad_start(scene), scene.at
    if "tab character" in problem:
        return "a tab is used for indentation", "use spaces", scene.at
    if "mapping values are not allowed" in problem:
        return *_second_colon(scene), scene.at
    if "could not find expected ':'" in problem:
        if scene.text[scene.since : scene.since + 1] == "-":
            return "a list item needs a space after its -", "write `- item`", scene.since
        return (
            "this line has no ': ' after its key",
            "write `key: value`, with a space after the colon",
            scene.since,
        )
    if "while scanning a plain scalar" in context:
        return (
            "a colon inside this text is not followed by a space",
            f"write `key: value`, or {_QUOTE}",
            scene.at,
        )
    if "expected key" in problem or "expected '-'" in problem:
        return *_unexpected_line(scene), scene.at
    if "',' or" in problem:
        return *_open_bracket(scene), scene.since
    if "quoted scalar" in context:
        return *_bad_quote(scene), scene.at if "escape" in problem else scene.since
    return *_rest(scene), scene.since if "tag" in context else scene.at


def _bad_start(scene: _Scene) -> tuple[str, str]:
    if scene.character == "\t":
        return "a tab is used for indentation", "use spaces"
    if scene.character in "@`":
        word = re.split(r"[\s,\]}]", scene.text[scene.at : scene.at + 60], maxsplit=1)[0]
        bare = word.strip("@`")
        return (
            f"a plain text cannot begin with {scene.character}",
            f'put it in quotes: "{word}"' + (f", or write {bare} without it" if bare else ""),
        )
    return f"a plain text cannot begin with {quoted(scene.character)}", _QUOTE


def _second_colon(scene: _Scene) -> tuple[str, str]:
    if ": " in scene.before:
        return "there is a second ': ' in this line", f"a text that contains a colon and a space: {_QUOTE}"
    above = scene.line_before()
    here, there = _indent(scene.here), _indent(above)
    if here > there:
        return (
            f"this line begins in column {here + 1}, the one before in column {there + 1}",
            "line it up with its neighbours",
        )
    if above and ":" in above and not re.search(r":(\s|$)", above):
        return "the line before has a colon without a space after it", "write `key: value`, with a space"
    return "the line before has no ': ' after its key", "write `key: value`, with a space after the colon"


def _unexpected_line(scene: _Scene) -> tuple[str, str]:
    if scene.before.strip(" -"):
        if re.search(r"[\"']\s*$", scene.before):
            return (
                "something follows the closing quote",
                "put the whole text inside the quotes; an apostrophe inside '...' is written twice, or use \"...\"",
            )
        return f"{quoted(scene.character)} is not expected here", f"if it is part of a text, {_QUOTE}"
    if scene.character in "]}":
        return f"a {scene.character} closes nothing", "delete it, or add the bracket that opens"
    here, there = _indent(scene.here), _indent(scene.line_before())
    if scene.here.lstrip().startswith("-") and "key" in scene.problem:
        return (
            "a list item stands where a key is expected",
            "check the indentation, or the key the list belongs to",
        )
    if "'-'" in scene.problem and scene.character != "-":
        return "a key stands where the list above goes on", "begin it with '- ', or check the indentation"
    if here != there:
        return (
            f"this line begins in column {here + 1} and lines up with nothing above it",
            "indent it exactly as the lines it belongs with",
        )
    return "this line does not belong to what stands above it", "check the indentation and the quotes above"


def _open_bracket(scene: _Scene) -> tuple[str, str]:
    opening = scene.text[scene.since : scene.since + 1]
    closing = {"[": "]", "{": "}"}.get(opening, "]")
    number = scene.lines.number(scene.since)
    rest = scene.text[scene.since : scene.lines.bounds(number)[1]]
    if re.search(r"[\s\[{,]#\S", rest):
        return (
            f"the {opening} is not closed: a # begins a comment and swallows the rest of the line",
            'put the text in quotes: "#..."',
        )
    message = f"the {opening} is not closed by a {closing}, or a comma is missing inside it"
    if closing in rest:
        return message, f"separate the parts with commas; {_QUOTE} when it has brackets, quotes or ': ' in it"
    return message, f"add the {closing}"


def _bad_quote(scene: _Scene) -> tuple[str, str]:
    if "escape" in scene.problem or "hexdecimal" in scene.problem:
        return (
            'a \\ inside "..." begins an escape that does not exist',
            "write \\\\ for a backslash, or use '...'",
        )
    return "the quote that begins here is never closed", "add the closing quote"


def _rest(scene: _Scene) -> tuple[str, str]:
    problem, context = scene.problem, scene.context
    if "tag" in context:
        return (
            "a text that begins with ! is a YAML tag, and tags are not used here",
            f"delete it, or {_QUOTE}",
        )
    if "an alias" in context or "an anchor" in context:
        sign = "*" if "alias" in context else "&"
        return f"a plain text cannot begin with {sign}", _QUOTE
    if "block sequence entries" in problem:
        return "a list item cannot stand here", "begin the list on its own line, or write [a, b]"
    if "mapping keys" in problem:
        return "a key cannot stand here", f"if the ? is part of a text, {_QUOTE}"
    if "block scalar" in context:
        return "the line that begins a text block holds something else", "write | alone and the text below it"
    if "directive" in context or "directive" in problem or "YAML document" in problem:
        return "a line that begins with % is a YAML directive and is not used here", "delete the line"
    if "node content" in problem:
        return "a value is missing here", f"add it, or delete the comma; if this is part of a text, {_QUOTE}"
    if "document" in problem:
        return "this does not belong to what stands above it", "check quotes, brackets and indentation above"
    return problem or "this is not YAML", "check quotes, brackets and indentation here and in the line above"


def _indent(line: str) -> int:
    """Where the text of a line begins; after the dashes of a list item."""
    match = _CONTENT.match(line)
    return match.end() if match else 0
