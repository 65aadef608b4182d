"""Bare `watchbill`: who is on call now, how many findings, what to do next."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals

if TYPE_CHECKING:
    from watchbill.model.policy import Policy

_LEAST = 0.5
"""Seconds for the incidents of an account that has just answered."""


def overview(options: Globals) -> None:
    if not options.policies.is_dir():
        click.echo(f"there is no folder {str(options.policies)!r} here")
        click.echo("next: `watchbill init` makes one; `watchbill --help` lists the verbs")
        return
    from watchbill.checks.registry import run_checks
    from watchbill.checks.sound import broken
    from watchbill.cli.incidents_now import show_open_incidents
    from watchbill.cli.live import answered
    from watchbill.config.load import load_policy
    from watchbill.ladder.answers import who
    from watchbill.model.settings import SANDBOX
    from watchbill.report.duty import who_text
    from watchbill.report.findings import summary
    from watchbill.report.source import SECONDS, source_lines

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
        began = time.monotonic()
        duty = answered(options, policy, options.now)
        answers = who(duty.roster, handles, options.now)
        click.echo("\n".join([*source_lines(duty.source, policy, options.now, options.width), ""]))
        click.echo(who_text(answers, policy, options.now, color=options.color, width=options.width))
        click.echo()
        left = SECONDS - (time.monotonic() - began)
        if duty.source.live is not None:
            show_open_incidents(options, policy, seconds=max(left, _LEAST))
        elif duty.source.reason in ("no-answer", "refused"):
            click.echo(f"open incidents: {duty.source.detail or 'the account did not answer'}\n")
    click.echo(f"policy: {summary(findings, color=options.color)}")
    click.echo(
        "next: `watchbill check`" if findings else "next: `watchbill plan`; `watchbill --help` lists all"
    )


def _as_json(options: Globals, policy: Policy | None) -> None:
    """The shape of `who`; nobody for a policy that makes no sense, which `check --json` tells."""
    from watchbill.cli.live import answered
    from watchbill.ladder.answers import who
    from watchbill.report.duty import who_json
    from watchbill.report.source import Source

    duty = None if policy is None else answered(options, policy, options.now)
    answers = [] if policy is None or duty is None else who(duty.roster, list(policy.rotations), options.now)
    source = Source("invalid-policy") if duty is None else duty.source
    click.echo(json.dumps(who_json(answers, options.now, source), indent=2, ensure_ascii=False))
