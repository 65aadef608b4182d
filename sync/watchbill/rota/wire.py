"""Reading PagerDuty's documents: every value is checked and a fault is named by its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from watchbill.errors import UsageError
from watchbill.rota.clock import Instant, Zone, parse_instant, zone
from watchbill.rota.entries import EARLIEST

_FAR_FUTURE: Instant = 253_370_764_800  # 9999-01-01


def fault(where: str, what: str, remedy: str = "") -> UsageError:
    return UsageError(f"{where} {what}", remedy=remedy)


def mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise fault(where, f"is {_kind(value)}, not an object")
    return value


def need(owner: Mapping[str, Any], key: str, where: str) -> Any:
    if owner.get(key) is None:
        raise fault(f"{where}.{key}" if where else key, "is missing")
    return owner[key]


def items(owner: Mapping[str, Any], key: str, where: str, *, required: bool = False) -> Sequence[Any]:
    """A list; absent and null are the empty one unless it is required."""
    value = need(owner, key, where) if required else owner.get(key)
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise fault(f"{where}.{key}" if where else key, f"is {_kind(value)}, not a list")
    return value


def text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise fault(where, f"is {_kind(value)}, not a text")
    return value


def whole_number(value: object, where: str, *, least: int = 1, most: int | None = None) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise fault(where, f"is {_kind(value)}, not a whole number")
    if value < least or (most is not None and value > most):
        limits = f"at least {least}" if most is None else f"between {least} and {most}"
        raise fault(where, f"is {value}; it must be {limits}")
    return value


def instant(value: object, where: str) -> Instant:
    try:
        at = parse_instant(text(value, where))
    except (ValueError, OverflowError) as bad:
        raise fault(where, f"is no instant: {value!r}", "write it like 2026-11-23T14:00:00Z") from bad
    if not EARLIEST <= at < _FAR_FUTURE:
        raise fault(where, f"is outside the years 1900 to 9998: {value!r}")
    return at


def optional_instant(owner: Mapping[str, Any], key: str, where: str) -> Instant | None:
    value = owner.get(key)
    return None if value is None else instant(value, f"{where}.{key}")


def zone_named(value: object, where: str) -> Zone:
    name = text(value, where)
    try:
        return zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as bad:
        raise fault(
            where, f"is no known time zone: {name!r}", "use an IANA name like Europe/Bucharest"
        ) from bad


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {bool: "true or false", int: "a number", float: "a number", str: "a text"}
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if value == "":
        return "empty"
    return names.get(type(value), type(value).__name__)
