"""Texts as Slack takes them: its own marks, its limits, nothing that pings or is cut within an escape."""

from __future__ import annotations

import json

import pytest
from slack_sdk.models.blocks import Block

from watchbill.chat.answer import Answer, Button
from watchbill.chat.slack.blocks import LONGEST_SECTION, LONGEST_TEXT, MOST_BLOCKS, cut, message, mrkdwn


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**Impact:** none", "*Impact:* none"),
        ("## Next steps", "*Next steps*"),
        ("- one\n  * two", "\u2022 one\n  \u2022 two"),
        ("~~old~~", "~old~"),
        ("[status](https://x.example)", "status (https://x.example)"),
        ("`**code**` and **bold**", "`**code**` and *bold*"),
        ("```\n- **x**\n```", "```\n- **x**\n```"),
        ("2 ** 3 ** 4", "2 ** 3 ** 4"),
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
    ],
)
def test_markdown_becomes_slacks_own_marks(text: str, shown: str) -> None:
    assert mrkdwn(text) == shown


@pytest.mark.parametrize("longer", [-1, 0, 1])
@pytest.mark.parametrize("letter", ["x", "&", "<"])
def test_a_section_at_its_limit(longer: int, letter: str) -> None:
    escaped = {"x": 1, "&": 5, "<": 4}[letter]
    number = LONGEST_SECTION // escaped + longer
    parts = [block["text"]["text"] for block in message(Answer(letter * number))["blocks"]]
    assert len(parts) == (2 if number * escaped > LONGEST_SECTION else 1)
    assert all(len(part) <= LONGEST_SECTION for part in parts)
    whole = "".join(parts).replace("&amp;", "&").replace("&lt;", "<")
    assert whole == letter * number, "nothing is lost, no escape is cut"


@pytest.mark.parametrize("longer", [-1, 0, 1])
def test_too_many_blocks_are_announced(longer: int) -> None:
    most = MOST_BLOCKS - 1
    answer = Answer(
        "\n".join("x" * LONGEST_SECTION for _ in range(most + longer)), buttons=(Button("a", "b"),)
    )
    made = message(answer)
    assert all(Block.parse(block).to_dict() for block in made["blocks"])
    assert len(made["blocks"]) <= MOST_BLOCKS
    assert ("too long for Slack" in json.dumps(made)) == (longer > 0)


@pytest.mark.parametrize("text", ["&amp;", "a&lt;", "&gt;b"])
def test_a_cut_keeps_escapes_whole(text: str) -> None:
    for most in range(2, 12):
        short = cut(text * 4, most)
        rest = short.rstrip("\u2026").replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
        assert "&" not in rest
        assert len(short) <= most
    assert len(message(Answer("&" * LONGEST_TEXT))["text"]) <= LONGEST_TEXT
