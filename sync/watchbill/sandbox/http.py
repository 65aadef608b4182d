"""From a request on the wire to a handler and back: token, limit, faults, transaction, log."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from watchbill.errors import UsageError
from watchbill.sandbox.audit import Actor
from watchbill.sandbox.call import Call, Handler, Reply
from watchbill.sandbox.errors import (
    ApiError,
    denied,
    envelope,
    internal,
    invalid,
    not_found,
    rate_limited,
    unauthorised,
)
from watchbill.sandbox.ratelimit import RateLimiter
from watchbill.sandbox.routes import API_ROUTES, CONTROL_ROUTES, teach_views
from watchbill.sandbox.store import Logged
from watchbill.sandbox.world import World

LARGEST_BODY = 8 * 1024 * 1024
log = logging.getLogger(__name__)


class Front:
    """One for each running sandbox."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._limiter = RateLimiter(world.options.rate_limit)
        teach_views(world)

    def application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._unrouted])
        for route in API_ROUTES:
            app.router.add_route(route.method, route.path, self._api(route.handler))
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
            call = await self._call(request, token="")
            status, body = self._run(handler, call, None)
            return _response(status, body, {})

        return respond

    def _api(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def respond(request: web.Request) -> web.StreamResponse:
            request_id = uuid.uuid4().hex
            if self._world.options.latency_ms:
                await asyncio.sleep(self._world.options.latency_ms / 1000)
            token = token_of(request.headers.get("Authorization", ""))
            headers = {"x-request-id": request_id}
            entry = self._entry(request, token or "", request_id)
            if token is None or (self._world.options.tokens and token not in self._accepted()):
                return self._refused(entry, unauthorised().status, unauthorised().body, headers)
            verdict = self._limiter.take(token)
            if verdict is not None:
                headers |= verdict.headers
                if not verdict.allowed:
                    return self._refused(entry, 429, rate_limited(), headers)
            if request.method != "GET" and token in self._world.options.read_only_tokens:
                return self._refused(entry, 403, denied().body, headers)
            try:
                call = await self._call(request, token=token, request_id=request_id)
            except ApiError as error:
                return self._refused(entry, error.status, error.body, headers)
            status, body = self._run(handler, call, entry)
            return _response(status, body, headers)

        return respond

    def _accepted(self) -> tuple[str, ...]:
        return self._world.options.tokens + self._world.options.read_only_tokens

    async def _call(self, request: web.Request, *, token: str, request_id: str = "") -> Call:
        body = None
        raw = await request.read()
        if raw and request.method in {"POST", "PUT", "PATCH"}:
            try:
                body = json.loads(raw)
            except (ValueError, RecursionError) as bad:
                raise invalid("Request body is no JSON") from bad
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
                sender = world.user_by_email(call.sender) if call.sender else None
                world.actor = Actor(
                    token_tail=call.token[-4:],
                    user=sender["id"] if sender else "",
                    request_id=call.request_id,
                )
                reply = handler(call)
                if entry is not None:
                    world.store.log(_with_status(entry, reply.status))
        except ApiError as error:
            status, body = error.status, error.body
        except UsageError as error:
            status, body = 400, envelope("Invalid Input Provided", 2001, [error.message])
        except Exception:
            log.exception("%s %s", call.method, call.path)
            status, body = 500, internal()
        else:
            return reply.status, reply.body
        if entry is not None:
            world.store.log(_with_status(entry, status))
        return status, body

    def _entry(self, request: web.Request, token: str, request_id: str) -> Logged:
        return Logged(
            method=request.method,
            path=request.path,
            status=0,
            query=request.query_string,
            request_id=request_id,
            token_tail=token[-4:],
            at=self._world.clock.iso(),
        )

    def _refused(self, entry: Logged, status: int, body: Any, headers: dict[str, str]) -> web.Response:
        self._world.store.log(_with_status(entry, status))
        return _response(status, body, headers)


def token_of(authorization: str) -> str | None:
    """`Token token=KEY` for API keys, `Bearer KEY` for OAuth; any other form is none."""
    for prefix in ("Token token=", "Bearer "):
        if authorization.startswith(prefix):
            return authorization.removeprefix(prefix).strip('"') or None
    return None


def _with_status(entry: Logged, status: int) -> Logged:
    return Logged(entry.method, entry.path, status, entry.query, entry.request_id, entry.token_tail, entry.at)


def _response(status: int, body: Any, headers: dict[str, str]) -> web.Response:
    if body is None:
        return web.Response(status=status, headers=headers)
    text = json.dumps(body, separators=(",", ":"))
    return web.Response(status=status, text=text, headers=headers, content_type="application/json")
