"""How an error looks: what is wrong, where, and what to do next; never a traceback."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import click

from watchbill import __version__
from watchbill.cli.redaction import without_secrets
from watchbill.errors import WatchbillError


def show_error(error: WatchbillError) -> None:
    findings = getattr(error, "findings", ())
    if findings:
        from watchbill.report.findings import render_findings

        on_terminal = sys.stderr.isatty()
        color = on_terminal and not os.environ.get("NO_COLOR")
        width = min(shutil.get_terminal_size((80, 24)).columns, 110) if on_terminal else 80
        click.echo(render_findings(list(findings), color=color, width=width), err=True)
    click.echo(f"error: {error.message}", err=True)
    if error.remedy:
        click.echo(f"  next: {error.remedy}", err=True)


def write_report(error: BaseException) -> None:
    """Internal errors leave a file to send along, and one line on the screen.

    Texts of exceptions stay out of both: a library's text quotes the value that it stumbled over.
    """
    lines = [
        f"watchbill {__version__}, Python {platform.python_version()}, {platform.system()}",
        f"arguments: {len(sys.argv) - 1} given, verb {_verb()}",
        "",
        *_frames(error),
    ]
    with tempfile.NamedTemporaryFile(
        "w", prefix="watchbill-error-", suffix=".txt", delete=False, encoding="utf-8"
    ) as report:
        report.write(without_secrets("\n".join(lines)))
    click.echo(f"internal error: {type(error).__name__}", err=True)
    click.echo(f"  a report for the maintainers is in {Path(report.name)}", err=True)


def _frames(error: BaseException | None) -> Iterator[str]:
    """From the cause to the effect, as a traceback has them, without the texts and the source lines' values."""
    if error is None:
        return
    yield from _frames(error.__cause__ or (None if error.__suppress_context__ else error.__context__))
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}, its text of {len(str(error))} characters left out"
    yield ""


def _verb() -> str:
    """Arguments may hold names and addresses; only the verb is told."""
    from watchbill.cli.main import VERBS

    known = {verb.name for verb in VERBS}
    return next((word for word in sys.argv[1:] if word in known), "none")
