"""watchbill incident test-page"""

from __future__ import annotations

import click

from watchbill.cli.incident_live import as_option, live, sandbox_option
from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError


@click.command("test-page")
@click.argument("people", nargs=-1)
@click.option("--page", is_flag=True, help="Really page yourself; without it, only the rules are read.")
@click.option("--service", metavar="SERVICE", help="Where the test incident is opened (default: the first).")
@as_option
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    people: tuple[str, ...],
    page: bool,
    service: str | None,
    email: str | None,
    sandbox: bool,
) -> None:
    """Does my phone ring? Reads everybody's contact rules, or really pages you.

    \b
    Example:  watchbill incident test-page
              watchbill incident test-page --page
    """
    from watchbill.cli.who import known
    from watchbill.incident.test_page import page_oneself, reach_of
    from watchbill.pagerduty.service_ids import service_ids
    from watchbill.report.incident import reach_text

    options = Globals.of(ctx)
    with live(options, writes=page, sandbox=sandbox) as here:
        if not page:
            handles = people or tuple(here.policy.people)
            handles = tuple(known(handle, list(here.policy.people), "person") for handle in handles)
            click.echo(reach_text(reach_of(here.people, handles), here.policy, color=options.color))
            return
        names = {handle: spec.pagerduty.name or spec.title for handle, spec in here.policy.services.items()}
        if service is not None:
            names = {service: names[known(service, list(names), "service")]}
        ids = service_ids(here.transport, names.values())
        if not ids:
            raise UsageError(
                "the account has none of the policy's services", remedy="`watchbill apply` first"
            )
        actor = here.actor(email)
        target = next(ids[name] for name in names.values() if name in ids)
        made = page_oneself(here.transport, here.people, actor, target, whom=people[0] if people else "")
        click.echo(
            f"paged {people[0] if people else actor.handle}: {made.label}\nacknowledge it, then resolve it"
        )
