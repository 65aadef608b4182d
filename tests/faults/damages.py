"""A server between watchbill and the sandbox that damages the answers to one operation."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from served import Served

Json = Any
ID = re.compile(r"/[A-Z0-9]{7,}(?=/|$)")


@dataclass(frozen=True, slots=True)
class Reply:
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def _text(text: str) -> Callable[[Json], Reply]:
    return lambda _: Reply(text.encode())


def _json(change: Callable[[Json], Json]) -> Callable[[Json], Reply]:
    return lambda body: Reply(json.dumps(change(body)).encode())


def _inner(change: Callable[[Json], Json]) -> Callable[[Json], Reply]:
    """Changes what the wrapper holds."""

    def changed(body: Json) -> Json:
        return {
            key: change(value) if isinstance(value, (list, dict)) else value for key, value in body.items()
        }

    return _json(changed)


def _entries(change: Callable[[dict[str, Json]], Json]) -> Callable[[Json], Reply]:
    def changed(inner: Json) -> Json:
        if isinstance(inner, list):
            return [change(entry) if isinstance(entry, dict) else entry for entry in inner]
        return change(inner)

    return _inner(changed)


def _leaves(kind: type | tuple[type, ...], value: Callable[[Json], Json]) -> Callable[[Json], Reply]:
    """Every value of the kind below the wrapper."""

    def changed(node: Json) -> Json:
        if isinstance(node, dict):
            return {key: changed(inner) for key, inner in node.items()}
        if isinstance(node, list):
            return [changed(inner) for inner in node]
        return value(node) if isinstance(node, kind) and not isinstance(node, bool) else node

    return _inner(changed)


def _below(kind: type, value: Json) -> Callable[[Json], Reply]:
    """Every value of the kind inside the entries, outermost first."""

    def changed(entry: dict[str, Json]) -> Json:
        return {key: value if isinstance(inner, kind) else inner for key, inner in entry.items()}

    return _entries(changed)


def _top(**fields: Json) -> Callable[[Json], Reply]:
    return _json(lambda body: {**body, **fields})


def _bytes(content: bytes, **headers: str) -> Callable[[Json], Reply]:
    return lambda _: Reply(content, headers={k.replace("_", "-"): v for k, v in headers.items()})


DAMAGES: dict[str, Callable[[Json], Reply]] = {
    "empty": _text(""),
    "blanks": _text("  \n"),
    "null": _text("null"),
    "204": lambda _: Reply(b"", 204),
    "list": _text("[]"),
    "object": _text("{}"),
    "text": _text('"fine"'),
    "number": _text("7"),
    "true": _text("true"),
    "NaN": _text("NaN"),
    "error in a 200": _text('{"error": {"message": "Internal", "code": 2000}}'),
    "error next to the data": _top(error={"message": "partial"}),
    "HTML": _text("<!doctype html><title>Sign in</title>"),
    "cut": lambda body: Reply(json.dumps(body).encode()[: len(json.dumps(body)) // 2]),
    "not UTF-8": _bytes(b'{"users": "\xff\xfe"}'),
    "deep": _text("[" * 100_000 + "]" * 100_000),
    "deep inside": lambda body: Reply(
        json.dumps(dict.fromkeys(body, 0)).replace(": 0", ": " + "[" * 50_000 + "]" * 50_000).encode()
    ),
    "not gzip": _bytes(b"plain", Content_Encoding="gzip"),
    "gzip bomb": _bytes(gzip.compress(b"0" * 50_000_000, 9), Content_Encoding="gzip"),
    "huge number": _text("1" * 5_000),
    "wrapper missing": _json(lambda body: {k: v for k, v in body.items() if not isinstance(v, (list, dict))}),
    "wrapper renamed": _json(lambda body: {f"x_{k}": v for k, v in body.items()}),
    "wrapper null": _inner(lambda _: None),
    "wrapper text": _inner(lambda _: "none"),
    "wrapper number": _inner(lambda _: 0),
    "wrapper of the other type": _inner(lambda inner: {} if isinstance(inner, list) else []),
    "entries null": _inner(lambda _: [None]),
    "entries texts": _inner(lambda _: ["PUSER01"]),
    "entries lists": _inner(lambda _: [[]]),
    "entries empty": _inner(lambda _: [{}]),
    "ids missing": _entries(lambda e: {k: v for k, v in e.items() if k != "id"}),
    "ids null": _entries(lambda e: {**e, "id": None}),
    "ids numbers": _entries(lambda e: {**e, "id": 5}),
    "ids objects": _entries(lambda e: {**e, "id": {}}),
    "more pages for ever": _top(more=True),
    "more is a text": _top(more="no"),
    "total is a text": _top(total="3"),
    "total negative": _top(total=-1),
    "total too high": _json(lambda body: {**body, "total": 1 + max(map(_length, body.values()), default=0)}),
    "texts are numbers": _leaves(str, lambda _: 7),
    "texts are lists": _leaves(str, lambda _: ["x"]),
    "numbers are texts": _leaves(int, lambda _: "many"),
    "numbers are negative": _leaves(int, lambda n: -abs(n) - 1),
    "numbers are huge": _leaves(int, lambda _: 10**30),
    "lists are null": _below(list, None),
    "lists are texts": _below(list, "x"),
    "objects are null": _below(dict, None),
    "objects are lists": _below(dict, []),
    "redirect to itself": lambda _: Reply(b"", 302, {"Location": "/users"}),
    "redirect elsewhere": lambda _: Reply(b"", 307, {"Location": "http://127.0.0.1:9/users"}),
    "teapot": lambda _: Reply(b"short and stout", 418),
}


def _length(value: Json) -> int:
    return len(value) if isinstance(value, list) else 0


class Damaging(Served):
    """`target` and `damage` may change between requests."""

    def __init__(self, inner: str) -> None:
        super().__init__()
        self.inner = inner
        self.target: tuple[str, str] | None = None
        self.damage: Callable[[Json], Reply] | None = None
        self.seen: Counter[tuple[str, str]] = Counter()

    def application(self) -> web.Application:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.Response:
        content = await request.read()
        return await asyncio.get_running_loop().run_in_executor(None, self._reply, request, content)

    def _reply(self, request: web.Request, content: bytes) -> web.Response:
        operation = (request.method, ID.sub("/{id}", request.path))
        self.seen[operation] += 1
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        asked = urllib.request.Request(
            f"{self.inner}{request.raw_path}", content or None, headers, method=request.method
        )
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                status, body, told = answer.status, answer.read(), dict(answer.headers)
        except urllib.error.HTTPError as refused:
            status, body, told = refused.code, refused.read(), dict(refused.headers)
        told = {k: v for k, v in told.items() if k.lower() not in _HOP}
        if operation == self.target and self.damage is not None and status < 300:
            made = self.damage(json.loads(body or b"null") or {})
            body, status = made.body, made.status
            told |= made.headers
        return web.Response(body=body, status=status, headers=told)


_HOP = {
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "accept-encoding",
    "content-encoding",
    "date",
    "server",
}
