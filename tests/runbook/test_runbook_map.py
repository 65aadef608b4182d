"""Nothing of the runbook is lost: each of its items has a place in the shipped policy, and the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Any

from runbook.document import Item, read
from runbook.places import deleted, leaves, read_policy, resolve, shown
from runbook.runbook_map import ENTRIES, MAP, READINGS, Entry, expected, misses
from shared import ROOT, shared


@cache
def raw() -> dict[str, Any]:
    return read_policy(ROOT / "policies")


def test_every_item_of_the_runbook_has_an_entry_and_no_entry_is_made_up() -> None:
    document = [(item.line, item.text) for item in read(shared("runbook.md"))]
    mapped = [(line, str(entry["text"])) for line, entry in ENTRIES]
    assert len(document) > 390
    assert mapped == document


def test_every_place_holds_what_the_map_says() -> None:
    assert list(misses(raw())) == []


def test_every_entry_says_where() -> None:
    for line, entry in ENTRIES:
        kinds = entry.keys() & {"at", "frames", "key", "column"}
        assert kinds in ({"at"}, {"frames"}, {"key"}, {"column"}, {"at", "frames"}), f"line {line}: {entry}"
        assert set(entry.get("frames", ())) <= MAP["sections"].keys(), f"line {line}: {entry}"
        if "key" in entry:
            resolve(raw(), entry["key"])
            assert entry["key"].split(".")[-1] == entry["text"].lstrip("@"), f"line {line}: {entry}"


def test_every_leaf_of_the_policy_is_in_the_map() -> None:
    mapped = {place for place, value in expected() if value is not None}
    in_policy = dict(leaves(raw()))
    assert in_policy.keys() - mapped == set(), "in policies/, but neither of the runbook nor explained"


def test_a_reason_stands_for_all_that_the_runbook_does_not_say() -> None:
    of_runbook = {place for _, entry in ENTRIES for place in entry.get("at", {})}
    for entry in MAP["beyond"]:
        assert entry["why"]
        assert entry["at"].keys() & of_runbook == set()


def test_deleting_any_leaf_of_the_policy_is_noticed() -> None:
    policy = read_policy(ROOT / "policies")
    places = [place for place, _ in leaves(policy)]
    assert len(places) > 690
    unnoticed = []
    for place in places:
        with deleted(policy, place):
            if next(misses(policy), None) is None:
                unnoticed.append(place)
    assert unnoticed == []
    assert policy == raw(), "the test must put back what it takes out"


def is_said(text: str, value: object) -> bool:
    """Whether the runbook's words carry the value: verbatim, by the name of what it names, by a template, by a reading."""
    words = shown(value)
    if any(phrase.casefold() in text.casefold() and meant == value for phrase, meant in READINGS.items()):
        return True
    if value is None:
        return False
    if "{{" in words:
        shape = re.sub(r"\\{\\{\\ \w+\\ \\}\\}", ".+", re.escape(words))
        return re.fullmatch(re.sub(r"^1\\\.", r"\\d+\\.", shape), text) is not None
    return any(name.casefold() in text.casefold() for name in (words, *_names(words)))


def _names(handle: str) -> list[str]:
    found = raw()["roles"].get(handle) or raw()["rotations"].get(handle) or {}
    return [found["title"], *found.get("aliases", [])] if found else []


def test_every_value_is_what_the_runbook_says() -> None:
    unsaid = [
        f"line {line}: {entry['text']!r} does not say {place} = {value!r}"
        for line, entry in ENTRIES
        if "reading" not in entry
        for place, value in entry.get("at", {}).items()
        if not is_said(str(entry["text"]), value)
    ]
    assert unsaid == []


def _tables() -> Iterator[tuple[list[Entry], list[list[Entry]]]]:
    """Each table as its heading cells and its rows, in the map's words."""
    entries = iter(ENTRIES)
    cells = [(item, next(entries)[1]) for item in read(shared("runbook.md"))]
    for _, table in groupby((pair for pair in cells if pair[0].table), key=lambda pair: pair[0].table):
        heading, *rows = (
            [entry for _, entry in row] for _, row in groupby(table, key=lambda pair: pair[0].line)
        )
        yield heading, rows


def _object_and_tail(place: str) -> tuple[str, str]:
    segments = place.split(".")
    depth = 3 if segments[0] == "triggers" else 2
    return ".".join(segments[:depth]), ".".join(segments[depth:])


def _in_column(cell: Entry, tails: list[str]) -> dict[str, str]:
    """The cell's places that are of its column's keys, with the object that each belongs to."""
    if "key" in cell:
        return {cell["key"]: cell["key"]} if "key" in tails else {}
    split: Mapping[str, tuple[str, str]] = {place: _object_and_tail(place) for place in cell["at"]}
    return {
        place: owner
        for place, (owner, tail) in split.items()
        if any(tail == wanted or tail.startswith(f"{wanted}.") for wanted in tails)
    }


def test_cells_stand_under_their_column_and_beside_their_row() -> None:
    count = 0
    for heading, rows in _tables():
        taken: dict[str, str] = {}
        for row in rows:
            objects = set()
            for column, cell in zip(heading, row, strict=True):
                inside = _in_column(cell, column["column"])
                assert inside, f"{cell} is under {column['text']!r}, and has no place in {column['column']}"
                objects |= set(inside.values())
                count += 1
            for name in objects:
                assert taken.setdefault(name, row[0]["text"]) == row[0]["text"], f"{name} serves two rows"
    assert count == sum(1 for item in _items() if item.kind == "cell")


def test_minutes_of_the_matrix_are_those_of_its_heading() -> None:
    headings = [entry for _, entry in ENTRIES if str(entry.get("column", [""])[0]).startswith("steps.")]
    assert [READINGS[entry["text"]] for entry in headings] == ["0m", "15m", "30m", "1h", "2h"]
    assert all(entry["column"] == [f"steps.{READINGS[entry['text']]}"] for entry in headings)


def _items() -> list[Item]:
    return read(shared("runbook.md"))
