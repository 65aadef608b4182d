"""watchbill incident stand-down"""

from __future__ import annotations

from typing import Literal

import click

from watchbill.cli.incident_live import as_option, live, sandbox_option
from watchbill.cli.incident_named import incident_named
from watchbill.cli.options import Globals, global_options


@click.command("stand-down")
@incident_named
@click.option("--met", type=int, multiple=True, metavar="N", help="A criterion that holds, by its number.")
@click.option("--reason", default="", help="Why (default: the criteria that hold).")
@click.option(
    "--who", "names", multiple=True, metavar="PERSON", help="Who may go (default: all but the owner)."
)
@click.option("--next-update", default="1h", metavar="LENGTH", help="When the next word comes (default: 1h).")
@click.option(
    "--needed", type=click.Choice(["yes", "no"]), help="Was the escalation needed? For the metrics."
)
@click.option("--channel", help="The incident's channel (default: made from its title).")
@click.option("--print", "only_print", is_flag=True, help="Only show the notice.")
@as_option
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    incident: str,
    met: tuple[int, ...],
    reason: str,
    names: tuple[str, ...],
    next_update: str,
    needed: Literal["yes", "no"] | None,
    channel: str | None,
    only_print: bool,
    email: str | None,
    sandbox: bool,
) -> None:
    """Release people: the notice, the thanks, and the question whether it was needed.

    \b
    Example:  watchbill incident stand-down 1 --met 1 --needed yes
              watchbill incident stand-down 1 --met 2 --print
    """
    from watchbill.cli.chat_port import connected_chat
    from watchbill.cli.times import parse_minutes
    from watchbill.incident.request import suggested_channel
    from watchbill.incident.stand_down import carry_out, prepare
    from watchbill.report.incident import stood_down_text

    options = Globals.of(ctx)
    with live(options, writes=not only_print, sandbox=sandbox) as here:
        situation = here.situation(incident)
        plan = prepare(
            here.policy,
            here.people,
            situation,
            reason=reason,
            names=names,
            minutes=parse_minutes(next_update),
            met=met,
            needed=needed or "",
        )
        if only_print:
            click.echo(plan.text)
            return
        where = (channel or suggested_channel(situation)).removeprefix("#")
        done = carry_out(here.transport, here.actor(email), connected_chat(here), plan, channel=where)
        click.echo(stood_down_text(done, where, color=options.color))
        if needed is None:
            options.say(
                "was this escalation needed? say it with --needed yes|no next time, the metrics ask for it"
            )
