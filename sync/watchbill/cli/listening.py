"""A verb that listens on a port while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from watchbill.errors import UsageError

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer


@contextmanager
def listening(
    serve: Callable[[str, int], ThreadingHTTPServer], host: str, port: int, *, option: str
) -> Iterator[int]:
    """Yields the port.  Raises UsageError where it can't be had; `option` named it."""
    try:
        server = serve(host, port)
    except OSError as busy:
        raise UsageError(
            f"port {port} on {host} can't be used: {busy.strerror}", remedy=f"choose another {option}"
        ) from busy
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
