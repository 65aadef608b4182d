"""Which layers a write sends, in which order, under which ids.

PagerDuty takes layers base first and gives them back the other way round.  It never deletes one; a layer
that is not wanted any more is sent again with `end` = now, after all others.

Two things are not known of the real service, and both readings are served:
- Whether layers sent with ids take the order of the array or keep their stored one.  So once a layer is new,
  every layer above it is made anew too, and the stored order is never asked to change.
- Whether leaving out `end` clears it.  Only a layer that has no end, and shall have none, is kept without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from watchbill.account.objects import Layer, Restriction
from watchbill.account.pairing import paired, with_account_values
from watchbill.account.settling import settled_layers
from watchbill.pagerduty import normal
from watchbill.pagerduty.wire import WireLayer
from watchbill.rota.clock import DAY, HOUR, MINUTE, WEEK, iso


@dataclass(frozen=True, slots=True)
class LayerWrites:
    bodies: tuple[dict[str, Any], ...]
    ended: frozenset[str]
    """Ids of the layers that this write ends."""
    adds: bool
    """Sending it twice would add a layer twice."""


def layer_writes(
    want: Sequence[Layer], stored: Sequence[WireLayer], now: int, zone_name: str = "Etc/UTC"
) -> LayerWrites:
    """`want` base first, `stored` as PagerDuty gives them: highest precedence first."""
    live = [layer for layer in reversed(stored) if layer.end is None or layer.end > now]
    account = settled_layers(want, [normal.layer(layer, now=now) for layer in live], now)
    wanted = [layer for layer in want if layer.end is None or layer.end > now]
    pairs = paired(wanted, account, zone_name, now)
    wanted = [
        layer if i is None else with_account_values(layer, account[i], zone_name, now)
        for layer, i in zip(wanted, pairs, strict=True)
    ]
    kept = _kept(wanted, account, now)
    bodies = []
    for layer, same, pair in zip(wanted, kept, pairs, strict=True):
        start = layer.start
        if start is None or start <= now:
            known = pair if same is None else same
            start = _begun(None if known is None else live[known], now)
        bodies.append(_body(layer, start, layer.end, "" if same is None else live[same].id))
    ending = [i for i in range(len(live)) if i not in kept]
    bodies.extend(_body(account[i], min(live[i].start, now), now, live[i].id) for i in ending)
    return LayerWrites(tuple(bodies), frozenset(live[i].id for i in ending), None in kept)


def _begun(stored: WireLayer | None, now: int) -> int:
    """PagerDuty makes it the time of the write; an hour leaves room for clocks that differ."""
    return stored.start if stored is not None and stored.start <= now else now - now % MINUTE - HOUR


def _kept(wanted: Sequence[Layer], account: Sequence[Layer], now: int) -> list[int | None]:
    """For each wanted layer the stored one it goes on as, in stored order; None = made anew, as are all above."""
    kept: list[int | None] = []
    at = 0
    for layer in wanted:
        scores = [(_likeness(layer, other, now), -i) for i, other in enumerate(account[at:], at)]
        best, place = max(scores, default=(0, 0))
        if best == 0:
            break
        kept.append(-place)
        at = 1 - place
    return kept + [None] * (len(wanted) - len(kept))


def _likeness(layer: Layer, other: Layer, now: int) -> int:
    """0: not to be continued."""
    if _begins_later(layer, now) != _begins_later(other, now) or (
        layer.end is None and other.end is not None
    ):
        return 0
    same_id, same_turns, same_name = (
        bool(layer.id) and layer.id == other.id,
        (layer.users, layer.virtual_start, layer.turn_seconds)
        == (other.users, other.virtual_start, other.turn_seconds),
        bool(layer.name) and layer.name == other.name,
    )
    if not (same_id or same_turns or same_name):
        return 0
    return 8 * same_id + 4 * same_turns + 2 * (layer.restrictions == other.restrictions) + same_name


def _begins_later(layer: Layer, now: int) -> bool:
    return layer.start is not None and layer.start > now


def _body(layer: Layer, start: int, end: int | None, id_: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": layer.name,
        "start": iso(start),
        "rotation_virtual_start": iso(layer.virtual_start),
        "rotation_turn_length_seconds": layer.turn_seconds,
        "users": [{"user": {"id": user, "type": "user_reference"}} for user in layer.users],
        "restrictions": [_restriction(r) for r in layer.restrictions if not _always(r)],
    }
    if id_:
        body["id"] = id_
    if end is not None:
        body["end"] = iso(end)
    if not layer.name:
        del body["name"]
    return body


def _always(restriction: Restriction) -> bool:
    return restriction.duration >= (DAY if restriction.weekday is None else WEEK)


def _restriction(restriction: Restriction) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": "daily_restriction",
        "start_time_of_day": clock_text(restriction.start),
        "duration_seconds": restriction.duration,
    }
    if restriction.weekday is not None:
        body |= {"type": "weekly_restriction", "start_day_of_week": restriction.weekday + 1}
    return body


def clock_text(seconds: int) -> str:
    return f"{seconds // HOUR:02}:{seconds // MINUTE % 60:02}:{seconds % MINUTE:02}"
