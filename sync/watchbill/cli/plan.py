"""watchbill plan"""

from __future__ import annotations

from pathlib import Path

import click

from watchbill.cli.notices import Telling, notices_options
from watchbill.cli.options import Globals, global_options
from watchbill.cli.planning import applied_option, deadline_option, full_option, sandbox_option, to_option
from watchbill.cli.waiving import parse_waivers, waive_option
from watchbill.errors import EXIT_PENDING


@click.command("plan")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan here, for apply.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
)
@click.option("--exit-code", is_flag=True, help="Exit with 10 unless the account is as the policy says.")
@full_option
@notices_options
@to_option
@applied_option
@waive_option
@deadline_option
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    out: Path | None,
    form: str,
    exit_code: bool,
    full: bool,
    show_notices: bool,
    notices_file: Path | None,
    to: str,
    since: str,
    waive: tuple[str, ...],
    deadline: float | None,
    sandbox_named: bool,
) -> None:
    """What would change in the account, and for whom.  Writes nothing there.

    \b
    Example:  watchbill plan
              watchbill plan --out plan.json && watchbill apply plan.json
              watchbill plan --to HEAD~1
              watchbill plan --notices
    """
    from watchbill.cli.account import open_account
    from watchbill.cli.live import with_manual_overrides
    from watchbill.cli.planning import Wishes, checked_policy, commit_named, make_plan
    from watchbill.report.plan_html import plan_html
    from watchbill.report.plan_json import plan_json
    from watchbill.report.plan_markdown import plan_markdown
    from watchbill.report.plan_text import render_plan

    options = Globals.of(ctx)
    commit = commit_named(options, to)
    loaded, policy, _ = checked_policy(options, sandbox_named=sandbox_named, to=commit)
    wishes = Wishes(parse_waivers(waive, options.now), since=since)
    with open_account(options, policy, sandbox_named=sandbox_named, deadline=deadline) as opened:
        options.say(f"reading {opened.what} ...")
        plan = make_plan(options, loaded, policy, opened, wishes, commit=commit)
        plan = with_manual_overrides(plan, policy, opened.transport, options)
    if out is not None:
        from watchbill.config.edit_write import write_text

        write_text(out, plan_json(plan), private=True)
        back = f" --to {commit[:9]}" if commit else ""
        options.say(f"saved to {out}; `watchbill apply {out}{back}` does exactly this")
    if options.as_json or form == "json":
        click.echo(plan_json(plan), nl=False)
    elif form == "markdown":
        click.echo(plan_markdown(plan, policy))
    elif form == "html":
        click.echo(plan_html(plan, policy))
    else:
        click.echo(render_plan(plan, policy, color=options.color, width=options.width, whole=full))
    Telling(show_notices, notices_file).tell(options, plan, policy)
    if exit_code and (plan.changes or plan.left_alone):
        ctx.exit(EXIT_PENDING)
