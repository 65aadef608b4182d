"""Slack sends again what was not acknowledged in time, and people click twice: what was seen is not done again."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

REMEMBERED = 20_000
CLICKS_WITHIN = 60.0
"""Seconds in which the same button of the same message, pressed by the same person, is one press."""


class Seen:
    """Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def before(self, body: Mapping[str, Any]) -> bool:
        """True for what came already; remembers it otherwise."""
        key, within = _key(body)
        if not key:
            return False
        now = self._clock()
        with self._lock:
            last = self._at.get(key)
            if last is not None and now - last < within:
                return True
            self._at[key] = now
            self._at.move_to_end(key)
            while len(self._at) > REMEMBERED:
                self._at.popitem(last=False)
        return False

    def forget(self, body: Mapping[str, Any]) -> None:
        """It did nothing: whoever tries again is heard."""
        with self._lock:
            self._at.pop(_key(body)[0], None)


def _key(body: Mapping[str, Any]) -> tuple[str, float]:
    """What makes it the same, and for how long; "" where nothing does."""
    forever = 3600.0
    if body.get("type") == "event_callback":
        return f"event {body.get('event_id')}", forever
    if body.get("type") == "block_actions":
        action = (body.get("actions") or [{}])[0]
        where = (body.get("container") or {}).get("message_ts") or (body.get("view") or {}).get("id")
        return f"click {where} {action.get('value')} {(body.get('user') or {}).get('id')}", CLICKS_WITHIN
    if body.get("type") == "view_submission":
        view = body.get("view") or {}
        return f"view {view.get('id')} {view.get('hash')}", forever
    if body.get("command"):
        return f"command {body.get('trigger_id')}", forever
    return "", 0.0
