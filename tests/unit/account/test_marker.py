from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.account.marker import LIMIT, excess, join_description, room, split_description, tidy
from watchbill.account.objects import Marker

AT = 1_795_442_400  # 2026-11-23T14:00Z
LINE = "watchbill/1 rotation/backend 3f9c2a @2026-11-23T14:00Z"
MARKER = Marker(key="rotation/backend", digest="3f9c2a", at=AT)


def test_the_line_is_the_published_one() -> None:
    assert join_description("Nights go to Primary.", MARKER) == f"Nights go to Primary.\n{LINE}"
    assert join_description("", MARKER) == LINE


hexes = st.text("0123456789abcdef", min_size=6, max_size=6)
markers = st.one_of(
    st.builds(
        Marker,
        key=st.from_regex(r"(rotation|ladder|service)/[A-Za-z0-9-]{1,40}", fullmatch=True),
        digest=hexes,
        at=st.integers(0, 4_000_000_000).map(lambda at: at - at % 60),
        derived=st.lists(hexes, max_size=5).map(tuple),
    ),
    st.builds(Marker, key=st.just("rotation/x"), digest=st.just(""), at=st.just(0), state=st.just("writing")),
)


@given(st.text(max_size=200), markers)
def test_what_is_joined_is_split_again(description: str, marker: Marker) -> None:
    assert split_description(join_description(description, marker)) == (tidy(description), marker)


@pytest.mark.parametrize(
    ("text", "description"),
    [
        (f"one\r\ntwo\r\n{LINE}\r\n", "one\ntwo"),
        (f"one   \n\n{LINE}   \n\n", "one"),
        (f"one two {LINE}", "one two"),
        (f"one\n{LINE}\nadded below by hand", "one\n\nadded below by hand"),
        (LINE, ""),
    ],
)
def test_a_web_form_does_not_lose_the_marker(text: str, description: str) -> None:
    assert split_description(text) == (description, MARKER)


@pytest.mark.parametrize(
    "text", ["watchbill-derived: abc123", "a note\nwatchbill-derived:", "x watchbill-derived: abc123"]
)
def test_words_that_look_like_our_list_stay_words(text: str) -> None:
    assert split_description(join_description(text, MARKER)) == (text, MARKER)


def test_derived_overrides_survive_lines_run_together() -> None:
    marker = MARKER.model_copy(update={"derived": ("1f2e3d", "-4c5b6a")})
    text = join_description("a note", marker)
    assert text.splitlines()[1] == "watchbill-derived: 1f2e3d -4c5b6a"
    assert split_description(text.replace("\n", " ")) == ("a note", marker)


@pytest.mark.parametrize("text", [None, "", "plain words", "see watchbill/1 rotation/x for more\nand more"])
def test_no_marker(text: str | None) -> None:
    assert split_description(text)[1] is None


def test_a_marker_of_the_future_and_a_mangled_one_have_no_digest() -> None:
    future = split_description("x\nwatchbill/2 rotation/backend #abc")[1]
    assert future is not None
    assert (future.version, future.key, future.digest) == (2, "rotation/backend", "")
    mangled = split_description("x\nwatchbill/1 rotation/backend 3f9c @yesterday")[1]
    assert mangled is not None
    assert (mangled.version, mangled.key, mangled.digest) == (1, "rotation/backend", "")


def test_the_last_of_two_markers_counts_and_the_other_stays_text() -> None:
    other = "watchbill/1 rotation/other 000000 @2026-01-01T00:00Z"
    assert split_description(f"{other}\n{LINE}") == (other, MARKER)


def test_room_is_exactly_what_fits() -> None:
    most = room("rotation/backend")
    assert len(join_description("x" * most, MARKER)) == LIMIT
    assert excess("x" * most, MARKER) == 0
    assert excess("x" * (most + 3), MARKER) == 3
