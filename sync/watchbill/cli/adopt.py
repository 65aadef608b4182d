"""watchbill adopt"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from watchbill.cli.changing import Draft, dry_run_option
from watchbill.cli.options import Globals, global_options
from watchbill.cli.planning import sandbox_option
from watchbill.errors import EXIT_PENDING, UsageError

if TYPE_CHECKING:
    from watchbill.cli.adopting import Adopting
    from watchbill.cli.adopting_overrides import AdoptingOverrides
    from watchbill.cli.planning import Reading
    from watchbill.plan.document import Plan
    from watchbill.report.adopt import AdoptAnswer


@click.command("adopt")
@click.argument("name", required=False)
@click.option(
    "--overrides", is_flag=True, help="The overrides that people made in the account, instead of edits."
)
@click.option(
    "--record", "only_record", is_flag=True, help="Only record what was read of objects pinned by hand."
)
@dry_run_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    name: str | None,
    overrides: bool,
    only_record: bool,
    dry_run: bool,
    yes: bool,
    sandbox_named: bool,
) -> None:
    """Write what was edited in the account into the YAML.  Exit code 10 if something of it could not be said.

    The edit of the YAML is shown first; on a terminal it is written after a yes.  What the policy changed too, or
    changed later, is left as it is: `watchbill adopt NAME` lets the account win.
    Overrides that people made there are theirs and no drift; --overrides declares them, one file each.

    \b
    Example:  watchbill adopt
              watchbill adopt backend --dry-run
              watchbill adopt backend --overrides
    """
    from watchbill.cli.account import open_account
    from watchbill.cli.key_named import key_named
    from watchbill.cli.planning import Reading

    if overrides and only_record:
        raise UsageError("--overrides and --record exclude each other", remedy="run one after the other")
    options = Globals.of(ctx)
    draft = Draft(options, dry_run=dry_run)
    key = key_named(draft.before, name) if name and not overrides else ""
    with open_account(options, draft.before, sandbox_named=sandbox_named) as opened:
        options.say(f"reading {opened.what} ...")
        reading = Reading.of(options, draft.before, opened, options.now)
        before = reading.plan(draft.loaded, draft.before)
        if only_record:
            answer = _recorded(draft, reading, before, key)
        elif overrides:
            answer = _overrides(draft, reading, before, name)
        else:
            answer = _edits(draft, reading, before, key)
    declined = not _finish(options, draft, answer, yes=yes)
    if answer.left or declined:
        ctx.exit(EXIT_PENDING)


def _edits(draft: Draft, reading: Reading, before: Plan, key: str) -> AdoptAnswer:
    from watchbill.cli.adopting import Adopting
    from watchbill.cli.drifting import attributions_of
    from watchbill.cli.recording import record
    from watchbill.plan.drift import drift_changes

    adopting = Adopting(draft, reading, before, attributions_of(reading, before))
    for change in drift_changes(before):
        if not key or change.key == key:
            adopting.adopt(change.ref, named=bool(key))
    record(draft, reading, {item.key for item in adopting.adopted})
    return _answer(adopting, before)


def _overrides(draft: Draft, reading: Reading, before: Plan, name: str | None) -> AdoptAnswer:
    from watchbill.cli.adopting_overrides import AdoptingOverrides
    from watchbill.cli.changing import known_rotation

    adopting = AdoptingOverrides(draft, reading, before)
    adopting.adopt(known_rotation(draft.before, name) if name else "")
    return _answer(adopting, before)


def _answer(adopting: Adopting | AdoptingOverrides, before: Plan) -> AdoptAnswer:
    from watchbill.report.adopt import AdoptAnswer

    known = {change.ref for change in before.changes}
    follow = dict.fromkeys(
        c.name for c in adopting.plan.changes if c.ref not in known and c.kind != "override"
    )
    return AdoptAnswer(adopted=tuple(adopting.adopted), left=tuple(adopting.left), follow=tuple(follow))


def _recorded(draft: Draft, reading: Reading, before: Plan, key: str) -> AdoptAnswer:
    """Only where account and policy agree: else a record would take a side."""
    from watchbill.cli.recording import record, unrecorded
    from watchbill.report.adopt import AdoptAnswer, Adopted, LeftAlone

    differ = {change.key: change.name for change in before.changes}
    names = {obj.id: obj.name for obj in reading.account.objects()}
    asked = [one for one in unrecorded(reading, draft.before) if key in ("", one)]
    written = record(draft, reading, [one for one in asked if one not in differ])
    nearest = "`watchbill adopt NAME` lets the account win, `watchbill apply` the policy"
    reason = "account and policy differ, and a record is of what both have"
    return AdoptAnswer(
        adopted=tuple(
            Adopted(key=one, name=names.get(_pin(draft, one), one), told="recorded") for one in written
        ),
        left=tuple(
            LeftAlone(key=one, name=differ[one], reason=reason, nearest=nearest)
            for one in asked
            if one in differ
        ),
    )


def _pin(draft: Draft, key: str) -> str:
    from watchbill.account.wanted import pins_of

    return pins_of(draft.before)[key].id


def _finish(options: Globals, draft: Draft, answer: AdoptAnswer, *, yes: bool) -> bool:
    """Shows the edit, asks where somebody can answer, writes, reports.  False after a no."""
    from watchbill.cli.apply import confirmed
    from watchbill.report.adopt import adopt_text, diff_of, diff_text

    if draft.texts or draft.created:
        draft.after()
        diff = diff_of(draft.changes())
        if not options.as_json:
            click.echo(diff_text(diff, color=options.color))
        asks = sys.stdin.isatty() and not (yes or options.as_json or draft.dry_run)
        if asks and not confirmed("write this into the policy?"):
            options.say("nothing was written")
            return False
        draft.write()
        answer = answer.model_copy(update={"diff": diff})
    files = tuple(file for _, file in draft.files())
    answer = answer.model_copy(update={"files": files, "written": draft.written})
    if options.as_json:
        click.echo(answer.model_dump_json(indent=2))
        return True
    click.echo(adopt_text(answer, color=options.color, width=options.width))
    if draft.written:
        options.say("next: `git diff` shows the lines; commit them and open a pull request")
    return True
