"""What a comment asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.forge.commands import Command, parse, verb_line


@pytest.mark.parametrize(
    ("body", "verb", "words"),
    [
        ("/watchbill plan", "plan", {}),
        ("/watchbill", "help", {}),
        (
            '/watchbill simulate P1 database at "2026-11-29 03:00"\nthanks!',
            "simulate",
            {"severity": "P1", "domain": "database", "at": "2026-11-29 03:00"},
        ),
        ("/watchbill  who   backend --at tomorrow 03:00", "who", {"name": "backend", "at": "tomorrow 03:00"}),
        ("/watchbill who at 2026-12-01", "who", {"at": "2026-12-01"}),
        ("/watchbill explain unknown-name", "explain", {"rule": "unknown-name"}),
        ("/watchbill apply 0123456789ab", "apply", {"digest": "0123456789ab"}),
    ],
)
def test_commands(body: str, verb: str, words: dict[str, str]) -> None:
    assert parse(body) == Command(verb, words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "hello /watchbill plan",
        "/watchbillplan",
        "text\n/watchbill plan",
        "    /watchbill apply",
        "\t/watchbill apply",
        "> /watchbill apply",
        "```\n/watchbill apply\n```",
        "`/watchbill apply`",
        "\n/watchbill apply",
    ],
)
def test_not_for_us(body: str) -> None:
    assert parse(body) is None


@pytest.mark.parametrize(
    "body",
    [
        "/watchbill who $(id)",
        "/watchbill who `id`",
        "/watchbill who x; rm -rf /",
        "/watchbill who --policies=/etc",
        "/watchbill explain -h",
        "/watchbill simulate P1 --at",
        "/watchbill apply xyz",
        "/watchbill apply 0123",
        "/watchbill destroy",
    ],
)
def test_what_is_no_command_is_a_text(body: str) -> None:
    assert isinstance(parse(body), str)


@given(st.text(max_size=80))
def test_words_never_look_like_an_option(text: str) -> None:
    for verb in ("who", "simulate P1", "explain", "who x at"):
        found = parse(f"/watchbill {verb} {text}")
        if isinstance(found, Command) and found.verb in {"who", "simulate", "explain"}:
            line = verb_line(found)
            assert all(not word.startswith("-") for word in line if word not in {"--at", "--"})
            assert all(not set(word) & set("$`;|&<>\n\\") for word in line)
