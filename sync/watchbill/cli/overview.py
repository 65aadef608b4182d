"""Bare `watchbill`: who is on call now, how many findings, what to do next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals

if TYPE_CHECKING:
    from watchbill.model.policy import Policy


def overview(options: Globals) -> None:
    if not options.policies.is_dir():
        click.echo(f"there is no folder {str(options.policies)!r} here")
        click.echo("next: `watchbill init` makes one; `watchbill --help` lists the verbs")
        return
    from watchbill.checks.registry import run_checks
    from watchbill.checks.sound import broken
    from watchbill.cli.incidents_now import show_open_incidents
    from watchbill.config.load import load_policy
    from watchbill.ladder.answers import who
    from watchbill.model.settings import SANDBOX
    from watchbill.report.duty import who_text
    from watchbill.report.findings import summary
    from watchbill.rota.duty import Roster

    loaded = load_policy(options.policies)
    policy = loaded.policy
    real = policy is not None and policy.settings.pagerduty.account != SANDBOX
    findings = [*loaded.findings, *run_checks(loaded, account_is_real=real, now=options.now)]
    sound = loaded.valid and not broken(loaded, now=options.now)
    if options.as_json:
        _as_json(options, policy if sound else None)
        return
    if policy is not None and sound:
        handles = [handle for handle, rotation in policy.rotations.items() if rotation.has_schedule]
        answers = who(Roster(policy), handles, options.now)
        click.echo(who_text(answers, policy, options.now, color=options.color, width=options.width))
        click.echo()
        show_open_incidents(options, policy)
    click.echo(f"policy: {summary(findings, color=options.color)}")
    click.echo(
        "next: `watchbill check`" if findings else "next: `watchbill plan`; `watchbill --help` lists all"
    )


def _as_json(options: Globals, policy: Policy | None) -> None:
    """The shape of `who`; nobody for a policy that makes no sense, which `check --json` tells."""
    from watchbill.ladder.answers import who
    from watchbill.report.duty import who_json
    from watchbill.rota.duty import Roster

    answers = [] if policy is None else who(Roster(policy), list(policy.rotations), options.now)
    click.echo(json.dumps(who_json(answers, options.now), indent=2, ensure_ascii=False))
