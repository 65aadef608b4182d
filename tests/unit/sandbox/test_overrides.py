from __future__ import annotations

import pytest

from unit.sandbox.world import Account, layer, ok

WINDOW = ("2026-11-23T14:00:00Z", "2026-11-24T14:00:00Z")


@pytest.fixture
def schedule(account: Account) -> str:
    ana, _, _ = account.people("Ana", "Bo", "Cleo")
    return str(account.schedule("Backend", layer(ana))["id"])


def test_the_latest_created_wins(account: Account, schedule: str) -> None:
    bo, cleo = account.user("Bo")["id"], account.user("Cleo")["id"]
    account.override(schedule, bo, "2026-11-23T16:00:00Z", "2026-11-23T20:00:00Z")
    account.override(schedule, cleo, "2026-11-23T17:00:00Z", "2026-11-23T18:00:00Z")
    assert [(start[11:16], who) for start, _, who in account.final(schedule, *WINDOW)] == [
        ("14:00", "Ana"),
        ("16:00", "Bo"),
        ("17:00", "Cleo"),
        ("18:00", "Bo"),
        ("20:00", "Ana"),
    ]


def test_each_item_has_its_own_status_under_201(account: Account, schedule: str) -> None:
    bo = account.user("Bo")["id"]
    good = {
        "start": "2026-11-25T00:00:00Z",
        "end": "2026-11-26T00:00:00Z",
        "user": {"id": bo, "type": "user_reference"},
    }
    answer = account.api.post(
        f"/schedules/{schedule}/overrides", {"overrides": [good, {**good, "end": good["start"]}]}
    )
    assert answer.status == 201
    assert [item["status"] for item in answer.body] == [201, 400]
    assert answer.body[1]["errors"] == ["Override must end after its start"]
    assert len(answer.body[0]["override"]["id"]) == 14


def test_since_and_until_are_both_required(account: Account, schedule: str) -> None:
    path = f"/schedules/{schedule}/overrides"
    assert account.api.get(path).status == 400
    assert account.api.get(path, since=WINDOW[0]).status == 400
    answer = ok(account.api.get(path, since=WINDOW[0], until=WINDOW[1]))
    assert set(answer) == {"overrides"}


def test_editable_ones_are_future_ones_and_show_their_id_only(account: Account, schedule: str) -> None:
    bo = account.user("Bo")["id"]
    account.override(schedule, bo, "2026-11-23T13:00:00Z", "2026-11-23T15:00:00Z")
    future = account.override(schedule, bo, "2026-11-23T16:00:00Z", "2026-11-23T17:00:00Z")
    answer = account.api.get(
        f"/schedules/{schedule}/overrides", since=WINDOW[0], until=WINDOW[1], editable="true"
    )
    assert ok(answer)["overrides"] == [{"id": future["id"]}]


def test_deleting_by_age(account: Account, schedule: str) -> None:
    bo = account.user("Bo")["id"]
    past = account.override(schedule, bo, "2026-11-23T14:10:00Z", "2026-11-23T14:20:00Z")
    running = account.override(schedule, bo, "2026-11-23T14:30:00Z", "2026-11-23T18:00:00Z")
    future = account.override(schedule, bo, "2026-11-24T00:00:00Z", "2026-11-24T01:00:00Z")
    account.sandbox.move("2026-11-23T15:00:00Z")
    path = f"/schedules/{schedule}/overrides"
    assert account.api.delete(f"{path}/{future['id']}").status == 204
    assert account.api.delete(f"{path}/{running['id']}").status == 200
    refused = account.api.delete(f"{path}/{past['id']}")
    assert (refused.status, refused.code) == (400, 4004)
    left = ok(account.api.get(path, since="2026-11-23T00:00:00Z", until="2026-11-25T00:00:00Z"))["overrides"]
    assert [o["end"] for o in left] == ["2026-11-23T16:20:00+02:00", "2026-11-23T17:00:00+02:00"]
    assert account.api.delete(f"{path}/QNONE").status == 404


def test_the_listed_ones_are_cut_unless_overflow(account: Account, schedule: str) -> None:
    account.override(schedule, account.user("Bo")["id"], "2026-11-24T00:00:00Z", "2026-11-26T00:00:00Z")
    query = {"since": "2026-11-25T00:00:00Z", "until": "2026-11-25T12:00:00Z"}
    path = f"/schedules/{schedule}/overrides"
    assert ok(account.api.get(path, **query))["overrides"][0]["start"] == "2026-11-25T02:00:00+02:00"
    assert (
        ok(account.api.get(path, **query, overflow="true"))["overrides"][0]["start"]
        == "2026-11-24T02:00:00+02:00"
    )


def test_the_deprecated_single_form_is_still_taken(account: Account, schedule: str) -> None:
    bo = account.user("Bo")["id"]
    body = {
        "start": "2026-11-25T00:00:00Z",
        "end": "2026-11-26T00:00:00Z",
        "user": {"id": bo, "type": "user_reference"},
    }
    made = account.api.post(f"/schedules/{schedule}/overrides", {"override": body})
    assert made.body["override"]["user"]["summary"] == "Bo"
