"""Crews changed in files as people really write them: comments, anchors, quotes, braces, CRLF."""

from __future__ import annotations

from typing import Any

import pytest

from watchbill.config.change_crews import write_crews
from watchbill.config.change_form import NOTE, dated_form, usual_form
from watchbill.config.edit import EditRefused
from watchbill.config.yaml_reader import read_yaml
from watchbill.model.policy import Policy
from watchbill.model.rotations import Counted
from watchbill.rota.clock import parse_instant
from watchbill.rota.crew_change import change_crew
from watchbill.rota.crew_places import Ask

NOW = parse_instant("2026-11-25T12:00:00Z")
PATH = ("rotations", "r")
HEAD = "rotations:\n  r:\n    title: R\n    turn: 1 week\n    handoff: mon 09:00\n"

FILES = {
    "comments and quotes": """# top
rotations:
  # about r
  r:
    title: R  # t
    turn: 1 week
    handoff: mon 09:00
    from: '2026-11-16'   # first Monday
    # between
    crew: &crew [a, "b", c,   d] # cc

    first: b
    # below
    hours: always
  s: {title: S, crew: [a]}
""",
    "a list in lines": HEAD
    + """    crew:
    - a   # A
    # x
    - 'b'

    - c
    from: 2026-11-16
""",
    "keys far apart": """rotations:
    r:
        from: 2026-11-16 # yes
        title: R
        turn: 1 week

        crew: [a, b,
               c]
        handoff: mon 09:00
        first: "b"  # f""",
    "words like ours": """rotations:
  r:
    # from: 2025-01-06
    title: R
    # in crews: nothing
    turn: 1 week
    handoff: mon 09:00
    first: b
    crew: ['a', "b", c]
    hours: always
    from: 2026-11-16
    # the end
  s: {title: S, crew: [a]}
""",
    "quoted keys": HEAD + """    "from": "2026-11-16"\n    'crew': ["a", 'b']\n""",
    "braces": """rotations:
  r: {title: R, turn: 1 week, handoff: mon 09:00, from: 2026-11-16, crew: [a, b, c], first: b} # hi
  s: {title: S, crew: [a]}
""",
    "braces in braces": """rotations: {r: {title: R, turn: 1 week, handoff: mon 09:00, from: 2026-11-16, crew: [a, b, c]}}
""",
    "braces, keys far apart": """rotations:
  r: {title: R, from: "2026-11-16", first: 'b', turn: 1 week, handoff: mon 09:00, hours: always, crew: [a, b, c]}
""",
    "braces over lines": """rotations:
  r: {
    title: R, # t
    turn: 1 week, handoff: mon 09:00,
    from: 2026-11-16, # start
    crew: [a, b, # two
      c],
    hours: always,
  }
""",
    "a merge": """rotations:
  s: {title: S, <<: &weekly {turn: 1 week, handoff: mon 09:00, from: 2026-11-16}, crew: [a]}
  r:
    <<: *weekly
    title: R
    crew: [a, b, c]
""",
    "an alias": """rotations:
  s: {title: S, turn: 1 week, handoff: mon 09:00, from: 2026-11-16, crew: &all [a, b, c]}
  r:
    title: R
    turn: 1 week
    handoff: mon 09:00
    from: 2026-11-16
    crew: *all
""",
    "no line break at the end": HEAD + "    from: 2026-11-16\n    crew: [a, b, c]",
    "dated with one entry": HEAD + "    crews:\n      - {from: 2026-11-16, order: [a, b, c]} # k\n",
    "dated in one line": """rotations:
  r: {title: R, turn: 1 week, handoff: mon 09:00, crews: [{from: 2026-11-16, order: [a, b, c]}]} # k
""",
    "dated, another to come": HEAD
    + """    crews:
      - from: 2026-11-16
        turn: 2 weeks
        order:
          - a
          - b # b
          - c
      - from: 2026-12-14 # later
        first: c
        order:
          - a
          - b # b
          - c
        reason: why not
""",
    "not begun": HEAD + "    from: 2027-01-04 # next year\n    crew: [a, b, c] # k\n    first: b\n",
    "one person": "rotations:\n  r:\n    title: R\n    crew: [a] # just a\n    hours: always\n",
    "one person in braces": "rotations:\n  r: {title: R, crew: [a]}\n",
}


def policy(text: str) -> Policy:
    return Policy.model_validate(
        {
            "settings": {"format": 1, "organization": "X", "time_zone": "Europe/Bucharest"},
            "people": {name: {"name": name, "email": f"{name}@x.example"} for name in "abcdef"},
            "rotations": read_yaml(text, "").data["rotations"],
        }
    )


def change(text: str, kind: Any, person: str, **options: Any) -> str:
    return write_crews(text, PATH, change_crew(policy(text), "r", Ask(kind, person, **options), NOW))


def counting(name: str) -> dict[str, Any]:
    said = {"turn": "1 week", "handoff": "mon 09:00"}
    return {"counting": Counted.model_validate(said)} if name.startswith("one") else {}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("options", [{}, {"first": True}, {"after": "a"}], ids=str)
@pytest.mark.parametrize("name", FILES)
def test_add_then_remove_restores_every_byte(name: str, options: dict[str, Any], newline: str) -> None:
    text = FILES[name].replace("\n", newline)
    added = change(text, "add", "e", **options, **counting(name))
    assert "e" in policy(added).rotations["r"].members
    assert added.count("\r") == (added.count("\n") if newline == "\r\n" else 0)
    assert change(added, "remove", "e") == text


@pytest.mark.parametrize("name", FILES)
def test_what_was_there_stays_in_place(name: str) -> None:
    """Without the lines of the crew itself, the rest is the same and in the same order."""
    text = FILES[name]
    added = change(text, "add", "e", **counting(name))
    words = ("from", "crew", "first", "order", "turn: ", "- a", "- b", "- c", "c]", "- 'b'")
    kept = [line for line in text.splitlines() if line.strip() and not any(word in line for word in words)]
    left = iter(line.strip() for line in added.splitlines())
    assert all(any(found.startswith(line.strip()) for found in left) for line in kept)


def test_the_old_lines_move_as_they_are() -> None:
    assert (
        change(FILES["comments and quotes"], "add", "e")
        == """# top
rotations:
  # about r
  r:
    title: R  # t
    turn: 1 week
    handoff: mon 09:00
    crews: # each crew from its date on
      - from: '2026-11-16'   # first Monday
        # between
        order: &crew [a, "b", c,   d] # cc

        first: b
      - from: 2026-11-30
        order: [d, a, b, c, e]
    # below
    hours: always
  s: {title: S, crew: [a]}
"""
    )


def test_a_new_crew_takes_along_what_the_running_one_says_for_itself() -> None:
    added = change(FILES["dated, another to come"], "add", "e")
    assert read_yaml(added, "").data["rotations"]["r"]["crews"][1] == {
        "from": "2026-11-30",
        "order": ["b", "c", "a", "e"],
        "turn": "2 weeks",
    }
    assert "reason: why not" in added


def test_a_second_change_edits_the_coming_crew_in_place() -> None:
    once = change(FILES["a list in lines"], "add", "e").replace("      - e", "      - e # new here")
    twice = change(once, "add", "d")
    assert twice == once.replace("      - e # new here\n", "      - e # new here\n      - d\n")
    moved = change(twice, "move", "e", after="d")
    assert read_yaml(moved, "").data["rotations"]["r"]["crews"][1]["order"] == ["c", "a", "b", "d", "e"]


def test_without_the_note_dated_crews_stay_dated() -> None:
    text = FILES["comments and quotes"]
    added = change(text, "add", "e").replace(f" {NOTE}", "")
    removed = change(added, "remove", "e")
    assert [crew["order"] for crew in read_yaml(removed, "").data["rotations"]["r"]["crews"]] == [[*"abcd"]]


def test_an_edit_by_hand_in_between_is_kept() -> None:
    text = FILES["braces"]
    added = change(text, "add", "e").replace("first: b}, ", "first: b, reason: said so}, ")
    removed = change(added, "remove", "e")
    assert "reason: said so" in removed
    assert "crews" in removed


def test_what_shows_in_other_places_is_left_to_a_human() -> None:
    shared = "rotations:\n  r: &r\n    title: R\n    turn: 1 week\n    handoff: mon 09:00\n    from: 2026-11-16\n    crew: [a, b]\n  s: {<<: *r, title: S}\n"
    with pytest.raises(EditRefused, match="line 8"):
        change(shared, "add", "e")
    coming = "rotations:\n  s: {title: S, crew: &all [a, b]}\n  r:\n    title: R\n    turn: 1 week\n    handoff: mon 09:00\n    from: 2027-01-04\n    crew: *all\n"
    with pytest.raises(EditRefused, match="line 2"):
        change(coming, "add", "e")
    with pytest.raises(EditRefused, match="human"):
        change(HEAD + "    from: 2026-11-16\n    ? crew\n    : [a, b]\n", "add", "e")


def test_both_forms_there_and_back() -> None:
    for name, text in FILES.items():
        if "dated" not in name and "one" not in name:
            assert usual_form(dated_form(text, PATH), PATH) == text, name
