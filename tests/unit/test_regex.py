"""Regular expressions of other people take no more time than their text is long, and read as PagerDuty reads them."""

from __future__ import annotations

import pytest

from watchbill.forge.owners import read_owners
from watchbill.ladder.pcl import NotUnderstood, condition
from watchbill.regex import BadPattern, Pattern
from watchbill.sandbox.engine.pcl import Context, PclError, parse

SLOW = ("(a+)+$", "(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a|a?)+$", r"(\w+\s?)+$")
TEXT = "a" * 50_000 + "!"
"""Python's own engine takes 17 seconds for 26 letters of it, and twice as long for each letter more."""


@pytest.mark.parametrize("pattern", SLOW)
def test_no_pattern_goes_back_and_forth(pattern: str) -> None:
    rule = f"event.summary matches regex '{pattern}'".replace("\\", "\\\\")
    event = {"summary": TEXT}
    assert condition(rule)(event) is parse(rule)(Context(event, None, 0))


@pytest.mark.parametrize("pattern", ["(?=a)b", r"(a)\1", "(?<!a)b", "(", "(a{1000}){1000}"])
def test_what_pagerduty_cannot_read_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern, match=r"\w"):
        Pattern(pattern)
    rule = f"event.summary matches regex '{pattern}'".replace("\\", "\\\\")
    with pytest.raises(NotUnderstood, match="invalid regular expression"):
        condition(rule)
    with pytest.raises(PclError):
        parse(rule)


def test_what_it_finds() -> None:
    assert Pattern("disk (\\w+)").first("the disk sda is full") == "sda"
    assert Pattern("disk \\w+").first("the disk sda is full") == "disk sda"
    assert Pattern("(x)?disk").first("disk") is None
    assert Pattern("DISK", ignore_case=True).is_in("a disk")
    assert not Pattern("DISK").is_in("a disk")
    assert not Pattern("a").is_in("\ud800 a")
    assert Pattern("țară").is_in("în țară")
    assert Pattern("/users").starts("/users/P1")
    assert not Pattern("users").starts("/users/P1")


def test_a_pattern_of_owners_with_many_stars_ends_at_once() -> None:
    """Seven of them took 22 seconds, and ten times as long for each one more."""
    owners = read_owners("/policies/" + "*a" * 40 + "b @ana\n")
    assert owners.of("policies/" + "a" * 200) == ()
    assert owners.of("policies/" + "a" * 200 + "b") == ("@ana",)
