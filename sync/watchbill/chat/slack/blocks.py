"""Answers as Block Kit, within Slack's limits; every message also has a plain text.

What people wrote is escaped, so it can neither ping a channel nor forge a link.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from watchbill.chat.answer import Answer, Field, Form

Block = dict[str, Any]

MOST_BLOCKS = 50
LONGEST_SECTION = 3000
LONGEST_TEXT = 3900
LONGEST_VALUE = 2000
LONGEST_LABEL = 75
LONGEST_OPTION = 75
LONGEST_OPTION_VALUE = 150
MOST_OPTIONS = 100
LONGEST_TITLE = 24
LONGEST_METADATA = 3000
MOST_BUTTONS = 25

RUN = "watchbill:run"
FORM = "watchbill:form"

_STYLES = {"go": "primary", "stop": "danger"}
_ZERO = "\u200b"
_BROKEN = re.compile(r"&[a-z]{0,3}$")
"""The beginning of `&amp;`, `&lt;` or `&gt;` at the end of a piece."""
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_MARKS = (
    (re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE), r"*\1*"),
    (re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*"), r"*\1*"),
    (re.compile(r"~~(?=\S)(.+?)(?<=\S)~~"), r"~\1~"),
    (re.compile(r"^( *)[-*] +(?=\S)", re.MULTILINE), "\\1\u2022 "),
    (re.compile(r"!?\[([^\]\n]+)\]\((\w+:[^)\s]+)\)"), r"\1 (\2)"),
)


def escape(text: str) -> str:
    """`& < >` are Slack's only special characters; the rest of its markup is broken up where it would ping."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    """Never within an escape such as `&amp;`."""
    return text if len(text) <= most else _up_to(text, most - 1) + "\u2026"


def _up_to(text: str, most: int) -> str:
    piece = text[:most]
    broken = _BROKEN.search(piece) if len(text) > most else None
    return piece[: broken.start()] if broken else piece


def mrkdwn(text: str) -> str:
    """Markdown of policy texts in Slack's own marks; code stays as it is, links show their address.

    https://api.slack.com/reference/surfaces/formatting"""
    parts = _CODE.split(escape(text))
    return "".join(part if i % 2 else _marks(part) for i, part in enumerate(parts))


def _marks(text: str) -> str:
    for pattern, marked in _MARKS:
        text = pattern.sub(marked, text)
    return text


def message(answer: Answer) -> dict[str, Any]:
    """`text` and `blocks` of a message."""
    blocks: list[Block] = []
    if answer.text:
        blocks += [_section(part) for part in _parts(mrkdwn(answer.text), LONGEST_SECTION)]
    blocks += _table(answer.table)
    room = MOST_BLOCKS - bool(answer.buttons)
    if len(blocks) > room:
        left = len(blocks) - room + 1
        blocks = [
            *blocks[: room - 1],
            _section(f"_{left} more parts are too long for Slack: ask in a terminal_"),
        ]
    if answer.buttons:
        blocks.append(_buttons(answer))
    if not blocks:
        blocks.append(_section("done"))
    return {"text": cut(mrkdwn(answer.text or answer.table or "done"), LONGEST_TEXT), "blocks": blocks}


def modal(form: Form, channel: str) -> dict[str, Any]:
    known = {"command": form.command, "channel": channel, "fields": [field.name for field in form.fields]}
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": cut(json.dumps(known), LONGEST_METADATA),
        "title": _plain(form.title, LONGEST_TITLE),
        "submit": _plain(form.submit, LONGEST_TITLE),
        "close": _plain("Leave", LONGEST_TITLE),
        "blocks": [_input(field) for field in form.fields],
    }


def notice(title: str, text: str) -> dict[str, Any]:
    """A dialog that only tells something."""
    return {
        "type": "modal",
        "title": _plain(title, LONGEST_TITLE),
        "close": _plain("Close", LONGEST_TITLE),
        "blocks": [_section(part) for part in _parts(escape(text) or "\u2026", LONGEST_SECTION)][
            :MOST_BLOCKS
        ],
    }


def filled(view: dict[str, Any]) -> dict[str, str]:
    """What a dialog's fields hold."""
    values: dict[str, str] = {}
    for block, actions in view.get("state", {}).get("values", {}).items():
        for held in actions.values():
            chosen = held.get("selected_option") or {}
            values[block] = str(held.get("value") or chosen.get("value") or "")
    return values


def _table(text: str) -> Iterator[Block]:
    """Fixed width, as many blocks as it takes; a row is never cut in two unless it alone is too long."""
    room = LONGEST_SECTION - 8
    for part in _parts(escape(text).replace("```", f"``{_ZERO}`"), room):
        yield _section(f"```{part}```")


def _parts(text: str, most: int) -> Iterator[str]:
    part = ""
    for line in text.splitlines():
        for piece in _pieces(line, most):
            if part and len(part) + 1 + len(piece) > most:
                yield part
                part = piece
            else:
                part = f"{part}\n{piece}" if part else piece
    if part.strip():
        yield part


def _pieces(line: str, most: int) -> Iterator[str]:
    while len(line) > most:
        piece = _up_to(line, most)
        yield piece
        line = line[len(piece) :]
    yield line


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _buttons(answer: Answer) -> Block:
    made = []
    for place, button in enumerate(answer.buttons[:MOST_BUTTONS]):
        element: Block = {
            "type": "button",
            "action_id": f"{RUN}:{place}",
            "text": _plain(button.label, LONGEST_LABEL),
            "value": cut(button.command, LONGEST_VALUE),
        }
        if button.style in _STYLES:
            element["style"] = _STYLES[button.style]
        made.append(element)
    return {"type": "actions", "elements": made}


def _input(field: Field) -> Block:
    element: Block
    if field.choices:
        options = [_option(value, label) for value, label in field.choices[:MOST_OPTIONS]]
        element = {"type": "static_select", "action_id": field.name, "options": options}
        chosen = next((option for option in options if option["value"] == field.initial), None)
        if chosen is not None:
            element["initial_option"] = chosen
    else:
        element = {"type": "plain_text_input", "action_id": field.name, "multiline": field.several_lines}
        if field.initial:
            element["initial_value"] = cut(field.initial, LONGEST_SECTION)
    block: Block = {
        "type": "input",
        "block_id": field.name,
        "label": _plain(field.label, 2000),
        "element": element,
        "optional": not field.required,
    }
    if field.hint:
        block["hint"] = _plain(field.hint, 2000)
    return block


def _option(value: str, label: str) -> Block:
    return {"text": _plain(label, LONGEST_OPTION), "value": cut(value, LONGEST_OPTION_VALUE)}


def _plain(text: str, most: int) -> Block:
    return {
        "type": "plain_text",
        "text": cut(re.sub(r"\s+", " ", text).strip() or "\u2026", most),
        "emoji": False,
    }


def buttons_spent(blocks: Sequence[Block], told: str) -> list[Block]:
    """The message without its buttons, and what became of it."""
    kept = [block for block in blocks if block.get("type") != "actions"][: MOST_BLOCKS - 1]
    return [
        *kept,
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": cut(escape(told), 2000), "verbatim": True}],
        },
    ]
