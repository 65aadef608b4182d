"""watchbill incident update"""

from __future__ import annotations

import click

from watchbill.cli.incident_live import as_option, live, sandbox_option
from watchbill.cli.incident_named import id_option, incident_and_words
from watchbill.cli.options import Globals, global_options


@click.command("update")
@click.argument("words", nargs=-1, metavar="INCIDENT WORDS...")
@id_option
@click.option(
    "--next-update", default="30m", metavar="LENGTH", help="When the next one is due (default: 30m)."
)
@click.option("--contained", is_flag=True, help="It grows no more: the reminder to stand down begins.")
@click.option("--expanding", is_flag=True, help="It grows: more systems or customers than before.")
@click.option("--tag", "tags", multiple=True, help="What it turned out to be: security, data.")
@click.option("--channel", help="The incident's channel (default: made from its title).")
@click.option("--print", "only_print", is_flag=True, help="Only show the message.")
@as_option
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    ids: tuple[str, ...],
    next_update: str,
    contained: bool,
    expanding: bool,
    tags: tuple[str, ...],
    channel: str | None,
    only_print: bool,
    email: str | None,
    sandbox: bool,
) -> None:
    """Tell how it stands; whoever was paged hears when the next word comes.

    \b
    Example:  watchbill incident update 1 "rolled back, errors falling"
              watchbill incident update 1 "stable" --contained --next-update 1h
    """
    from watchbill.cli.chat_port import connected_chat
    from watchbill.cli.times import parse_minutes
    from watchbill.incident.request import suggested_channel
    from watchbill.incident.update import publish_update, update_text

    options = Globals.of(ctx)
    incident, message = incident_and_words(words, ids)
    minutes = parse_minutes(next_update)
    with live(options, writes=not only_print, sandbox=sandbox) as here:
        situation = here.situation(incident)
        where = (channel or suggested_channel(situation)).removeprefix("#")
        if only_print:
            click.echo(update_text(situation, message, situation.now + minutes * 60))
            return
        done = publish_update(
            here.transport,
            here.actor(email),
            connected_chat(here),
            situation,
            message,
            channel=where,
            minutes=minutes,
            contained=contained,
            expanding=expanding,
            tags=tags,
        )
        click.echo(done.text)
        if not done.published:
            options.say("the account has no status updates; the note on the incident has it")
        for problem in done.problems:
            options.say(problem)
        options.say(f"for #{where}: paste it there, unless chat is connected")
