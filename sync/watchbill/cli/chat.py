"""watchbill chat console|slack|notices"""

from __future__ import annotations

import importlib
from typing import Any

import click

from watchbill.cli.commands import Commands

_VERBS = {"console": "chat_console", "slack": "chat_slack", "notices": "chat_notices"}


class _Group(Commands):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        found: Any = importlib.import_module(f"watchbill.cli.{_VERBS[cmd_name]}").command
        assert isinstance(found, click.Command)
        return found


@click.group("chat", cls=_Group)
def command() -> None:
    """The commands people type into chat: in Slack, or here to try them.

    \b
    Example:  watchbill chat console
              watchbill chat slack
    """
