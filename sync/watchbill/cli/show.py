"""watchbill show"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.config.load import Loaded
    from watchbill.findings import Place
    from watchbill.model.policy import Policy

_KINDS = (
    "rotations",
    "roles",
    "people",
    "domains",
    "ladders",
    "services",
    "severities",
    "experts",
    "vendors",
    "paths",
    "procedures",
    "messages",
    "metrics",
    "external",
    "teams",
)


@click.command("show")
@click.argument("name")
@global_options
@click.pass_context
def command(ctx: click.Context, name: str) -> None:
    """One object: where it stands in the policy, what it says, who uses it, whom it reaches now.

    \b
    Example:  watchbill show backend
              watchbill show database
    """
    from watchbill.checks.uses import uses
    from watchbill.cli.load import valid_policy
    from watchbill.config.suggest import did_you_mean
    from watchbill.ladder.answers import who
    from watchbill.model.places import one_of
    from watchbill.report.duty import who_text
    from watchbill.report.safe import plain
    from watchbill.rota.duty import Roster

    options = Globals.of(ctx)
    loaded, policy = valid_policy(options)
    kinds = [kind for kind in _KINDS if name in getattr(policy, kind)]
    if not kinds:
        every = [handle for kind in _KINDS for handle in getattr(policy, kind)]
        raise UsageError(
            f"nothing is called {name!r}",
            remedy=did_you_mean(name, every)
            or "`watchbill who` lists every rotation; handles are as in the files",
        )
    for kind in kinds:
        home = loaded.locator.home((kind, name))
        spot = loaded.locator.spot((kind, name))
        assert home is not None
        line = spot.line if spot is not None else 0
        click.echo(f"{one_of(kind)} {name}  {home[0].file}:{line}")
        for text in _lines(home[0].text, line):
            click.echo(f"  {plain(text)}")
        if kind == "rotations":
            click.echo(f"  in PagerDuty: schedule {plain(policy.rotations[name].vendor_name)}")
    used = [use.place for use in uses(policy) if use.name == name and set(use.kinds) & set(kinds)]
    if used:
        click.echo("used by")
        for words, where in _used(loaded, policy, used):
            for row in _spotted(words, where, options.width - 2):
                click.echo(f"  {row}")
    if name in policy.rotations:
        click.echo(
            who_text(
                who(Roster(policy), [name], options.now),
                policy,
                options.now,
                color=options.color,
                width=options.width,
            )
        )


def _used(loaded: Loaded, policy: Policy, places: list[Place]) -> Iterator[tuple[str, str]]:
    """Each place in words, once, and the line that has it."""
    from watchbill.model.places import place_words

    found: dict[str, str] = {}
    for place in places:
        spot = loaded.locator.spot(place)
        found.setdefault(place_words(policy, place), f"{spot.file}:{spot.line}" if spot else "")
    yield from found.items()


def _spotted(words: str, where: str, width: int) -> list[str]:
    """A path is never broken: it goes on a line of its own where it does not fit."""
    from watchbill.report.columns import wrapped
    from watchbill.report.safe import cells, plain

    *above, last = wrapped(words, width, hanging=2)
    joined = f"{last}  {plain(where)}".rstrip()
    return [*above, joined] if cells(joined) <= width else [*above, last, f"  {plain(where)}"]


def _lines(text: str, line: int) -> list[str]:
    """The object's own lines: from its first one, as long as they are indented deeper."""
    lines = text.splitlines()
    if not 1 <= line <= len(lines):
        return []
    first = lines[line - 1]
    depth = len(first) - len(first.lstrip())
    found = [first]
    for following in lines[line:]:
        if following.strip() and len(following) - len(following.lstrip()) <= depth:
            break
        found.append(following)
    while found and not found[-1].strip():
        found.pop()
    return [one[depth:] for one in found]
