"""The budget under headers as no document describes them."""

from __future__ import annotations

import random
from itertools import count

import pytest

from unit.pagerduty.scripted import ScriptedWire, VirtualClock, answer, broken, transport
from watchbill.errors import AccountUnreachable
from watchbill.pagerduty.pacing import LONGEST_WINDOW, Budget, retry_after

ODD = ["", " ", "-1", "-60", "garbage", "nan", "inf", "1e99", "1764000000", "0x10", "12,5"]
"""The last but two is a time as seconds since 1970."""


@pytest.mark.parametrize("reset", [*ODD, "0"])
@pytest.mark.parametrize("remaining", [*ODD, "0", "5"])
def test_headers_that_make_no_sense_neither_stop_nor_hurry(remaining: str, reset: str) -> None:
    clock = VirtualClock()
    odd = {"ratelimit_limit": "960", "ratelimit_remaining": remaining, "ratelimit_reset": reset}
    wire = ScriptedWire([answer(200, {}, **odd), answer(429, None, **odd), answer(200, {}, **odd)])
    t = transport(wire, clock)
    for _ in range(2):
        t.get("/x")
    assert 0.5 <= clock.at < 1.5, "one short wait after the 429"


@pytest.mark.parametrize("reset", ["0", "-5", "garbage", None])
def test_limited_again_and_again_with_a_reset_of_no_use_is_not_hammered(reset: str | None) -> None:
    clock = VirtualClock()
    headers = {} if reset is None else {"ratelimit_remaining": "0", "ratelimit_reset": reset}
    wire = ScriptedWire([answer(200, {})], last=answer(429, None, **headers))
    t = transport(wire, clock)
    t.get("/x")
    with pytest.raises(AccountUnreachable):
        t.get("/x")
    assert len(wire.seen) < 25
    assert 240 <= clock.at <= 300


@pytest.mark.parametrize("header", ["ratelimit_reset", "retry_after"])
def test_an_hour_is_not_waited_for(header: str) -> None:
    clock = VirtualClock()
    t = transport(ScriptedWire([answer(429, None, **{header: "3600"}), answer(200, {})]), clock)
    t.get("/x")
    assert LONGEST_WINDOW <= clock.at <= LONGEST_WINDOW + 1


def test_an_empty_window_that_ends_in_an_hour_is_not_waited_for() -> None:
    clock = VirtualClock()
    empty = answer(200, {}, ratelimit_remaining="0", ratelimit_reset="3600")
    t = transport(ScriptedWire([empty, answer(200, {})]), clock)
    for _ in range(2):
        t.get("/x")
    assert LONGEST_WINDOW <= clock.at <= LONGEST_WINDOW + 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-7"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 14:00:20 GMT", "date": "Mon, 23 Nov 2026 14:00:00 GMT"}, 20),
        ({"retry-after": "Mon, 23 Nov 2026 13:00:00 GMT", "date": "Mon, 23 Nov 2026 14:00:00 GMT"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 14:00:20 GMT"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 14:00:20 GMT", "date": "yesterday"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 14:00:20", "date": "Mon, 23 Nov 2026 14:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_to_where_nothing_better_is_said(status: int) -> None:
    clock = VirtualClock()
    t = transport(ScriptedWire([answer(status, None, retry_after="20"), answer(200, {})]), clock)
    t.get("/x")
    assert 20 <= clock.at <= 21


def test_many_answers_that_were_under_way_together_count_as_one() -> None:
    """Eight threads are limited at once: that is no reason to wait 64 seconds."""
    clock = VirtualClock()
    budget = Budget(clock, random.Random(1))
    for _ in range(8):
        budget.take(clock.sleep)
    for _ in range(8):
        budget.settle(429, {})
    budget.take(clock.sleep)
    assert 0.5 <= clock.at < 0.7
    budget.settle(429, {})
    budget.take(clock.sleep)
    assert 1.5 <= clock.at < 2


def test_a_late_answer_of_the_last_window_takes_nothing_from_the_new_one() -> None:
    clock = VirtualClock()
    budget = Budget(clock, random.Random(1))
    for _ in range(2):
        budget.take(clock.sleep)
    budget.settle(200, {"ratelimit-remaining": "0", "ratelimit-reset": "10"})
    clock.sleep(10)
    budget.settle(200, {"ratelimit-remaining": "900", "ratelimit-reset": "60"})
    began = clock.at
    for _ in range(100):
        budget.take(clock.sleep)
    assert clock.at == began


def test_requests_that_get_no_answer_still_count_against_the_window() -> None:
    clock, number = VirtualClock(), count(1)
    budget = Budget(clock, random.Random(1))
    budget.take(clock.sleep)
    budget.settle(200, {"ratelimit-remaining": "30", "ratelimit-reset": "60"})
    for _ in number:
        budget.take(clock.sleep)
        budget.settle(None, {})
        if clock.at:
            break
    assert next(number) == 32, "thirty at once, and the next one after the window"
    assert 60 <= clock.at < 61


def test_a_broken_connection_does_not_forget_that_it_is_limited() -> None:
    clock = VirtualClock()
    t = transport(
        ScriptedWire([answer(429), broken(), answer(429), broken(), answer(429), answer(200, {})]), clock
    )
    t.get("/x")
    assert clock.at >= 0.5 + 1 + 2
