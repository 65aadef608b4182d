"""From a request on the wire to a handler and back: token, limit, faults, transaction, log."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from watchbill.errors import UsageError
from watchbill.sandbox.audit import Actor
from watchbill.sandbox.back_door import admit_to_control
from watchbill.sandbox.call import Call, Exchange, Handler, Reply
from watchbill.sandbox.damage import damaged
from watchbill.sandbox.errors import (
    ApiError,
    bare,
    broken,
    denied,
    envelope,
    has_v3_errors,
    in_v3_shape,
    invalid,
    not_found,
    rate_limited,
    unauthorised,
)
from watchbill.sandbox.faults import WRITES, Fault
from watchbill.sandbox.options import TOKEN
from watchbill.sandbox.ratelimit import RateLimiter
from watchbill.sandbox.routes import API_ROUTES, CONTROL_ROUTES, EVENT_ROUTES, teach
from watchbill.sandbox.store import Logged
from watchbill.sandbox.wire import token_of
from watchbill.sandbox.world import World

LARGEST_BODY = 8 * 1024 * 1024
EXHAUSTED = {"ratelimit-limit": "960", "ratelimit-remaining": "0", "ratelimit-reset": "1"}
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Answer:
    status: int
    body: Any
    headers: dict[str, str]
    sent: Any = None
    """What the request's body said."""


class Front:
    """One for each running sandbox."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._limiter = RateLimiter(world.options.rate_limit)
        self.exchanges: list[Exchange] | None = None
        teach(world)

    def application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._unrouted])
        for route in API_ROUTES:
            app.router.add_route(route.method, route.path, self._api(route.handler))
        for route in EVENT_ROUTES:
            app.router.add_route(route.method, route.path, self._api(route.handler, by_key=True))
        for route in CONTROL_ROUTES:
            app.router.add_route(route.method, route.path, self._control(route.handler))
        return app

    @web.middleware
    async def _unrouted(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Unknown paths and methods get the envelope too, after the token was looked at."""
        missed = request.match_info.http_exception
        if missed is None:
            return await handler(request)
        error = not_found() if missed.status == 404 else ApiError(405, "Method Not Allowed", 2101)

        def refuse(_: Call) -> Reply:
            raise error

        return await self._api(refuse)(request)

    def _control(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def respond(request: web.Request) -> web.StreamResponse:
            try:
                admit_to_control(request, self._world.options.tokens or (TOKEN,))
                status, body = self._run(handler, await self._call(request), None)
            except ApiError as error:
                status, body = error.status, error.body
            return _response(_Answer(status, body, {}))

        return respond

    def _api(
        self, handler: Handler, *, by_key: bool = False
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """`by_key`: the body holds the credential, not the headers."""

        async def respond(request: web.Request) -> web.StreamResponse:
            fault = self._world.faults.strike(request.method, request.path)
            if self._world.options.latency_ms:
                await asyncio.sleep(self._world.options.latency_ms / 1000)
            if fault is not None and fault.kind == "latency":
                await asyncio.sleep(fault.seconds)
            answer = await self._answer(request, handler, fault, by_key=by_key)
            if answer.status >= 400 and has_v3_errors(request.path):
                answer.body = in_v3_shape(answer.body)
            if self.exchanges is not None:
                self.exchanges.append(_exchange(request, answer))
            return await damaged(request, _response(answer), fault)

        return respond

    async def _answer(
        self, request: web.Request, handler: Handler, fault: Fault | None, *, by_key: bool
    ) -> _Answer:
        token = "" if by_key else token_of(request.headers.get("Authorization", ""))
        entry = Logged(
            method=request.method,
            path=request.path,
            status=0,
            query=request.query_string,
            request_id=uuid.uuid4().hex,
            token_tail=(token or "")[-4:],
            at=self._world.clock.iso(),
        )
        answer = _Answer(0, None, {"x-request-id": entry.request_id})
        try:
            token = self._admitted(token, request.method, answer, fault)
            call = await self._call(request, token=token, request_id=entry.request_id)
        except ApiError as error:
            answer.status, answer.body = error.status, error.body
            self._world.store.log(replace(entry, status=error.status))
        else:
            answer.sent = call.body
            answer.status, answer.body = self._run(handler, call, entry)
        return answer

    def _admitted(self, token: str | None, method: str, answer: _Answer, fault: Fault | None) -> str:
        """Raises ApiError for a request that gets no further; sets the rate limit's headers."""
        options = self._world.options
        if token is None or (
            token and options.tokens and token not in options.tokens + options.read_only_tokens
        ):
            raise unauthorised()
        verdict = self._limiter.take(token) if token else None
        if verdict is not None:
            answer.headers |= verdict.headers
            if not verdict.allowed:
                raise rate_limited()
        if fault is not None and fault.kind == "429":
            answer.headers |= EXHAUSTED
            raise rate_limited()
        if fault is not None and fault.kind == "429-bare":
            answer.headers = {}
            raise bare(429)
        if fault is not None and fault.kind.startswith("5"):
            raise broken(int(fault.kind))
        if method != "GET" and token in options.read_only_tokens:
            raise denied()
        return token

    async def _call(self, request: web.Request, *, token: str = "", request_id: str = "") -> Call:
        try:
            raw = await request.read()
        except web.HTTPRequestEntityTooLarge as large:
            raise ApiError(413, "Request Entity Too Large", 2001) from large
        body = body_of(raw) if raw and request.method in WRITES else None
        return Call(
            world=self._world,
            method=request.method,
            path=request.path,
            params=dict(request.match_info),
            query={key: request.query.getall(key) for key in request.query},
            body=body,
            token=token,
            sender=request.headers.get("From", ""),
            request_id=request_id,
            now=self._world.now,
            headers=request.headers,
        )

    def _run(self, handler: Handler, call: Call, entry: Logged | None) -> tuple[int, Any]:
        """One transaction; what is answered has happened, and what is refused has not."""
        world = self._world
        try:
            with world.store.transaction():
                call.now = world.now
                world.catch_up(world, call.now)
                sender = world.user_by_email(call.sender) if call.sender else None
                world.actor = Actor(
                    token_tail=call.token[-4:],
                    user=sender["id"] if sender else "",
                    request_id=call.request_id,
                )
                reply = handler(call)
                if entry is not None:
                    world.store.log(replace(entry, status=reply.status))
        except ApiError as error:
            status, body = error.status, error.body
        except UsageError as error:
            status, body = 400, envelope("Invalid Input Provided", 2001, [error.message])
        except Exception:
            log.exception("%s %s", call.method, call.path)
            status, body = 500, broken(500).body
        else:
            return reply.status, reply.body
        if entry is not None:
            world.store.log(replace(entry, status=status))
        return status, body


def body_of(raw: bytes) -> Any:
    """Strict JSON in real Unicode: no NaN, no half of a surrogate pair."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        body = json.loads(raw, parse_constant=refuse)
        if b"\\u" in raw:
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as bad:
        raise invalid("Request body is no JSON") from bad
    return body


def _response(answer: _Answer) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    text = json.dumps(answer.body, separators=(",", ":"))
    return web.Response(
        status=answer.status, text=text, headers=answer.headers, content_type="application/json"
    )


def _exchange(request: web.Request, answer: _Answer) -> Exchange:
    return Exchange(
        method=request.method,
        path=request.path,
        query=tuple(request.query.items()),
        headers=dict(request.headers),
        body=answer.sent,
        status=answer.status,
        answer=answer.body,
        answer_headers=answer.headers,
    )
