"""watchbill simulate"""

from __future__ import annotations

import json

import click

from watchbill.cli.options import Globals, global_options, live_options


@click.command("simulate")
@click.argument("severity")
@click.argument("domain")
@click.option("--at", default="now", metavar="T", help="When the incident opens.")
@click.option("--tag", "tags", multiple=True, help="A tag of the incident, such as security.")
@click.option("--ack-after", metavar="DURATION", help="Somebody acknowledges after that long: 20m.")
@click.option("--tree", is_flag=True, help="Draw the decisions that led to this ladder.")
@live_options
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
    from watchbill.cli.live import answered
    from watchbill.cli.load import valid_policy
    from watchbill.cli.times import parse_minutes, parse_time
    from watchbill.cli.who import known, known_domain
    from watchbill.ladder.answers import ladder_span
    from watchbill.ladder.live import paged_rotations
    from watchbill.ladder.resolve import domain_of
    from watchbill.ladder.simulate import simulate
    from watchbill.report.duty import simulation_json, simulation_text
    from watchbill.report.source import source_lines
    from watchbill.rota.clock import zone

    options = Globals.of(ctx)
    _, policy = valid_policy(options)
    severity = known(severity, list(policy.severities), "severity")
    domain = known_domain(policy, domain)
    instant = parse_time(at, zone(policy.settings.time_zone), options.now)
    targets, seconds = ladder_span(policy, severity, domain_of(policy, domain, tags))
    until = instant + seconds
    duty = answered(options, policy, instant, paged_rotations(policy, targets), until=until)
    simulation = simulate(
        duty.roster,
        severity,
        domain,
        instant,
        tags=tags,
        ack_after=parse_minutes(ack_after) if ack_after else None,
    )
    if options.as_json:
        click.echo(json.dumps(simulation_json(simulation, duty.source), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join([*source_lines(duty.source, policy, instant, options.width, until=until), ""]))
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
