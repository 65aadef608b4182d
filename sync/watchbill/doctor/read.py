"""Asks an account what it can do: bulk lists and single questions, none of which writes.

Whether the token may write is asked by `POST /schedules/preview`, which renders a schedule without saving it and
needs the right to write schedules.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from watchbill.account.objects import NEVER_SERVE, User
from watchbill.doctor.facts import Clocks, Facts, License, RateLimit, Reply
from watchbill.pagerduty import normal
from watchbill.pagerduty.answers import Answer, Item
from watchbill.pagerduty.lists import Listing, read_list
from watchbill.pagerduty.problems import AmbiguousWrite, Forbidden, NotEntitled, Refused
from watchbill.pagerduty.read import STRATEGIES, THREADS
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import WireNamed, WireRef
from watchbill.rota.clock import HOUR, MINUTE, WEEK, iso

T = TypeVar("T")


def read_facts(transport: Transport, clock: Callable[[], int]) -> Facts:
    """`clock`: the present time.  Raises AccountUnauthorised, AccountUnreachable."""
    asking = _Asking(transport)
    began = transport.clock.monotonic()
    hello = asking.ask("abilities", lambda: transport.get("/abilities"))
    took = transport.clock.monotonic() - began
    facts = Facts(transport.base_url)
    if hello is not None:
        facts = replace(
            facts, clocks=_clocks(hello, clock(), took), rate=_rate(hello), abilities=_abilities(hello)
        )
    with ThreadPoolExecutor(THREADS) as pool:
        singles = {name: pool.submit(asking.ask, name, ask) for name, ask in _questions(transport)}
    with ThreadPoolExecutor(THREADS) as pool:
        items = asking.ask("users", lambda: _users(transport, pool)) or []
        all_teams = Listing("/teams", "teams", normal.read_team)
        teams = asking.ask("teams", lambda: read_list(transport, all_teams, pool)) or []
        found = Listing("/priorities", "priorities", normal.read_priority)
        priorities = asking.ask("priorities", lambda: read_list(transport, found, pool)) or []
        shift_based = Listing("/v3/schedules", "schedules", WireNamed.model_validate, size=1000)
        shifts = asking.ask("shift-based schedules", lambda: read_list(transport, shift_based, pool))
        on_call = asking.ask("on-calls", lambda: _on_call(transport, pool)) or {}
    users = tuple(user for user, _ in items)
    counts = {name: n for name in _COUNTED if (n := _total(singles[name].result())) is not None}
    counts |= {"users": len(users), "teams": len(teams)}
    counts |= {} if shifts is None else {"shift-based schedules": len(shifts)}
    me = _me(singles["me"].result())
    asking.ask("writing", lambda: transport.post("/schedules/preview", _preview(users, clock())))
    return replace(
        facts,
        me=me,
        subdomain=_subdomain([address for _, address in items]),
        users=users,
        teams=tuple(teams),
        priorities=tuple(priorities),
        licenses=_licenses(singles["licenses"].result()),
        on_call=on_call,
        counts=counts,
        replies=asking.replies,
        requests=transport.tally.total,
    )


class _Asking:
    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.replies: dict[str, Reply] = {}

    def ask(self, subject: str, question: Callable[[], T]) -> T | None:
        """None where it was refused."""
        try:
            answer = question()
        except NotEntitled as no:
            self.replies[subject] = Reply("no-plan", no.message)
        except Forbidden as no:
            self.replies[subject] = Reply("forbidden", no.message)
        except (Refused, AmbiguousWrite) as no:
            self.replies[subject] = Reply("no", no.message)
        else:
            self.replies[subject] = Reply("yes")
            return answer
        return None


_COUNTED = {
    "layer-based schedules": "/schedules",
    "escalation policies": "/escalation_policies",
    "services": "/services",
}


def _questions(transport: Transport) -> list[tuple[str, Callable[[], Answer]]]:
    """Each is one request that reads."""

    def get(path: str, **params: Any) -> Callable[[], Answer]:
        return lambda: transport.get(path, params)

    one = {"limit": 1}
    found = [(name, get(path, limit=1, total="true")) for name, path in _COUNTED.items()]
    found += [
        ("me", get("/users/me")),
        ("licenses", get("/licenses")),
        ("audit", get("/audit/records", **one)),
        ("orchestrations", get("/event_orchestrations", **one)),
        ("incidents", get("/incidents", **one)),
        ("webhooks", get("/webhook_subscriptions", **one)),
        ("round robin", get("/escalation_policies", **one, **{"include[]": [STRATEGIES]})),
    ]
    return found


def _users(transport: Transport, pool: ThreadPoolExecutor) -> list[tuple[User, str]]:
    """Each with its address in PagerDuty's web interface."""

    def read(item: Item) -> tuple[User, str]:
        return normal.read_user(item), str(item.get("html_url") or "")

    listing = Listing("/users", "users", read, {"include[]": ["notification_rules"]})
    return read_list(transport, listing, pool)


def _on_call(transport: Transport, pool: ThreadPoolExecutor) -> dict[str, str]:
    """The list has no ids of its own, so its pages are followed here."""
    found: dict[str, str] = {}
    offset = 0
    while True:
        answer = transport.get("/oncalls", {"limit": 100, "offset": offset})
        entries = answer.items("oncalls")
        with answer.reading():
            users = [WireRef.model_validate(entry["user"]) for entry in entries]
        found |= {user.id: user.summary or user.id for user in users}
        offset += len(entries)
        if not entries or not answer.more() or offset + 100 > 10_000:
            return found


def _clocks(hello: Answer, ours: int, took: float) -> Clocks | None:
    try:
        return Clocks(int(parsedate_to_datetime(hello.headers.get("date", "")).timestamp()), ours, took)
    except ValueError:
        return None


def _rate(hello: Answer) -> RateLimit | None:
    numbers = [hello.headers.get(f"ratelimit-{name}", "") for name in ("limit", "remaining", "reset")]
    if not all(number.isdecimal() for number in numbers):
        return None
    limit, left, reset = (int(number) for number in numbers)
    return RateLimit(limit, left, reset)


def _abilities(hello: Answer) -> frozenset[str]:
    return frozenset(hello.texts("abilities"))


def _total(answer: Answer | None) -> int | None:
    return None if answer is None else answer.total()


def _me(answer: Answer | None) -> User | None:
    if answer is None:
        return None
    with answer.reading():
        return normal.read_user(answer.item("user"))


def _licenses(answer: Answer | None) -> tuple[License, ...]:
    return tuple(
        License(str(x.get("name") or x.get("summary") or ""), used, left)
        for x in (answer.items("licenses") if answer is not None else ())
        if isinstance(used := x.get("current_value"), int)
        and isinstance(left := x.get("allocations_available"), int)
    )


def _subdomain(links: list[str]) -> str:
    hosts = (urlsplit(link).hostname or "" for link in links)
    return next((host.partition(".")[0] for host in hosts if host), "")


def _preview(users: tuple[User, ...], now: int) -> dict[str, Any]:
    who = next((user.id for user in users if user.role not in NEVER_SERVE), "")
    start = iso(now - now % MINUTE + HOUR)
    layer = {
        "name": "doctor",
        "start": start,
        "rotation_virtual_start": start,
        "rotation_turn_length_seconds": WEEK,
        "users": [{"user": {"id": who, "type": "user_reference"}}],
    }
    name = f"watchbill doctor, never saved, {iso(now)}"
    return {
        "schedule": {"type": "schedule", "name": name, "time_zone": "Etc/UTC", "schedule_layers": [layer]}
    }
