"""watchbill drift"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals, global_options
from watchbill.cli.planning import deadline_option, sandbox_option
from watchbill.errors import EXIT_PENDING, UsageError

if TYPE_CHECKING:
    from watchbill.plan.drift import Drift


@click.command("drift")
@click.option(
    "--seen",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The --json of an earlier run: what it told is known by now.",
)
@deadline_option
@sandbox_option
@global_options
@click.pass_context
def command(ctx: click.Context, seen: Path | None, deadline: float | None, sandbox_named: bool) -> None:
    """What was edited in the account behind the policy's back, by whom, when and how.  Exit code 10 if anything was.

    What settings.acknowledged knows is listed apart and does not count until it expires.

    \b
    Example:  watchbill drift
              watchbill drift --json --seen last.json > drift.json
    """
    from watchbill.cli.account import open_account
    from watchbill.cli.drifting import attributions_of, unadoptable_of
    from watchbill.cli.live import with_manual_overrides
    from watchbill.cli.planning import Reading, checked_policy
    from watchbill.plan.drift import drift_of, is_drifted
    from watchbill.report.plan_json import plan_json
    from watchbill.report.plan_text import render_drift

    options = Globals.of(ctx)
    before = _earlier(seen) if seen is not None else None
    loaded, policy, _ = checked_policy(options, sandbox_named=sandbox_named)
    with open_account(options, policy, sandbox_named=sandbox_named, deadline=deadline) as opened:
        options.say(f"reading {opened.what} ...")
        reading = Reading.of(options, policy, opened, options.now)
        plan = reading.plan(loaded, policy)
        plan = with_manual_overrides(plan, policy, opened.transport, options)
        edits = attributions_of(reading, plan)
        drift = drift_of(plan, edits, before, unadoptable_of(options, reading, plan, edits))
    pending = len(plan.changes) - len(drift.changes)
    if options.as_json:
        click.echo(plan_json(drift), nl=False)
    else:
        click.echo(render_drift(drift, policy, pending=pending, color=options.color, width=options.width))
    if is_drifted(plan):
        ctx.exit(EXIT_PENDING)


def _earlier(path: Path) -> Drift | None:
    """None where there was no earlier run.  Raises UsageError for a file that is no drift report."""
    from pydantic import ValidationError

    from watchbill.local_files import read_bounded
    from watchbill.plan.drift import Drift

    try:
        return Drift.model_validate_json(read_bounded(path))
    except FileNotFoundError:
        return None
    except OSError as bad:
        raise UsageError(f"{path} cannot be read: {bad.strerror}") from None
    except ValidationError:
        raise UsageError(
            f"{path} is no drift report of this format", remedy="make one with `watchbill drift --json`"
        ) from None
