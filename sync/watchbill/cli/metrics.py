"""watchbill metrics"""

from __future__ import annotations

from pathlib import Path

import click

from watchbill.cli.incident_live import live, sandbox_option
from watchbill.cli.options import FROM, Globals, global_options
from watchbill.errors import UsageError


@click.command("metrics")
@click.option(*FROM, default="-4w", show_default=True, metavar="T", help="From when on incidents count.")
@click.option("--until", default="now", metavar="T", help="Until when (default: now).")
@click.option("--csv", "as_csv", is_flag=True, help="CSV instead of the table.")
@click.option(
    "--chart", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.svg", help="Write a chart too."
)
@click.option("--watchdog", metavar="EMAIL", help="Whom `watch` acts as: what it does is no human activity.")
@click.option("--cross-check", is_flag=True, help="Compare with PagerDuty's analytics, incident by incident.")
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    since: str,
    until: str,
    as_csv: bool,
    chart: Path | None,
    watchdog: str | None,
    cross_check: bool,
    sandbox: bool,
) -> None:
    """The runbook's metrics against their targets, from what happened.

    \b
    Example:  watchbill metrics --since -4w
              watchbill metrics --since 2026-10-01 --until 2026-11-01 --chart october.svg
    """
    from watchbill.cli.times import parse_time
    from watchbill.config.edit_write import write_text
    from watchbill.metrics.analytics import differences
    from watchbill.metrics.document import answer_of
    from watchbill.metrics.history import facts_between
    from watchbill.metrics.report import report_of
    from watchbill.metrics.show import as_csv as csv_of
    from watchbill.metrics.show import chart as chart_of
    from watchbill.metrics.show import table
    from watchbill.pagerduty.users import user_by_email
    from watchbill.rota.clock import zone

    options = Globals.of(ctx)
    with live(options, writes=False, sandbox=sandbox) as here:
        where = zone(here.policy.settings.time_zone)
        start, end = (parse_time(text, where, options.now) for text in (since, until))
        if start >= end:
            raise UsageError("--since is not before --until", remedy="such as --since -4w")
        dog = user_by_email(here.transport, watchdog) if watchdog else None
        robots = here.people.robots() | ({dog.id} if dog else set())
        facts = facts_between(
            here.roster,
            here.people,
            here.transport,
            start,
            end,
            options.now,
            robots=robots,
            progress=options.say,
        )
        told = differences(here.transport, facts, start, end) if cross_check else []
    report = report_of(here.policy, facts, start, end)
    if chart is not None:
        write_text(chart, chart_of(report))
        options.say(f"wrote {chart}")
    if options.as_json:
        click.echo(answer_of(report).model_dump_json(indent=2))
    elif as_csv:
        click.echo(csv_of(report), nl=False)
    else:
        click.echo(table(report, where, color=options.color))
    for line in told:
        options.say(line)
