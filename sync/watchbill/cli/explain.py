"""watchbill explain"""

from __future__ import annotations

import json

import click

from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError


@click.command("explain")
@click.argument("rule", required=False)
@global_options
@click.pass_context
def command(ctx: click.Context, rule: str | None) -> None:
    """What a rule means, with a bad and a good example.  Without a name: all rules.

    \b
    Example:  watchbill explain unknown-name
    """
    from watchbill.checks import RULES, explain
    from watchbill.config.suggest import did_you_mean

    options = Globals.of(ctx)
    if rule is None:
        if options.as_json:
            click.echo(
                json.dumps(
                    [{"rule": r.id, "severity": r.severity, "title": r.title} for r in RULES], indent=2
                )
            )
            return
        width = max(len(r.id) for r in RULES)
        for known in RULES:
            click.echo(f"{known.id:<{width}}  {known.severity:<7}  {known.title}")
        return
    found = explain(rule)
    if found is None:
        near = did_you_mean(rule, [r.id for r in RULES])
        raise UsageError(f"there is no rule {rule!r}", remedy=near or "`watchbill explain` lists them all")
    click.echo(f"{found.id} ({found.severity}): {found.title}")
