"""Which layer of the account each wanted layer continues, whatever their places: equal ones first, then the likest.

What means the same keeps the account's own values: another anchor for one person, or for the same turns, is no change
and is not sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from watchbill.account.canon import Form, layer_form
from watchbill.account.objects import Layer
from watchbill.rota.clock import Instant

T = TypeVar("T")
_TURNS = ("users", "turn_seconds", "anchor")
_WEIGHTS = ((_TURNS, 4), (("restrictions",), 2), (("name",), 1))


def matched(want: Sequence[T], has: Sequence[T], likeness: Callable[[T, T], int]) -> tuple[int | None, ...]:
    """For each of `want` the index in `has`; the likest first, of equals those in the same place."""
    scored = [
        (likeness(one, other), -abs(i - j), -i, -j)
        for i, one in enumerate(want)
        for j, other in enumerate(has)
    ]
    pairs: dict[int, int] = {}
    for score, _, i, j in sorted(scored, reverse=True):
        if score and -i not in pairs and -j not in pairs.values():
            pairs[-i] = -j
    return tuple(pairs.get(i) for i in range(len(want)))


def paired(
    want: Sequence[Layer], has: Sequence[Layer], zone_name: str, now: Instant
) -> tuple[int | None, ...]:
    """For each wanted layer the index in `has`; None for a new one."""
    wanted, found = ([layer_form(layer, zone_name, now) for layer in layers] for layers in (want, has))
    return matched(wanted, found, likeness)


def with_account_values(layer: Layer, account: Layer, zone_name: str, now: Instant) -> Layer:
    """`layer` with the values of `account` for the parts that mean the same."""
    wanted, found = layer_form(layer, zone_name, now), layer_form(account, zone_name, now)
    kept: dict[str, object] = {}
    if _alike(wanted, found, _TURNS):
        kept = {name: getattr(account, name) for name in ("users", "turn_seconds", "virtual_start")}
    if _alike(wanted, found, ("restrictions",)):
        kept["restrictions"] = account.restrictions
    return layer.model_copy(update=kept)


def _alike(one: Form, other: Form, parts: Sequence[str]) -> bool:
    return all(one[part] == other[part] for part in parts)


def likeness(one: Form, other: Form) -> int:
    """Of two layers; 0 = another one.  One that runs never goes on as one that begins later, nor the other way round."""
    if (one["start"] is None) != (other["start"] is None):
        return 0
    found = sum(weight for parts, weight in _WEIGHTS if _alike(one, other, parts))
    return found + 10 * (one == other)
