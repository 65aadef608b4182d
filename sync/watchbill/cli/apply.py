"""watchbill apply"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill.cli.notices import Telling, notices_options
from watchbill.cli.options import Globals, global_options
from watchbill.cli.planning import applied_option, deadline_option, full_option, sandbox_option, to_option
from watchbill.cli.times import parse_seconds
from watchbill.cli.waiving import parse_waivers, waive_option
from watchbill.errors import EXIT_PENDING, AccountUnfit, AppliedInPart, GuardRefused, StalePlan, UsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from watchbill.apply.lease import LeaseTerms
    from watchbill.apply.outcome import Outcome
    from watchbill.cli.account import Opened
    from watchbill.model.policy import Policy
    from watchbill.plan.document import Plan


@click.command("apply")
@click.argument(
    "saved", required=False, metavar="[plan.json]", type=click.Path(path_type=Path, dir_okay=False)
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--upkeep", is_flag=True, help="Only what time alone brings; it needs no review.")
@click.option(
    "--wait",
    default="10m",
    show_default=True,
    metavar="10m",
    help="How long for another apply to this account to end; 0m = not at all.",
)
@full_option
@notices_options
@deadline_option
@to_option
@applied_option
@waive_option
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    saved: Path | None,
    yes: bool,
    upkeep: bool,
    wait: str,
    full: bool,
    show_notices: bool,
    notices_file: Path | None,
    deadline: float | None,
    to: str,
    since: str,
    waive: tuple[str, ...],
    sandbox_named: bool,
) -> None:
    """Make the account match: check, plan, show, confirm, write, read back.

    \b
    Example:  watchbill apply --yes
              watchbill plan --out plan.json && watchbill apply plan.json
    """
    telling = Telling(show_notices, notices_file)
    seconds = parse_seconds(wait)
    if upkeep and saved is not None:
        raise UsageError("--upkeep makes a plan of its own", remedy="leave out the file, or --upkeep")
    wish = Run(
        saved, yes, waive, sandbox_named, to=to, since=since, wait=seconds, deadline=deadline, telling=telling
    )
    run(ctx, replace(wish, upkeep=upkeep, full=full))


@dataclass(frozen=True, slots=True)
class Run:
    saved: Path | None = None
    yes: bool = False
    waive: tuple[str, ...] = ()
    sandbox_named: bool = False
    claim: str = ""
    """Name of an object to take over."""
    forget: str = ""
    """Name of an object to release."""
    to: str = ""
    """A commit: its policy instead of the files as they are."""
    since: str = ""
    """The commit whose rules judge."""
    wait: float = 600.0
    """Seconds, for another apply to end."""
    deadline: float | None = None
    """Seconds of silence after which the account counts as dead; None = as usual."""
    upkeep: bool = False
    full: bool = False
    """The plan is shown whole, however long."""
    telling: Telling = field(default_factory=Telling)


def run(ctx: click.Context, wish: Run) -> None:
    from watchbill.cli.judging import record_applied
    from watchbill.cli.key_command import stop_at_new_command
    from watchbill.cli.key_named import key_named
    from watchbill.cli.leasing import clear_leases, lease_terms
    from watchbill.cli.planning import (
        Wishes,
        checked_policy,
        commit_named,
        make_plan,
    )
    from watchbill.cli.saved import saved_plan
    from watchbill.report.findings import render_findings
    from watchbill.report.plan_text import render_plan

    options = Globals.of(ctx)
    commit = commit_named(options, wish.to)
    loaded, policy, findings = checked_policy(options, sandbox_named=wish.sandbox_named, to=commit)
    if not options.quiet and not options.as_json:
        click.echo(render_findings(findings, color=options.color, width=options.width))
    waivers = parse_waivers(wish.waive, options.now)
    claims = frozenset({key_named(policy, wish.claim)} if wish.claim else ())
    forgets = frozenset({key_named(policy, wish.forget)} if wish.forget else ())
    with _opened(options, policy, wish) as opened:
        for last in (False, False, True):
            options.say(f"reading {opened.what} ...")
            if wish.saved is None:
                wishes = Wishes(waivers, claims, forgets, wish.upkeep, wish.since)
                plan = make_plan(options, loaded, policy, opened, wishes, commit=commit)
            else:
                wishes = Wishes(waivers, since=wish.since)
                plan = saved_plan(options, wish.saved, loaded, policy, opened, wishes, commit)
            if not options.as_json:
                click.echo(
                    render_plan(plan, policy, color=options.color, width=options.width, whole=wish.full)
                )
            _stop_at_guards(plan)
            stop_at_new_command(options, plan, policy, since=wish.since)
            if plan.is_empty:
                if not wish.upkeep:
                    record_applied(options, plan, opened.state)
                clear_leases(options, policy, opened)
                if options.as_json:
                    _report(options, _nothing(plan))
                _in_sync(options, plan, opened, only_upkeep=wish.upkeep)
                return
            terms = lease_terms(options, policy, opened, wish.wait, waivers)
            if not wish.yes and not confirmed(f"write {len(plan.changes)} changes to {opened.what}?"):
                options.say("nothing was written")
                ctx.exit(EXIT_PENDING)
            outcome = _carry_out(options, plan, policy, opened, terms)
            came_late = outcome.waited and outcome.exit_code == StalePlan.exit_code
            if last or wish.saved is not None or not came_late:
                break
            options.say("the other apply changed what this one planned; planning again")
        _report(options, outcome)
        wish.telling.tell(options, plan, policy, outcome)
        if outcome.exit_code:
            ctx.exit(outcome.exit_code)
        after = make_plan(
            options,
            loaded,
            policy,
            opened,
            replace(wishes, claims=frozenset(), forgets=forgets),
            now=options.later() + 1,
        )
        if not wish.upkeep and not after.changes:
            record_applied(options, plan, opened.state)
        _read_back(options, after, opened, only_upkeep=wish.upkeep)


def _opened(options: Globals, policy: Policy, wish: Run) -> AbstractContextManager[Opened]:
    from watchbill.cli.account import open_account

    return open_account(
        options, policy, writes=True, sandbox_named=wish.sandbox_named, deadline=wish.deadline
    )


def confirmed(question: str) -> bool:
    """Raises UsageError where nobody can answer."""
    try:
        return click.confirm(question)
    except click.Abort:
        raise UsageError("nobody is there to say yes; nothing was written", remedy="add --yes") from None


def _nothing(plan: Plan) -> Outcome:
    from watchbill.apply.outcome import Outcome

    return Outcome(account=plan.account, plan_digest=plan.digest, rules=plan.rules)


def _stop_at_guards(plan: Plan) -> None:
    if plan.refused:
        first = plan.refused[0]
        others = len(plan.refused) - 1
        more = f" (and {others} more)" if others else ""
        raise GuardRefused(
            f"guard {first.guard}: {first.message}{more}; nothing was written",
            remedy=first.remedy or f"`--waive {first.guard}=REASON` lets it pass this once",
        )


def _carry_out(
    options: Globals, plan: Plan, policy: Policy, opened: Opened, lease: LeaseTerms | None
) -> Outcome:
    from watchbill.apply.execute import execute
    from watchbill.apply.keys import keys_of
    from watchbill.cli.key_command import checkout_of
    from watchbill.cli.progress import progress

    with progress(options, len(plan.changes)) as on_event:
        return execute(
            plan,
            opened.transport,
            now=options.now,
            on_event=on_event,
            state=opened.state,
            lease=lease,
            keys=keys_of(
                policy.settings.pagerduty.integration_keys, os.environ, checkout_of(options.policies)
            ),
        )


def _report(options: Globals, outcome: Outcome) -> None:
    from watchbill.report.outcome import outcome_json, render_outcome

    if options.as_json:
        click.echo(outcome_json(outcome), nl=False)
    else:
        click.echo(render_outcome(outcome, color=options.color, width=options.width))


def _read_back(options: Globals, after: Plan, opened: Opened, *, only_upkeep: bool) -> None:
    if after.changes:
        names = ", ".join(change.name for change in after.changes[:5])
        raise AppliedInPart(
            f"read back, {len(after.changes)} object(s) still differ: {names}",
            remedy="run `watchbill plan` to see how",
        )
    _in_sync(options, after, opened, only_upkeep=only_upkeep)


def _in_sync(options: Globals, plan: Plan, opened: Opened, *, only_upkeep: bool) -> None:
    """In sync, but for what the plan had to leave alone; upkeep alone goes on without it."""
    from watchbill.report.judged import for_now
    from watchbill.report.paint import Paint

    left = plan.left_alone
    if left and not only_upkeep:
        raise AccountUnfit(
            f"in sync, but for {len(left)} object(s) left alone: {left[0].message}", remedy=left[0].hint
        )
    if not options.as_json:
        told = f"in sync{for_now(plan)}: {opened.what} is as the policy says"
        if only_upkeep:
            told = f"upkeep of {opened.what} is done"
        click.echo("\n".join([Paint(options.color).green(told), *(notice.message for notice in plan.later)]))
