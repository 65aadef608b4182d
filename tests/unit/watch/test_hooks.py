"""Webhooks: only with a fitting signature, once, and not from long ago; over real HTTP, sent by the sandbox."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from watchbill.rota.clock import iso, parse_instant
from watchbill.watch.hooks import Inbox, serve, signature_fits

SECRET = SecretStr("webhook-secret-1")
NOW = parse_instant("2026-11-23T14:00:00Z")


def sign(body: bytes, secret: str = "webhook-secret-1") -> str:
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def event(at: int = NOW, id_: str = "01ABC") -> bytes:
    return json.dumps(
        {"event": {"id": id_, "event_type": "incident.triggered", "occurred_at": iso(at)}}
    ).encode()


class Box:
    def __init__(self) -> None:
        self.woken = 0
        self.inbox = Inbox(SECRET, lambda: NOW, self.wake)
        self.server = serve(self.inbox, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def wake(self) -> None:
        self.woken += 1

    def post(self, body: bytes, **headers: str) -> int:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        request = urllib.request.Request(self.url, body, named, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code


@pytest.fixture
def box() -> Iterator[Box]:
    found = Box()
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_a_signed_one_wakes_once_and_a_replay_does_not(box: Box) -> None:
    body = event()
    for _ in range(3):
        assert box.post(body, X_PagerDuty_Signature=sign(body), X_Webhook_Id="d1") == 202
    assert box.woken == 1
    assert box.post(body, X_PagerDuty_Signature=sign(body), X_Webhook_Id="d2") == 202
    assert box.woken == 1, "the header is not signed: who replays a body writes what he likes there"
    other = event(id_="01ABD")
    assert box.post(other, X_PagerDuty_Signature=sign(other), X_Webhook_Id="d1") == 202
    assert box.woken == 2


def test_while_a_secret_is_changed_any_of_several_signatures_fits(box: Box) -> None:
    body = event()
    both = f"{sign(body, 'the-new-secret')},{sign(body)}"
    assert box.post(body, X_PagerDuty_Signature=both) == 202
    assert box.post(event(id_="2"), X_PagerDuty_Signature=sign(event(id_="2"), "the-new-secret")) == 401


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "v1=",
        "v1=" + "0" * 64,
        "v0=" + sign(event())[3:],
        sign(event())[:-1],
        sign(event())[3:],
        "é",
    ],
)
def test_a_bad_or_missing_signature_is_refused(box: Box, header: str | None) -> None:
    headers = {} if header is None else {"X_PagerDuty_Signature": header.encode().decode("latin-1")}
    assert box.post(event(), **headers) == 401
    assert box.woken == 0


def test_a_signature_of_another_body_is_refused(box: Box) -> None:
    assert box.post(event(id_="other"), X_PagerDuty_Signature=sign(event())) == 401


@pytest.mark.parametrize("age", [49 * 3600, -3600])
def test_what_is_from_long_ago_or_from_the_future_is_refused(box: Box, age: int) -> None:
    body = event(NOW - age)
    assert box.post(body, X_PagerDuty_Signature=sign(body)) == 400
    assert box.woken == 0


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"event": 1}', b"\xff", b'{"event": {"id": "1", "occurred_at": "soon"}}']
)
def test_what_cannot_be_read_is_refused(box: Box, body: bytes) -> None:
    assert box.post(body, X_PagerDuty_Signature=sign(body)) == 400


def test_too_much_is_refused(box: Box) -> None:
    body = b"x" * ((1 << 20) + 1)
    assert box.post(body, X_PagerDuty_Signature=sign(body)) == 413


def test_every_comparison_is_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    real = hmac.compare_digest

    def counting(left: bytes, right: bytes) -> bool:
        compared.append(1)
        return real(left, right)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    body = event()
    assert signature_fits(SECRET, body, f"{sign(body)},v1=00,v1=11")
    assert len(compared) == 3, "the first that fits does not end it early"


def test_the_sandboxs_webhooks_fit(box: Box) -> None:
    """Signed by code that shares nothing with the judge."""
    from contract.client import Client
    from watchbill.sandbox.server import Sandbox

    with Sandbox(clock=iso(NOW)) as sandbox, Client(sandbox.url, sandbox.token) as api:
        user = api.post(
            "/users",
            {"user": {"type": "user", "name": "A", "email": "a@x.example"}},
            sender=sandbox.owner_email,
        )
        policy = {
            "type": "escalation_policy",
            "name": "P",
            "escalation_rules": [
                {
                    "escalation_delay_in_minutes": 5,
                    "targets": [{"id": user.body["user"]["id"], "type": "user_reference"}],
                }
            ],
        }
        made = api.post("/escalation_policies", {"escalation_policy": policy})
        reference = {"id": made.body["escalation_policy"]["id"], "type": "escalation_policy_reference"}
        service = api.post(
            "/services", {"service": {"type": "service", "name": "S", "escalation_policy": reference}}
        )
        hook: dict[str, Any] = {
            "type": "webhook_subscription",
            "delivery_method": {"type": "http_delivery_method", "url": box.url},
            "events": ["incident.triggered"],
            "filter": {"type": "account_reference"},
        }
        answer = api.post("/webhook_subscriptions", {"webhook_subscription": hook})
        box.inbox._secret = SecretStr(answer.body["webhook_subscription"]["delivery_method"]["secret"])
        incident = {
            "type": "incident",
            "title": "x",
            "service": {"id": service.body["service"]["id"], "type": "service_reference"},
        }
        api.post("/incidents", {"incident": incident})
        for _ in range(400):
            if box.woken:
                break
            time.sleep(0.05)
    assert box.woken == 1
