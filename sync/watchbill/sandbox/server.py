"""Starting and stopping a sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from watchbill.errors import UsageError, WatchbillError
from watchbill.rota.clock import Instant, iso
from watchbill.sandbox.call import Exchange
from watchbill.sandbox.clock import MovableClock
from watchbill.sandbox.engine.delivery import deliver_for_ever
from watchbill.sandbox.http import Front
from watchbill.sandbox.load import OWNER_EMAIL, load_account, prepare
from watchbill.sandbox.options import TOKEN, SandboxOptions
from watchbill.sandbox.store import Logged, Store
from watchbill.sandbox.tls import Certificates, certificates_in
from watchbill.sandbox.wire import parse_time
from watchbill.sandbox.world import World

HOST = "127.0.0.1"
_START_DEADLINE = 30.0
_SHUTDOWN_SECONDS = 0.5


def instant_of(clock: str | None) -> Instant | None:
    if clock is None:
        return None
    instant = parse_time(clock)
    if instant is None:
        raise UsageError(
            f"the sandbox's clock can't be set to {clock!r}", remedy="write it like 2026-11-23T14:00:00Z"
        )
    return instant


def open_world(
    state: Path | None, clock: str | None, load: Mapping[str, Any] | None, options: SandboxOptions
) -> World:
    """`load` fills a state that has no account yet; one that has keeps what it holds."""
    at = instant_of(clock)
    world = World(Store(state), MovableClock(at), options)
    try:
        fresh = not world.store.count("user")
        if fresh and load is not None:
            load_account(world.store, load)
        prepare(world.store)
    except BaseException:
        world.store.close()
        raise
    return world


def _wire_log() -> logging.Logger:
    """Without the tracebacks of requests that are not HTTP: they get their 400."""
    log = logging.getLogger("watchbill.sandbox.wire")
    log.filters = [
        lambda record: not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
    ]
    return log


async def start(front: Front, port: int, tls: Certificates | None = None) -> tuple[web.AppRunner, list[int]]:
    """The runner to clean up, and the ports it listens on: plain, then TLS if wanted."""
    runner = web.AppRunner(
        front.application(), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS, logger=_wire_log()
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        if tls is not None:
            await web.TCPSite(runner, HOST, 0, ssl_context=tls.context()).start()
    except OSError as busy:
        await runner.cleanup()
        raise UsageError(
            f"port {port} on {HOST} can't be used: {busy.strerror}",
            remedy="choose another --port, or 0 for any",
        ) from busy
    return runner, [int(address[1]) for address in runner.addresses]


class Sandbox:
    """Runs on a free loopback port in a thread of its own, with its own event loop, until the block ends.

    `state` None keeps everything in memory.  `clock` (ISO) makes time stand still there until `move`; without it
    real time passes.  `load` is an account document (see `load`).  With `record` every exchange is kept whole.
    `tls` names a folder for certificates and adds a listener at `tls_url`; clients have to trust `ca_file`.
    """

    token = TOKEN
    owner_email = OWNER_EMAIL

    def __init__(
        self,
        state: Path | None = None,
        clock: str | None = None,
        load: Mapping[str, Any] | None = None,
        port: int = 0,
        options: SandboxOptions | None = None,
        *,
        record: bool = False,
        tls: Path | None = None,
    ) -> None:
        self._world = open_world(state, clock, load, options or SandboxOptions())
        self._front = Front(self._world)
        self._front.exchanges = [] if record else None
        self._port, self._tls_port = port, 0
        self._tls = None if tls is None else certificates_in(tls)
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._main, name="watchbill-sandbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._started.wait(_START_DEADLINE):
            self._failure = self._failure or WatchbillError("the sandbox did not start in time")
        if self._failure is not None:
            self.close()
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop may have ended by itself in between
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
        self._world.store.close()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    @property
    def tls_url(self) -> str:
        return f"https://{HOST}:{self._tls_port}"

    @property
    def ca_file(self) -> Path | None:
        return None if self._tls is None else self._tls.ca

    @property
    def store(self) -> Store:
        return self._world.store

    @property
    def world(self) -> World:
        return self._world

    @property
    def now(self) -> str:
        return iso(self._world.now)

    def move(self, to: str) -> None:
        instant = instant_of(to)
        assert instant is not None
        with self._world.store.transaction():
            self._world.move(instant)

    def requests(self) -> list[Logged]:
        return self._world.store.logged()

    def exchanges(self) -> list[Exchange]:
        return list(self._front.exchanges or ())

    def _main(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:  # noqa: BLE001  handed to the thread that waits in __enter__
            self._failure = failure
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        runner, ports = await start(self._front, self._port, self._tls)
        self._port, self._tls_port = ports[0], ports[-1]
        await _until(self._stop, runner, self._world, self._started.set)


def serve(
    *,
    port: int,
    state: Path | None = None,
    clock: str | None = None,
    load: Mapping[str, Any] | None = None,
    options: SandboxOptions | None = None,
    tls: Path | None = None,
    ready: Callable[[str, str], None] = lambda url, token: None,
    tls_ready: Callable[[str, Path], None] = lambda url, ca_file: None,
    ended: Callable[[Store], None] = lambda store: None,
) -> None:
    """Blocks until SIGINT or SIGTERM.

    `ready(url, token)` is called once requests are answered, before it `tls_ready(url, ca_file)` if `tls` names a
    folder for certificates.  `ended` gets the state when nothing is answered any more.
    """
    certificates = None if tls is None else certificates_in(tls)
    world = open_world(state, clock, load, options or SandboxOptions())
    try:
        asyncio.run(_serve_until_signal(world, port, certificates, ready, tls_ready))
        ended(world.store)
    finally:
        world.store.close()


async def _serve_until_signal(
    world: World,
    port: int,
    tls: Certificates | None,
    ready: Callable[[str, str], None],
    tls_ready: Callable[[str, Path], None],
) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    runner, ports = await start(Front(world), port, tls)

    def tell() -> None:
        if tls is not None:
            tls_ready(f"https://{HOST}:{ports[-1]}", tls.ca)
        ready(f"http://{HOST}:{ports[0]}", TOKEN)

    await _until(stop, runner, world, tell)


async def _until(stop: asyncio.Event, runner: web.AppRunner, world: World, ready: Callable[[], None]) -> None:
    """Serves, and sends webhooks, until told to stop."""
    sender = asyncio.create_task(deliver_for_ever(world))
    try:
        ready()
        await stop.wait()
    finally:
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
        await runner.cleanup()
