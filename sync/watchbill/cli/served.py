"""The control endpoints of a sandbox that is served on this machine and named by PAGERDUTY_URL."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import urlsplit

from watchbill.errors import AccountUnreachable, UsageError


def served_url() -> str:
    """ "" when PAGERDUTY_URL names none, or nothing on this machine."""
    from watchbill.pagerduty.address import is_loopback

    url = os.environ.get("PAGERDUTY_URL", "").rstrip("/")
    return url if url and is_loopback(urlsplit(url).hostname or "") else ""


def ask(path: str, body: Any = None) -> Any:
    """GET, or POST with a body, of `/_sandbox/...`."""
    import urllib.error
    import urllib.request

    from watchbill.cli.credentials import credential
    from watchbill.sandbox.options import TOKEN

    url = f"{served_url()}/_sandbox/{path}"
    data = None if body is None else json.dumps(body).encode()
    token = credential("PAGERDUTY_TOKEN")
    secret = TOKEN if token is None else token.get_secret_value()
    headers = {"Content-Type": "application/json", "Authorization": f"Token token={secret}"}
    request = urllib.request.Request(url, data, headers)  # noqa: S310  served_url checks
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            raw = answer.read()
            return json.loads(raw) if raw else None
    except urllib.error.HTTPError as refused:
        raise UsageError(
            _told(refused.read()) or f"{url} answered {refused.code}",
            remedy="is it a sandbox that PAGERDUTY_URL names? the examples are in --help",
        ) from None
    except (OSError, ValueError) as gone:
        raise AccountUnreachable(
            f"no sandbox answers at {served_url()}: {getattr(gone, 'reason', gone)}",
            remedy="start one with `watchbill sandbox serve`, or unset PAGERDUTY_URL for the embedded one",
        ) from None


def _told(raw: bytes) -> str:
    try:
        error = json.loads(raw)["error"]
        return "; ".join(error.get("errors") or [error["message"]])
    except (ValueError, LookupError, TypeError):
        return ""
