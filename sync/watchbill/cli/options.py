"""Options that every verb takes, before or after its name, as one typed value."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_KEY = "watchbill.globals"

FROM = ("--from", "--since", "since")
"""The begin of a time: spelt the same by every verb, `--since` as an alias."""


@dataclass
class Globals:
    policies: Path = Path("policies")
    as_json: bool = False
    now_text: str | None = None
    quiet: bool = False
    no_color: bool = False
    live: bool = False
    offline: bool = False
    sandbox: bool = False
    proposed: bool = False
    _now: int | None = field(default=None, repr=False)

    @staticmethod
    def of(ctx: click.Context) -> Globals:
        found = ctx.find_root().meta.setdefault(_KEY, Globals())
        assert isinstance(found, Globals)
        return found

    @property
    def now(self) -> int:
        """Seconds since the epoch; every "now" below the command line is this value."""
        if self._now is None:
            self._now = self._read_now()
        return self._now

    def later(self) -> int:
        """The present time again, after work was done; a given time stands still."""
        return self.now if self.now_is_given else int(datetime.now(UTC).timestamp())

    @property
    def now_is_given(self) -> bool:
        return bool(self.now_text or os.environ.get("WATCHBILL_NOW"))

    @property
    def source_options(self) -> tuple[str, ...]:
        """Those of `live_options` that were given."""
        return tuple(f"--{n}" for n in ("live", "offline", "sandbox", "proposed") if getattr(self, n))

    @property
    def color(self) -> bool:
        return not self.no_color and not os.environ.get("NO_COLOR") and sys.stdout.isatty()

    @property
    def width(self) -> int:
        import shutil

        return min(shutil.get_terminal_size((80, 24)).columns, 110) if sys.stdout.isatty() else 80

    def say(self, text: str) -> None:
        """Progress and comfort, on stderr; silent with --quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def _read_now(self) -> int:
        text = self.now_text or os.environ.get("WATCHBILL_NOW")
        if not text:
            return int(datetime.now(UTC).timestamp())
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise click.UsageError(
                f"--now {text!r} is no ISO time; write it like 2026-11-23T14:00:00Z"
            ) from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        if not 1900 < moment.year < 2199:  # room for what is counted from it
            raise click.UsageError(f"--now {text!r} is outside the years 1901 to 2198; take a nearer time")
        return int(moment.timestamp())


def _remember(attribute: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def store(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        if value is not None and value is not False:
            setattr(Globals.of(ctx), attribute, value)
        return value

    return store


_OPTIONS = (
    click.option(
        "--policies",
        type=click.Path(path_type=Path),
        expose_value=False,
        callback=_remember("policies"),
        help="Folder with the policy files (default: policies).",
    ),
    click.option(
        "--json", is_flag=True, expose_value=False, callback=_remember("as_json"), help="JSON for machines."
    ),
    click.option(
        "--now",
        metavar="ISO",
        expose_value=False,
        callback=_remember("now_text"),
        help="Take this for the present time (also WATCHBILL_NOW).",
    ),
    click.option(
        "--quiet", "-q", is_flag=True, expose_value=False, callback=_remember("quiet"), help="Results only."
    ),
    click.option(
        "--no-color", is_flag=True, expose_value=False, callback=_remember("no_color"), help="Also NO_COLOR."
    ),
)


def global_options(function: F) -> F:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


_LIVE_OPTIONS = (
    click.option(
        "--live", is_flag=True, expose_value=False, callback=_remember("live"), help="PagerDuty must answer."
    ),
    click.option(
        "--offline",
        is_flag=True,
        expose_value=False,
        callback=_remember("offline"),
        help="Answer from the policy files alone.",
    ),
    click.option(
        "--sandbox",
        is_flag=True,
        expose_value=False,
        callback=_remember("sandbox"),
        help="Ask the sandbox, whatever account the settings name.",
    ),
    click.option(
        "--proposed",
        is_flag=True,
        expose_value=False,
        callback=_remember("proposed"),
        help="The files are not applied yet: of PagerDuty only overrides count.",
    ),
)


def live_options(function: F) -> F:
    """For verbs that answer from PagerDuty where they can."""
    for option in reversed(_LIVE_OPTIONS):
        function = option(function)
    return function
