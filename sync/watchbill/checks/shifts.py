"""How a rotation will look as a shift-based schedule: what works, but is less handy than it could be."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from watchbill.account.shifts import shape_findings
from watchbill.checks.context import Context
from watchbill.checks.rule import Problem, Rule


def _as_shifts(rule: str) -> Callable[[Context], Iterator[Problem]]:
    def check(context: Context) -> Iterator[Problem]:
        usual = context.policy.settings.pagerduty.new_schedules
        for handle, spec in context.policy.rotations.items():
            if spec.has_schedule and (spec.pagerduty.kind or usual) == "shifts":
                for found in shape_findings(context.policy, handle, context.now):
                    if found.rule == rule:
                        message = f"{spec.title}: {found.message}"
                        yield Problem(found.place, message, found.hint)

    return check


RULES = (
    Rule(
        "web-editor-cannot-edit",
        "note",
        "Events that PagerDuty's web page shows but cannot edit",
        _as_shifts("web-editor-cannot-edit"),
    ),
    Rule(
        "crowded-rotations",
        "note",
        "More events in one of PagerDuty's rotations than leave room for a change",
        _as_shifts("crowded-rotations"),
    ),
)
