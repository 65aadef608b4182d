"""The crew of one layer changes as a rotation's does.

Layers have no dated crews: the layer ends at the handoff, and one with the new crew follows right behind it, so that
both have the same precedence.
"""

from __future__ import annotations

from watchbill.errors import UsageError
from watchbill.model.policy import Policy
from watchbill.model.rotations import Rotation
from watchbill.rota.clock import Instant
from watchbill.rota.crew_change import CrewChange, change_crew
from watchbill.rota.crew_places import Ask

_OWN = ("turn", "handoff", "counted", "turns_each", "first", "from_", "crew", "hours")


def layer_named(handle: str, rotation: Rotation, layer: str | None) -> int:
    """Of two of one name the later one, which follows the other.  Raises UsageError."""
    names = {str(item.name or number): number - 1 for number, item in enumerate(rotation.layers or (), 1)}
    if layer not in names:
        raise UsageError(
            f"{handle} has layers, each with a crew of its own",
            remedy=f"say which one: --layer with one of {', '.join(names)}",
        )
    return names[layer]


def change_layer(policy: Policy, handle: str, index: int, ask: Ask, now: Instant) -> CrewChange:
    """Raises UsageError for what cannot be done, with what can."""
    spec = policy.rotations[handle]
    item = (spec.layers or ())[index]
    if ask.at_once:
        raise UsageError(
            "the crew of a layer changes at a handoff",
            remedy="leave `--from now` out; `watchbill override add` replaces somebody until then",
        )
    if ask.counting is not None and item.turn is not None:
        raise UsageError(
            f"{handle} has turns of {item.turn} already", remedy="leave --turn and --handoff out"
        )
    own = {key: getattr(item, key) for key in _OWN}
    rest = {"layers": None, "otherwise": None, "until": item.until or spec.until}
    alone = spec.model_copy(update={**own, **rest})
    return change_crew(
        policy.model_copy(update={"rotations": {**policy.rotations, handle: alone}}), handle, ask, now
    )
