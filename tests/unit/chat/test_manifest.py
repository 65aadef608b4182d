"""The app asks Slack for what the code uses, and for nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from ruamel.yaml import YAML

from shared import ROOT

FOLDER = ROOT / "sync" / "watchbill" / "chat" / "slack"
METHODS = {
    "chat_postMessage": {"chat:write", "chat:write.public"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_open": {"im:write"},
    "conversations_create": {"channels:manage"},
    "conversations_invite": {"channels:manage"},
    "auth_test": set(),
    "users_info": {"users:read", "users:read.email"},
    "users_lookupByEmail": {"users:read.email"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_update": {"usergroups:write"},
    "views_open": set(),
    "views_update": set(),
}
"""Method -> scopes, by https://api.slack.com/methods."""
EVENTS = {"app_mention": {"app_mentions:read"}, "message": {"im:history"}}


def used() -> tuple[set[str], set[str]]:
    methods: set[str] = set()
    events: set[str] = set()
    for path in sorted(Path(FOLDER).glob("*.py")):
        text = path.read_text("utf-8")
        methods |= set(re.findall(r"client\.([a-z]+_[A-Za-z_]+)\(", text)) - {"retry_handlers"}
        events |= set(re.findall(r'bolt\.event\("([a-z_]+)"\)', text))
    return methods, events


def test_the_scopes_are_what_the_code_uses() -> None:
    manifest = YAML(typ="safe").load((FOLDER / "manifest.yaml").read_text("utf-8"))
    methods, events = used()
    assert methods == set(METHODS)
    assert events == set(EVENTS)
    wanted = {"commands"}.union(*METHODS.values(), *EVENTS.values())
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == wanted
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == ["app_mention", "message.im"]
    assert manifest["settings"]["socket_mode_enabled"]
