"""Layer-based schedules (v2), rendered by turns and windows.

1. Turn k begins at rotation_virtual_start + k turns and belongs to users[k mod n]; the layer's start does not
   reset the order and a turn under way there is cut, not moved.
2. Turns of whole days hand off at the same local time, other lengths after elapsed seconds.
3. Restrictions cut turns, they never shift them; a handoff inside a window splits it.
4. The first layer in GET order wins; below it the next one shows wherever it leaves time free.
5. Overrides beat every layer, stand outside restrictions too, and the last created one wins.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchbill.errors import UsageError
from watchbill.rota.clock import DAY, Instant, Zone, zone
from watchbill.rota.entries import Entry, in_window, latest_wins, refuse_flood
from watchbill.rota.readings import RULED, Reading
from watchbill.rota.restrictions import Restrictions, restriction_from_wire, windows
from watchbill.rota.spans import Span, complement, intersect
from watchbill.rota.wire import instant, items, mapping, need, optional_instant, text, whole_number

LONGEST_TURN = 10 * 366 * DAY

Piece = tuple[Instant, Instant, str]


@dataclass(frozen=True, slots=True)
class Layer:
    """Shows nothing before `start` or from `end` on; turns are counted from `anchor`."""

    start: Instant
    end: Instant | None
    anchor: Instant
    turn_seconds: int
    users: tuple[str, ...]
    restrictions: Restrictions = ()
    name: str = ""
    id: str = ""


def layer_from_wire(wire: Mapping[str, Any], where: str = "layer") -> Layer:
    """Raises UsageError with the place of the fault; `where` is how messages call this layer."""
    wire = mapping(wire, where)
    turn = need(wire, "rotation_turn_length_seconds", where)
    restrictions = [
        restriction_from_wire(mapping(r, f"{where}.restrictions[{i}]"), f"{where}.restrictions[{i}]")
        for i, r in enumerate(items(wire, "restrictions", where))
    ]
    return Layer(
        start=instant(need(wire, "start", where), f"{where}.start"),
        end=optional_instant(wire, "end", where),
        anchor=instant(need(wire, "rotation_virtual_start", where), f"{where}.rotation_virtual_start"),
        turn_seconds=whole_number(turn, f"{where}.rotation_turn_length_seconds", most=LONGEST_TURN),
        users=tuple(
            _user_id(member, f"{where}.users[{i}]")
            for i, member in enumerate(items(wire, "users", where, required=True))
        ),
        restrictions=tuple(dict.fromkeys(restrictions)),
        name=str(wire.get("name") or ""),
        id=str(wire.get("id") or ""),
    )


def override_from_wire(wire: Mapping[str, Any], where: str = "override") -> Entry:
    wire = mapping(wire, where)
    return Entry(
        start=instant(need(wire, "start", where), f"{where}.start"),
        end=instant(need(wire, "end", where), f"{where}.end"),
        user=_user_id(wire, where),
    )


def render_layer(
    layer: Layer,
    zone: Zone,
    since: Instant,
    until: Instant,
    overflow: bool = False,
    *,
    reading: Reading = RULED,
) -> list[Entry]:
    """The layer by itself: no other layer, no override."""

    def draw(low: Instant, high: Instant) -> list[Entry]:
        return _entries(_crewed(layer, zone, _open(layer, zone, low, high, reading), reading))

    return in_window(draw, since, until, overflow=overflow)


def render_layers(
    layers: Sequence[Layer],
    overrides: Sequence[Entry],
    zone_name: str,
    since: Instant,
    until: Instant,
    *,
    overflow: bool = False,
    layer: str | None = None,
    reading: Reading = RULED,
) -> list[Entry]:
    """The final schedule; or one layer, by name or id, without the others and without overrides.

    `layers` in GET order, highest precedence first; `overrides` in creation order.
    """
    place = zone(zone_name)
    if layer is not None:
        return render_layer(named(layers, layer), place, since, until, overflow, reading=reading)

    def draw(low: Instant, high: Instant) -> list[Entry]:
        return _entries(_joined(_final(layers, overrides, place, low, high, reading=reading)))

    return in_window(draw, since, until, overflow=overflow)


def final_pieces(
    layers: Sequence[Layer],
    overrides: Sequence[Entry],
    zone_name: str,
    since: Instant,
    until: Instant,
    *,
    reading: Reading = RULED,
) -> list[Piece]:
    """`render_layers` without an object for each entry: there may be very many."""
    return _joined(_final(layers, overrides, zone(zone_name), since, until, reading=reading))


def named(layers: Sequence[Layer], name: str) -> Layer:
    found = [x for x in layers if x.name == name] or [x for x in layers if x.id == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} layers are named {name!r}", remedy="name the layer by its id")
    known = ", ".join(repr(x.name or x.id) for x in layers) or "none"
    raise UsageError(f"there is no layer {name!r}", remedy=f"the layers are: {known}")


def _final(
    layers: Sequence[Layer],
    overrides: Sequence[Entry],
    zone: Zone,
    since: Instant,
    until: Instant,
    *,
    reading: Reading,
) -> list[Piece]:
    near = [
        Entry(max(o.start, since), min(o.end, until), o.user)
        for o in overrides
        if o.start < until and o.end > since
    ]
    pieces: list[Piece] = [(o.start, o.end, o.user) for o in latest_wins(near) if o.user is not None]
    free = complement([(start, end) for start, end, _ in pieces], since, until)
    for layer in layers:
        if not free:
            break
        spans = intersect(_open(layer, zone, since, until, reading), free)
        if spans:
            pieces.extend(_crewed(layer, zone, spans, reading))
            if layer is not layers[-1]:
                free = intersect(free, complement(spans, since, until))
    pieces.sort()
    return pieces


def _open(layer: Layer, zone: Zone, since: Instant, until: Instant, reading: Reading) -> list[Span]:
    """When the layer has somebody on call."""
    low = max(since, layer.start)
    high = until if layer.end is None else min(until, layer.end)
    if reading.before_virtual_start == "nobody":
        low = max(low, layer.anchor)
    if not layer.users or low >= high:
        return []
    return windows(layer.restrictions, zone, low, high, reading)


def _crewed(layer: Layer, zone: Zone, spans: Sequence[Span], reading: Reading) -> list[Piece]:
    """The spans with their users, cut where a handoff changes the user."""
    if not spans:
        return []
    users, count = layer.users, len(layer.users)
    if count == 1:
        return [(start, end, users[0]) for start, end in spans]
    refuse_flood((spans[-1][1] - spans[0][0]) // layer.turn_seconds, f"turns of {layer.turn_seconds} seconds")
    turns = _Turns(layer, zone, reading)
    places = None if reading.counting == "turns" else turns.places(spans[0][0], spans[-1][1])
    pieces: list[Piece] = []
    k = turns.index(spans[0][0])
    handoff = turns.begin(k + 1)
    for start, end in spans:
        if handoff <= start:
            k += 1
            handoff = turns.begin(k + 1)
            if handoff <= start:
                k = turns.index(start)
                handoff = turns.begin(k + 1)
        at, user = start, users[(k if places is None else places[k]) % count]
        while handoff < end:
            k += 1
            successor = users[(k if places is None else places[k]) % count]
            if successor != user:
                if at < handoff:
                    pieces.append((at, handoff, user))
                    at = handoff
                user = successor
            handoff = turns.begin(k + 1)
        pieces.append((at, end, user))
    return pieces


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """For sorted pieces that do not overlap."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1][1] == piece[0] and joined[-1][2] == piece[2]:
            joined[-1] = (joined[-1][0], piece[1], piece[2])
        else:
            joined.append(piece)
    return joined


def _entries(pieces: Iterable[Piece]) -> list[Entry]:
    return [Entry(start, end, user) for start, end, user in pieces]


class _Turns:
    """The turns of one layer, numbered from its virtual start, backwards with negative numbers."""

    __slots__ = ("day", "layer", "length", "on_clock", "reading", "second", "zone")

    def __init__(self, layer: Layer, zone: Zone, reading: Reading) -> None:
        self.layer, self.zone, self.reading = layer, zone, reading
        self.length = layer.turn_seconds
        self.on_clock = self.length % DAY == 0 or reading.odd_turns == "clock"
        self.day, self.second = zone.local(layer.anchor)

    def begin(self, k: int) -> Instant:
        if self.on_clock:
            return self.zone.instant(self.day, self.second + k * self.length)
        return self.layer.anchor + k * self.length

    def index(self, at: Instant) -> int:
        """The turn under way.  Beside a clock change the local clock alone may be a turn off."""
        if not self.on_clock:
            return (at - self.layer.anchor) // self.length
        day, second = self.zone.local(at)
        k = ((day - self.day) * DAY + second - self.second) // self.length
        while self.begin(k) > at:
            k -= 1
        while self.begin(k + 1) <= at:
            k += 1
        return k

    def places(self, since: Instant, until: Instant) -> dict[int, int]:
        """Turn -> its place when only turns with on-call time count; the first one from turn 0 on has place 0."""
        low = min(self.begin(0), self.begin(self.index(since)))
        high = max(until, self.begin(1))
        refuse_flood((high - low) // self.length, f"turns of {self.length} seconds")
        active: set[int] = set()
        for start, end in windows(self.layer.restrictions, self.zone, low, high, self.reading):
            active.update(range(self.index(start), self.index(end - 1) + 1))
        ordered = sorted(active)
        zero = bisect_left(ordered, 0)
        return {k: place - zero for place, k in enumerate(ordered)}


def _user_id(owner: object, where: str) -> str:
    user = mapping(need(mapping(owner, where), "user", where), f"{where}.user")
    return text(need(user, "id", f"{where}.user"), f"{where}.user.id")
