"""watchbill upgrade-preview"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals, global_options
from watchbill.cli.planning import deadline_option, sandbox_option
from watchbill.errors import AccountError, UsageError

if TYPE_CHECKING:
    from watchbill.account.objects import Account
    from watchbill.model.policy import Policy


@click.command("upgrade-preview")
@click.argument("name", metavar="ROTATION")
@click.option("--offline", is_flag=True, help="From the policy alone; ask no account.")
@deadline_option
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context, name: str, offline: bool, deadline: float | None, sandbox_named: bool
) -> None:
    """Whose shifts move, if anybody's do, when a rotation's schedule becomes shift-based.

    Two ways lead there: watchbill writes the policy as shifts, or PagerDuty upgrades the layers it has.
    Where no account answers, the layers are those that the policy would have.

    \b
    Example:  watchbill upgrade-preview backend
    """
    from watchbill.cli.planning import checked_policy
    from watchbill.cli.who import handles_of
    from watchbill.plan.upgrade_preview import upgrade_preview
    from watchbill.report.upgrade_preview import render_upgrade_preview

    options = Globals.of(ctx)
    _, policy, _ = checked_policy(options, sandbox_named=sandbox_named)
    rotation = _with_schedule(policy, handles_of(policy, (name,))[0])
    account = None
    if not offline:
        account = _account(options, policy, rotation, sandbox_named=sandbox_named, deadline=deadline)
    found = upgrade_preview(policy, rotation, account, now=options.now)
    if options.as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        click.echo(render_upgrade_preview(found, policy, color=options.color, width=options.width))


def _with_schedule(policy: Policy, handle: str) -> str:
    """Raises UsageError."""
    if handle not in policy.rotations:
        raise UsageError(
            f"{policy.title_of(handle)} is no rotation", remedy=f"one of {', '.join(policy.rotations)}"
        )
    spec = policy.rotations[handle]
    if not spec.has_schedule:
        covered = spec.covered_by or "another one"
        raise UsageError(
            f"{spec.title} has no schedule of its own: {covered} covers it", remedy=f"ask about {covered}"
        )
    return handle


def _account(
    options: Globals, policy: Policy, rotation: str, *, sandbox_named: bool, deadline: float | None
) -> Account | None:
    """With the overrides of the rotation's schedule; None where no account answers, which is told."""
    from watchbill.account.kinds import Kinds
    from watchbill.cli.account import open_account
    from watchbill.cli.planning import Reading

    try:
        with open_account(options, policy, sandbox_named=sandbox_named, deadline=deadline) as opened:
            options.say(f"reading {opened.what} ...")
            reading = Reading.of(options, policy, opened, options.now)
            standing = Kinds(policy, reading.account).standing(rotation)
            return reading.with_overrides((standing.id,) if standing is not None else (), policy)
    except AccountError as error:
        options.say(f"no account: {error.message}; told from the policy alone")
        return None
