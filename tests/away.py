"""An account that went away."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from watchbill.sandbox.server import Sandbox


@contextmanager
def away(sandbox: Sandbox) -> Iterator[None]:
    """Ends `sandbox` for good; nobody answers in its place.

    A port that is only let go may be the next one's: another worker's sandbox has answered there.
    """
    sandbox.close()
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", urlsplit(sandbox.url).port or 0))
        yield
