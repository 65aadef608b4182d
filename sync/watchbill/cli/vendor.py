"""watchbill vendor"""

from __future__ import annotations

import click

from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError


@click.command("vendor")
@click.argument("name", required=False)
@click.option("--severity", metavar="SEVERITY", help="On the vendor's own scale: only its steps.")
@global_options
@click.pass_context
def command(ctx: click.Context, name: str | None, severity: str | None) -> None:
    """How an outside supplier is reached, and what to have at hand.  From the files alone.

    \b
    Example:  watchbill vendor google-cloud --severity P1
              watchbill vendor
    """
    from watchbill.cli.load import valid_policy
    from watchbill.cli.who import known
    from watchbill.config.suggest import did_you_mean
    from watchbill.report.directory import find, vendor_answer, vendor_text

    options = Globals.of(ctx)
    _, policy = valid_policy(options)
    if name is None:
        width = max((len(handle) for handle in policy.vendors), default=0)
        for handle, spec in policy.vendors.items():
            click.echo(f"{handle:<{width}}  {spec.portal or ''}".rstrip())
        return
    found = find(policy.vendors, name)
    if found is None:
        near = did_you_mean(name, list(policy.vendors))
        raise UsageError(
            f"no vendor {name!r}", remedy=near or f"there are: {', '.join(policy.vendors) or 'none'}"
        )
    scale = list(policy.vendors[found].severities)
    if severity is not None and scale:
        severity = known(severity, scale, f"severity of {policy.vendors[found].title}")
    answer = vendor_answer(policy, found, severity)
    click.echo(
        answer.model_dump_json(indent=2)
        if options.as_json
        else vendor_text(answer, policy, color=options.color)
    )
