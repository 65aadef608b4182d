"""watchbill mine"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals, global_options, live_options

if TYPE_CHECKING:
    from watchbill.model.policy import Policy


@click.command("mine")
@click.option(
    "--as", "email", metavar="EMAIL", help="Who asks (default: WATCHBILL_AS, then git's user.email)."
)
@live_options
@global_options
@click.pass_context
def command(ctx: click.Context, email: str | None) -> None:
    """Your shifts of the next four weeks, in your own time zone.

    \b
    Example:  watchbill mine
              watchbill mine --as primary-1@medicalcor.example
    """
    from watchbill.cli.identity import asker
    from watchbill.cli.load import valid_policy

    options = Globals.of(ctx)
    _, policy = valid_policy(options)
    show_mine(options, policy, asker(options, policy, email), options.now)


def show_mine(options: Globals, policy: Policy, person: str, at: int) -> None:
    from watchbill.cli.live import answered
    from watchbill.ladder.person import AHEAD, person_answer
    from watchbill.report.columns import wrapped
    from watchbill.report.person import mine_json, mine_text
    from watchbill.report.source import source_json, source_text
    from watchbill.rota.clock import zone

    duty = answered(options, policy, at, until=at + AHEAD)
    where = zone(policy.people[person].time_zone or policy.settings.time_zone)
    answer = person_answer(duty.roster, person, at)
    if options.as_json:
        made = {**mine_json(answer, at, at + AHEAD, where), "source": source_json(duty.source)}
        click.echo(json.dumps(made, indent=2, ensure_ascii=False))
        return
    click.echo("\n".join([*wrapped(source_text(duty.source, where), options.width, hanging=2), ""]))
    click.echo(mine_text(answer, policy, at, at + AHEAD, where, color=options.color, width=options.width))
