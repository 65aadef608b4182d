"""Where PagerDuty's documents leave a question open: the answer given here, each in one field.

The defaults are what every caller gets.  The other values exist so that a check can say whether an answer
matters to a rotation, and so that a probe of a real account can settle it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reading:
    counting: Literal["turns", "active"] = "turns"
    """Whether a turn without any on-call time uses up its user (`active`: it does not)."""

    window_end: Literal["clock", "elapsed"] = "clock"
    """A restriction that spans a clock change ends at local start + duration on the clock, or that much later."""

    odd_turns: Literal["clock", "elapsed"] = "elapsed"
    """How turns that are no whole number of days are counted.  Whole days always keep their local handoff."""

    before_virtual_start: Literal["backwards", "nobody"] = "backwards"
    """What a layer shows between its start and a later rotation_virtual_start."""

    excluded: Literal["counts", "vanishes"] = "counts"
    """Whether an EXDATE occurrence still takes its place in the order of members."""

    under_way: Literal["cut", "whole"] = "cut"
    """A shift under way at effective_since or effective_until."""


RULED = Reading()
