"""One deadline for a whole exchange: connection, headers and body.

httpx bounds each single read, so an answer that comes byte by byte would take for ever.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

Options = Iterable[Any]


class Deadline:
    """For one client; each thread has its own running exchange."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running = threading.local()

    @contextmanager
    def running(self) -> Iterator[None]:
        self._running.until = time.monotonic() + self._seconds
        try:
            yield
        finally:
            del self._running.until

    def within(self, timeout: float | None) -> float:
        """Seconds for the next step.  Raises ReadTimeout at the deadline."""
        left = getattr(self._running, "until", time.monotonic() + self._seconds) - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the answer came too slowly")
        return left if timeout is None else min(timeout, left)

    def bind(self, client: httpx2.Client) -> None:
        """httpx has no parameter for the network backend of its transports, proxies included."""
        transports = [client._transport, *client._mounts.values()]  # noqa: SLF001  as the docstring states
        for transport in transports:
            if isinstance(transport, httpx2.HTTPTransport):
                transport._pool._network_backend = _Backend(self)  # noqa: SLF001  the same


class _Backend(httpcore2.SyncBackend):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options | None = None,
    ) -> httpcore2.NetworkStream:
        within = self._deadline.within(timeout)
        return _Stream(super().connect_tcp(host, port, within, local_address, socket_options), self._deadline)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        within = self._deadline.within(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, within), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
