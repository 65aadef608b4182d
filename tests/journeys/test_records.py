"""The record next to a pinned id: what survives, what renews it, and trees that were made before there was one."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inprocess import START, WAIVED, Desk
from journeys.conftest import clean_environment
from journeys.test_whose_edit import LATER, OURS, Item, by_hand, classes, imported, items, texts, theirs


@pytest.fixture
def brought(tmp_path: Path) -> Iterator[Desk]:
    with imported(tmp_path, by_hand()) as desk:
        yield desk


def item(desk: Desk, handle: str) -> Item:
    return next(one for one in items(desk) if one.handle == handle)


def without_records(desk: Desk) -> None:
    for path, text in texts(desk).items():
        path.write_text(re.sub(r", read: [^,}]+", "", text), "utf-8")
    desk.repo.commit(START, "as an older version imported it")


def test_the_record_survives_another_layout_a_move_and_a_shallow_clone(brought: Desk) -> None:
    weekly = item(brought, "weekly")
    moved = brought.policies / "moved.yaml"
    moved.write_text(weekly.text.replace("{id:", "{ id:"), "utf-8")
    weekly.path.unlink()
    assert brought.watchbill("fmt").code == 0
    assert OURS["title"](item(brought, "weekly"))
    brought.repo.commit(LATER, "moved and renamed")
    shallow = brought.home / "shallow"
    source = f"file://{brought.repo.folder}"
    subprocess.run(["git", "clone", "-q", "--depth", "1", source, str(shallow)], check=True)
    brought.repo = type(brought.repo)(shallow)
    assert classes(brought) == {"PSCHD002": "pending"}


def test_after_the_first_write_the_marker_decides(brought: Desk) -> None:
    weekly = item(brought, "weekly")
    assert OURS["title"](weekly)
    assert brought.applies().code == 0
    theirs(brought, weekly, "zone")
    assert classes(brought) == {"PSCHD002": "drift"}
    assert OURS["description"](weekly)
    assert classes(brought) == {"PSCHD002": "conflict"}


@pytest.mark.parametrize(("answer", "code"), [("n", 10), ("y", 0)])
def test_on_a_terminal_adopt_shows_the_edit_and_asks(answer: str, code: int, brought: Desk) -> None:
    theirs(brought, item(brought, "weekly"), "description")
    before = texts(brought)
    ours, terminal = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    words = [sys.executable, "-m", "watchbill", "--policies", str(brought.policies), "adopt"]
    account = {"PAGERDUTY_URL": brought.sandbox.url, "PAGERDUTY_TOKEN": brought.sandbox.token}
    env = {**clean_environment(brought.home), **account, "WATCHBILL_NOW": LATER}
    done = subprocess.run(words, stdin=terminal, capture_output=True, text=True, env=env, check=False)
    os.close(ours)
    os.close(terminal)
    assert done.returncode == code, done.stdout + done.stderr
    assert "+    description: Theirs 0" in done.stdout
    assert (texts(brought) == before) == (answer == "n")


def test_adopting_renews_the_record(brought: Desk) -> None:
    """Without git: nothing but the record can show it."""
    weekly = item(brought, "weekly")
    before = weekly.block
    theirs(brought, weekly, "zone")
    ran = brought.watchbill("adopt")
    assert ran.code == 0, ran.out
    assert "read: " in weekly.block
    assert re.search("read: [^,]*", weekly.block)[0] != re.search("read: [^,]*", before)[0]  # type: ignore[index]
    (brought.repo.folder / ".git").rename(brought.home / "elsewhere")
    assert classes(brought) == {}
    assert OURS["title"](weekly)
    assert classes(brought) == {"PSCHD002": "pending"}


def test_where_no_record_is_git_shows_whose_edit_it_is(brought: Desk) -> None:
    without_records(brought)
    weekly, alone = item(brought, "weekly"), item(brought, "alone")
    assert OURS["title"](weekly)
    brought.repo.commit(LATER, "ours")
    theirs(brought, alone, "description")
    assert classes(brought) == {"PSCHD002": "pending", "PSCHD003": "drift"}
    assert "adopt --record" in brought.watchbill("plan").out


def test_where_neither_shows_it_adopt_takes_no_side_unasked(brought: Desk) -> None:
    without_records(brought)
    weekly = item(brought, "weekly")
    assert OURS["title"](weekly)
    (brought.repo.folder / ".git").rename(brought.home / "elsewhere")
    assert classes(brought) == {"PSCHD002": "drift"}
    before = texts(brought)
    ran = brought.watchbill("adopt")
    assert (ran.code, texts(brought)) == (10, before)
    assert "watchbill adopt weekly" in ran.out
    assert brought.watchbill("adopt", "weekly").code == 0
    assert classes(brought) == {}


def test_a_record_is_written_where_both_agree(brought: Desk) -> None:
    without_records(brought)
    weekly = item(brought, "weekly")
    theirs(brought, item(brought, "alone"), "description")
    ran = brought.watchbill("adopt", "--record", "--json", "-q")
    assert ran.code == 10
    answer = json.loads(ran.out)
    assert [one["key"] for one in answer["left"]] == ["rotation/alone"]
    assert "rotation/weekly" in {one["key"] for one in answer["adopted"]}
    assert "+    pagerduty: {id: PSCHD002, layer_names: [Layer 1], read: " in answer["diff"]
    (brought.repo.folder / ".git").rename(brought.home / "elsewhere")
    assert OURS["title"](weekly)
    assert classes(brought)["PSCHD002"] == "pending"
    assert brought.watchbill("adopt", "--record").code == 10, "nothing more to record, one still differs"


def test_what_was_imported_and_then_deleted_is_drift(brought: Desk) -> None:
    with brought.sandbox.store.transaction():
        brought.sandbox.store.execute("DELETE FROM objects WHERE kind='service' AND id='PSERV002'")
    ran = brought.watchbill("drift")
    assert ran.code == 10, ran.out
    assert "was deleted in the account after it was imported" in " ".join(ran.out.split())


@pytest.mark.parametrize("read", ["3f9c2a", "3f9c2@2026-11-23T14:00Z", "3f9c2a@2026-02-30T14:00Z", "12"])
def test_a_record_of_another_form_is_a_finding(read: str, brought: Desk) -> None:
    weekly = item(brought, "weekly")
    assert weekly.replace(r"read: [^,]+", f"read: '{read}'")
    ran = brought.watchbill("check")
    assert ran.code == 3
    assert "record of what was read" in " ".join(ran.out.split())


def test_words_that_others_use_too_are_not_taken_from_them(brought: Desk) -> None:
    """One title line, two objects: what the policy changed of one stays, though another was edited by hand."""
    assert OURS["last wait"](item(brought, "main"))
    theirs(brought, item(brought, "second"), "loops")
    brought.repo.commit(LATER, "ours")
    before = item(brought, "main").block
    assert brought.watchbill("adopt").code == 0
    assert item(brought, "main").block == before
    assert classes(brought) == {"PESCP001": "pending"}


def test_an_apply_after_all_leaves_nothing(brought: Desk) -> None:
    assert OURS["title"](item(brought, "weekly"))
    theirs(brought, item(brought, "alone"), "description")
    assert brought.applies(*WAIVED).code == 0
    assert brought.in_sync
    assert brought.watchbill("drift").code == 0
