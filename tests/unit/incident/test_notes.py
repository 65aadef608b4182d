from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watchbill.account.incidents import Agent, LogEntry
from watchbill.incident.notes import Mark, mark_in, with_mark

KEYS = st.from_regex(r"[a-z][a-z-]{0,10}", fullmatch=True)
VALUES = st.text(st.characters(codec="utf-8"), max_size=40)


def entry(note: str) -> LogEntry:
    return LogEntry(id="L1", what="annotate", at=7, agent=Agent(kind="user", id="P1"), note=note)


@given(KEYS, st.dictionaries(KEYS, VALUES, max_size=5), st.text(max_size=80))
def test_what_is_written_is_read_again(what: str, values: dict[str, str], text: str) -> None:
    found = mark_in(entry(with_mark(text, Mark(what, values))))
    assert found == Mark(what, values, 7, "P1")


def test_other_notes_have_no_mark() -> None:
    for note in (
        "",
        "restarted it",
        "watchbill/1",
        "watchbill/1 Trigger x=1",
        "watchbill/1 trigger x",
        "a watchbill/1 trigger",
    ):
        assert mark_in(entry(note)) is None


def test_a_mark_is_the_last_line() -> None:
    assert mark_in(entry("watchbill/1 trigger level=2\nand then some")) is None
