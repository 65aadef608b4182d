"""`chat notices`: whose shift moves is told so, each alone."""

from __future__ import annotations

import json
from pathlib import Path

from journeys.conftest import NOW, Person
from slack_server import TOKEN, SlackServer

NOTICES = {
    "format": "watchbill.notices/1",
    "account": "sandbox",
    "at": NOW,
    "until": "2027-01-18T14:00:00Z",
    "policy": {"commit": None, "digest": "d"},
    "plan": "p",
    "applied": True,
    "people": [
        {
            "person": person,
            "name": person,
            "slack": None,
            "time_zone": "Europe/Bucharest",
            "messages": [
                {
                    "kind": "gained",
                    "rotation": "primary",
                    "title": "Primary On-Call",
                    "before": None,
                    "after": None,
                    "others": [],
                    "why": "crew",
                    "text": f"{person}: you have Primary <!channel> from Monday",
                }
            ],
        }
        for person in ("primary-1", "primary-2")
    ],
}


def test_each_is_told_alone_and_who_is_not_in_slack_is_named(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "notices.json"
    file.write_text(json.dumps(NOTICES), "utf-8")
    with SlackServer({"U1": "primary-1@medicalcor.example"}) as slack:
        env = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_API_URL": slack.api}
        ran = person.watchbill("chat", "notices", str(file), **env)
        assert ran.code == 0, ran.err
        assert "primary-1: told" in ran.out
        assert "primary-2: Slack does not know them" in ran.out
        (told,) = slack.made("chat.postMessage")
        assert told.body["channel"] == "DU1"
        assert "you have Primary &lt;!channel&gt; from Monday" in told.body["text"]
        shown = person.watchbill("chat", "notices", str(file), "--print")
        assert "primary-2:" in shown.out
        assert len(slack.made("chat.postMessage")) == 1
    assert person.watchbill("chat", "notices", str(file)).code == 2
    file.write_text("{}", "utf-8")
    assert person.watchbill("chat", "notices", str(file), "--print").code == 2
