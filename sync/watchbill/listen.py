"""A small HTTP server for what others post to us, to be put behind something that speaks TLS."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_LENGTH = re.compile(r"[0-9]{1,18}")
"""Python refuses to read a number of more than 4,300 digits."""


@dataclass(frozen=True, slots=True)
class Post:
    path: str
    """Without its query."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


def listen(
    take: Callable[[Post], Reply], host: str, port: int, *, largest: int, patience: float
) -> ThreadingHTTPServer:
    """In threads of its own until `shutdown()`; `server_address` tells the port.

    `largest`: bytes of a body, more is 413; `patience`: seconds without a byte.  Raises OSError."""

    class Handler(BaseHTTPRequestHandler):
        timeout = patience

        def do_POST(self) -> None:
            given = self.headers.get("Content-Length", "")
            if _LENGTH.fullmatch(given) is None:
                self.close_connection = True
                self._answer(Reply(400))
                return
            length = int(given)
            if length > largest:
                self._drain(length)
                self._answer(Reply(413))
                return
            headers = {key.lower(): value for key, value in self.headers.items()}
            body = self.rfile.read(length)
            self._answer(take(Post(self.path.partition("?")[0], headers, body)))

        def _drain(self, length: int) -> None:
            """A sender that is still sending never reads a refusal."""
            self.close_connection = True
            left = min(length, 4 * largest)
            while left > 0 and (read := len(self.rfile.read(min(left, 1 << 16)))):
                left -= read

        def _answer(self, reply: Reply) -> None:
            data = reply.body.encode("utf-8")
            self.send_response(reply.status)
            for key, value in reply.headers.items():
                if key.lower() != "content-length":
                    self.send_header(key, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
            """Silent: requests hold what people typed, and what matters is in the caller's own log."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="watchbill-listen", daemon=True).start()
    return server
