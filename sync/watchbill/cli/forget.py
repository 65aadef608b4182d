"""watchbill forget"""

from __future__ import annotations

import click

from watchbill.cli.apply import Run, run
from watchbill.cli.options import global_options
from watchbill.cli.planning import sandbox_option
from watchbill.cli.waiving import waive_option


@click.command("forget")
@click.argument("name")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@waive_option
@sandbox_option
@global_options
@click.pass_context
def command(ctx: click.Context, name: str, yes: bool, waive: tuple[str, ...], sandbox_named: bool) -> None:
    """Release an object: the marker goes, the object stays.

    \b
    Example:  watchbill forget backend    # exit code 14 while the policy still has it
    """
    run(ctx, Run(yes=yes, waive=waive, sandbox_named=sandbox_named, forget=name))
