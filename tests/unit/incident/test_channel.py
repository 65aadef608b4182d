from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.incident.channel import LONGEST, channel_name, channel_problem


@given(st.text(max_size=300), st.dates(date(1970, 1, 1), date(2199, 12, 31)))
def test_a_made_name_is_always_right(words: str, day: date) -> None:
    assert channel_problem(channel_name(words, day)) == ""


def test_names_say_day_and_words() -> None:
    assert (
        channel_name("Primary DB: latency > 5 s!", date(2026, 11, 23))
        == "inc-20261123-primary-db-latency-5-s"
    )
    assert channel_name("Căutarea e lentă", date(2026, 11, 23)) == "inc-20261123-cautarea-e-lenta"


@pytest.mark.parametrize(
    "name",
    [
        "incident-20261123-db",
        "inc-2026112-db",
        "inc-20261323-db",
        "inc-20260230-db",
        "inc-20261123-",
        "inc-20261123-DB",
        "inc-20261123-db--x",
        "inc-20261123-db_x",
        "inc-20261123-db\n",
        "inc-20261123-" + "x" * LONGEST,
    ],
)
def test_wrong_names_are_told_why(name: str) -> None:
    assert channel_problem(name)


def test_a_leading_hash_is_fine() -> None:
    assert channel_problem("#inc-20261123-db") == ""
