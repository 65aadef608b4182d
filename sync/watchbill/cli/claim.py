"""watchbill claim"""

from __future__ import annotations

import click

from watchbill.cli.apply import Run, run
from watchbill.cli.options import global_options
from watchbill.cli.planning import sandbox_option
from watchbill.cli.waiving import waive_option


@click.command("claim")
@click.argument("name")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@waive_option
@sandbox_option
@global_options
@click.pass_context
def command(ctx: click.Context, name: str, yes: bool, waive: tuple[str, ...], sandbox_named: bool) -> None:
    """Own an object that is there under a name the policy wants; then apply.

    \b
    Example:  watchbill claim backend
    """
    run(ctx, Run(yes=yes, waive=waive, sandbox_named=sandbox_named, claim=name))
