"""The messages to the people whose shifts move: shown, or written for somebody else to send."""

from __future__ import annotations

from collections.abc import Callable, Collection
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

    def tell(
        self,
        options: Globals,
        plan: Plan,
        policy: Policy,
        *,
        applied: bool = False,
        rotations: Collection[str] | None = None,
    ) -> None:
        if not self.show and self.file is None:
            return
        from watchbill.config.edit_write import write_text
        from watchbill.report.notices import notices_json, notices_of, render_notices

        notices = notices_of(plan, policy, applied=applied, rotations=rotations)
        if self.file is not None:
            write_text(self.file, notices_json(notices))
            options.say(f"the messages are in {self.file}")
        if self.show:  # beside JSON on stdout they are for the eye only
            text = render_notices(notices, color=options.color and not options.as_json, width=options.width)
            click.echo(f"\n{text}", err=options.as_json)

    def tell_applied(self, options: Globals, plan: Plan, policy: Policy, outcome: Outcome) -> None:
        """Of rotations of which everything was done."""
        from watchbill.plan.oncall_notices import rotation_of

        done = {step.ref for step in outcome.steps if step.is_done}
        on_duty = [change for change in plan.changes if change.kind in ("schedule", "override")]
        if any(c.kind == "escalation_policy" and c.ref not in done for c in plan.changes):
            effects = plan.effects.model_copy(update={"paging": ()})
            plan = plan.model_copy(update={"effects": effects})
        left = {rotation_of(change) for change in on_duty if change.ref not in done}
        self.tell(options, plan, policy, applied=True, rotations={rotation_of(c) for c in on_duty} - left)


def notices_options(function: F) -> F:
    return _SHOW(_WRITE(function))
