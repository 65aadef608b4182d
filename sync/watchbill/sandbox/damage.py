"""Answers that do not arrive as they should: dropped, cut short, slow."""

from __future__ import annotations

import asyncio

from aiohttp import web

from watchbill.sandbox.faults import Fault

_PIECES = 5


async def damaged(request: web.Request, response: web.Response, fault: Fault | None) -> web.StreamResponse:
    """The handler is through when this runs: a write whose answer is dropped has happened."""
    if fault is None or fault.kind not in {"drop-response", "truncated-body", "slow-body"}:
        return response
    if fault.kind == "drop-response":
        _hang_up(request)
        return response
    body = response.body if isinstance(response.body, bytes) else b""
    stream = web.StreamResponse(status=response.status, headers=dict(response.headers))
    stream.content_length = len(body)
    await stream.prepare(request)
    if fault.kind == "truncated-body":
        await stream.write(body[: len(body) // 2])
        _hang_up(request, abort=False)
        return stream
    step = max(1, len(body) // _PIECES)
    for at in range(0, len(body), step):
        await stream.write(body[at : at + step])
        await asyncio.sleep(fault.seconds / _PIECES)
    await stream.write_eof()
    return stream


def _hang_up(request: web.Request, *, abort: bool = True) -> None:
    transport = request.transport
    if transport is None:
        return
    if abort:
        transport.abort()
    else:
        transport.close()
