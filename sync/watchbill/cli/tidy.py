"""watchbill tidy"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from watchbill.cli.changing import Draft, dry_run_option
from watchbill.cli.options import Globals, global_options

if TYPE_CHECKING:
    from watchbill.findings import Place
    from watchbill.model.policy import Policy


@click.command("tidy")
@dry_run_option
@global_options
@click.pass_context
def command(ctx: click.Context, dry_run: bool) -> None:
    """Take out overrides and absences that are over.  Git keeps them: `who --at` still knows.

    \b
    Example:  watchbill tidy --dry-run
              watchbill tidy
    """
    options = Globals.of(ctx)
    draft = Draft(options, dry_run=dry_run)
    over = _over(draft.before, options.now)
    if not over:
        click.echo("nothing is over; nothing to tidy")
        return
    whole = take_out(draft, over)
    draft.after()
    draft.write()
    _tell(draft, over, whole, dry_run=dry_run)


def _over(policy: Policy, now: int) -> list[Place]:
    from watchbill.rota.clock import date_of, zone
    from watchbill.rota.duty import override_span

    today = date_of(zone(policy.settings.time_zone).day_of(now))
    found: list[Place] = [
        ("overrides", i) for i, one in enumerate(policy.overrides) if override_span(policy, one)[1] <= now
    ]
    return found + [("absences", i) for i, one in enumerate(policy.absences) if one.last_day.value < today]


def take_out(draft: Draft, places: list[Place]) -> list[str]:
    """Items of lists; files that hold nothing else are deleted, and named in the answer."""
    whole = _whole_files(draft, places)
    for place in sorted(places, key=lambda p: (p[0], -int(p[1]))):
        home = draft.loaded.locator.home(place)
        assert home is not None
        if home[0].file not in whole:
            draft.edit(place, _remove)
    for file in whole:
        draft.delete(file)
    return whole


def _whole_files(draft: Draft, over: list[Place]) -> list[str]:
    """Files that hold nothing but these."""
    from watchbill.config.yaml_reader import read_yaml

    gone: dict[str, dict[str, int]] = {}
    texts: dict[str, str] = {}
    for place in over:
        home = draft.loaded.locator.home(place)
        assert home is not None
        document = home[0]
        kinds = gone.setdefault(document.file, {})
        kinds[str(place[0])] = kinds.get(str(place[0]), 0) + 1
        texts[document.file] = document.text
    found = []
    for file, kinds in gone.items():
        data: Any = read_yaml(texts[file], file).data
        if (
            isinstance(data, dict)
            and {k: len(v) if isinstance(v, list) else -1 for k, v in data.items()} == kinds
        ):
            found.append(file)
    return found


def _remove(text: str, path: Place, file: str) -> str:
    from watchbill.config.edit import remove

    return remove(text, path, file=file)


def _tell(draft: Draft, over: list[Place], whole: list[str], *, dry_run: bool) -> None:
    from watchbill.report.safe import count, plain

    policy = draft.before
    for kind, place in ((str(p[0]), int(p[1])) for p in over):
        if kind == "overrides":
            one = policy.overrides[place]
            until = one.until.text if one.until else f"for {one.for_}"
            click.echo(f"  override of {one.rotation}: {plain(policy.title_of(one.person))}, until {until}")
        else:
            away = policy.absences[place]
            click.echo(f"  absence of {plain(policy.title_of(away.person))}, until {away.last_day}")
    done = "would be taken out" if dry_run else "taken out"
    files = f", {count(len(whole), 'file')} with nothing else in it deleted" if whole else ""
    click.echo(f"{count(len(over), 'entry')} {done}{files}")
