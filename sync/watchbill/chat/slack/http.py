"""Slack's requests over HTTP: a small server for the app, to be put behind something that speaks TLS."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from slack_bolt import App, BoltRequest

LARGEST = 4 << 20


def serve(app: App, host: str, port: int, path: str = "/slack/events") -> ThreadingHTTPServer:
    """Listens in threads of its own until `shutdown()`."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 15

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path.partition("?")[0] != path or not length.isdecimal() or int(length) > LARGEST:
                self._answer(404 if self.path.partition("?")[0] != path else 413, {}, "")
                return
            body = self.rfile.read(int(length)).decode("utf-8", "replace")
            headers: dict[str, str | Sequence[str]] = {k.lower(): [v] for k, v in self.headers.items()}
            answer = app.dispatch(BoltRequest(body=body, headers=headers))
            told = {key: values[0] for key, values in answer.headers.items()}
            self._answer(answer.status, told, answer.body if isinstance(answer.body, str) else "")

        def _answer(self, status: int, headers: dict[str, str], body: str) -> None:
            data = body.encode("utf-8")
            self.send_response(status)
            for key, value in headers.items():
                if key.lower() != "content-length":
                    self.send_header(key, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
            """Silent: requests hold what people typed."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="watchbill-slack", daemon=True).start()
    return server
