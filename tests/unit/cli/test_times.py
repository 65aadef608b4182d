"""Times as people type them, in a zone with clock changes."""

from __future__ import annotations

import click
import pytest

from watchbill.cli.times import parse_time
from watchbill.rota.clock import iso, parse_instant, zone

NOW = parse_instant("2026-11-23T14:00:00Z")
WHERE = zone("Europe/Bucharest")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", "2026-11-23T14:00:00Z"),
        ("2026-11-29 03:00", "2026-11-29T01:00:00Z"),
        ("2026-11-29T03:00", "2026-11-29T01:00:00Z"),
        ("2026-11-29T03:00Z", "2026-11-29T03:00:00Z"),
        ("2026-11-29T03:00:00+05:30", "2026-11-28T21:30:00Z"),
        ("2026-11-29", "2026-11-28T22:00:00Z"),
        ("2026-03-29 03:30", "2026-03-29T01:30:00Z"),  # skipped: forward by the gap
        ("2026-10-25 03:30", "2026-10-25T00:30:00Z"),  # twice: the first of the two
        ("tomorrow 09:00", "2026-11-24T07:00:00Z"),
        ("last tue 03:00", "2026-11-17T01:00:00Z"),
        ("+2h", "2026-11-23T16:00:00Z"),
        ("1900-01-01T00:00Z", "1900-01-01T00:00:00Z"),
        ("2199-12-31T23:59Z", "2199-12-31T23:59:00Z"),
    ],
)
def test_a_time_is_read(text: str, instant: str) -> None:
    assert iso(parse_time(text, WHERE, NOW)) == instant


@pytest.mark.parametrize(
    "text", ["0001-01-01", "9999-12-31", "0001-01-01T00:00+14:00", "9999-12-31T23:00-12:00", "+99999w"]
)
def test_a_time_out_of_reach_is_refused_by_name(text: str) -> None:
    with pytest.raises(click.UsageError, match="1900 to 2199"):
        parse_time(text, WHERE, NOW)


@pytest.mark.parametrize("text", ["", "garbage", "2026-13-45", "25:00", "tomorrow 9", "2026-11-29 3:00"])
def test_what_is_no_time_is_told_with_an_example(text: str) -> None:
    with pytest.raises(click.UsageError, match="write it like"):
        parse_time(text, WHERE, NOW)
