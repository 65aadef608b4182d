"""watchbill who"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals, global_options, live_options
from watchbill.cli.past import no_history_option
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.model.policy import Policy


@click.command("who")
@click.argument("names", nargs=-1, metavar="[ROTATION|ROLE|DOMAIN]...")
@click.option("--at", default="now", metavar="T", help="When; wall clock of the policy's zone, or ISO.")
@click.option("--severity", metavar="SEVERITY", help="With a domain: everybody on its ladder, by minute.")
@no_history_option
@live_options
@global_options
@click.pass_context
def command(
    ctx: click.Context, names: tuple[str, ...], at: str, severity: str | None, as_written: bool
) -> None:
    """Who is on duty, why, and who is next.  About the past the policy of that day answers, from git.

    PagerDuty is asked for two seconds, and its answer is laid over the policy; the first line names the source.

    \b
    Example:  watchbill who backend --at "tomorrow 03:00"
              watchbill who database --severity P1
    """
    from watchbill.cli.live import answered as asked
    from watchbill.cli.past import commit_read, policy_at
    from watchbill.ladder.answers import ladder_span, who, who_on_ladder
    from watchbill.ladder.live import paged_rotations
    from watchbill.report.duty import who_json, who_text
    from watchbill.report.source import source_lines

    options = Globals.of(ctx)
    answered, instant = policy_at(options, at, as_written=as_written)
    policy = answered.policy
    until = None
    if severity is not None:
        severity, domain = known(severity, list(policy.severities), "severity"), _one_domain(policy, names)
        handles, seconds = ladder_span(policy, severity, domain)
        until = instant + seconds
    else:
        handles = handles_of(policy, names)
    duty = asked(options, policy, instant, paged_rotations(policy, handles), until=until)
    if severity is not None:
        answers = who_on_ladder(duty.roster, severity, domain, instant)
    else:
        answers = who(duty.roster, handles, instant)
    made = who_json(answers, instant, duty.source) if options.as_json else {}
    text = ""
    if not options.as_json:
        told = source_lines(duty.source, policy, instant, options.width, until=until)
        shown = who_text(answers, policy, instant, color=options.color, width=options.width)
        text = "\n".join([*told, "", shown])
    if answered.is_past:
        from watchbill.report.paint import Paint
        from watchbill.report.written import answered_json, answered_text
        from watchbill.rota.clock import zone

        commit = commit_read(answered.commit)
        made["policy"] = answered_json(commit, answered.note)
        version = answered_text(commit, answered.note, zone(policy.settings.time_zone))
        text += f"\n\n{Paint(options.color).dim(version)}"
    click.echo(json.dumps(made, indent=2, ensure_ascii=False) if options.as_json else text)


def handles_of(policy: Policy, names: tuple[str, ...]) -> list[str]:
    from watchbill.config.suggest import did_you_mean
    from watchbill.ladder.answers import all_names, handles_for

    if not names:
        return list(policy.rotations)
    found: list[str] = []
    for name in names:
        handles = handles_for(policy, name)
        if handles is None:
            near = did_you_mean(name, all_names(policy))
            raise UsageError(
                f"nothing is called {name!r}", remedy=near or "`watchbill who` lists every rotation"
            )
        found += handles
    return found


def _one_domain(policy: Policy, names: tuple[str, ...]) -> str:
    if len(names) != 1:
        raise UsageError("--severity needs one domain", remedy="watchbill who database --severity P1")
    return known_domain(policy, names[0])


def known_domain(policy: Policy, name: str) -> str:
    """A domain by handle or title, whatever the case."""
    by_title = {spec.title.casefold(): handle for handle, spec in policy.domains.items()}
    return known(by_title.get(name.casefold(), name), list(policy.domains), "domain")


def known(name: str, names: list[str], what: str) -> str:
    from watchbill.config.suggest import did_you_mean

    folded = {n.casefold(): n for n in names}
    if name.casefold() in folded:
        return folded[name.casefold()]
    near = did_you_mean(name, names)
    raise UsageError(
        f"there is no {what} {name!r}", remedy=near or f"there are: {', '.join(names) or 'none'}"
    )
