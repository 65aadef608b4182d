"""Ids in the shapes PagerDuty uses.  Each comes from a counter in the state: never reused, the same in every run."""

from __future__ import annotations

import hashlib
import uuid

_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SPACE = 36**6
_STRIDE = 1_234_567_891  # coprime to 36, so the first 36**6 numbers give different ids

LONG = frozenset({"override", "incident", "log_entry", "alert"})
V3 = frozenset({"rotation", "event", "custom_shift", "v3_override"})


def make(kind: str, number: int) -> str:
    if kind in LONG:
        return "Q" + _digits(_hash(kind, number), _BASE36, 13)
    if kind in V3:
        return _digits(_hash(kind, number), _BASE32, 26)
    if kind in {"orchestration", "orchestration_integration", "event_id"}:
        return str(uuid.UUID(int=_hash(kind, number) & (1 << 128) - 1, version=4))
    if kind == "orchestration_rule":
        return f"{_hash(kind, number) & 0xFFFFFFFF:08x}"
    if kind in {"secret", "routing_key"}:
        return f"{_hash(kind, number) & (1 << 128) - 1:032x}"
    return "P" + _digits(number * _STRIDE % _SPACE, _BASE36, 6)


def _hash(kind: str, number: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{kind}/{number}".encode()).digest(), "big")


def _digits(value: int, alphabet: str, width: int) -> str:
    digits = []
    for _ in range(width):
        value, digit = divmod(value, len(alphabet))
        digits.append(alphabet[digit])
    return "".join(digits)
