"""Sending webhooks: signed, in order, tried again, to loopback only.

One delivery per event and subscription.  Per subscription and incident the next waits for the one before.  2xx
is done; timeouts, 5xx, 429 and broken connections are tried again for 48 hours; any other 4xx drops the event,
and three drops in a row disable the subscription for a day.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import json
import logging
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from watchbill.rota.clock import DAY, HOUR, Instant
from watchbill.sandbox.engine import timers
from watchbill.sandbox.store import Doc
from watchbill.sandbox.world import World

TIMEOUT = 5.0
GIVE_UP_AFTER = 48 * HOUR
MOST_DROPS = 3
DISABLED_FOR = DAY
LARGEST_BODY = 256 * 1024
POLL_SECONDS = 0.1
log = logging.getLogger(__name__)


def signature(secret: str, body: bytes) -> str:
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def deliver_for_ever(world: World) -> None:
    """Until cancelled.  While real time runs it also lets time do its work when nobody asks anything."""
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while True:
            try:
                if world.clock.running and timers.next_due(world.store, world.now) is not None:
                    with world.store.transaction():
                        world.catch_up(world, world.now)
                await deliver_due(world, session)
            except Exception:
                log.exception("webhooks")
            await asyncio.sleep(POLL_SECONDS)


async def deliver_due(world: World, session: aiohttp.ClientSession) -> None:
    """All that can go out now; one that failed holds back the later ones about the same incident."""
    held: set[tuple[str, str]] = set()
    for delivery in world.store.all("delivery"):
        lane = (delivery["subscription"], delivery["subject"] or delivery["id"])
        if lane in held:
            continue
        subscription = world.store.get("webhook_subscription", delivery["subscription"])
        if subscription is None:
            world.store.delete("delivery", delivery["id"])
        elif (
            delivery["next_at"] > world.now
            or _disabled(world, subscription)
            or not await _send(world, session, subscription, delivery)
        ):
            held.add(lane)


def _disabled(world: World, subscription: Doc) -> bool:
    until = subscription["disabled_until"]
    return until is not None and until > world.now


async def _send(world: World, session: aiohttp.ClientSession, subscription: Doc, delivery: Doc) -> bool:
    """True when it is off the queue, delivered or dropped."""
    body = json.dumps(delivery["payload"], separators=(",", ":")).encode()
    status, sent_at = 0, world.now
    if is_loopback(subscription["url"]) and len(body) <= LARGEST_BODY:
        status = await _post(session, subscription, delivery, body)
    else:
        status = 400  # nothing leaves this machine
    with world.store.transaction():
        return _settle(world, delivery, status, sent_at)


async def _post(session: aiohttp.ClientSession, subscription: Doc, delivery: Doc, body: bytes) -> int:
    """The status; 0 when there was no answer."""
    headers = {h["name"]: h["value"] for h in subscription["custom_headers"]}
    headers |= {
        "Content-Type": "application/json",
        "User-Agent": "PagerDuty-Webhook/V3.0",
        "X-PagerDuty-Signature": signature(subscription["secret"], body),
        "X-Webhook-Id": delivery["id"],
        "X-Webhook-Subscription": subscription["id"],
    }
    try:
        async with session.post(
            subscription["url"], data=body, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return 0


def _settle(world: World, delivery: Doc, status: int, now: Instant) -> bool:
    """`now`: when it was sent; the clock may have been moved while it was under way."""
    subscription: dict[str, Any] | None = world.store.get("webhook_subscription", delivery["subscription"])
    if subscription is None:
        return True
    if 200 <= status < 300:
        world.store.delete("delivery", delivery["id"])
        world.store.put("webhook_subscription", {**subscription, "drops": 0})
        return True
    again = status in {0, 429} or status >= 500
    if again and now < delivery["since"] + GIVE_UP_AFTER:
        waits = world.options.webhook_retry_seconds
        wait = waits[min(delivery["attempts"], len(waits) - 1)]
        delivery = {**delivery, "attempts": delivery["attempts"] + 1, "next_at": now + wait}
        world.store.put("delivery", delivery, parent=subscription["id"])
        return False
    drops = subscription["drops"] + 1
    disabled = now + DISABLED_FOR if drops >= MOST_DROPS else subscription["disabled_until"]
    world.store.delete("delivery", delivery["id"])
    world.store.put(
        "webhook_subscription", {**subscription, "drops": drops % MOST_DROPS, "disabled_until": disabled}
    )
    return True
