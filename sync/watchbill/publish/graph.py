"""A path's steps as boxes and arrows: each step follows the one before it, forks run side by side and join."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.model.escalation import Path, PathStep
from watchbill.model.text import Duration
from watchbill.publish.blocks import Arrow, Box, Drawing
from watchbill.publish.names import Names
from watchbill.publish.phrases import span


def drawing_of(path: Path, names: Names) -> Drawing:
    drawn = _Drawn(path, names)
    drawn.follow(path.steps, [])
    return Drawing(path.title, tuple(drawn.boxes), tuple(drawn.arrows))


class _Drawn:
    def __init__(self, path: Path, names: Names) -> None:
        self.path, self.names = path, names
        self.boxes: list[Box] = []
        self.arrows: list[Arrow] = []

    def follow(self, steps: Sequence[PathStep], ends: list[int]) -> list[int]:
        """The boxes that whatever comes next hangs on."""
        for step in steps:
            if step.fork is not None:
                ends = [end for branch in step.fork for end in self.follow(branch, ends)]
            else:
                ends = [self._box(box, step, ends) for box in self._boxes(step)]
        return ends

    def _boxes(self, step: PathStep) -> list[Box]:
        remark = "".join(f" ({text})" for text in (step.note, step.only_if) if text)
        if step.event is not None:
            return [Box(f"{step.event}{remark}", happens=True)]
        named = step.page or ()
        others = (step.or_,) if step.or_ else ()
        if step.title is not None:
            return [Box(f"{step.title}{remark}", self._known((*named, *others)))]
        return [
            Box(
                f"{' / '.join(self.names.full(target) for target in (name, *others))}{remark}",
                self._known((name, *others)),
            )
            for name in named
        ]

    def _known(self, handles: Sequence[str]) -> str:
        return ", ".join(dict.fromkeys(name for handle in handles if (name := self.names.known(handle))))

    def _box(self, box: Box, step: PathStep, ends: Sequence[int]) -> int:
        number = len(self.boxes)
        self.boxes.append(box)
        wait: Duration | None = step.wait or self.path.wait
        label = span(wait.minutes) if wait is not None and wait.minutes and not box.happens else ""
        self.arrows += [Arrow(end, number, label) for end in ends]
        return number
