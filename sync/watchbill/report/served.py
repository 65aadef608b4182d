"""What else a schedule serves, one line each: kind, title, how, and when if that is not all the time."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.ladder.stands_for import Served
from watchbill.model.policy import Policy
from watchbill.report.safe import plain
from watchbill.report.times import full
from watchbill.rota.clock import DAY, zone
from watchbill.rota.spans import Span

_MOST_SPANS = 3


def served_lines(policy: Policy, served: Sequence[Served], rotation: str, span: Span) -> list[str]:
    """`rotation`: whose schedule it is; its zone is used."""
    where = zone(policy.zone_of(rotation))

    def when(spans: Sequence[Span]) -> str:
        if tuple(spans) == (span,):
            return ""
        told = [
            f"{full(s, where)} to {full(e, where)[-5:] if e - s < DAY else full(e, where)}"
            for s, e in spans[:_MOST_SPANS]
        ]
        more = [f"and {len(spans) - _MOST_SPANS} more"] if len(spans) > _MOST_SPANS else []
        return f": {', '.join([*told, *more])}"

    return [f"{one.kind} {plain(one.title)} ({plain(one.how)}){when(one.spans)}" for one in served]
