"""The official client is made to send each request once, to any loopback address."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from watchbill.errors import UsageError
from watchbill.pagerduty.address import EU, US, base_url
from watchbill.pagerduty.answers import NoAnswer
from watchbill.pagerduty.client import OfficialClient
from watchbill.sandbox.faults import parse_fault
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    status = 429
    requests: list[tuple[str, dict[str, str]]]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _reply(self) -> None:
        self.server.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.server.status == 0:
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST = do_PUT = do_DELETE = _reply  # noqa: N815  names that http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Handler) as made:
        made.requests = []
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        made.shutdown()


@pytest.mark.parametrize("status", [200, 301, 401, 403, 429, 500, 503])
def test_every_status_comes_back_after_one_request(server: _Server, status: int) -> None:
    server.status = status
    client = OfficialClient(f"http://127.0.0.1:{server.server_port}", SecretStr("tok"), timeout=5)
    assert client.send("POST", "/schedules", {}, {"schedule": {}}).status == status
    client.close()
    assert len(server.requests) == 1
    headers = server.requests[0][1]
    assert headers["authorization"] == "Token token=tok"
    assert headers["accept"] == "application/vnd.pagerduty+json;version=2"


def test_a_broken_connection_is_told_after_one_request(server: _Server) -> None:
    server.status = 0
    client = OfficialClient(f"http://127.0.0.1:{server.server_port}", SecretStr("tok"), timeout=5)
    with pytest.raises(NoAnswer) as told:
        client.send("POST", "/schedules", {}, {})
    client.close()
    assert told.value.sent
    assert len(server.requests) == 1


def test_nobody_listening_means_never_sent() -> None:
    client = OfficialClient("http://127.0.0.1:9", SecretStr("tok"), timeout=5)
    with pytest.raises(NoAnswer) as told:
        client.send("POST", "/schedules", {}, {})
    client.close()
    assert not told.value.sent


def test_lists_become_repeated_parameters(server: _Server) -> None:
    server.status = 200
    client = OfficialClient(f"http://127.0.0.1:{server.server_port}", SecretStr("tok"), timeout=5)
    client.send("GET", "/schedules", {"include[]": ["a", "b"], "limit": 100}, None)
    client.close()
    assert server.requests[0][0] == "/schedules?include%5B%5D=a&include%5B%5D=b&limit=100"


def test_it_logs_nothing_on_its_own(server: _Server, caplog: pytest.LogCaptureFixture) -> None:
    server.status = 500
    with caplog.at_level(logging.WARNING):
        client = OfficialClient(f"http://127.0.0.1:{server.server_port}", SecretStr("tok"), timeout=5)
        client.send("GET", "/schedules", {}, None)
        client.close()
    assert caplog.records == []


def test_regions_and_addresses() -> None:
    assert base_url("acme") == base_url("us/acme") == US
    assert base_url("eu/acme") == EU
    assert base_url("acme", "http://localhost:4200/") == "http://localhost:4200"
    assert base_url("acme", "https://pd.example.com") == "https://pd.example.com"


@pytest.mark.parametrize(
    "url",
    [
        "http://api.pagerduty.com",
        "ftp://x",
        "api.pagerduty.com",
        "https://u:p@x",
        "https://x?y=1",
        "http://10.0.0.1",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(UsageError) as told:
        base_url("acme", url)
    assert "u:p" not in str(told.value)


def test_the_client_is_imported_only_when_it_is_needed() -> None:
    code = (
        "import sys, watchbill.pagerduty.transport, watchbill.pagerduty.read, watchbill.apply.execute;"
        "print([m for m in ('pagerduty', 'httpx2') if m in sys.modules])"
    )
    env = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    ran = subprocess.run([sys.executable, "-c", code], check=True, env=env, capture_output=True, text=True)
    assert ran.stdout == "[]\n"


def test_an_answer_that_trickles_in_is_given_up() -> None:
    """Each piece comes in time; all of them together would take a minute."""
    options = SandboxOptions(faults=(parse_fault("slow-body:1,seconds=3"),))
    with (
        Sandbox(options=options) as sandbox,
        closing(OfficialClient(sandbox.url, SecretStr("tok"), timeout=1)) as wire,
    ):
        began = time.monotonic()
        with pytest.raises(NoAnswer) as told:
            wire.send("GET", "/abilities", {}, None)
    assert (told.value.slow, told.value.sent) == (True, True)
    assert time.monotonic() - began < 2.5
