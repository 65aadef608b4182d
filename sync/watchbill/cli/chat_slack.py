"""watchbill chat slack"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import click

from watchbill.cli.bell import Bell
from watchbill.cli.incident_live import sandbox_option
from watchbill.cli.listening import listening
from watchbill.cli.options import Globals, global_options
from watchbill.errors import AccountUnreachable, UsageError, WatchbillError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from watchbill.chat.slack.app import SlackApp
    from watchbill.cli.chatting import Grounds

_EVERY = 60
"""Seconds between looks at who is on duty."""


@click.command("slack")
@click.option(
    "--http",
    "port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Listen for Slack's requests instead of Socket Mode.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where it listens; TLS is another's job."
)
@sandbox_option
@global_options
@click.pass_context
def command(ctx: click.Context, port: int | None, host: str, sandbox: bool) -> None:
    """The chat commands in Slack: Socket Mode (SLACK_APP_TOKEN), or HTTP with --http.

    \b
    Example:  watchbill chat slack
              watchbill chat slack --http 3000

    SLACK_BOT_TOKEN always; SLACK_SIGNING_SECRET for HTTP. The app's manifest is in
    sync/watchbill/chat/slack/manifest.yaml.
    """
    from watchbill.cli.chatting import Grounds

    options = Globals.of(ctx)
    grounds = Grounds(options, sandbox)
    app = _app(grounds, http=port is not None)
    bell = Bell()
    bell.end_on_signals()
    if port is not None:
        from watchbill.chat.slack.http import serve

        with listening(partial(serve, app.bolt), host, port, option="--http") as taken:
            options.say(f"listening on http://{host}:{taken}/slack/events")
            _follow(bell, grounds, app)
        return
    from slack_bolt.adapter.socket_mode import SocketModeHandler

    handler = SocketModeHandler(app.bolt, _secret("SLACK_APP_TOKEN").get_secret_value())
    try:
        handler.connect()  # type: ignore[no-untyped-call]
    except Exception as failed:  # Slack's own errors and the network's have no class in common
        raise AccountUnreachable(
            f"Slack does not let us in: {' '.join(str(failed).split())[:300]}",
            remedy="check SLACK_APP_TOKEN (xapp-..., with connections:write) and the network",
        ) from failed
    options.say("connected to Slack")
    _follow(bell, grounds, app)
    handler.close()  # type: ignore[no-untyped-call]


def _app(grounds: Grounds, *, http: bool) -> SlackApp:
    from pydantic import SecretStr

    from watchbill.chat.slack.app import SlackApp, client_of
    from watchbill.cli.credentials import credential

    client = client_of(_secret("SLACK_BOT_TOKEN"), os.environ.get("SLACK_API_URL", ""))
    signing = _secret("SLACK_SIGNING_SECRET") if http else credential("SLACK_SIGNING_SECRET")
    policy = grounds.policy()
    return SlackApp(
        client,
        signing or SecretStr("socket-mode"),
        grounds.policy,
        grounds.context,
        command=policy.settings.chat.command,
    )


def _follow(bell: Bell, grounds: Grounds, app: SlackApp) -> None:
    """Meanwhile user groups and handoff notices follow who is on duty, and rejected acts are offered back."""
    from watchbill.chat.slack.groups import sync_groups
    from watchbill.chat.slack.handoffs import Handoffs
    from watchbill.chat.slack.post import SlackChat
    from watchbill.chat.take import offer_to_take_back

    handoffs = Handoffs()
    while not bell.ended:
        try:
            policy = grounds.policy()
            chat = SlackChat(app.client, app.people, policy)
            for trouble in offer_to_take_back(grounds.context(chat, None, "", "", policy)):
                click.echo(trouble)
            if not policy.settings.chat.groups and not policy.settings.chat.handoffs:
                bell.wait(_EVERY)
                continue
            now = grounds.options.later()
            roster = grounds.on_duty(policy, now)
            for synced in sync_groups(app.client, app.people, roster, now):
                if synced.changed or synced.trouble:
                    click.echo(f"@{synced.group}: {synced.trouble or ', '.join(synced.people)}")
            news = list(handoffs.news(roster, now))
            if policy.settings.chat.handoffs and news:
                chat.post(policy.settings.chat.handoffs, "\n".join(news))
        except WatchbillError as failed:
            click.echo(f"who is on duty could not be told: {failed.message}")
        except Exception as failed:  # noqa: BLE001  Slack's and the network's troubles end no shift
            click.echo(f"Slack was not told: {failed}")
        bell.wait(_EVERY)


def _secret(name: str) -> SecretStr:
    from watchbill.cli.credentials import credential

    value = credential(name)
    if value is None:
        raise UsageError(f"{name} is not set", remedy="the manifest's app has it: https://api.slack.com/apps")
    return value
