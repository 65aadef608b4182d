"""Reading and writing the forms PagerDuty uses on the wire: times, zones, references."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watchbill.rota.clock import Instant
from watchbill.rota.listed_zones import LISTED
from watchbill.sandbox.errors import invalid
from watchbill.sandbox.zones import canonical

_GO_TIME = re.compile(r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d{4})(?: [A-Z]{3,5})?$")
_UTC_NAMES = frozenset({"Etc/UTC", "UTC"})


def token_of(authorization: str) -> str | None:
    """`Token token=KEY` for API keys, `Bearer KEY` for OAuth; any other form is none."""
    for prefix in ("Token token=", "Bearer "):
        if authorization.startswith(prefix):
            return authorization.removeprefix(prefix).strip('"') or None
    return None


@lru_cache(maxsize=1024)
def zone_info(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(canonical(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def known_zone(name: object, *, listed_only: bool) -> bool:
    if not isinstance(name, str) or zone_info(name) is None:
        return False
    return not listed_only or canonical(name) in LISTED


def render_time(instant: Instant, zone: str) -> str:
    """As Rails writes it: `Z` in UTC itself, an offset everywhere else."""
    info = zone_info(zone)
    if info is None or zone in _UTC_NAMES:
        return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return datetime.fromtimestamp(instant, info).isoformat()


def parse_time(value: object, zone: str = "Etc/UTC") -> Instant | None:
    """ISO 8601, the time part optional, without an offset in `zone`; also Go's `2026-11-07 01:00:00 +0000 UTC`,
    which PagerDuty's Terraform provider sends.  None for anything else.
    """
    if not isinstance(value, str):
        return None
    text = value.strip()
    go_time = _GO_TIME.match(text)
    if go_time:
        text = f"{go_time[1]}T{go_time[2]}{go_time[3]}"
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone_info(zone) or UTC)
        instant = int(moment.timestamp())
    except (ValueError, OverflowError):
        return None
    return instant if 0 <= instant < 253_370_764_800 else None  # to the year 9999


def whole_number(value: object) -> int | None:
    """JSON numbers of 32 bits only; a bool is none."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 1 << 31:
        return None
    return value


def reference_id(value: object) -> str | None:
    """The id of `{"id": ..., "type": ...}`, whatever the type says."""
    if isinstance(value, dict) and isinstance(value.get("id"), str) and value["id"]:
        return str(value["id"])
    return None


def text_field(
    body: dict[str, Any], key: str, label: str, *, most: int, required: bool = False
) -> str | None:
    value = body.get(key)
    if value is None or (isinstance(value, str) and not value.strip()):
        if required:
            raise invalid(f"{label} can't be blank")
        return None if value is None else ""
    if not isinstance(value, str):
        raise invalid(f"{label} must be a string")
    if len(value) > most:
        raise invalid(f"{label} is too long (maximum is {most} characters)")
    return value
