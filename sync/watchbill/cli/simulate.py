"""watchbill simulate"""

from __future__ import annotations

import json

import click

from watchbill.cli.options import Globals, global_options


@click.command("simulate")
@click.argument("severity")
@click.argument("domain")
@click.option("--at", default="now", metavar="T", help="When the incident opens.")
@click.option("--tag", "tags", multiple=True, help="A tag of the incident, such as security.")
@click.option("--ack-after", metavar="DURATION", help="Somebody acknowledges after that long: 20m.")
@click.option("--tree", is_flag=True, help="Draw the decisions that led to this ladder.")
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    severity: str,
    domain: str,
    at: str,
    tags: tuple[str, ...],
    ack_after: str | None,
    tree: bool,
) -> None:
    """The ladder as it would really run: minute, person, and why it is them.

    \b
    Example:  watchbill simulate P1 database --at "2026-11-29 03:00"
              watchbill simulate P3 api-backend --tag security --ack-after 20m
    """
    from watchbill.cli.load import valid_policy
    from watchbill.cli.times import parse_minutes, parse_time
    from watchbill.cli.who import known, known_domain
    from watchbill.ladder.simulate import simulate
    from watchbill.report.duty import simulation_json, simulation_text
    from watchbill.rota.clock import zone
    from watchbill.rota.duty import Roster

    options = Globals.of(ctx)
    _, policy = valid_policy(options)
    severity = known(severity, list(policy.severities), "severity")
    domain = known_domain(policy, domain)
    simulation = simulate(
        Roster(policy),
        severity,
        domain,
        parse_time(at, zone(policy.settings.time_zone), options.now),
        tags=tags,
        ack_after=parse_minutes(ack_after) if ack_after else None,
    )
    if options.as_json:
        click.echo(json.dumps(simulation_json(simulation), indent=2, ensure_ascii=False))
    else:
        click.echo(
            simulation_text(
                simulation,
                policy,
                severity,
                domain,
                color=options.color,
                width=options.width,
                tree=tree,
            )
        )
