"""watchbill gaps"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import FROM, Globals, global_options, live_options

if TYPE_CHECKING:
    from watchbill.model.policy import Policy


@click.command("gaps")
@click.option(*FROM, default="now", show_default=True, metavar="T", help="Begin to look here.")
@click.option("--until", metavar="T", help="Stop here (default: as far as settings.outlook says).")
@click.option("--declared", is_flag=True, help="Also levels that the policy says may be empty.")
@live_options
@global_options
@click.pass_context
def command(ctx: click.Context, since: str, until: str | None, declared: bool) -> None:
    """Ladder levels that reach nobody, double duty, people who never serve, too little rest.

    \b
    Example:  watchbill gaps
              watchbill gaps --from 2026-12-20 --until 2027-01-10
    """
    from watchbill.cli.live import answered
    from watchbill.cli.load import valid_policy
    from watchbill.ladder.load import short_rests
    from watchbill.ladder.never import never_on_call
    from watchbill.ladder.outlook import Outlook
    from watchbill.report.outlook import Holes, gaps_json, gaps_text
    from watchbill.report.source import source_lines

    options = Globals.of(ctx)
    _, policy = valid_policy(options)
    low, high = span_asked(options, policy, since, until)
    duty = answered(options, policy, low, until=high)
    roster = duty.roster
    outlook = Outlook(roster, low, high)
    never = [(handle, person) for handle in policy.rotations for person in never_on_call(roster, handle, low)]
    holes = Holes(low, high, outlook.gaps(), outlook.double_duty(), never, short_rests(outlook))
    if options.as_json:
        click.echo(json.dumps(gaps_json(holes, duty.source, declared=declared), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join([*source_lines(duty.source, policy, options.now, options.width), ""]))
        click.echo(gaps_text(holes, policy, color=options.color, declared=declared, width=options.width))


def span_asked(options: Globals, policy: Policy, since: str, until: str | None) -> tuple[int, int]:
    """Raises click.UsageError for a span that is empty or longer than ten years."""
    from watchbill.cli.times import parse_time
    from watchbill.rota.clock import DAY, zone

    where = zone(policy.settings.time_zone)
    low = parse_time(since, where, options.now)
    high = parse_time(until, where, options.now) if until else low + policy.settings.outlook.seconds
    if high <= low:
        raise click.UsageError(f"--until {until} is not after --from {since}")
    if high - low > 3653 * DAY:
        raise click.UsageError("that is more than ten years; take a shorter span")
    return low, high
