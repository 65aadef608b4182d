"""Groups of commands whose error for an unknown word names the command that was meant."""

from __future__ import annotations

from collections.abc import Iterator

import click

from watchbill.errors import UsageError


class Commands(click.Group):
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Raises UsageError for an unknown word."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise _unknown(self, ctx, args[0])
        return super().resolve_command(ctx, args)


def _unknown(group: click.Group, ctx: click.Context, word: str) -> UsageError:
    from watchbill.config.synonyms import called, meant

    path = ctx.command_path.split()[1:]
    name = " ".join([*path, word])
    root = ctx.find_root()
    assert isinstance(root.command, click.Group)
    every = ["", *_all(root.command, root)]
    if path:
        own = group.list_commands(ctx)
        there = [" ".join([*path, command]) for command in meant(word, own)]
        found = there or [command for command in called(word, every) if command.split()[:1] == path[:1]]
        remedy = f"there are: {', '.join(own)}"
    else:
        found = meant(word, every)
        remedy = "'watchbill --help' lists the commands"
    if found:
        uses = [f"'{' '.join(['watchbill', *command.split()])}'" for command in found]
        remedy = f"use {' or '.join(uses)}"
    return UsageError(f"no command {name!r}", remedy=remedy)


def _all(group: click.Group, ctx: click.Context, before: str = "") -> Iterator[str]:
    """Every command with its path, such as `incident escalate`; a group before what is in it."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if command is None or command.hidden:
            continue
        yield before + name
        if isinstance(command, click.Group):
            yield from _all(command, ctx, f"{before}{name} ")
