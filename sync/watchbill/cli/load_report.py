"""watchbill load"""

from __future__ import annotations

import json

import click

from watchbill.cli.options import FROM, Globals, global_options


@click.command("load")
@click.option(*FROM, default="now", show_default=True, metavar="T", help="Begin to count here.")
@click.option("--until", metavar="T", help="Stop here (default: as far as settings.outlook says).")
@global_options
@click.pass_context
def command(ctx: click.Context, since: str, until: str | None) -> None:
    """Who carries how much: hours, nights, weekends, holidays, and how evenly.

    \b
    Example:  watchbill load
              watchbill load --from 2026-10-01 --until 2027-01-01
    """
    from watchbill.cli.gaps import span_asked
    from watchbill.cli.load import valid_policy
    from watchbill.ladder.load import fairness_of, load_of
    from watchbill.ladder.outlook import Outlook
    from watchbill.report.load import load_json, load_text
    from watchbill.rota.duty import Roster

    options = Globals.of(ctx)
    _, policy = valid_policy(options)
    low, high = span_asked(options, policy, since, until)
    outlook = Outlook(Roster(policy), low, high)
    loads = load_of(outlook)
    fairness = fairness_of(outlook, loads)
    if options.as_json:
        click.echo(json.dumps(load_json(loads, fairness, low, high), indent=2, ensure_ascii=False))
        return
    click.echo(load_text(loads, fairness, policy, low, high, color=options.color, width=options.width))
