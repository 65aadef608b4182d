"""watchbill drift"""

from __future__ import annotations

import click

from watchbill.cli.options import Globals, global_options
from watchbill.cli.planning import deadline_option, sandbox_option
from watchbill.errors import EXIT_PENDING


@click.command("drift")
@deadline_option
@sandbox_option
@global_options
@click.pass_context
def command(ctx: click.Context, deadline: float | None, sandbox_named: bool) -> None:
    """What was edited in the account behind the policy's back, by whom, when and how.  Exit code 10 if anything was.

    \b
    Example:  watchbill drift
    """
    from watchbill.cli.account import open_account
    from watchbill.cli.drifting import attributions_of
    from watchbill.cli.planning import Reading, checked_policy
    from watchbill.plan.drift import drift_of, is_drifted
    from watchbill.report.plan_json import plan_json
    from watchbill.report.plan_text import render_drift

    options = Globals.of(ctx)
    loaded, policy, _ = checked_policy(options, sandbox_named=sandbox_named)
    with open_account(options, policy, sandbox_named=sandbox_named, deadline=deadline) as opened:
        options.say(f"reading {opened.what} ...")
        reading = Reading.of(options, policy, opened, options.now)
        plan = reading.plan(loaded, policy)
        drift = drift_of(plan, attributions_of(reading, plan))
    pending = len(plan.changes) - len(drift.changes)
    if options.as_json:
        click.echo(plan_json(drift), nl=False)
    else:
        click.echo(render_drift(drift, policy, pending=pending, color=options.color, width=options.width))
    if is_drifted(plan):
        ctx.exit(EXIT_PENDING)
