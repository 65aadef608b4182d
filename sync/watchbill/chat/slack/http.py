"""Slack's requests over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from http.server import ThreadingHTTPServer

from slack_bolt import App, BoltRequest

from watchbill.listen import Post, Reply, listen

LARGEST = 4 << 20


def serve(app: App, host: str, port: int, path: str = "/slack/events") -> ThreadingHTTPServer:
    """Listens in threads of its own until `shutdown()`.  Raises OSError."""

    def take(post: Post) -> Reply:
        if post.path != path:
            return Reply(404)
        headers: dict[str, str | Sequence[str]] = {name: [value] for name, value in post.headers.items()}
        answer = app.dispatch(BoltRequest(body=post.body.decode("utf-8", "replace"), headers=headers))
        told = {key: values[0] for key, values in answer.headers.items()}
        return Reply(answer.status, told, answer.body if isinstance(answer.body, str) else "")

    return listen(take, host, port, largest=LARGEST, patience=15)
