"""watchbill who"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals, global_options, live_options
from watchbill.cli.past import no_history_option
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.ladder.answers import Answer
    from watchbill.ladder.person import PersonAnswer
    from watchbill.model.policy import Policy


@click.command("who")
@click.argument("names", nargs=-1, metavar="[ROTATION|ROLE|DOMAIN|PERSON|me]...")
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
              watchbill who primary-1
    """
    from watchbill.cli.live import answered as asked
    from watchbill.cli.mine import show_mine
    from watchbill.cli.past import commit_read, policy_at
    from watchbill.ladder.answers import ladder_span, who, who_on_ladder
    from watchbill.ladder.live import paged_rotations
    from watchbill.ladder.person import AHEAD, person_answer
    from watchbill.report.duty import who_json
    from watchbill.report.person import as_answers
    from watchbill.report.source import source_lines

    options = Globals.of(ctx)
    answered, instant = policy_at(options, at, as_written=as_written)
    policy = answered.policy
    until, persons = None, list[str]()
    if severity is not None:
        severity, domain = known(severity, list(policy.severities), "severity"), _one_domain(policy, names)
        handles, seconds = ladder_span(policy, severity, domain)
        until = instant + seconds
    else:
        names, me = _without_me(options, policy, names)
        if me is not None and not names and not options.as_json:
            show_mine(options, policy, me, instant)
            return
        handles = handles_of(policy, names) if names or me is None else []
        persons = list(dict.fromkeys(([me] if me else []) + [h for h in handles if h in policy.people]))
        until = instant + AHEAD if persons else None
    scope = None if persons else paged_rotations(policy, handles)
    duty = asked(options, policy, instant, scope, until=until)
    if severity is not None:
        answers = who_on_ladder(duty.roster, severity, domain, instant)
    else:
        answers = who(duty.roster, [handle for handle in handles if handle not in policy.people], instant)
    people = [person_answer(duty.roster, person, instant) for person in persons]
    own = [answer for one in people for answer in as_answers(one, policy)]
    made = who_json([*own, *answers], instant, duty.source, people) if options.as_json else {}
    text = ""
    if not options.as_json:
        first = source_lines(duty.source, policy, instant, options.width, until=until)
        text = "\n".join([*first, "", _text(options, answers, people, policy, instant)])
    if answered.is_past:
        from watchbill.report.paint import Paint
        from watchbill.report.written import answered_json, answered_text
        from watchbill.rota.clock import zone

        commit = commit_read(answered.commit)
        made["policy"] = answered_json(commit, answered.note)
        version = answered_text(commit, answered.note, zone(policy.settings.time_zone))
        text += f"\n\n{Paint(options.color).dim(version)}"
    click.echo(json.dumps(made, indent=2, ensure_ascii=False) if options.as_json else text)


def _text(
    options: Globals, answers: list[Answer], people: list[PersonAnswer], policy: Policy, at: int
) -> str:
    """The people who were asked for, then the table, then how everybody in it is reached."""
    from watchbill.cli.identity import phones_for_asker
    from watchbill.report.contacts import contact_lines
    from watchbill.report.duty import who_text
    from watchbill.report.person import person_text
    from watchbill.rota.clock import zone

    where = zone(policy.settings.time_zone)
    parts = [person_text(one, policy, at, where, color=options.color, width=options.width) for one in people]
    if answers or not people:
        parts.append(who_text(answers, policy, at, color=options.color, width=options.width))
    named = [one.person for one in people] + [answer.person for answer in answers if answer.person]
    phones = phones_for_asker(options, policy)
    contacts = contact_lines(named, policy, phones, color=options.color, width=options.width)
    return "\n\n".join(["\n\n".join(parts), *(["\n".join(contacts)] if contacts else [])])


def _without_me(
    options: Globals, policy: Policy, names: tuple[str, ...]
) -> tuple[tuple[str, ...], str | None]:
    """The names but `me`, and the handle of who asks where it was there.  Raises UsageError."""
    from watchbill.cli.identity import asker
    from watchbill.ladder.answers import handles_for

    if "me" not in names or handles_for(policy, "me") is not None:
        return names, None
    return tuple(name for name in names if name != "me"), asker(options, policy)


def handles_of(policy: Policy, names: tuple[str, ...]) -> list[str]:
    from watchbill.config.suggest import did_you_mean
    from watchbill.ladder.answers import all_names, handles_for

    if not names:
        return list(policy.rotations)
    found: list[str] = []
    for name in names:
        handles = handles_for(policy, name) or _person(policy, name)
        if handles is None:
            near = did_you_mean(name, all_names(policy))
            raise UsageError(
                f"nothing is called {name!r}", remedy=near or "`watchbill who` lists every rotation"
            )
        found += handles
    return found


def _person(policy: Policy, name: str) -> list[str] | None:
    """Raises UsageError where several people have that name."""
    from watchbill.ladder.person import people_called

    found = people_called(policy, name)
    if len(found) > 1:
        listed = ", ".join(f"{handle} ({policy.title_of(handle)})" for handle in found)
        raise UsageError(f"{name!r} is the name of {len(found)} people: {listed}", remedy="use the handle")
    return found or None


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
