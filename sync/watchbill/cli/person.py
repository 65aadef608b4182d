"""watchbill person add|remove"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from watchbill.cli.changing import Draft, dry_run_option, known_person, show
from watchbill.cli.commands import Commands
from watchbill.cli.leaver import Leaver
from watchbill.cli.options import FROM, Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.config.load import Loaded


@click.group("person", cls=Commands)
def command() -> None:
    """Somebody joins, or leaves.

    \b
    Example:  watchbill person remove backend-1
    """


@command.command("add")
@click.argument("handle")
@click.option("--name", required=True, help="Full name.")
@click.option("--email", required=True, help="Address of their PagerDuty user; the user is never created.")
@click.option("--slack", metavar="NAME", help="Slack handle.")
@click.option("--github", metavar="LOGIN", help="GitHub login.")
@click.option("--time-zone", metavar="ZONE", help="IANA zone; default: the settings' zone.")
@click.option("--phone-secret", metavar="SECRET", help="Name of the secret that holds the phone number.")
@dry_run_option
@global_options
@click.pass_context
def add(ctx: click.Context, /, handle: str, *, dry_run: bool, **options: str | None) -> None:
    """A new entry in `people`.  They have no duty until a crew, a role or a ladder names them.

    \b
    Example:  watchbill person add dora --name "Dora Example" --email dora@medicalcor.example
    """
    from watchbill.cli.person_add import entry_of, put

    draft = Draft(Globals.of(ctx), dry_run=dry_run)
    value = entry_of(draft.before, handle, options)
    put(draft, handle, value)
    show(
        draft,
        verb="person add",
        head=f"{options['name']} is in `people` as {handle}",
        at=None,
        tables=[],
        notes=[f"`watchbill crew add ROTATION {handle}` puts them into a crew"],
        asked={"person": handle},
    )


@command.command("remove")
@click.argument("name")
@click.option("--successor", metavar="PERSON", help="Takes over roles and places where only NAME is named.")
@click.option(*FROM, metavar="DATE|now", help="First handoffs on or after this day.")
@click.option(
    "--forget", is_flag=True, help="Delete them from `people` too, when nothing names them any more."
)
@dry_run_option
@global_options
@click.pass_context
def remove(
    ctx: click.Context, name: str, successor: str | None, since: str | None, forget: bool, dry_run: bool
) -> None:
    """NAME leaves every crew at its next handoff, and every role, ladder and override still to come.

    Roles without --successor become `unset`.  What only a human can decide is listed with its line.

    \b
    Example:  watchbill person remove backend-1 --dry-run
              watchbill person remove eng-manager-holder --successor infra-4 --forget
    """
    from watchbill.cli.times import parse_time
    from watchbill.plan.side_by_side import full_rotation, side_by_side
    from watchbill.rota.clock import zone

    draft = Draft(Globals.of(ctx), dry_run=dry_run)
    policy, options = draft.before, draft.options
    person = known_person(policy, name)
    heir = successor and known_person(policy, successor)
    if heir == person:
        raise UsageError(f"{person} cannot succeed themselves", remedy="name somebody else")
    at_once = (since or "").strip().lower() == "now"
    start = parse_time(since, zone(policy.settings.time_zone), options.now) if since and not at_once else None
    leaver = Leaver(draft, person, heir, start, at_once)
    leaver.leave()
    loaded, after = draft.after()
    if forget:
        leaver.forget(loaded)
    tables = [
        side_by_side(policy, after, handle, *full_rotation(policy, after, handle, change.at, change.at))
        for handle, change in leaver.crews.items()
    ]
    show(
        draft,
        verb="person remove",
        head=f"{policy.title_of(person)} leaves",
        at=min((change.at for change in leaver.crews.values()), default=None),
        tables=tables,
        notes=[*leaver.notes, *_new_findings(draft, loaded)],
        left=leaver.left(),
        asked={"person": person, "successor": heir},
    )


def _new_findings(draft: Draft, loaded: Loaded) -> list[str]:
    """What the checks have to say that they did not say before."""
    before = {(f.rule, f.message) for f in draft.findings(draft.loaded)}
    found = [f for f in draft.findings(loaded) if (f.rule, f.message) not in before]
    return [f"{f.message} ({f.file}:{f.line})" if f.line else f.message for f in found]
