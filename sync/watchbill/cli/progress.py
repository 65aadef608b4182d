"""A bar on a terminal, plain lines elsewhere, nothing with --quiet."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from watchbill.apply.events import Event, OnEvent, ignore
from watchbill.cli.options import Globals


@contextmanager
def progress(options: Globals, total: int) -> Iterator[OnEvent]:
    if options.quiet or options.as_json:
        yield ignore
    elif sys.stderr.isatty():
        with _bar(total) as on_event:
            yield on_event
    else:
        yield _plain


def _plain(event: Event) -> None:
    if event.what == "finished" and event.step is not None:
        width = len(str(event.total))
        click.echo(
            f"[{event.place:>{width}}/{event.total}] {event.step.status} {event.step.action} "
            f"{event.step.kind.replace('_', ' ')} {event.step.name}",
            err=True,
        )


@contextmanager
def _bar(total: int) -> Iterator[OnEvent]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as bar:
        task = bar.add_task("applying", total=total)

        def on_event(event: Event) -> None:
            if event.what == "checking":
                bar.update(task, description="comparing with the plan")
            elif event.what == "started" and event.change is not None:
                bar.update(task, description=f"{event.change.action} {event.change.name}"[:40])
            elif event.what == "finished":
                bar.advance(task)

        yield on_event
