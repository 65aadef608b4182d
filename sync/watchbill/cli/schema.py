"""watchbill schema"""

from __future__ import annotations

from pathlib import Path

import click

from watchbill.cli.options import Globals, global_options
from watchbill.errors import PolicyInvalid


@click.command("schema")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("schema"), show_default=True
)
@click.option("--check", is_flag=True, help="Write nothing; exit 3 if a file is missing or stale.")
@global_options
@click.pass_context
def command(ctx: click.Context, out: Path, check: bool) -> None:
    """Write the JSON Schemas of the policy format and of the JSON outputs.

    \b
    Example:  watchbill schema --check
    """
    from watchbill.metrics.document import MetricsAnswer
    from watchbill.report.schemas import OUTPUTS
    from watchbill.schema import generate, stale, write

    options = Globals.of(ctx)
    files = generate((*OUTPUTS, ("metrics-report.schema.json", MetricsAnswer)))
    if not check:
        changed = write(out, files)
        options.say(f"{len(changed)} of {len(files)} schema files written to {out}")
        return
    names = stale(out, files)
    if names:
        raise PolicyInvalid(
            f"stale schema files: {', '.join(names)}", remedy="run `watchbill schema` and commit the result"
        )
    options.say(f"{len(files)} schema files are up to date")
