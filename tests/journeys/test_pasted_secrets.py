"""A secret that was pasted with a line break, a tab or a foreign letter: refused, and shown nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.conftest import Person
from watchbill.sandbox.server import Sandbox

CANARY = "u+canary7Token42"
PASTED = {
    "trailing newline": f"{CANARY}\n",
    "inner newline": f"{CANARY}\n{CANARY}",
    "carriage return": f"{CANARY}\r\n",
    "tab": f"{CANARY}\t{CANARY}",
    "leading space": f" {CANARY}",
    "escape": f"{CANARY}\x1b[0m",
    "non-ASCII letter": f"{CANARY}é",
    "zero width space": f"{CANARY}\u200b",
}


@pytest.mark.parametrize(
    ("verb", "pasted"),
    [
        *((("plan",), pasted) for pasted in PASTED.values()),
        *(
            (verb, PASTED["trailing newline"])
            for verb in (("doctor",), ("drift",), ("import", "--out", "new"))
        ),
    ],
)
def test_a_pasted_pagerduty_token_is_refused_and_not_shown(
    verb: tuple[str, ...], pasted: str, person: Person, sandbox: Sandbox
) -> None:
    ran = person.at(sandbox).watchbill(*verb, PAGERDUTY_TOKEN=pasted)
    assert ran.code == 14, ran.err
    assert "PAGERDUTY_TOKEN has " in ran.out + ran.err
    assert CANARY not in ran.out + ran.err
    assert not sandbox.exchanges(), "nothing may be sent with such a token"


@pytest.mark.parametrize("pasted", [PASTED["trailing newline"], PASTED["non-ASCII letter"]])
@pytest.mark.parametrize(
    ("name", "words", "code"),
    [
        ("GITHUB_TOKEN", ("github", "heartbeat", "--repo", "acme/policy"), 14),
        ("SLACK_BOT_TOKEN", ("chat", "slack"), 2),
        ("SLACK_SIGNING_SECRET", ("chat", "slack", "--http", "0"), 2),
        ("SLACK_APP_TOKEN", ("chat", "slack"), 2),
        ("PAGERDUTY_WEBHOOK_SECRET", ("watch", "--sandbox", "--as", "ana@x.example", "--listen", "0"), 2),
    ],
)
def test_other_pasted_secrets_are_refused_and_not_shown(
    name: str, words: tuple[str, ...], code: int, pasted: str, person: Person, tmp_path: Path
) -> None:
    good = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "s3cret",
        "SLACK_API_URL": "http://127.0.0.1:9/",
    }
    ran = person.watchbill(*words, **{**good, name: pasted})
    assert ran.code == code, ran.err
    assert f"error: {name} has " in ran.err
    assert CANARY not in ran.out + ran.err


@pytest.mark.parametrize("value", ["!", "~", "u+a_b-c=="])
def test_every_printable_ascii_value_is_sent(value: str, person: Person, populated: Sandbox) -> None:
    ran = person.at(populated).watchbill("plan", PAGERDUTY_TOKEN=value)
    assert ran.code == 0, ran.err
