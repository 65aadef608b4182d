"""watchbill chat notices"""

from __future__ import annotations

import os
from pathlib import Path

import click

from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError


@click.command("notices")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--print", "only_print", is_flag=True, help="Only show who would be told what.")
@global_options
@click.pass_context
def command(ctx: click.Context, file: Path, only_print: bool) -> None:
    """Tell everybody whose shift moves, each alone, in Slack.

    \b
    Example:  watchbill apply --yes --notices-json notices.json
              watchbill chat notices notices.json
    """
    from pydantic import SecretStr

    from watchbill.chat.slack.app import client_of
    from watchbill.chat.slack.people import SlackPeople
    from watchbill.chat.slack.post import SlackChat
    from watchbill.cli.credentials import credential
    from watchbill.cli.forging import read_document
    from watchbill.cli.load import valid_policy
    from watchbill.report.notices import OncallNotices

    options = Globals.of(ctx)
    _, policy = valid_policy(options)
    notices = read_document(file, OncallNotices, "list of on-call notices")
    token = credential("SLACK_BOT_TOKEN")
    if token is None and not only_print:
        raise UsageError("SLACK_BOT_TOKEN is not set", remedy="set it, or see the texts with --print")
    client = client_of(token or SecretStr("none"), os.environ.get("SLACK_API_URL", ""))
    chat = SlackChat(client, SlackPeople(client), policy)
    for one in notices.people:
        text = "\n".join(message.text for message in one.messages)
        if only_print:
            click.echo(f"{one.person}:\n{text}")
        elif chat.tell(one.person, text):
            click.echo(f"{one.person}: told")
        else:
            click.echo(f"{one.person}: Slack does not know them; tell them by hand")
