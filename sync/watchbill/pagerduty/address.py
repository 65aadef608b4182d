"""Where an account answers."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from watchbill.errors import UsageError

US = "https://api.pagerduty.com"
EU = "https://api.eu.pagerduty.com"


def base_url(account: str, override: str | None = None) -> str:
    """`account` as settings write it (`acme`, `us/acme`, `eu/acme`); `override` is PAGERDUTY_URL."""
    if override:
        return _checked(override)
    return EU if account.startswith("eu/") else US


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _checked(url: str) -> str:
    remedy = "write it like https://api.pagerduty.com, or http://127.0.0.1:4200 for a sandbox on this machine"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as bad:
        raise UsageError("PAGERDUTY_URL is no address", remedy=remedy) from bad
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError("PAGERDUTY_URL is no http or https address", remedy=remedy)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError("PAGERDUTY_URL holds more than an address", remedy=remedy)
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"PAGERDUTY_URL would send the token to {host} in the clear", remedy=remedy)
    return url.rstrip("/")
