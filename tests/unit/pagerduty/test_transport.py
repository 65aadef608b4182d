from __future__ import annotations

import pytest

from unit.pagerduty.scripted import ScriptedWire, VirtualClock, answer, broken, transport
from watchbill.errors import AccountUnauthorised, AccountUnfit, AccountUnreachable
from watchbill.pagerduty.problems import (
    AmbiguousWrite,
    Forbidden,
    Hurried,
    NotEntitled,
    NotFound,
    Refused,
    TooSlow,
)

ERROR = {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["Name is too long"]}}


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_server_errors_are_tried_again_where_that_is_safe(method: str, status: int) -> None:
    wire = ScriptedWire([answer(status), answer(status), answer(200, {"ok": 1})])
    with transport(wire) as t:
        done = t.put("/x", {}) if method == "put" else getattr(t, method)("/x")
    assert done.body == {"ok": 1}
    assert [m for m, *_ in wire.seen] == [method.upper()] * 3
    assert (t.tally.total, t.tally.retries) == (3, 2)


@pytest.mark.parametrize("lost", [answer(500), answer(503), answer(408), broken(), broken(slow=True)])
def test_a_post_whose_answer_is_lost_is_never_sent_twice(lost: object) -> None:
    wire = ScriptedWire([lost])  # type: ignore[list-item]
    with pytest.raises(AmbiguousWrite) as told:
        transport(wire).post("/schedules", {})
    assert len(wire.seen) == 1
    assert "looks first" in told.value.remedy


def test_a_put_that_adds_something_is_like_a_post() -> None:
    wire = ScriptedWire([broken()])
    with pytest.raises(AmbiguousWrite):
        transport(wire).put("/schedules/P1", {}, repeatable=False)
    assert len(wire.seen) == 1


def test_a_post_that_never_left_or_was_limited_is_sent_again() -> None:
    wire = ScriptedWire([answer(200, {}), broken(sent=False), answer(429), answer(201, {"id": 1})])
    t = transport(wire)
    t.get("/abilities")
    assert t.post("/schedules", {}).body == {"id": 1}
    assert len(wire.seen) == 4


def test_a_delete_that_is_gone_at_the_second_try_is_done() -> None:
    assert transport(ScriptedWire([broken(), answer(404, ERROR)])).delete("/x").status == 404
    with pytest.raises(NotFound):
        transport(ScriptedWire([answer(404, ERROR)])).delete("/x")


def test_a_limited_request_waits_as_long_as_the_header_says() -> None:
    clock = VirtualClock()
    limited = answer(429, None, ratelimit_limit="960", ratelimit_remaining="0", ratelimit_reset="37")
    t = transport(ScriptedWire([limited, answer(200, {})]), clock)
    t.get("/x")
    assert 37 <= clock.at <= 38
    assert t.tally.limited == 1


def test_without_headers_the_waits_grow_and_start_small() -> None:
    clock = VirtualClock()
    t = transport(ScriptedWire([answer(429)] * 6 + [answer(200, {})]), clock)
    t.get("/x")
    assert 31 < clock.at < 42  # 0.5 + 1 + 2 + 4 + 8 + 16, each up to a third more


def test_the_budget_is_kept_before_the_account_says_no() -> None:
    clock = VirtualClock()
    left = iter([2, 1, 0, 9, 8])
    wire = ScriptedWire(
        last=lambda *_: answer(200, {}, ratelimit_remaining=str(next(left)), ratelimit_reset="20")
    )
    t = transport(wire, clock)
    for _ in range(3):
        t.get("/x")
    assert clock.at == 0
    t.get("/x")
    assert 20 <= clock.at < 21
    assert t.tally.limited == 0


def test_a_dead_account_ends_within_its_deadline() -> None:
    clock = VirtualClock()
    wire = ScriptedWire(last=broken())
    t = transport(wire, clock)
    with pytest.raises(AccountUnreachable) as told:
        t.get("/x")
    assert clock.at <= 20, "nothing ever answered: ten seconds of trying are enough"
    assert "PAGERDUTY_URL" in told.value.remedy
    assert told.value.exit_code == 14
    tried = len(wire.seen)
    with pytest.raises(AccountUnreachable):
        t.get("/y")
    assert len(wire.seen) == tried, "what follows fails at once"


def test_an_account_that_dies_later_is_waited_for_longer() -> None:
    clock = VirtualClock()
    t = transport(ScriptedWire([answer(200, {})], last=answer(503)), clock)
    t.get("/x")
    with pytest.raises(AccountUnreachable):
        t.get("/x")
    assert 115 <= clock.at <= 135


def test_limited_for_ever_is_dead_too() -> None:
    clock = VirtualClock()
    t = transport(ScriptedWire(last=answer(429)), clock)
    with pytest.raises(AccountUnreachable):
        t.get("/x")
    assert 240 <= clock.at <= 300


def test_time_between_commands_is_no_silence() -> None:
    clock = VirtualClock()
    t = transport(ScriptedWire([answer(200, {}), answer(503), answer(200, {})]), clock)
    t.get("/x")
    clock.sleep(3600)
    t.get("/x")


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Refused), (402, NotEntitled), (403, Forbidden), (404, NotFound), (401, AccountUnauthorised)],
)
def test_refusals_in_words(status: int, error: type[Exception]) -> None:
    with pytest.raises(error) as told:
        transport(ScriptedWire([answer(status, ERROR)])).put("/x", {})
    if status != 401:
        assert "Name is too long" in str(told.value)
    if status in (402, 403):
        assert isinstance(told.value, AccountUnfit)


def test_a_refused_token_ends_everything() -> None:
    wire = ScriptedWire([answer(401, ERROR)])
    t = transport(wire)
    for _ in range(2):
        with pytest.raises(AccountUnauthorised):
            t.get("/x")
    assert len(wire.seen) == 1


def test_errors_as_a_map_and_bodies_that_are_no_json() -> None:
    errors = {"error": {"message": "Bad", "errors": {"event.effective_since": ["Date is too far"]}}}
    with pytest.raises(Refused) as told:
        transport(ScriptedWire([answer(400, errors)])).put("/x", {})
    assert told.value.errors == ("event.effective_since: Date is too far",)
    empty = answer(403)
    with pytest.raises(Forbidden):
        transport(ScriptedWire([empty])).get("/x")


def test_the_token_shows_nowhere() -> None:
    t = transport(ScriptedWire([answer(401, ERROR)]))
    with pytest.raises(AccountUnauthorised) as told:
        t.get("/x")
    assert "secret" not in f"{t!r} {vars(t)} {told.value} {told.value.remedy}"


def test_a_slow_answer_is_told_at_once_to_who_would_rather_ask_for_less() -> None:
    t = transport(ScriptedWire([answer(200, {}), broken(slow=True)]))
    t.get("/abilities")
    with pytest.raises(TooSlow):
        t.get("/users", patient=False)


def test_in_a_hurry_nothing_is_waited_for() -> None:
    clock = VirtualClock()
    t = transport(ScriptedWire([answer(200, {}), answer(503)]), clock)
    t.get("/x")
    t.hurry()
    with pytest.raises(Hurried):
        t.get("/x")
    assert clock.at == 0
