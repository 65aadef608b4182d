"""Whatever an account holds: the plan after its import is empty, `check` has no error, nobody's shift moves."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unit.adopt.world import (
    NOW,
    USERS,
    brought,
    daily,
    document,
    joined,
    judged,
    layer,
    policy,
    rendered,
    schedule,
    service,
    weekly,
)
from watchbill.rota.clock import DAY, HOUR, MINUTE, iso
from watchbill.rota.duty import Roster

Data = dict[str, Any]

ZONES = ["Europe/Bucharest", "America/New_York", "Asia/Kolkata", "UTC", "Australia/Lord_Howe", "Africa/Cairo"]
TURNS = [HOUR, 8 * HOUR, 12 * HOUR, 36 * HOUR, 60 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 21 * DAY]
rarely = st.sampled_from([False] * 24 + [True])
"""Oddities that keep an object from being managed; with too many of them nothing would be tested."""


@st.composite
def names(draw: st.DrawFn, number: int) -> str:
    if draw(rarely):
        return draw(st.text(min_size=1, max_size=40) | st.sampled_from(["Primary", "primary"]))
    letters = st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"])
    return f"{draw(st.text(letters, max_size=20))}{draw(st.sampled_from(['', '/', ' ', '🚨', 'é']))}{number}"


def texts(draw: st.DrawFn) -> str | None:
    if draw(rarely):
        return draw(st.sampled_from(["d" * 1000, "bell\a"]))
    return draw(st.sampled_from([None, "", "two\nlines: # yes", "'quoted' - \"so\"", "  "]))


minutes = st.integers(-400 * DAY // MINUTE, 200 * DAY // MINUTE).map(lambda m: NOW - NOW % DAY + m * MINUTE)
halves = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}:00")
lengths = st.integers(1, 7 * 48 - 1).map(lambda half: half * HOUR // 2)
windows = st.one_of(
    st.builds(daily, halves, st.integers(1, 47).map(lambda half: half * HOUR // 2)),
    st.builds(weekly, st.integers(1, 7), halves, lengths),
)
shared_hours = st.builds(
    lambda days, at, length: [weekly(day, at, length) for day in days],
    st.sets(st.integers(1, 7), min_size=1),
    halves,
    st.sampled_from([8 * HOUR, 12 * HOUR, DAY]),
)
restrictions = st.one_of(st.just([]), st.lists(windows, max_size=4), shared_hours)


@st.composite
def layers(draw: st.DrawFn, number: int) -> Data:
    start = draw(minutes)
    virtual = draw(st.one_of(st.just(start), minutes))
    begun = start <= NOW
    end = draw(st.one_of(st.none(), st.none(), minutes))
    people = draw(st.lists(st.integers(1, 9), min_size=1, max_size=6))
    return layer(
        *people,
        *([88] if draw(rarely) else []),
        turn=5400 if draw(rarely) else draw(st.sampled_from(TURNS)),
        start=iso(start + (17 if begun or draw(rarely) else 0)),
        virtual=iso(virtual + (30 if draw(rarely) else 0)),
        end=None if end is None else iso(end),
        name=draw(names(number)),
        restrictions=draw(restrictions),
    )


@st.composite
def urgencies(draw: st.DrawFn) -> Data:
    kinds = st.sampled_from(["high", "low", "severity_based"])
    if draw(st.booleans()):
        return {"incident_urgency_rule": {"type": "constant", "urgency": draw(kinds)}}
    return {
        "incident_urgency_rule": {
            "type": "use_support_hours",
            "during_support_hours": {"type": "constant", "urgency": draw(kinds)},
            "outside_support_hours": {"type": "constant", "urgency": draw(kinds)},
        },
        "support_hours": {
            "type": "fixed_time_per_day",
            "time_zone": draw(st.sampled_from(ZONES)),
            "days_of_week": sorted(draw(st.sets(st.integers(1, 7)))),
            "start_time": draw(halves),
            "end_time": draw(halves),
        },
    }


@st.composite
def accounts(draw: st.DrawFn) -> Data:
    schedules = [
        schedule(
            i,
            *(draw(layers(n)) for n in range(draw(st.sampled_from([1, 2, 3, 1, 4, 0])))),
            name=draw(names(i)),
            zone=draw(st.sampled_from(ZONES)),
            description=texts(draw),
            teams=[{"id": t} for t in draw(st.sets(st.sampled_from(["PTEAM1", "PTEAM2"])))],
        )
        for i in range(draw(st.sampled_from([2, 1, 3, 4, 0])))
    ]
    known = [s["id"] for s in schedules] * 5 + [u["id"] for u in USERS]
    policies = [
        policy(
            i,
            *draw(
                st.lists(
                    st.lists(st.sampled_from(known), min_size=1, max_size=10, unique=True),
                    min_size=1,
                    max_size=4,
                )
            ),
            *([[draw(st.sampled_from(["PSCHD099", "PUSER088"]))]] if draw(rarely) else []),
            delay=draw(st.sampled_from([1, 5, 45, 60, 1440])),
            name=draw(names(i)),
            num_loops=draw(st.sampled_from([0, 1, 2, 9])) + draw(rarely),
            description=texts(draw),
            on_call_handoff_notifications=draw(st.sampled_from(["always", "if_has_services"])),
            teams=[{"id": t} for t in draw(st.sets(st.sampled_from(["PTEAM1"]), max_size=1))],
        )
        for i in range(draw(st.sampled_from([2, 1, 3, 0])))
    ]
    timeouts = st.sampled_from([None, 0, 60, 1800, 3600, 14_400, 86_400, 172_800])
    services = [
        service(
            i,
            draw(st.sampled_from([p["id"] for p in policies] or ["PESCP099"])),
            name=draw(names(i)),
            acknowledgement_timeout=90 if draw(rarely) else draw(timeouts),
            auto_resolve_timeout=draw(timeouts),
            description=texts(draw),
            **draw(urgencies()),
        )
        for i in range(draw(st.integers(0, 3)))
    ]
    teams = [{"id": "PTEAM1", "name": draw(names(1))}, {"id": "PTEAM2", "name": draw(names(2))}]
    return document(*schedules, policies=policies, services=services, teams=teams)


@given(accounts())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_plan_after_an_import_is_empty(data: Data) -> None:
    found = judged(data)
    ours = {item.pagerduty.id for item in found.policy.rotations.values()}
    ours |= {item.pagerduty.id for item in found.policy.ladders.values()}
    ours |= {item.pagerduty.id for item in found.policy.services.values()}
    for obj in found.account.objects():
        assert obj.id in ours or found.reasons[obj.id], "managed, or told why not"


@given(accounts())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_portable_tree_has_the_same_shifts_and_no_id(data: Data) -> None:
    whole, found = brought(data), brought(data, portable=True)
    text = "".join(found.texts.values())
    assert "pagerduty: {id" not in text
    assert len(found.policy.rotations) >= len(whole.policy.rotations)
    handles = {
        u.id: h for h, p in found.policy.people.items() for u in found.account.users if u.email == p.email
    }
    by_name = {s.name.strip(): s for s in found.account.schedules}
    roster = Roster(found.policy)
    for handle, rotation in found.policy.rotations.items():
        if (account := by_name.get(rotation.vendor_name)) is None:
            continue  # renamed, since there were two of one name
        if (
            sum(s.name.strip().casefold() == account.name.strip().casefold() for s in found.account.schedules)
            > 1
        ):
            continue
        mine = [(s.start, s.end, s.person) for s in roster.shifts(handle, NOW, NOW + 366 * DAY)]
        assert joined(mine) == joined(rendered(account, handles, NOW))
