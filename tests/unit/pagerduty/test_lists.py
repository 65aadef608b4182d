from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from unit.pagerduty.scripted import Outcome, ScriptedWire, answer, broken, transport
from watchbill.errors import AccountUnfit
from watchbill.pagerduty.answers import AnswerUnusable
from watchbill.pagerduty.lists import Listing, plainly, read_list


class Listed:
    """A server with `count` users; `cap` results a page at most, and too slow for more than `fast` of them."""

    def __init__(self, count: int, *, cap: int = 100, fast: int = 100, total: bool = True) -> None:
        self.count, self.cap, self.fast, self.total = count, cap, fast, total

    def __call__(self, method: str, path: str, params: Mapping[str, Any]) -> Outcome:
        limit, offset = min(int(params["limit"]), self.cap), int(params["offset"])
        if offset + limit > 10_000:
            return answer(400, {"error": {"message": "Invalid Input Provided", "code": 2001}})
        if limit > self.fast:
            return broken(slow=True)
        items = [{"id": f"P{i}"} for i in range(offset, min(offset + limit, self.count))]
        more = offset + limit < self.count
        total = self.count if self.total and params.get("total") == "true" else None
        return answer(200, {"users": items, "more": more, "limit": limit, "offset": offset, "total": total})


def read(server: Listed, *, size: int = 100) -> tuple[list[str], ScriptedWire]:
    wire = ScriptedWire([answer(200, {})], last=server)
    with ThreadPoolExecutor(4) as pool, transport(wire) as t:
        t.get("/abilities")
        found = read_list(t, Listing("/users", "users", plainly, size=size), pool)
    wire.seen.pop(0)
    return [item["id"] for item in found], wire


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 1234])
@pytest.mark.parametrize("total", [True, False])
def test_all_are_found_in_order_with_as_few_requests_as_can_be(count: int, total: bool) -> None:
    found, wire = read(Listed(count, total=total))
    assert found == [f"P{i}" for i in range(count)]
    assert len(wire.seen) == max(1, -(-count // 100))


@pytest.mark.parametrize("count", [100, 333])
def test_a_server_that_gives_fewer_than_asked_for_hides_nothing(count: int) -> None:
    found, _ = read(Listed(count, cap=30))
    assert found == [f"P{i}" for i in range(count)]


@pytest.mark.parametrize("fast", [60, 25, 7])
def test_pages_shrink_until_they_come_in_time(fast: int) -> None:
    found, wire = read(Listed(430, fast=fast))
    assert found == [f"P{i}" for i in range(430)]
    assert len(wire.seen) < 3 * 430 / fast + 20


def test_an_account_too_large_to_list_is_said_so() -> None:
    with pytest.raises(AccountUnfit) as told:
        read(Listed(10_050))
    assert "10,000" in str(told.value)


def test_what_moves_to_the_next_page_meanwhile_is_listed_once() -> None:
    pages = [
        {"users": [{"id": "A"}, {"id": "B"}], "more": True, "total": None},
        {"users": [{"id": "B"}, {"id": "C"}], "more": False, "total": None},
    ]
    wire = ScriptedWire([answer(200, page) for page in pages])
    with ThreadPoolExecutor(1) as pool:
        found = read_list(transport(wire), Listing("/users", "users", plainly, size=2), pool)
    assert [item["id"] for item in found] == ["A", "B", "C"]


@pytest.mark.parametrize("happens", ["made", "deleted"])
def test_what_moves_across_a_page_while_another_comes_or_goes_is_not_missed(happens: str) -> None:
    """Listed by name: one more or less at the front moves all others by one place."""
    listed = [f"P{i:03}" for i in range(250)]

    def server(method: str, path: str, params: Mapping[str, Any]) -> Outcome:
        offset, limit, total = int(params["offset"]), int(params["limit"]), len(listed)
        items = [{"id": id_} for id_ in listed[offset : offset + limit]]
        if total == 250 and offset == 0:
            if happens == "made":
                listed.insert(0, "A")
            else:
                listed.remove("P010")
        return answer(200, {"users": items, "more": offset + limit < total, "total": total})

    wire = ScriptedWire(last=server)
    with ThreadPoolExecutor(4) as pool:
        found = {item["id"] for item in read_list(transport(wire), Listing("/users", "users", plainly), pool)}
    assert found >= set(listed) - {"A"}, "what was there all the time"
    assert len(wire.seen) <= 6


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, "it is empty"),
        ([], "it is not a JSON object"),
        ({}, "`users` is missing"),
        ({"users": None}, "`users` is missing"),
        ({"users": {}}, "`users` is not a list"),
        ({"users": ["P1"]}, "an entry of `users` is not an object"),
        ({"users": [{"name": "A"}]}, "a part of it is not usable (KeyError)"),
        ({"error": {"message": "no"}, "users": []}, "it holds an error under a successful status"),
        ({"users": [], "more": "no"}, "`more` is not true or false"),
        ({"users": [], "total": "2"}, "`total` is not a count"),
        ({"users": [], "total": -1}, "`total` is not a count"),
        ({"users": [], "more": True}, "an empty page announces more"),
        ({"users": [{"id": "A"}], "more": True}, "it repeats a page"),
        ({"users": [{"id": "A"}], "total": 2}, "1 of 2 entries came"),
    ],
)
def test_a_list_is_whole_or_an_error(body: object, why: str) -> None:
    wire = ScriptedWire(last=answer(200, body))
    with ThreadPoolExecutor(4) as pool, pytest.raises(AnswerUnusable) as raised:
        read_list(transport(wire), Listing("/users", "users", plainly), pool)
    assert why in raised.value.message
    assert "GET /users" in raised.value.message
