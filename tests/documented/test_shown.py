"""Output that the README shows is what its commands print; the first line installs; the session can be replayed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from textwrap import dedent

import pytest

from documented.collect import groups_of
from documented.desk import Desk, activation, new_desk, try_line
from documented.shell import Watchbill
from journeys.test_console_session import TYPED, session
from shared import ROOT


def test_the_output_under_a_command_is_what_it_prints(desk: Desk) -> None:
    """An indented block whose first line is a command, then an empty line, then the output."""
    text = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(r"(?m)^    (watchbill .*)\n\n((?:    .*\n|\n)+)", text)
    assert blocks
    desk.reset()
    for command, shown in blocks:
        ran = desk.type(command, COLUMNS="80")
        assert ran.code == 0, ran.err
        assert ran.out.strip("\n") == dedent(shown).strip("\n"), command


def test_the_session_is_replayed_by_the_lines_before_it(desk: Desk) -> None:
    (chat,) = (group for group in groups_of("README.md") if group.name == "README.md: In chat")
    *scene, console = [c.text for c in chat.commands if c.near.startswith("export WATCHBILL_NOW=")]
    desk.reset()
    assert desk.type("\n".join(["set -e", *scene])).code == 0
    ran = desk.type("\n".join([scene[0], console]), "\n".join([*TYPED, ""]))
    assert ran.code == 0, ran.err
    assert [line.rstrip() for line in ran.out.splitlines()] == [
        line.rstrip() for line in session().splitlines()
    ]


@pytest.mark.long
def test_the_first_line_installs_and_ends_in_sync(tmp_path: Path) -> None:
    """Word for word, with pip and the package index."""
    with Watchbill() as unused:
        desk = new_desk(tmp_path / "of", unused)
    shutil.rmtree(desk.clone / ".venv")
    desk.activate = ":"
    ran = desk.type(try_line(), seconds=600)
    assert ran.code == 0, ran.err
    assert "in sync" in ran.out
    desk.activate = activation()
    assert "watchbill, version" in desk.type("watchbill --version").out
    assert desk.type("watchbill plan --exit-code").code == 0
