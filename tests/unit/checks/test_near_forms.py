"""Hours and fallbacks that are refused: what is wrong with each, and a form that `check` takes when it is pasted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from examples.harness import findings_of, told
from watchbill.findings import Finding

POLICY = """\
settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  hours: {business: "mon-fri 09:00-18:00"}
people:
  ana: {name: Ana, email: ana@x.example}
  ben: {name: Ben, email: ben@x.example}
rotations:
  all: {title: All, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ben, ana]}
  weekend: {title: Weekend, turn: 1 week, handoff: sat 09:00, from: 2026-01-03, hours: "sat,sun", crew: [ben, ana]}
  tokyo: {title: Tokyo, time_zone: Asia/Tokyo, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ben, ana]}
  chained: {title: Chained, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, hours: business, otherwise: all, crew: [ben, ana]}
  back: {title: Back, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, hours: business, otherwise: BACK, crew: [ben, ana]}
  r: {title: R, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben], hours: HOURS, otherwise: OTHERWISE}
"""
WRONG_HOURS = {
    "08:00-20:00": ("it names no days", "daily 08:00-20:00"),
    "9:00-17:00": ("it names no days", "daily 09:00-17:00"),
    "mon-fri 9-17": ("times are written HH:MM", "mon-fri 09:00-17:00"),
    "mon-fri 9:00-17:00": ("times are written HH:MM", "mon-fri 09:00-17:00"),
    "mon-fri 9-5": ("times are written HH:MM", "mon-fri 09:00-17:00"),
    "mon-fri 9am-5pm": ("times are written HH:MM", "mon-fri 09:00-17:00"),
    "mon-fri 09.00-18.00": ("times are written HH:MM", "mon-fri 09:00-18:00"),
    "mon-fri 0900-1800": ("times are written HH:MM", "mon-fri 09:00-18:00"),
    "mon, tue 09:00-17:00": ("days are written", "mon,tue 09:00-17:00"),
    "mon/tue 09:00-17:00": ("days are written", "mon,tue 09:00-17:00"),
    "mon-fri, sat 09:00-18:00": ("days are written", "mon,tue,wed,thu,fri,sat 09:00-18:00"),
    "mon - fri 09:00-18:00": ("days are written", "mon-fri 09:00-18:00"),
    "Mon-Fri 09:00-18:00": ("small letters", "mon-fri 09:00-18:00"),
    "monday-friday 09:00-18:00": ("days are named", "mon-fri 09:00-18:00"),
    "mo-fr 09:00-18:00": ("days are named", "mon-fri 09:00-18:00"),
    "weekdays 09:00-18:00": ("days are named", "mon-fri 09:00-18:00"),
    "every day 09:00-18:00": ("days are named", "daily 09:00-18:00"),
    "09:00-18:00 mon-fri": ("days come before hours", "mon-fri 09:00-18:00"),
    "mon-fri from 09:00 to 18:00": ("with a hyphen", "mon-fri 09:00-18:00"),
    "mon-fri 09:00 - 18:00": ("without blanks", "mon-fri 09:00-18:00"),
    "daily 00:00-24:00": ("24:00 is written 00:00", "always"),
    "mon-fri 18:00-24:00": ("24:00 is written 00:00", "mon-fri 18:00-00:00"),
    "sat,sun 25:00-26:00": ("there is no time 25:00", "sat,sun 09:00-18:00"),
    "daily 09:00": ("a start and no end", "daily 09:00-18:00"),
    "24/7": ("the whole week is written always", "always"),
    "24:00": ("the whole week is written always", "always"),
    "friday 18:00 to monday 8:00": ("times are written HH:MM", "fri 18:00 - mon 08:00"),
    "mon-fri 09:00-12:00, 13:00-18:00": (
        "more than one window",
        ["mon-fri 09:00-12:00", "mon-fri 13:00-18:00"],
    ),
    "mon-fri 09:00-18:00, sat 10:00-14:00": (
        "more than one window",
        ["mon-fri 09:00-18:00", "sat 10:00-14:00"],
    ),
    "weekdays": ("there is no entry of settings.hours", "mon-fri 09:00-18:00"),
    "weekends": ("there is no entry of settings.hours", "sat,sun"),
    "nights": ("there is no entry of settings.hours", "daily 18:00-09:00"),
    "bussiness": ("there is no entry of settings.hours", "business"),
}
WRONG_FALLBACKS = {
    "r": ("falls back to itself", "all"),
    "weekend": ("not there all the time", "all"),
    "tokyo": ("their turns cannot be copied", "all"),
    "chained": ("itself falls back to 'all'", "all"),
    "back": ("falls back to 'r' again", "all"),
}


def errors(folder: Path, hours: object = "business", otherwise: str = "all") -> list[Finding]:
    folder.mkdir(exist_ok=True)
    text = POLICY.replace("HOURS", json.dumps(hours)).replace("OTHERWISE", otherwise)
    (folder / "policy.yaml").write_text(text.replace("BACK", "r" if otherwise == "back" else "all"), "utf-8")
    return [found for found in findings_of(folder) if found.is_error]


@pytest.mark.parametrize("form", WRONG_HOURS)
def test_hours_that_are_refused_lead_to_the_nearest_window(form: str, tmp_path: Path) -> None:
    wrong, nearest = WRONG_HOURS[form]
    (found,) = errors(tmp_path, form)
    assert wrong in found.message, found
    pasted = re.search(r"(?:write it like|did you mean) ('[^']+'|\[.*?\])", found.hint)
    assert pasted is not None, found.hint
    written = json.loads(pasted[1].replace("'", '"'))
    assert written == nearest
    assert not errors(tmp_path, written), told(errors(tmp_path, written))


@pytest.mark.parametrize(
    ("form", "nearest"),
    [
        ("08:00-20:00", "daily 08:00-20:00"),
        ("24/7", "daily 00:00-00:00"),
        ("mon-fri 9-17", "mon-fri 09:00-17:00"),
    ],
)
def test_so_do_hours_in_the_settings(form: str, nearest: str, tmp_path: Path) -> None:
    policy = POLICY.replace("HOURS", "business").replace("OTHERWISE", "all").replace("BACK", "all")
    said = []
    for hours in (form, nearest):
        text = policy.replace("mon-fri 09:00-18:00", hours)
        (tmp_path / "policy.yaml").write_text(text, "utf-8")
        said.append([f.hint for f in findings_of(tmp_path) if f.is_error])
    assert said == [[f"write it like '{nearest}'"], []]


@pytest.mark.parametrize("name", WRONG_FALLBACKS)
def test_a_fallback_that_is_refused_leads_to_one_that_is_not(name: str, tmp_path: Path) -> None:
    wrong, nearest = WRONG_FALLBACKS[name]
    found = next(f for f in errors(tmp_path, otherwise=name) if f.place == ("rotations", "r", "otherwise"))
    assert wrong in found.message, found
    pasted = re.search(r"`otherwise: ([a-z-]+)`", found.hint)
    assert pasted is not None, found.hint
    assert pasted[1] == nearest
    assert not errors(tmp_path, otherwise=pasted[1]), told(errors(tmp_path, otherwise=pasted[1]))


def test_a_fallback_in_another_zone_leads_to_following_the_sun(tmp_path: Path) -> None:
    (found,) = errors(tmp_path, otherwise="tokyo")
    assert "page both on one step of the ladder: `0m: [r, tokyo]`" in found.hint
    text = POLICY.replace(", otherwise: OTHERWISE", "").replace("BACK", "all")
    text = text.replace("HOURS", '"daily 08:00-20:00"').replace(
        "title: Tokyo,", 'title: Tokyo, hours: "daily 03:00-15:00",'
    )
    ladder = "ladders:\n  sun: {title: Sun, steps: {0m: [r, tokyo]}, repeat: 1}\n"
    (tmp_path / "policy.yaml").write_text(text + ladder, "utf-8")
    assert not [f for f in findings_of(tmp_path) if f.is_error], told(findings_of(tmp_path))
