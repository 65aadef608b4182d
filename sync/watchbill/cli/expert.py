"""watchbill expert"""

from __future__ import annotations

import click

from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError


@click.command("expert")
@click.argument("topic", required=False)
@global_options
@click.pass_context
def command(ctx: click.Context, topic: str | None) -> None:
    """Who knows a subject, who else does, and in which channel.  From the files alone.

    \b
    Example:  watchbill expert stripe
              watchbill expert
    """
    from watchbill.cli.load import valid_policy
    from watchbill.config.suggest import did_you_mean
    from watchbill.report.directory import expert_answer, expert_text, find
    from watchbill.rota.duty import Roster

    options = Globals.of(ctx)
    _, policy = valid_policy(options)
    handles = list(policy.experts)
    if topic is not None:
        found = find(policy.experts, topic)
        if found is None:
            near = did_you_mean(topic, handles)
            raise UsageError(
                f"no expert for {topic!r}", remedy=near or f"there are: {', '.join(handles) or 'none'}"
            )
        handles = [found]
    answers = [expert_answer(Roster(policy), handle, options.now) for handle in handles]
    if options.as_json:
        made = [answer.model_dump_json(indent=2) for answer in answers]
        click.echo(made[0] if topic is not None else f"[{','.join(made)}]")
    else:
        click.echo("\n".join(expert_text(answer, policy, color=options.color) for answer in answers))
