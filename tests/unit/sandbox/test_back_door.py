"""`/_sandbox/...` is for programs of this machine that have the token; a page in a browser gets nothing done."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator

import pytest

from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

BODY = json.dumps({"kind": "user", "name": "Sandbox Owner", "changes": {"name": "Mallory"}})
GOOD = {"Authorization": f"Token token={Sandbox.token}", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with Sandbox(clock="2026-11-23T14:00:00Z", options=SandboxOptions(rate_limit=0)) as running:
        yield running


def ask(sandbox: Sandbox, method: str, path: str, headers: dict[str, str], body: str | None = None) -> int:
    client = http.client.HTTPConnection(*sandbox.url.removeprefix("http://").split(":"), timeout=10)
    try:
        client.request(method, path, body, headers)
        return client.getresponse().status
    finally:
        client.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Authorization": ""}, 401, id="no token"),
        pytest.param({"Authorization": "Token token=another-token-000001"}, 401, id="another token"),
        pytest.param({"Host": "attacker.example"}, 403, id="a name that was bound to this machine"),
        pytest.param({"Host": "127.0.0.1.attacker.example"}, 403, id="a name that begins like this machine"),
        pytest.param({"Host": "[::1"}, 403, id="no name"),
        pytest.param({"Origin": "https://attacker.example"}, 403, id="a page"),
        pytest.param({"Origin": "null"}, 403, id="a page in a frame"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 403, id="a page of this machine"),
        pytest.param({"Content-Type": "text/plain"}, 415, id="text"),
        pytest.param({"Content-Type": "application/x-www-form-urlencoded"}, 415, id="a form"),
    ],
)
def test_it_is_shut(served: Sandbox, headers: dict[str, str], status: int) -> None:
    before = served.store.all("user")
    assert ask(served, "POST", "/_sandbox/tamper", {**GOOD, **headers}, BODY) == status
    if status != 415:
        for path in ("state", "requests", "clock"):
            assert ask(served, "GET", f"/_sandbox/{path}", {**GOOD, **headers}) == status
        assert ask(served, "DELETE", "/_sandbox/requests", {**GOOD, **headers}) == status
    assert served.store.all("user") == before


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:80"])
def test_it_opens_with_the_token(served: Sandbox, host: str) -> None:
    assert ask(served, "POST", "/_sandbox/clock", {**GOOD, "Host": host}, '{"advance_seconds": 1}') == 200


def test_tokens_of_the_account_open_it_where_there_are_some() -> None:
    with Sandbox(options=SandboxOptions(tokens=("u+token-of-the-account",))) as sandbox:
        assert ask(sandbox, "GET", "/_sandbox/state", GOOD) == 401
        own = {"Authorization": "Token token=u+token-of-the-account"}
        assert ask(sandbox, "GET", "/_sandbox/state", own) == 200


@pytest.mark.parametrize("length", [b"9" * 5000, b"-1", b"abc", b"1_0"])
def test_a_length_that_is_no_number_gets_400_and_no_traceback(
    served: Sandbox, length: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])), timeout=10) as wire:
        wire.sendall(b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n")
        assert wire.recv(12).endswith(b"400")
    assert not caplog.records, "logged with a traceback, which goes to standard error"
