"""PagerDuty's webhooks, as a hint to look now: whatever they say, the incident is read again.

A webhook must carry a signature made with our secret (any of several, while a secret is being changed); it is
compared in constant time over the raw body.  One that is older than PagerDuty keeps trying is ignored, and so is a
body that was seen: no header counts, since none is signed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from http.server import ThreadingHTTPServer
from typing import Literal

from pydantic import SecretStr

from watchbill.listen import Post, Reply, listen

OLDEST = 48 * 3600 + 600
"""Seconds: PagerDuty tries for 48 hours."""
AHEAD = 600
LARGEST = 1 << 20
REMEMBERED = 20_000

Verdict = Literal["take", "seen", "bad-signature", "stale", "malformed"]

_STATUS: dict[Verdict, int] = {"take": 202, "seen": 202, "bad-signature": 401, "stale": 400, "malformed": 400}


def signature_fits(secret: SecretStr, body: bytes, header: str) -> bool:
    """`X-PagerDuty-Signature: v1=<hex>[,v1=<hex>...]`; every one is compared, whichever fits."""
    wanted = hmac.new(secret.get_secret_value().encode(), body, hashlib.sha256).hexdigest()
    fits = False
    for part in header.split(",")[:20]:
        version, _, given = part.strip().partition("=")
        same = hmac.compare_digest(given.encode(), wanted.encode())
        fits = fits or (version == "v1" and same)
    return fits


class Inbox:
    """Judges webhooks and remembers which were seen.  Thread-safe."""

    def __init__(self, secret: SecretStr, now: Callable[[], int], wake: Callable[[], None]) -> None:
        self._secret, self._now, self._wake = secret, now, wake
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, headers: Mapping[str, str], body: bytes) -> Verdict:
        """`headers` with names in lower case."""
        if not signature_fits(self._secret, body, headers.get("x-pagerduty-signature", "")):
            return "bad-signature"
        try:
            event = json.loads(body)["event"]
            age = self._now() - _instant(event["occurred_at"])
        except (ValueError, KeyError, TypeError):
            return "malformed"
        if not -AHEAD <= age <= OLDEST:
            return "stale"
        id_ = hashlib.sha256(body).digest()
        with self._lock:
            if id_ in self._seen:
                return "seen"
            self._seen[id_] = None
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        self._wake()
        return "take"


def serve(inbox: Inbox, host: str, port: int) -> ThreadingHTTPServer:
    """Listens in threads of its own until `shutdown()`; `server_address` tells the port.  Raises OSError."""

    def take(post: Post) -> Reply:
        return Reply(_STATUS[inbox.take(post.headers, post.body)])

    return listen(take, host, port, largest=LARGEST, patience=10)


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
