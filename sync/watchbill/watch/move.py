"""A move to another ladder and the triggers of the same moment: one page, on the new ladder, at the highest level that
any of them wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from watchbill.incident.decide import Decision, Judged
from watchbill.incident.situation import Situation
from watchbill.ladder.compose import compose
from watchbill.model.policy import Policy


def moved(policy: Policy, situation: Situation, move: Decision) -> Situation:
    """As it will stand after the move."""
    ladder = compose(policy)[move.mark.values["ladder"]]
    marks = (*situation.marks, replace(move.mark, at=situation.now))
    return replace(situation, ladder=ladder, level=move.level, engaged=move.level, marks=marks)


def rung_by(move: Decision, judged: Sequence[Judged]) -> tuple[Decision, tuple[Judged, ...]]:
    """The move at the level that it needs; what it rings then is only said and remembered by the triggers."""
    wanted = [d.level for one in judged for d in one.decisions if d.kind == "page"]
    level = max([move.level, *wanted])
    if level > move.level:
        text = move.text.replace(f"level {move.level}.", f"level {level}.")
        mark = replace(move.mark, values={**move.mark.values, "level": str(level)})
        move = replace(move, level=level, text=text, mark=mark)
    quiet = tuple(
        replace(one, decisions=tuple(replace(d, kind="tell") if d.level else d for d in one.decisions))
        for one in judged
    )
    return move, quiet
