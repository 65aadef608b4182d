"""User groups follow who is on duty: never empty, stale people left out, written only when they differ."""

from __future__ import annotations

from pydantic import SecretStr

from policy_text import policy_of
from slack_server import TOKEN, SlackServer
from watchbill.chat.slack.app import client_of
from watchbill.chat.slack.groups import Synced, sync_groups
from watchbill.chat.slack.handoffs import Handoffs
from watchbill.chat.slack.people import SlackPeople
from watchbill.rota.clock import WEEK, parse_instant
from watchbill.rota.duty import Roster

NOW = parse_instant("2026-11-23T14:00:00Z")
TEXT = """settings: {format: 1, organization: X, time_zone: Etc/UTC, chat: {groups: {oncall: [first, second], empty: gone}}}
rotations:
  first: {title: First, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}
  second: {title: Second, crew: [cleo]}
  gone: {title: Gone, crew: [dan]}
"""


def sync(slack: SlackServer, now: int = NOW) -> dict[str, Synced]:
    client = client_of(SecretStr(TOKEN), slack.api)
    found = sync_groups(client, SlackPeople(client), Roster(policy_of(TEXT)), now)
    return {one.group: one for one in found}


def test_groups_follow_duty_and_are_never_emptied() -> None:
    users = {"UA": "ana@x.example", "UB": "ben@x.example", "UC": "cleo@x.example", "UD": ""}
    with SlackServer(users, {"oncall": ["UX"], "empty": ["UX"]}) as slack:
        first = sync(slack)
        assert first["oncall"].changed
        assert len(slack.groups["oncall"]) == 2
        assert "UC" in slack.groups["oncall"]
        assert not first["empty"].changed
        assert slack.groups["empty"] == ["UX"]
        assert "left as it is" in first["empty"].trouble
        assert not sync(slack)["oncall"].changed
        before = list(slack.groups["oncall"])
        assert sync(slack, NOW + WEEK)["oncall"].changed
        assert slack.groups["oncall"] != before


def test_what_slack_refuses_is_told() -> None:
    with SlackServer({"UC": "cleo@x.example"}, {"oncall": []}) as slack:
        slack.refuse["usergroups.users.update"] = "permission_denied"
        told = sync(slack)
        assert "an admin has to let everyone" in told["oncall"].trouble
        assert "no user group @empty" in told["empty"].trouble


def test_handoffs_are_told_once_and_not_at_the_start() -> None:
    handoffs, roster = Handoffs(), Roster(policy_of(TEXT))
    assert list(handoffs.news(roster, NOW)) == []
    assert list(handoffs.news(roster, NOW + 60)) == []
    (news,) = handoffs.news(roster, NOW + WEEK)
    assert news.startswith("First: ")
    assert list(handoffs.news(roster, NOW + WEEK + 60)) == []
