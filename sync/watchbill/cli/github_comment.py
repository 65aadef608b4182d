"""watchbill github comment"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill.cli.forging import base_option, connected, read_log, read_plan, repo_option, scope_of, tell
from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.forge.port import Forge
    from watchbill.forge.sticky import Posted
    from watchbill.report.github_answer import GithubAnswer


@click.command("comment")
@click.argument(
    "saved", required=False, metavar="[plan.json]", type=click.Path(path_type=Path, dir_okay=False)
)
@click.option("--pr", "number", type=int, required=True, metavar="N", help="The pull request.")
@click.option(
    "--head", metavar="SHA", default="", help="The commit that was planned; an outdated one is not told."
)
@click.option(
    "--failed", type=click.Path(path_type=Path, dir_okay=False), help="There is no plan; this file says why."
)
@repo_option
@base_option
@global_options
@click.pass_context
def command(
    ctx: click.Context, saved: Path | None, number: int, head: str, failed: Path | None, repo: str, base: str
) -> None:
    """One comment with the plan, updated in place: who takes whose shift first, details folded.

    \b
    Example:  watchbill plan --out plan.json
              watchbill github comment plan.json --pr 7
    """
    from watchbill.cli.load import valid_policy
    from watchbill.forge.sticky import put
    from watchbill.report.github_comment import no_plan_comment, plan_comment

    options = Globals.of(ctx)
    if (saved is None) == (failed is None):
        raise UsageError("nothing to tell, or too much", remedy="name a plan, or --failed LOG")
    plan = read_plan(saved) if saved is not None else None
    policy = valid_policy(options)[1] if plan is not None else None
    with connected(repo) as forge:
        now = forge.request(number).head
        if head and head != now:
            tell(options, outdated("comment", number, now))
            return
        if plan is None or policy is None:
            body = no_plan_comment(now, read_log(failed))
        else:
            body = plan_comment(plan, policy, head=now, notes=drift_notes(options, forge, base))
        posted = put(forge, number, scope_of(options, "plan"), body)
    tell(options, commented("comment", number, posted))


def outdated(verb: str, number: int, now: str) -> GithubAnswer:
    from watchbill.report.github_answer import GithubAnswer

    return GithubAnswer(verb=verb, said=f"#{number} is at {now[:9]} by now; its own run will tell")


def commented(verb: str, number: int, posted: Posted) -> GithubAnswer:
    from watchbill.report.github_answer import Deed, GithubAnswer

    deed = Deed(what="commented" if posted.is_new else "updated", number=number, url=posted.url)
    return GithubAnswer(verb=verb, done=(deed,))


def drift_notes(options: Globals, forge: Forge, base: str) -> list[str]:
    from watchbill.cli.github_heartbeat import beat

    found = beat(options, forge, base)
    return [found.text] if found.is_late else []
