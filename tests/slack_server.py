"""A local Slack: its Web API over HTTP, response addresses, and Socket Mode; every call is kept.

Answers have the shape of Slack's documentation (api.slack.com/methods), as far as a client looks at them.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from served import Served

SECRET = "0123456789abcdef0123456789abcdef"
TOKEN = "xoxb-local"


@dataclass
class Call:
    method: str
    body: dict[str, Any]
    at: float


@dataclass
class SlackServer(Served):
    users: dict[str, str] = field(default_factory=dict)
    """Id -> e-mail; "" = deactivated."""
    groups: dict[str, list[str]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    """Method -> error."""
    limited: dict[str, int] = field(default_factory=dict)
    """Method -> how many times it answers 429 first."""
    flags: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Id -> what Slack adds about the user: {"is_restricted": True}."""
    absent: set[str] = field(default_factory=set)
    """Channels (#name) that are not there."""
    channels: dict[str, str] = field(default_factory=dict)
    """Name -> id of those that were created."""

    def __post_init__(self) -> None:
        super().__init__()
        self._socket: web.WebSocketResponse | None = None
        self.acks: list[dict[str, Any]] = []
        self._ids = itertools.count(1)

    @property
    def api(self) -> str:
        return f"{self.url}/api/"

    def made(self, *methods: str) -> list[Call]:
        return [call for call in list(self.calls) if call.method in methods]

    def wait_for(self, method: str, count: int = 1, seconds: float = 30) -> list[Call]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.made(method)
            if len(found) >= count:
                return found
            time.sleep(0.02)
        raise AssertionError(
            f"{method} was not called {count} times; called: {[c.method for c in self.calls]}"
        )

    def push(self, envelope: dict[str, Any], seconds: float = 30) -> None:
        """Over Socket Mode."""
        until = time.monotonic() + seconds
        while self._socket is None:
            assert time.monotonic() < until, "nobody connected"
            time.sleep(0.02)
        asyncio.run_coroutine_threadsafe(self._socket.send_str(json.dumps(envelope)), self.loop).result(10)

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_post("/respond/{name}", self._respond)
        app.router.add_get("/socket", self._connect)
        return app

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        self._socket = socket
        async for message in socket:
            if message.type == WSMsgType.TEXT and message.data.startswith("{"):
                self.acks.append(json.loads(message.data))
        return socket

    async def _respond(self, request: web.Request) -> web.Response:
        if self.limited.get("response_url", 0) > 0:
            self.limited["response_url"] -= 1
            return web.Response(text="rate_limited", status=429, headers={"Retry-After": "1"})
        if "response_url" in self.refuse:
            return web.Response(text=self.refuse["response_url"], status=404)
        self.calls.append(Call("response_url", await request.json(), time.monotonic()))
        return web.Response(text="ok")

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if self.limited.get(method, 0) > 0:
            self.limited[method] -= 1
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"}
            )
        body = await _body(request)
        self.calls.append(Call(method, body, time.monotonic()))
        if method in self.refuse:
            return web.json_response({"ok": False, "error": self.refuse[method]})
        return web.json_response(self._answer(method, body))

    def _answer(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        if method == "auth.test":
            return {
                "ok": True,
                "url": "https://local.slack.com/",
                "team_id": "T1",
                "user_id": "UBOT",
                "bot_id": "B1",
            }
        if method == "apps.connections.open":
            return {"ok": True, "url": self.url.replace("http", "ws") + "/socket"}
        if method == "users.info":
            return self._user(str(body.get("user")))
        if method == "users.lookupByEmail":
            found = next((i for i, email in self.users.items() if email == body.get("email")), "")
            return self._user(found) if found else {"ok": False, "error": "users_not_found"}
        if method in ("views.open", "views.update"):
            id_ = body.get("view_id") or f"V{next(self._ids)}"
            return {"ok": True, "view": {"id": id_, "hash": str(next(self._ids)), "type": "modal"}}
        if method == "usergroups.list":
            groups = [
                {"id": f"S{h.upper()}", "handle": h, "users": users} for h, users in self.groups.items()
            ]
            return {"ok": True, "usergroups": groups}
        if method == "usergroups.users.update":
            handle = next(h for h in self.groups if f"S{h.upper()}" == body["usergroup"])
            self.groups[handle] = str(body["users"]).split(",")
            return {"ok": True, "usergroup": {}}
        if method == "conversations.create":
            name = str(body["name"])
            if name in self.channels:
                return {"ok": False, "error": "name_taken"}
            self.channels[name] = f"C0NEW{len(self.channels)}"
            return {"ok": True, "channel": {"id": self.channels[name], "name": name}}
        if method == "chat.postMessage" and str(body.get("channel")) in self.absent:
            return {"ok": False, "error": "channel_not_found"}
        if method == "conversations.open":
            return {"ok": True, "channel": {"id": f"D{body['users']}"}}
        return {"ok": True, "ts": f"{next(self._ids)}.0", "channel": str(body.get("channel"))}

    def _user(self, id_: str) -> dict[str, Any]:
        if id_ not in self.users:
            return {"ok": False, "error": "user_not_found"}
        email = self.users[id_]
        user = {
            "id": id_,
            "name": id_.lower(),
            "deleted": not email,
            "is_bot": False,
            "team_id": "T1",
            "profile": {"email": email},
            **self.flags.get(id_, {}),
        }
        return {"ok": True, "user": user}


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        text = await request.text()
        made = json.loads(text) if text else {}
        return made if isinstance(made, dict) else {}
    sent = {key: str(value) for key, value in (await request.post()).items()}
    sent |= dict(request.query)
    for key in ("view", "blocks"):
        if key in sent:
            sent[key] = json.loads(sent[key])
    return sent


def form(**fields: str) -> str:
    return urllib.parse.urlencode(fields)
