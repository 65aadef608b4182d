"""watchbill incident open"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from watchbill.cli.incident_live import Live, as_option, live, sandbox_option
from watchbill.cli.options import Globals, global_options
from watchbill.errors import EXIT_PENDING, AccountError

if TYPE_CHECKING:
    from watchbill.account.incidents import Incident
    from watchbill.ladder.simulate import Simulation


@click.command("open")
@click.argument("severity")
@click.argument("domain")
@click.argument("words", nargs=-1, required=True, metavar="TITLE...")
@click.option("--service", default="", metavar="SERVICE", help="Which service (default: the domain's first).")
@click.option("--again", is_flag=True, help="Although one with this title is open on the service.")
@click.option("--yes", is_flag=True, help="Do not ask: page people.")
@click.option("--print", "only_print", is_flag=True, help="Only show what would be opened and who is paged.")
@as_option
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    severity: str,
    domain: str,
    words: tuple[str, ...],
    service: str,
    again: bool,
    yes: bool,
    only_print: bool,
    email: str | None,
    sandbox: bool,
) -> None:
    """Open an incident as an alert would: its ladder, its priority, its urgency.

    \b
    Example:  watchbill incident open P1 database Logins fail
              watchbill incident open P2 integrations Refunds fail \\
                --service medicalcor-payments --print

    Asks before it pages people of a real account.
    """
    from watchbill.cli.apply import confirmed
    from watchbill.cli.who import known, known_domain
    from watchbill.incident.opening import carry_out, look_up, not_twice, wanted
    from watchbill.ladder.simulate import run
    from watchbill.report.incident_open import opened_answer, opened_text, wanted_text

    options = Globals.of(ctx)
    with live(options, writes=not only_print, sandbox=sandbox) as here:
        policy = here.policy
        wish = wanted(
            policy,
            known(severity, list(policy.severities), "severity"),
            known_domain(policy, domain),
            " ".join(words),
            service=known(service, list(policy.services), "service") if service else "",
            now=here.now,
        )
        ready = look_up(here.transport, policy, wish)
        if not again:
            not_twice(ready)
        pages = run(here.duty, wish.ladder, here.now, ack_after=None, path=())
        shown = wanted_text(ready, pages, policy, color=options.color, width=options.width)
        if only_print:
            click.echo(
                opened_answer(ready, pages, None).model_dump_json(indent=2) if options.as_json else shown
            )
            return
        actor = here.actor(email)
        if not yes and not here.is_sandbox:
            click.echo(shown, err=True)
            if not confirmed(f"page these people, in {here.what}?"):
                options.say("nothing was opened")
                ctx.exit(EXIT_PENDING)
        made, problems = carry_out(here.transport, actor, ready)
        level = _level_of(here, made, pages)
        answer = opened_answer(ready, pages, made, level=level, problems=problems)
        if options.as_json:
            click.echo(answer.model_dump_json(indent=2))
            return
        click.echo(opened_text(answer, ready, pages, policy, color=options.color, width=options.width))


def _level_of(here: Live, made: Incident, pages: Simulation) -> int:
    """By the incident's log; by the policy where the account does not give it any more: the incident is open."""
    try:
        return here.situation(made.id).level
    except AccountError:
        return next((step.level for step in pages.steps if step.targets), 1)
