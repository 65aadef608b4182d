"""What is sent to an account that was imported: nothing but what the plan shows, and all of it counted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.client import Client
from inprocess import WAIVED, Desk
from journeys.test_whose_edit import OURS, by_hand, imported, items, people
from unit.adopt.world import document, layer, policy, schedule
from watchbill.rota.clock import DAY, parse_instant

SENT = ("name", "end", "rotation_virtual_start", "rotation_turn_length_seconds", "users", "restrictions")


@pytest.fixture
def stacked(tmp_path: Path) -> Iterator[Desk]:
    with imported(tmp_path, by_hand()) as desk:
        people(desk, "user6")
        yield desk


def change(desk: Desk) -> dict[str, Any]:
    ran = desk.watchbill("plan", "--json", "-q")
    (found,) = json.loads(ran.out)["changes"]
    return dict(found)


def layers(desk: Desk, name: str) -> dict[str, dict[str, Any]]:
    """Of the stored schedule, by id."""
    found = stored(desk, "schedule", desk.doc("schedule", name)["id"])
    return {layer["id"]: layer for layer in found["schedule_layers"]}


def stored(desk: Desk, kind: str, id_: str) -> dict[str, Any]:
    """As the account gives it."""
    with Client(desk.sandbox.url, desk.sandbox.token) as api:
        return dict(api.get(f"/{PATHS[kind]}/{id_}").body[kind])


PATHS = {"schedule": "schedules", "escalation_policy": "escalation_policies", "service": "services"}


def test_layers_that_did_not_change_are_sent_as_the_account_has_them(stacked: Desk) -> None:
    """One person alone has no anchor that matters, so the policy has none; the account keeps its own."""
    before = layers(stacked, "Stack")
    (stack,) = [item for item in items(stacked) if item.handle == "stack"]
    assert stack.replace(r"crew: \[user1, user2, user3\]", "crew: [user2, user1, user3]")
    told = change(stacked)["fields"]
    assert {field["path"] for field in told} == {
        "Layer (1 of 3) · people",
        "Layer (1 of 3) · first turn",
        "owned by watchbill",
    }
    ran = stacked.watchbill("apply", "--yes", *WAIVED)
    assert ran.code == 0, ran.out
    after = layers(stacked, "Stack")
    live = [id_ for id_ in after if after[id_]["name"] == "Layer"]
    keys = [
        {key for key, value in after[id_].items() if value != before[id_][key] and key in SENT}
        for id_ in live
    ]
    assert sorted(map(len, keys)) == [0, 0, 1], keys
    (put,) = [x for x in stacked.sandbox.exchanges() if x.method == "PUT" and "PSCHD001" in x.path]
    sent = {one["id"]: one for one in put.body["schedule"]["schedule_layers"]}
    for id_ in live:  # PagerDuty makes it the time of the write, whatever is sent
        assert parse_instant(sent[id_]["start"]) == parse_instant(before[id_]["start"])


@pytest.mark.parametrize("name", [*OURS, "one layer less"])
def test_every_field_that_a_write_changes_is_in_the_plan(name: str, stacked: Desk) -> None:
    words = {
        "name": "name",
        "description": "description",
        "users": "people",
        "rotation_virtual_start": "first turn",
        "restrictions": "hours",
        "escalation_rules": "level",
        "num_loops": "starts over",
        "acknowledgement_timeout": "acknowledgement expires",
        "auto_resolve_timeout": "resolves by itself",
    }
    if name == "one layer less":
        (stack,) = [item for item in items(stacked) if item.handle == "stack"]
        assert stack.replace(r"(?s)      - name: Layer\n.*?(?=      - )", "")
        item = stack
    else:
        item = next(item for item in items(stacked) if OURS[name](item))
    kind = {"rotations": "schedule", "ladders": "escalation_policy", "services": "service"}[item.kind]
    before = stored(stacked, kind, item.id)
    found = change(stacked)
    ran = stacked.watchbill("apply", "--yes", *WAIVED)
    assert ran.code == 0, ran.out
    after = stored(stacked, kind, item.id)
    old, new = (flat(doc) for doc in (before, after))
    keys = {key for key in {**old, **new} if old.get(key) != new.get(key)}
    told = " ".join(field["path"] for field in found["fields"])
    if name == "last wait":
        words["escalation_rules"] = "starts over"
    unseen = [key for key in keys if words.get(key.rpartition("·")[2], "owned by") not in told]
    assert not unseen, (unseen, told)


def flat(doc: dict[str, Any]) -> dict[str, Any]:
    """Field -> value; layers by id.  The description without the marker: that is `owned by watchbill`."""
    ignored = ("schedule_layers", "summary", "updated_at", "description", "rank")
    found = {key: value for key, value in doc.items() if key not in ignored}
    text = re.sub(r"\n?watchbill/1 .*", "", doc.get("description") or "")
    found |= {"description": text, "marker": "watchbill/1" in (doc.get("description") or "")}
    for one in doc.get("schedule_layers", ()):
        found |= {f"{one['id']}·{key}": value for key, value in one.items() if key != "start"}
    return found


def test_a_plan_shows_the_changed_layer_and_counts_the_others(stacked: Desk) -> None:
    (stack,) = [item for item in items(stacked) if item.handle == "stack"]
    assert stack.replace(r"hours: sat 10:00-18:00", "hours: sat 11:00-18:00")
    assert change(stacked)["unchanged"] == "2 layers"
    for form in ("text", "markdown", "html"):
        shown = stacked.watchbill("plan", "--format", form).out
        assert "(2 unchanged layers hidden)" in shown
        assert "Layer (3 of 3) · hours: " in shown.replace("\\", "")
        assert len(re.findall(r"Layer \\?\(", shown)) == 1


def test_a_layer_put_between_others_of_its_name_is_the_only_one_shown(stacked: Desk) -> None:
    (stack,) = [item for item in items(stacked) if item.handle == "stack"]
    more = "      - {name: Layer, crew: [user6], hours: sun 10:00-12:00}\n"
    assert stack.replace(r"(?=      - {name: Layer, crew: \[user4\])", more)
    found = change(stacked)
    assert found["unchanged"] == "3 layers"
    assert {field["path"].partition(" · ")[0] for field in found["fields"]} == {
        "Layer (2 of 4)",
        "owned by watchbill",
    }


def test_the_outcome_counts_every_request(stacked: Desk) -> None:
    (weekly,) = [item for item in items(stacked) if item.handle == "weekly"]
    assert OURS["title"](weekly)
    sent = len(stacked.sandbox.exchanges())
    ran = stacked.watchbill("apply", "--yes", "--json", "-q", *WAIVED)
    assert ran.code == 0, ran.out
    outcome = json.loads(ran.out)
    writes = [x for x in stacked.sandbox.exchanges()[sent:] if x.method != "GET"]
    assert len(writes) == 4
    assert (outcome["writes"], outcome["lease_writes"]) == (1, 3)
    assert outcome["lease_requests"] > 3


def test_the_outcome_says_what_was_for_the_lease(stacked: Desk) -> None:
    (weekly,) = [item for item in items(stacked) if item.handle == "weekly"]
    assert OURS["title"](weekly)
    ran = stacked.watchbill("apply", "--yes", *WAIVED)
    assert re.search(r"\d+ requests, 1 write\n  for the lease: \d+ requests, 3 writes", ran.out), ran.out


def test_an_order_of_layers_alone_is_shown(tmp_path: Path) -> None:
    stack = [layer(1, 2, name="A", turn=7 * DAY), layer(3, 4, name="B", turn=7 * DAY)]
    world = document(schedule(1, *stack, name="Stack"), policies=[policy(1, ["PSCHD001"], name="Main")])
    with imported(tmp_path, world) as desk:
        path = next(item.path for item in items(desk) if item.kind == "rotations")
        text = path.read_text("utf-8")
        found = re.findall(r"(?m)^      - .*\n", text)
        assert len(found) == 2, text
        path.write_text(text.replace("".join(found), "".join(found[::-1])), "utf-8")
        assert change(desk)["fields"][0]["path"] == "layers, base first"
