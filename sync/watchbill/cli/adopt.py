"""watchbill adopt"""

from __future__ import annotations

import click

from watchbill.cli.changing import Draft, dry_run_option
from watchbill.cli.options import Globals, global_options
from watchbill.cli.planning import sandbox_option
from watchbill.errors import EXIT_PENDING


@click.command("adopt")
@click.argument("name", required=False)
@click.option(
    "--overrides", is_flag=True, help="The overrides that people made in the account, instead of edits."
)
@dry_run_option
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context, name: str | None, overrides: bool, dry_run: bool, sandbox_named: bool
) -> None:
    """Write what was edited in the account into the YAML.  Exit code 10 if something of it could not be said.

    Overrides that people made there are theirs and no drift; --overrides declares them, one file each.

    \b
    Example:  watchbill adopt
              watchbill adopt backend --dry-run
              watchbill adopt backend --overrides
    """
    from watchbill.cli.account import open_account
    from watchbill.cli.adopting import Adopting
    from watchbill.cli.adopting_overrides import AdoptingOverrides
    from watchbill.cli.changing import known_rotation
    from watchbill.cli.drifting import attributions_of
    from watchbill.cli.planning import Reading, key_named
    from watchbill.plan.drift import drift_changes
    from watchbill.report.adopt import AdoptAnswer, adopt_text

    options = Globals.of(ctx)
    draft = Draft(options, dry_run=dry_run)
    key = key_named(draft.before, name) if name and not overrides else ""
    adopting: Adopting | AdoptingOverrides
    with open_account(options, draft.before, sandbox_named=sandbox_named) as opened:
        options.say(f"reading {opened.what} ...")
        reading = Reading.of(options, draft.before, opened, options.now)
        before = reading.plan(draft.loaded, draft.before)
        if overrides:
            adopting = AdoptingOverrides(draft, reading, before)
            adopting.adopt(known_rotation(draft.before, name) if name else "")
        else:
            adopting = Adopting(draft, reading, before, attributions_of(reading, before))
            for change in drift_changes(before):
                if not key or change.key == key:
                    adopting.adopt(change.ref, named=bool(key))
    if draft.texts or draft.created:
        draft.after()
        draft.write()
    known = {change.ref for change in before.changes}
    follow = dict.fromkeys(
        c.name for c in adopting.plan.changes if c.ref not in known and c.kind != "override"
    )
    answer = AdoptAnswer(
        adopted=tuple(adopting.adopted),
        left=tuple(adopting.left),
        follow=tuple(follow),
        files=tuple(file for _, file in draft.files()),
        written=draft.written,
    )
    if options.as_json:
        click.echo(answer.model_dump_json(indent=2))
    else:
        click.echo(adopt_text(answer, color=options.color, width=options.width))
        if draft.written:
            options.say("next: `git diff` shows the lines; commit them and open a pull request")
    if answer.left:
        ctx.exit(EXIT_PENDING)
