"""Who may use `/_sandbox/...`: programs of this machine that have the sandbox's token, and no browser."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from watchbill.sandbox.errors import ApiError, unauthorised
from watchbill.sandbox.wire import token_of

BROWSERS = ("Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode")
"""Headers that a page cannot leave out."""


def admit_to_control(request: web.Request, tokens: Sequence[str]) -> None:
    """Raises ApiError."""
    if not _is_loopback(request.headers.get("Host", "")):
        raise _refused("the Host header does not name this machine")
    if any(name in request.headers for name in BROWSERS):
        raise _refused("a browser sent this")
    token = token_of(request.headers.get("Authorization", "")) or ""
    if not any(hmac.compare_digest(token.encode(), known.encode()) for known in tokens):
        raise unauthorised()
    if request.can_read_body and request.content_type != "application/json":
        raise ApiError(415, "Unsupported Media Type", 2001, ["send application/json"])


def _refused(reason: str) -> ApiError:
    return ApiError(403, "Forbidden", 2010, [reason])


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
