"""watchbill why"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals, global_options, live_options
from watchbill.cli.past import no_history_option
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.cli.past import AnsweredBy
    from watchbill.findings import Place
    from watchbill.report.why import FindSource
    from watchbill.report.written import Source


@click.command("why")
@click.argument("name", metavar="ROTATION")
@click.option("--at", default="now", metavar="T", help="When; wall clock of the policy's zone, or ISO.")
@no_history_option
@live_options
@global_options
@click.pass_context
def command(ctx: click.Context, name: str, at: str, as_written: bool) -> None:
    """The turn, crew version, override or fallback that decides who is on duty, and the commit that wrote it.

    \b
    Example:  watchbill why backend --at "2026-12-24 22:00"
    """
    from watchbill.cli.live import answered as asked
    from watchbill.cli.past import commit_read, policy_at
    from watchbill.ladder.why import why_live
    from watchbill.report.columns import wrapped
    from watchbill.report.paint import Paint
    from watchbill.report.source import source_lines
    from watchbill.report.why import why_json, why_text
    from watchbill.report.written import answered_json, answered_text
    from watchbill.rota.clock import zone

    options = Globals.of(ctx)
    answered, instant = policy_at(options, at, as_written=as_written)
    policy = answered.policy
    rotation, told = _rotation(answered, name)
    duty = asked(options, policy, instant, [rotation])
    found = why_live(duty.roster, rotation, instant)
    sources = _sources(options, answered)
    commit = commit_read(answered.commit)
    if options.as_json:
        made = {**why_json(found, sources, duty.source), "asked": name}
        if answered.is_past:
            made["policy"] = answered_json(commit, answered.note)
        click.echo(json.dumps(made, indent=2, ensure_ascii=False))
        return
    way = [line for words in told for line in wrapped(words, options.width, hanging=2)]
    where = source_lines(duty.source, policy, instant, options.width, until=instant + 1)
    lines = [*where, "", *way, why_text(found, policy, sources, color=options.color, width=options.width)]
    if answered.is_past:
        version = answered_text(commit, answered.note, zone(policy.settings.time_zone))
        lines.append(Paint(options.color).dim(version))
    click.echo("\n".join(lines))


def _rotation(answered: AnsweredBy, name: str) -> tuple[str, list[str]]:
    """The rotation that is paged for a name, and the way there in words.  Raises UsageError."""
    from watchbill.cli.who import handles_of
    from watchbill.ladder.resolve import resolve

    policy = answered.policy
    handle = handles_of(policy, (name,))[0]
    paged = resolve(policy, handle)
    if paged is None or paged.rotation is None:
        who = policy.title_of(paged.person or paged.external or "") if paged is not None else "nobody"
        raise UsageError(
            f"{policy.title_of(handle)} is no rotation: {who} is paged, whatever the time",
            remedy=f"`why` explains rotations: {', '.join(h for h in policy.rotations)}",
        )
    told = []
    if paged.role is not None:
        told.append(
            f"{policy.title_of(paged.role)} is held by {policy.title_of(policy.roles[paged.role].held_by)}"
        )
    for covered in paged.via:
        spec = policy.rotations[covered]
        until = f" until {spec.until}" if spec.until else ""
        reason = f" ({spec.reason})" if spec.reason else ""
        told.append(f"{spec.title} is covered by {policy.title_of(spec.covered_by or '')}{until}{reason}")
    return paged.rotation, told


def _sources(options: Globals, answered: AnsweredBy) -> FindSource:
    from watchbill.cli.past import commit_read
    from watchbill.history.blame import written_by
    from watchbill.history.git import repository
    from watchbill.report.written import Source

    found = repository(options.policies)

    def source(places: Iterable[Place]) -> Source | None:
        written = written_by(answered.loaded, places, found, answered.commit)
        if written is None:
            return None
        commit = commit_read(written.commit)
        return Source(written.file, written.first_line, written.last_line, commit, written.note)

    return source
