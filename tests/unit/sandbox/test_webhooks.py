from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from unit.sandbox.test_incidents import Desk, minute
from unit.sandbox.world import Account, ok

DEADLINE = 10.0


class Ear:
    """Listens on loopback and answers what it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ear.heard.append((dict(self.headers.items()), body))
                self.send_response(ear.answers.pop(0) if ear.answers else 202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def events(self, at_least: int) -> list[dict[str, Any]]:
        until = time.monotonic() + DEADLINE
        while len(self.heard) < at_least and time.monotonic() < until:
            time.sleep(0.02)
        return [json.loads(body)["event"] for _, body in self.heard]


@pytest.fixture
def ear() -> Iterator[Ear]:
    listening = Ear()
    yield listening
    listening.close()


def subscribe(account: Account, ear: Ear, *events: str, **more: Any) -> dict[str, Any]:
    body = {
        "type": "webhook_subscription",
        "delivery_method": {
            "type": "http_delivery_method",
            "url": ear.url,
            "custom_headers": [{"name": "X-Mine", "value": "1"}],
        },
        "events": list(events),
        "filter": {"type": "account_reference"},
        **more,
    }
    return dict(
        ok(account.api.post("/webhook_subscriptions", {"webhook_subscription": body}))["webhook_subscription"]
    )


LIFE = (
    "triggered",
    "acknowledged",
    "unacknowledged",
    "escalated",
    "reassigned",
    "delegated",
    "resolved",
    "annotated",
)
EVENTS = tuple(
    f"incident.{name}" for name in (*LIFE, "priority_updated", "reopened", "status_update_published")
)


def test_an_incidents_life_in_order_and_signed(account: Account, ear: Ear) -> None:
    subscription = subscribe(account, ear, *EVENTS)
    desk = Desk(account, acknowledgement_timeout=600)
    incident = desk.open()
    desk.put(incident, status="acknowledged")
    account.sandbox.move(minute(30))
    desk.put(incident, priority="P1")
    ok(account.api.post(f"/incidents/{incident}/notes", {"note": {"content": "hm"}}))
    ok(account.api.post(f"/incidents/{incident}/status_updates", {"message": "soon"}))
    desk.put(incident, status="resolved")
    heard = ear.events(8)
    assert [(e["event_type"].removeprefix("incident."), e["occurred_at"][14:16]) for e in heard] == [
        ("triggered", "00"),
        ("acknowledged", "00"),
        ("unacknowledged", "10"),
        ("escalated", "25"),
        ("priority_updated", "30"),
        ("annotated", "30"),
        ("status_update_published", "30"),
        ("resolved", "30"),
    ]
    data = heard[0]["data"]
    assert (data["number"], data["assignees"][0]["summary"]) == (1, "Ana")
    secret = subscription["delivery_method"]["secret"]
    for headers, body in ear.heard:
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        assert headers["X-PagerDuty-Signature"] == f"v1={expected}"
        assert headers["X-Mine"] == "1"
    assert len({headers["X-Webhook-Id"] for headers, _ in ear.heard}) == 8


def test_the_secret_is_told_once(account: Account, ear: Ear) -> None:
    made = subscribe(account, ear, "incident.triggered")
    assert made["delivery_method"]["secret"]
    again = ok(account.api.get(f"/webhook_subscriptions/{made['id']}"))["webhook_subscription"]
    assert again["delivery_method"]["secret"] is None


def test_failures_are_tried_again_and_what_follows_waits(account: Account, ear: Ear) -> None:
    ear.answers = [500, 429]
    subscribe(account, ear, *EVENTS)
    desk = Desk(account)
    incident = desk.open()
    desk.put(incident, status="resolved")
    assert [e["event_type"] for e in ear.events(1)] == ["incident.triggered"]
    time.sleep(0.4)
    assert len(ear.heard) == 1  # the clock stands, so nothing is tried again yet
    account.sandbox.move(minute(1))
    ear.events(2)
    account.sandbox.move(minute(3))
    heard = ear.events(4)
    assert [e["event_type"] for e in heard] == ["incident.triggered"] * 3 + ["incident.resolved"]
    assert len({headers["X-Webhook-Id"] for headers, _ in ear.heard[:3]}) == 1


def test_three_drops_in_a_row_disable_a_subscription_for_a_day(account: Account, ear: Ear) -> None:
    ear.answers = [404, 404, 404]
    made = subscribe(account, ear, "incident.triggered")
    path = f"/webhook_subscriptions/{made['id']}"
    desk = Desk(account)
    for _ in range(4):
        desk.open()
    ear.events(3)
    time.sleep(0.4)
    assert len(ear.heard) == 3

    def disabled() -> bool:
        shown = ok(account.api.get(path))["webhook_subscription"]["delivery_method"]
        return bool(shown["temporarily_disabled"])

    assert disabled()
    ok(account.api.post(f"{path}/enable"))
    assert not disabled()
    assert len(ear.events(4)) == 4


def test_pings_and_services_and_filters(account: Account, ear: Ear) -> None:
    desk = Desk(account)
    other = account.service("Other", desk.policy)["id"]
    made = subscribe(account, ear, "incident.triggered", filter={"type": "service_reference", "id": other})
    desk.open()
    assert account.api.post(f"/webhook_subscriptions/{made['id']}/ping").status == 202
    assert [e["event_type"] for e in ear.events(1)] == ["pagey.ping"]
    subscribe(account, ear, "service.updated")
    ok(account.api.put(f"/services/{other}", {"service": {"description": "x"}}))
    assert ear.events(2)[1]["data"]["id"] == other


def test_nothing_leaves_the_machine(account: Account, ear: Ear) -> None:
    method = {"type": "http_delivery_method", "url": "https://example.com/hook"}
    made = subscribe(account, ear, "incident.triggered", delivery_method=method)
    Desk(account).open()
    until = time.monotonic() + DEADLINE
    while account.sandbox.store.children("delivery", made["id"]) and time.monotonic() < until:
        time.sleep(0.02)
    assert account.sandbox.store.children("delivery", made["id"]) == []
    assert ear.heard == []


def test_what_a_subscription_may_not_be(account: Account, ear: Ear) -> None:
    good = {
        "type": "webhook_subscription",
        "events": ["incident.triggered"],
        "filter": {"type": "account_reference"},
    }
    good["delivery_method"] = {"type": "http_delivery_method", "url": ear.url}
    for bad in (
        {"events": []},
        {"events": ["incident.sneezed"]},
        {"filter": {"type": "moon"}},
        {"delivery_method": {"url": "ftp://x"}},
    ):
        assert (
            account.api.post("/webhook_subscriptions", {"webhook_subscription": {**good, **bad}}).status
            == 400
        )
