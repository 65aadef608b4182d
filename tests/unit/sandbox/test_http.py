from __future__ import annotations

import http.client
import time
from collections.abc import Callable

import pytest

from contract.client import Client
from unit.sandbox.world import Account, layer, ok
from watchbill.errors import UsageError
from watchbill.sandbox.faults import parse_fault
from watchbill.sandbox.ratelimit import RateLimiter


def test_a_token_is_needed_in_its_exact_form(account: Account) -> None:
    for value in ("", "Token sandbox", "token token=x", "Basic eDp5"):
        answer = account.api.request("GET", "/users", headers={"Authorization": value})
        assert (answer.status, answer.code) == (401, 2006)
    for value in ("Token token=anything", "Bearer anything"):
        assert account.api.request("GET", "/users", headers={"Authorization": value}).status == 200


def test_named_tokens_only_and_read_only_ones(start: Callable[..., Account]) -> None:
    account = start(tokens=("sandbox-token-000001",), read_only_tokens=("reader",))
    with Client(account.sandbox.url, "reader") as reader, Client(account.sandbox.url, "other") as other:
        assert other.get("/users").status == 401
        assert reader.get("/users").status == 200
        refused = reader.post("/teams", {"team": {"type": "team", "name": "T"}})
        assert (refused.status, refused.code) == (403, 2010)
    assert account.api.get("/users").status == 200


def test_unknown_paths_methods_and_bodies_get_the_envelope(account: Account) -> None:
    assert (account.api.get("/nothing").status, account.api.get("/nothing").code) == (404, 2100)
    assert account.api.request("PATCH", "/users").status == 405
    odd = (
        b'{"team": {"name": NaN}}',
        b'{"team": {"type": "team", "name": "\\ud800"}}',
        b"[" * 100_000,
        b"\xff\xfe",
    )
    for body in (b"{", b"[]", b"null", b'{"team": 7}', *odd):
        answer = account.api.request("POST", "/teams", body)
        assert (answer.status, answer.code) == (400, 2001)


def test_a_body_that_is_too_large_and_a_number_that_is(account: Account) -> None:
    assert account.api.request("POST", "/teams", b'{"x": "' + b"x" * 9_000_000 + b'"}').status == 413
    (ana,) = account.people("Ana")
    rule = {"escalation_delay_in_minutes": 10**30, "targets": [{"id": ana, "type": "user_reference"}]}
    body = {"type": "escalation_policy", "name": "P", "escalation_rules": [rule]}
    assert account.api.post("/escalation_policies", {"escalation_policy": body}).status == 400


def test_every_answer_has_a_request_id_that_the_audit_trail_repeats(account: Account) -> None:
    made = account.api.post("/teams", {"team": {"type": "team", "name": "T"}})
    (record,) = ok(account.api.get(f"/teams/{made.body['team']['id']}/audit/records"))["records"]
    assert record["execution_context"]["request_id"] == made.headers["x-request-id"]
    assert record["method"] == {"type": "api_token", "truncated_token": "0001", "description": None}
    assert record["actors"][0]["summary"] == "Account Owner"


def test_the_rate_limit_is_told_in_three_headers_and_kept(start: Callable[..., Account]) -> None:
    account = start(rate_limit=3)
    answers = [account.api.get("/abilities") for _ in range(4)]
    assert [a.status for a in answers] == [200, 200, 200, 429]
    assert [a.headers["ratelimit-remaining"] for a in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["ratelimit-limit"] == "3"
    assert 1 <= int(answers[3].headers["ratelimit-reset"]) <= 60
    assert answers[3].body == {"error": {"message": "Rate Limit Exceeded", "code": 2020}}
    with Client(account.sandbox.url, "another-token") as other:
        assert other.get("/abilities").status == 200


def test_the_window_starts_over_after_a_minute() -> None:
    seconds = [0.0]
    limiter = RateLimiter(1, lambda: seconds[0])
    first, second = limiter.take("t"), limiter.take("t")
    seconds[0] = 60.0
    third = limiter.take("t")
    assert first is not None
    assert second is not None
    assert third is not None
    assert [first.allowed, second.allowed, third.allowed] == [True, False, True]
    assert (second.reset, RateLimiter(0).take("t")) == (60, None)


def test_paging(account: Account) -> None:
    account.people(*(f"Person {i:03d}".replace(" ", "") for i in range(130)))
    first = ok(account.api.get("/users"))
    assert (len(first["users"]), first["limit"], first["offset"], first["more"], first["total"]) == (
        25,
        25,
        0,
        True,
        None,
    )
    capped = ok(account.api.get("/users", limit="500", total="true"))
    assert (len(capped["users"]), capped["limit"], capped["more"], capped["total"]) == (100, 100, True, 131)
    last = ok(account.api.get("/users", limit="100", offset="100"))
    assert (len(last["users"]), last["more"]) == (31, False)
    assert account.api.get("/users", limit="100", offset="9900").status == 200
    assert account.api.get("/users", limit="100", offset="9901").status == 400
    for bad in ({"limit": "x"}, {"offset": "-1"}):
        assert account.api.get("/users", **bad).status == 400


def test_the_request_log_tells_what_was_sent(account: Account) -> None:
    account.api.get("/users", query="x")
    account.api.post("/teams", {"team": {"type": "team"}})
    account.api.post("/teams", {"team": {"type": "team", "name": "T"}})
    logged = [(r.method, r.path, r.status) for r in account.sandbox.requests()]
    assert logged == [("GET", "/users", 200), ("POST", "/teams", 400), ("POST", "/teams", 201)]
    over_http = ok(account.api.get("/_sandbox/requests"))["requests"]
    assert [(r["method"], r["path"], r["status"]) for r in over_http] == logged
    assert {r["token_tail"] for r in over_http} == {"0001"}
    account.api.delete("/_sandbox/requests")
    assert account.sandbox.requests() == []


def test_the_clock_is_moved_over_http(account: Account) -> None:
    post = lambda body: account.api.post("/_sandbox/clock", body)  # noqa: E731
    assert post({"now": "2026-12-01T00:00:00Z"}).body == {"now": "2026-12-01T00:00:00Z", "running": False}
    assert post({"advance_seconds": 90}).body["now"] == "2026-12-01T00:01:30Z"
    assert post({"run": True}).body["running"] is True
    for bad in ({}, {"now": "tomorrow"}, {"advance_seconds": -1}, []):
        assert post(bad).status == 400


def test_a_failed_write_leaves_nothing(account: Account) -> None:
    (ana,) = account.people("Ana")
    broken = layer(ana, rotation_turn_length_seconds=1)
    body = {"type": "schedule", "name": "S", "time_zone": "UTC", "schedule_layers": [layer(ana), broken]}
    assert account.api.post("/schedules", {"schedule": body}).status == 400
    assert account.sandbox.store.count("schedule") == 0
    assert ok(account.api.get("/audit/records"))["records"] == []


def faulty(start: Callable[..., Account], *faults: str) -> Account:
    return start(faults=tuple(parse_fault(text) for text in faults))


def test_faults_before_the_handler(start: Callable[..., Account]) -> None:
    account = faulty(start, "429:times=1", "429-bare:times=1", "503:times=1")
    limited, bare, broken, fine = (
        account.api.post("/teams", {"team": {"type": "team", "name": "T"}}) for _ in range(4)
    )
    assert (limited.status, limited.code, limited.headers["ratelimit-remaining"]) == (429, 2020, "0")
    assert (bare.status, bare.body) == (429, None)
    assert "ratelimit-limit" not in bare.headers
    assert (broken.status, broken.code) == (503, 2000)
    assert fine.status == 201
    assert account.sandbox.store.count("team") == 1


def test_a_dropped_answer_is_a_write_done(start: Callable[..., Account]) -> None:
    account = faulty(start, "drop-response:after=1")
    ok(account.api.post("/teams", {"team": {"type": "team", "name": "A"}}))
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        account.api.post("/teams", {"team": {"type": "team", "name": "B"}})
    ok(account.api.post("/teams", {"team": {"type": "team", "name": "C"}}))
    assert [t["name"] for t in ok(account.api.get("/teams"))["teams"]] == ["A", "B", "C"]


def test_a_truncated_body(start: Callable[..., Account]) -> None:
    account = faulty(start, "truncated-body:times=1")
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        account.api.get("/abilities")
    assert account.api.get("/abilities").status == 200


def test_a_slow_body_and_latency_by_route(start: Callable[..., Account]) -> None:
    account = faulty(start, "slow-body:seconds=0.3,path=/abilities", "latency:seconds=0.3,path=/teams")
    for path, least in (("/abilities", 0.2), ("/teams", 0.2), ("/users", 0.0)):
        began = time.monotonic()
        ok(account.api.get(path))
        assert time.monotonic() - began >= least


def test_faults_can_be_set_while_it_runs(account: Account) -> None:
    assert account.api.post("/_sandbox/faults", {"faults": ["500:path=/teams"]}).status == 204
    assert [account.api.get(p).status for p in ("/teams", "/users")] == [500, 200]
    assert account.api.post("/_sandbox/faults", {"faults": []}).status == 204
    assert account.api.get("/teams").status == 200
    assert account.api.post("/_sandbox/faults", {"faults": ["sneeze"]}).status == 400


def test_a_share_of_faults_is_the_same_in_every_run(start: Callable[..., Account]) -> None:
    runs = []
    for _ in range(2):
        account = faulty(start, "500:0.5")
        runs.append([account.api.get("/abilities").status for _ in range(20)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 500}


@pytest.mark.parametrize(
    "text", ["", "418", "429:2", "429:a", "429:when=1", "429:path=(", "drop-response:after=x"]
)
def test_faults_that_make_no_sense(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_fault(text)
    assert caught.value.remedy
