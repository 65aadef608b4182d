"""The change verbs in one process: what they refuse, and what they write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from watchbill.cli.main import root
from watchbill.errors import PolicyInvalid, UsageError, WatchbillError

HEAD = """# yaml-language-server: $schema=https://schemas.example/v1/policy.schema.json
settings:
  format: 1
  organization: X
  time_zone: Europe/Bucharest
  hours: {office: mon-fri 09:00-18:00}
people:
  ana: {name: Ana, email: ana@x.example}
  ben: {name: Ben, email: ben@x.example}
  cleo: {name: Cleo, email: cleo@x.example}
  dora: {name: Dora, email: dora@x.example}
rotations:
  desk: {title: Desk, turn: 1 week, handoff: mon 09:00, from: 2026-11-16, crew: [ana, ben, cleo]}
  lab: {title: Lab, turn: 1 week, handoff: mon 09:00, from: 2026-11-16, crew: [ana, ben], hours: office, otherwise: desk}
  hall: {title: Hall, covered_by: desk, until: 2027-03-31}
"""


@pytest.fixture
def wb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "all.yaml").write_text(HEAD, "utf-8")

    def run(*words: str, now: str = "2026-11-25T12:00:00Z") -> str:
        done = CliRunner().invoke(root, ["--now", now, *words], standalone_mode=False, catch_exceptions=False)
        return done.output

    return run


def refused(wb: Callable[..., str], *words: str, **options: Any) -> str:
    before = {path: path.read_bytes() for path in Path("policies").rglob("*.yaml")}
    with pytest.raises(UsageError) as caught:
        wb(*words, **options)
    assert {path: path.read_bytes() for path in Path("policies").rglob("*.yaml")} == before
    return f"{caught.value.message}; {caught.value.remedy}"


def text(name: str = "all.yaml") -> str:
    return (Path("policies") / name).read_text("utf-8")


def test_new_files_name_their_schema_where_the_others_do(wb: Callable[..., str]) -> None:
    wb("override", "add", "desk", "cleo", "--from", "2026-12-01 10:00", "--until", "2026-12-01 12:00")
    assert text("overrides/desk/2026-12-01-1000-cleo.yaml") == (
        "# yaml-language-server: $schema=https://schemas.example/v1/overrides.schema.json\n"
        "overrides:\n"
        "  - rotation: desk\n"
        "    person: cleo\n"
        "    from: 2026-12-01 10:00\n"
        "    until: 2026-12-01 12:00\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("desk", "cleo"), "--until T or --for"),
        (("desk", "cleo", "--for", "2h", "--until", "tomorrow"), "--until T or --for"),
        (("desk", "cleo", "--for", "soon"), "no duration"),
        (
            ("desk", "cleo", "--from", "tomorrow", "--until", "now"),
            "ends? before it begins|end before it begins",
        ),
        (("desk", "cleo", "--from", "2026-11-01 10:00", "--for", "2h"), "over already"),
        (("desk", "cleo", "--for", "2h", "--instead-of", "dora"), "Ben from 2026-11-25 14:00"),
        (("desk", "nobody", "--for", "2h"), "no person"),
    ],
)
def test_overrides_that_make_no_sense(wb: Callable[..., str], words: tuple[str, ...], said: str) -> None:
    import re

    assert re.search(said, refused(wb, "override", "add", *words))


def test_the_hour_that_comes_twice_is_said_the_second_time(wb: Callable[..., str]) -> None:
    wb("override", "add", "desk", "dora", "--from", "2027-10-31T01:30:00Z", "--for", "2h")
    assert "from: 2027-10-31 03:30 2nd" in text("overrides/desk/2027-10-31-0330-2nd-dora.yaml")
    wb("override", "cancel", "desk", "dora")
    wb("override", "add", "desk", "cleo", "--from", "2027-10-31T00:30:00Z", "--for", "2h")
    assert "from: 2027-10-31 03:30" in text("overrides/desk/2027-10-31-0330-cleo.yaml")


def test_cancel_asks_which_one(wb: Callable[..., str]) -> None:
    for day in ("2026-12-01", "2026-12-02"):
        wb("override", "add", "desk", "dora", "--from", f"{day} 10:00", "--for", "2h")
    several = refused(wb, "override", "cancel", "desk")
    for day in ("2026-12-01", "2026-12-02"):
        assert f"overrides/desk/{day}-1000-dora.yaml: desk, dora from {day} 10:00" in several
    wb("override", "cancel", "desk", "--from", "2026-12-02 11:00")
    assert "cancelled: true" in text("overrides/desk/2026-12-02-1000-dora.yaml")
    assert "cancelled" not in text("overrides/desk/2026-12-01-1000-dora.yaml")
    assert "no such override" in refused(wb, "override", "cancel", "lab")


def test_a_taken_name_is_numbered(wb: Callable[..., str]) -> None:
    add = ("override", "add", "desk", "dora", "--from", "2026-12-01 10:00", "--for")
    wb(*add, "2h")
    wb("override", "cancel", "desk")
    wb(*add, "3h")
    assert "for: 3h" in text("overrides/desk/2026-12-01-1000-dora-2.yaml")


def test_an_override_says_when_it_reaches_beyond_the_hours(wb: Callable[..., str]) -> None:
    inside = wb("override", "add", "lab", "dora", "--from", "2026-12-02 10:00", "--for", "2h")
    beyond = wb("override", "add", "lab", "dora", "--from", "2026-12-03 17:00", "--for", "2h")
    assert "outside the rotation's hours" not in inside
    assert "outside the rotation's hours" in beyond
    assert "Cleo" in wb("override", "add", "desk", "cleo", "--from", "2026-12-04 17:00", "--for", "2h")


def test_an_override_of_whom_it_is_anyway_changes_nobody(wb: Callable[..., str]) -> None:
    assert "nobody's duty changes" in wb("override", "add", "desk", "ben", "--for", "2h")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ana", "2026-12-10", "2026-12-01"), "before the first"),
        (("ana", "2026-11-10", "2026-11-12"), "over already"),
        (("zoe", "2026-12-01", "2026-12-02"), "no person"),
    ],
)
def test_leave_that_makes_no_sense(wb: Callable[..., str], words: tuple[str, ...], said: str) -> None:
    assert said in refused(wb, "leave", "add", *words)


def test_leave_without_duty_says_so(wb: Callable[..., str]) -> None:
    assert "no shift falls into these days" in wb("leave", "add", "dora", "2026-12-01", "2026-12-05")
    told = wb("leave", "add", "ana", "2026-12-07", "2026-12-08")
    assert "to cover: Desk, Mon 2026-12-07 09:00 to Wed 2026-12-09 00:00" in told
    assert told.count("to cover: Lab") == 0, "Ben has the lab that week"


def test_later_than_the_outlook_the_effect_is_still_told(wb: Callable[..., str]) -> None:
    told = wb("crew", "add", "desk", "dora", "--from", "2027-06-01")
    assert "at the handoff Mon 2027-06-07 09:00" in told
    assert "Dora  0 h" in told
    assert "Also\n  Lab" in told, "it falls back to the desk"


SITES = """\
rotations:
  sites:
    title: Sites
    layers:
      - {name: Base, crew: [cleo]}
      - {name: Days, turn: 1 week, handoff: mon 09:00, from: 2026-11-16, crew: [ana, ben]} # by day
      - name: Nights
        turn: 1 day
        handoff: daily 18:00
        from: 2026-11-16
        first: ben
        crew:
          - ana
          - ben
        hours: daily 18:00-02:00
        until: 2027-06-01 18:00
"""


def test_the_crew_of_a_layer_changes_at_its_handoff(wb: Callable[..., str]) -> None:
    """The layer lasts until the very handoff: no hour is anybody else's, or nobody's."""
    path = Path("policies/sites.yaml")
    path.write_text(SITES, "utf-8")
    assert "--layer with one of Base, Days, Nights" in refused(wb, "crew", "add", "sites", "dora")
    told = wb("crew", "add", "sites", "dora", "--layer", "Days")
    assert "Dora joins Sites, layer Days, at the handoff Mon 2026-11-30 09:00" in told
    assert "On call now: unchanged" in told
    days = "      - {name: Days, turn: 1 week, handoff: mon 09:00, from: "
    assert path.read_text("utf-8") == SITES.replace(
        f"{days}2026-11-16, crew: [ana, ben]}} # by day\n",
        f"{days}2026-11-16, crew: [ana, ben], until: 2026-11-30 09:00}} # by day\n"
        f"{days}2026-11-30, crew: [ana, ben, dora]}}\n",
    )
    wb("crew", "add", "sites", "cleo", "--layer", "Days")
    assert "from: 2026-11-30, crew: [ana, ben, dora, cleo]}" in path.read_text("utf-8"), (
        "the one that follows"
    )
    assert path.read_text("utf-8").count("name: Days") == 2


def test_a_layer_in_lines_keeps_its_hours_and_its_end(wb: Callable[..., str]) -> None:
    path = Path("policies/sites.yaml")
    path.write_text(SITES, "utf-8")
    wb("crew", "remove", "sites", "ben", "--layer", "Nights")
    text = path.read_text("utf-8")
    old, new = text.split("- name: Nights")[1:]
    assert "until: 2026-11-25 18:00" in old
    assert "first: ben" in old
    assert "first" not in new
    assert "from: 2026-11-25\n" in new
    assert "hours: daily 18:00-02:00" in new
    assert "until: 2027-06-01 18:00" in new
    assert "no findings" in wb("check") or "error" not in wb("check")


def test_a_layer_of_one_needs_turns_and_changes_at_no_other_time(wb: Callable[..., str]) -> None:
    Path("policies/sites.yaml").write_text(SITES, "utf-8")
    assert "--turn '1 week'" in refused(wb, "crew", "add", "sites", "dora", "--layer", "Base")
    wb("crew", "add", "sites", "dora", "--layer", "Base", "--turn", "1 week", "--handoff", "mon 12:00")
    text = Path("policies/sites.yaml").read_text("utf-8")
    assert "{name: Base, crew: [cleo], until: 2026-11-30 12:00}" in text
    assert "{name: Base, turn: 1 week, handoff: mon 12:00, from: 2026-11-30, crew: [cleo, dora]}" in text
    more = ("--layer", "Days", "--turn", "1 day", "--handoff", "daily 09:00")
    assert "turns of 1 week already" in refused(wb, "crew", "add", "sites", "dora", *more)
    now = refused(wb, "crew", "remove", "sites", "ana", "--layer", "Days", "--from", "now")
    assert "changes at a handoff" in now
    assert "has no layers" in refused(wb, "crew", "add", "desk", "dora", "--layer", "Days")


def test_options_that_exclude_each_other(wb: Callable[..., str]) -> None:
    refused(wb, "crew", "add", "desk", "dora", "--first", "--after", "ana")
    refused(wb, "crew", "move", "desk", "ana")
    refused(wb, "crew", "move", "desk", "ana", "--after", "ben", "--all", "--only-next")
    assert "turns of 1 week already" in refused(wb, "crew", "add", "desk", "dora", "--turn", "1 day")


def test_a_move_to_where_they_are_writes_nothing(wb: Callable[..., str]) -> None:
    told = wb("crew", "move", "desk", "cleo", "--before", "ana")
    assert "Nothing changes in Desk" in told
    assert text() == HEAD


def test_broken_files_are_not_edited(wb: Callable[..., str]) -> None:
    Path("policies/broken.yaml").write_text("people: [\n", "utf-8")
    with pytest.raises(PolicyInvalid):
        wb("crew", "add", "desk", "dora")
    assert text() == HEAD


@pytest.mark.parametrize(
    "elsewhere",
    [
        "roles:\n  lost: {title: Lost, held_by: zed}\n",
        "people:\n  zed: {name: Zed, email: ana@x.example}\n",
    ],
)
def test_an_error_that_was_there_before_does_not_stand_in_the_way(
    wb: Callable[..., str], elsewhere: str
) -> None:
    Path("policies/old.yaml").write_text(elsewhere, "utf-8")
    wb("crew", "add", "desk", "dora")
    assert "dora" in text().split("rotations")[1]


def test_where_turns_cannot_be_told_no_crew_is_changed(wb: Callable[..., str]) -> None:
    rotation = (
        "rotations:\n  lost: {title: Lost, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [zed]}\n"
    )
    Path("policies/old.yaml").write_text(rotation, "utf-8")
    with pytest.raises(PolicyInvalid):
        wb("crew", "add", "desk", "dora")
    assert text() == HEAD


def test_when_one_file_cannot_be_written_none_is(
    wb: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leaving at once writes the crew and an override; here a file stands where the override's folder belongs."""
    Path("policies/overrides").write_text("in the way", "utf-8")
    with pytest.raises(WatchbillError):
        wb("crew", "remove", "desk", "ben", "--from", "now")
    assert text() == HEAD
    assert [p.name for p in Path("policies").iterdir() if p.suffix != ".yaml"] == ["overrides"]


def test_whoever_steps_in_while_they_are_away_is_told_of(wb: Callable[..., str]) -> None:
    wb("leave", "add", "dora", "2026-12-24", "2026-12-27")
    told = wb("override", "add", "desk", "dora", "--from", "2026-12-27 20:00", "--for", "2h")
    assert "note: Dora is away from 2026-12-24 to 2026-12-27, both days included" in told
    free = wb("override", "add", "desk", "dora", "--from", "2026-12-28 00:00", "--for", "2h")
    assert "away" not in free
    assert "away" not in wb("override", "cancel", "desk", "dora", "--from", "2026-12-27 20:00")
