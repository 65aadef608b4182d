"""The messages to the people whose shifts move: shown, or written for somebody else to send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from watchbill.cli.options import Globals

if TYPE_CHECKING:
    from watchbill.apply.outcome import Outcome
    from watchbill.model.policy import Policy
    from watchbill.plan.document import Plan

F = TypeVar("F", bound=Callable[..., Any])

_SHOW = click.option(
    "--notices", "show_notices", is_flag=True, help="Also the messages to the people whose shifts move."
)
_WRITE = click.option(
    "--notices-json",
    "notices_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write these messages there, to be sent by somebody else.",
)


@dataclass(frozen=True, slots=True)
class Telling:
    show: bool = False
    file: Path | None = None

    def tell(self, options: Globals, plan: Plan, policy: Policy, outcome: Outcome | None = None) -> None:
        """`outcome`: of the apply; None = it is only planned."""
        if not self.show and self.file is None:
            return
        from watchbill.config.edit_write import write_text
        from watchbill.report.notices import applied_notices, notices_json, notices_of, render_notices

        notices = notices_of(plan, policy) if outcome is None else applied_notices(plan, policy, outcome)
        if self.file is not None:
            write_text(self.file, notices_json(notices))
            options.say(f"the messages are in {self.file}")
        if self.show:  # beside JSON on stdout they are for the eye only
            text = render_notices(notices, color=options.color and not options.as_json, width=options.width)
            click.echo(f"\n{text}", err=options.as_json)


def notices_options(function: F) -> F:
    return _SHOW(_WRITE(function))
