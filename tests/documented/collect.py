"""Every command that the documentation shows: in Markdown files, and in the examples of `--help`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import click

from shared import ROOT
from watchbill.cli.main import root

FILES = (
    "README.md",
    "policies/README.md",
    "schema/README.md",
    "sync/README.md",
    "tests/README.md",
    "CONTRIBUTING.md",
)
SHELL = re.compile(
    r"(?:[A-Z_]+=\S+ +)*(?:\.venv/bin/)?watchbill .+|(?:echo|cat) .*\| *watchbill .+", re.DOTALL
)
_CONTINUED = re.compile(r"(\\|\||&&)$")


@dataclass(frozen=True)
class Command:
    source: str
    line: int
    text: str
    """As it stands there; continued lines are one command."""
    near: str = ""
    """The paragraph, table row or example around it."""

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.text}"


@dataclass(frozen=True)
class Group:
    """Commands that a reader types one after the other."""

    name: str
    commands: tuple[Command, ...]


def markdown_groups(source: str, text: str) -> list[Group]:
    """One for each section with commands."""
    groups: dict[str, list[Command]] = {}
    section = ""
    for kind, number, block in _blocks(text):
        if kind == "heading":
            section = block.lstrip("# ")
            continue
        found = groups.setdefault(section, [])
        if kind == "sh":
            found += [Command(source, number + n, line, block) for n, line in _lines(block)]
        elif kind == "indented":
            lines = _lines(block)
            found += [Command(source, number + n, line, block) for n, line in lines if SHELL.fullmatch(line)]
        elif kind == "text":
            for span in re.finditer(r"(?<!`)`([^`]+)`(?!`)", block):
                code = " ".join(span[1].split())
                if SHELL.fullmatch(code):
                    line = number + block.count("\n", 0, span.start())
                    found.append(Command(source, line, code, _row(block, span.start())))
    return [Group(f"{source}: {name}", tuple(found)) for name, found in groups.items() if found]


def _row(block: str, place: int) -> str:
    """The table row at that place, or the whole paragraph."""
    start, end = block.rfind("\n", 0, place) + 1, block.find("\n", place)
    row = block[start : end if end >= 0 else len(block)]
    return row if row.startswith("|") else block


def _blocks(text: str) -> Iterator[tuple[str, int, str]]:
    """(heading, text, indented or the language of a fence; first line's number; content)."""
    kind, start, block, fence = "", 1, list[str](), ""
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if fence:
            if line.strip() == fence:
                yield kind, start, "\n".join(block)
                kind, block, fence = "", [], ""
            else:
                block.append(line)
            continue
        opened = re.match(r"\s*(`{3,})(\w*)", line)
        now = (
            "fence" if opened
            else "heading" if line.startswith("#")
            else "" if not line.strip()
            else "text" if kind == "text"
            else "indented" if line.startswith("    ")
            else "text"
        )  # fmt: skip
        if now != kind or now == "heading":
            if block:
                yield kind, start, "\n".join(block)
            kind, start, block = now, number, []
        if opened:
            kind, start, fence = opened[2], number + 1, opened[1]
        elif now:
            block.append(line)


def _lines(block: str) -> list[tuple[int, str]]:
    """(place from 0, command); comments alone are left out, continued lines joined."""
    found: list[tuple[int, str]] = []
    open_ = False
    for number, raw in enumerate(block.splitlines()):
        line = raw.strip()
        if open_:
            first, before = found[-1]
            found[-1] = (first, f"{before}\n{line}")
        elif line and not line.startswith("#"):
            found.append((number, line))
        open_ = bool(_CONTINUED.search(line))
    return found


@cache
def help_groups() -> tuple[Group, ...]:
    """One for each verb and sub-command; all of them have an example."""
    return tuple(_example(words, command) for words, command in walk(root, ("watchbill",)))


def walk(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from walk(below, (*words, name))


def _example(words: tuple[str, ...], command: click.Command) -> Group:
    name = f"{' '.join(words)} --help"
    found = re.search(r"Examples?: +(.*?)(?:\n[ \b]*\n|\Z)", command.help or "", re.DOTALL)
    assert found, f"{name} has no example"
    lines = [(n, line) for n, line in _lines(found[1])]
    return Group(name, tuple(Command(name, n + 1, line, found[1]) for n, line in lines))


def groups_of(*files: str) -> list[Group]:
    return [group for file in files for group in markdown_groups(file, (ROOT / file).read_text("utf-8"))]
