"""The messages "your shift moves": who gains, loses and moves which shift, in everybody's own zone."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from pretend import Pretend, empty_account, plan_for
from shared import ROOT
from watchbill.model.policy import Policy
from watchbill.plan.document import Effects, Plan, PolicyIdentity, ShiftEffect
from watchbill.plan.oncall_notices import moves_of
from watchbill.report.notices import notices_json, notices_of, render_notices
from watchbill.rota.clock import DAY, iso, parse_instant

NOW = parse_instant("2027-03-22T10:00:00Z")


def policy(*people: str, **rotation: Any) -> Policy:
    spec = {
        "title": "Primary On-Call",
        "turn": "1 week",
        "handoff": "mon 09:00",
        "from": "2027-01-04",
        "crew": list(people),
        "time_zone": "Europe/Bucharest",
        **rotation,
    }
    zones = {"ana": None, "ben": "America/New_York", "cleo": "Asia/Kolkata", "dan": "Europe/Bucharest"}
    return Policy.model_validate(
        {
            "settings": {
                "format": 1,
                "organization": "Example",
                "time_zone": "Europe/Bucharest",
                "pagerduty": {"account": "sandbox", "new_schedules": "layers"},
            },
            "people": {
                h: {
                    "name": h.title(),
                    "email": f"{h}@example.com",
                    **({"slack": h} if h == "ana" else {}),
                    **({"time_zone": zone} if zone else {}),
                }
                for h, zone in zones.items()
            },
            "rotations": {"primary": spec},
        }
    )


def planned(before: Policy, after: Policy, now: int = NOW) -> Plan:
    pretend = Pretend(empty_account(before, now))
    pretend.apply(plan_for(before, pretend.account, now), now)
    return plan_for(after, pretend.account, now)


def texts(plan: Plan, after: Policy) -> dict[str, list[str]]:
    return {p.person: [m.text for m in p.messages] for p in notices_of(plan, after).people}


def test_across_the_change_of_the_clock_everybody_reads_their_own_time() -> None:
    """Europe turns its clocks on 2027-03-28, America did on the 14th, India never does."""
    order = ["ana", "ben", "cleo"]
    crews = [
        {"from": "2027-01-04", "order": order},
        {"from": "2027-03-29", "order": ["ben", "ana", "cleo"]},
    ]
    after = policy(**{"crew": None, "from": None, "crews": crews})
    plan = planned(policy(*order), after)
    assert texts(plan, after)["ana"][0] == (
        "Primary On-Call: your shift is now Mon 2027-04-05 09:00 until Mon 2027-04-12 09:00, instead of "
        "Mon 2027-03-29 09:00 until Mon 2027-04-05 09:00."
    )
    assert texts(plan, after)["ben"][0] == (
        "Primary On-Call: your shift is now Mon 2027-03-29 02:00 until Mon 2027-04-05 02:00, instead of "
        "Mon 2027-04-05 02:00 until Mon 2027-04-12 02:00."
    )
    assert "cleo" not in texts(plan, after), "nothing changes for her"


def test_the_turn_with_the_change_of_the_clock_in_it() -> None:
    crews = [
        {"from": "2027-01-04", "order": ["ana", "dan"]},
        {"from": "2027-03-29", "order": ["cleo", "dan"]},
    ]
    after = policy(**{"crew": None, "from": None, "crews": crews})
    plan = planned(policy("ana", "dan"), after)
    first = texts(plan, after)
    assert first["cleo"][0] == (
        "Primary On-Call: you are on call Mon 2027-03-29 11:30 until Mon 2027-04-05 11:30, instead of Ana."
    )
    assert first["ana"][0] == (
        "Primary On-Call: you are no longer on call Mon 2027-03-29 09:00 until Mon 2027-04-05 09:00; "
        "Cleo will be."
    )
    (why,) = {m.why for p in notices_of(plan, after).people for m in p.messages}
    assert why == "the policy changed"


def test_a_week_of_office_hours_is_one_message() -> None:
    hours = {"hours": "mon-fri 09:00-18:00"}
    after = policy("ana", "dan", **hours, first="dan")
    plan = planned(policy("ana", "dan", **hours), after)
    mine = texts(plan, after)["ana"]
    assert any("Mon 2027-03-29 to Fri 2027-04-02, each day 09:00-18:00" in text for text in mine), mine
    assert len(mine) <= 5, mine


def test_the_running_shift_is_told_from_now() -> None:
    after = policy("ana", "dan", first="dan")
    plan = planned(policy("ana", "dan"), after)
    both = texts(plan, after)
    assert any("from now until Mon 2027-03-29 09:00" in text for people in both.values() for text in people)


def test_an_override_and_its_reason_of_being() -> None:
    before = policy("ana", "ben")
    spec = {"rotation": "primary", "person": "cleo", "from": "2027-03-30 09:00", "for": "3h"}
    after = Policy.model_validate(
        {**before.model_dump(by_alias=True, exclude_unset=True), "overrides": [spec]}
    )
    plan = planned(before, after)
    notices = notices_of(plan, after)
    cleo = next(p for p in notices.people if p.person == "cleo")
    assert [m.text for m in cleo.messages] == [
        "Primary On-Call: you are on call Tue 2027-03-30 11:30-14:30, instead of Ana."
    ]
    assert cleo.messages[0].why == "an override is made"
    (told,) = texts(plan, after)["ana"]
    assert told == (
        "Primary On-Call: your shift is now Mon 2027-03-29 09:00 until Tue 2027-03-30 09:00; "
        "Tue 2027-03-30 12:00 until Mon 2027-04-05 09:00, "
        "instead of Mon 2027-03-29 09:00 until Mon 2027-04-05 09:00."
    )


def test_nobody_is_told_what_does_not_concern_them() -> None:
    same = policy("ana", "ben")
    plan = planned(same, same)
    assert notices_of(plan, same).people == ()
    assert (
        render_notices(notices_of(plan, same), color=False, width=80) == "Nobody's shift moves: no messages."
    )
    described = policy("ana", "ben", description="other words")
    plan = planned(same, described)
    assert plan.changes
    assert notices_of(plan, described).people == ()


def test_the_text_fits_eighty_columns_and_the_document_its_schema() -> None:
    after = policy("ana", "ben", "cleo", "dan")
    plan = planned(policy("ana", "ben"), after)
    notices = notices_of(plan, after, applied=True)
    text = render_notices(notices, color=False, width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert "to Ana (@ana in Slack, times in Europe/Bucharest)" in text
    assert "applied; not sent" in text
    schema = json.loads((ROOT / "schema" / "notices.schema.json").read_text("utf-8"))
    document = json.loads(notices_json(notices))
    jsonschema.validate(document, schema)
    assert document["format"] == "watchbill.notices/1"
    assert "example.com" not in text + notices_json(notices)


def test_only_what_was_done_is_told() -> None:
    after = policy("ana", "ben", "cleo")
    plan = planned(policy("ana", "ben"), after)
    assert notices_of(plan, after, rotations=()).people == ()
    assert notices_of(plan, after, rotations={"primary"}).people


def row(start: int, end: int, before: str | None, after: str | None) -> ShiftEffect:
    return ShiftEffect(rotation="r", start=iso(start), end=iso(end), before=before, after=after)


def plan_of(*rows: ShiftEffect) -> Plan:
    effects = Effects(since=iso(NOW), until=rows[-1].end, shifts=rows)
    identity = PolicyIdentity(commit=None, digest="0")
    return Plan(tool="0", account="a", at=iso(NOW), policy=identity, effects=effects)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([(0, 1, "a", "a"), (1, 2, "a", "b")], {"a": ["moved"], "b": ["gained"]}),
        ([(0, 1, "a", None)], {"a": ["lost"]}),
        ([(0, 1, "a + b", "b + c")], {"a": ["lost"], "c": ["gained"]}),
        ([(0, 1, "a", "b"), (5, 6, "b", "a")], {"a": ["moved"], "b": ["moved"]}),
        ([(0, 1, "a", "b"), (1, 2, "b", "a")], {"a": ["moved"], "b": ["moved"]}),
        ([(0, 40, "a", "b")], {}),
        ([(0, 7, "a", "b"), (7, 40, "b", "a")], {"a": ["moved"], "b": ["moved"]}),
    ],
    ids=[
        "shorter",
        "nobody after",
        "together",
        "swapped",
        "neighbours",
        "behind the edge",
        "partner at the edge",
    ],
)
def test_rows_become_moves(rows: list[tuple[int, int, str, str]], told: dict[str, list[str]]) -> None:
    made = plan_of(*(row(NOW + a * DAY, NOW + b * DAY, old, new) for a, b, old, new in rows))
    assert {p: [m.kind for m in moves] for p, moves in moves_of(made).items()} == told
