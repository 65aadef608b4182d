"""watchbill incident list"""

from __future__ import annotations

import click

from watchbill.cli.incident_live import live, sandbox_option
from watchbill.cli.options import Globals, global_options


@click.command("list")
@click.option("--all", "everything", is_flag=True, help="Also of services that the policy does not have.")
@sandbox_option
@global_options
@click.pass_context
def command(ctx: click.Context, everything: bool, sandbox: bool) -> None:
    """Which incidents are open: severity, domain, level, and who has each.

    \b
    Example:  watchbill incident list
              watchbill incident list --json
    """
    from watchbill.incident.listing import look_at_all, of_policy
    from watchbill.pagerduty.incidents import open_incidents
    from watchbill.report.incident_list import HasIt, list_answer, list_text, nothing_open, others_text

    options = Globals.of(ctx)
    with live(options, writes=False, sandbox=sandbox) as here:
        ours, others = of_policy(here.policy, open_incidents(here.transport))
        shown, hidden = ([*ours, *others], 0) if everything else (ours, len(others))
        found = look_at_all(here.duty, here.people, shown, here.now) if shown else []
        people = here.people
        if options.as_json:
            made = list_answer(
                found,
                hidden,
                here.name,
                here.now,
                lambda u, n: HasIt(person=people.handle(u), name=people.name(u, n)),
            )
            click.echo(made.model_dump_json(indent=2))
            return
        if not found:
            click.echo(nothing_open(here.what, hidden))
            return
        click.echo(list_text(found, here.policy, people.name, color=options.color, width=options.width))
        if hidden:
            click.echo(others_text(hidden))
    options.say(f"next: `watchbill incident show {found[0].situation.incident.number}`")
