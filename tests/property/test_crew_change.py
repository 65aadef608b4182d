"""What a crew change guarantees, for crews of every kind: the table says it for one, this for all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from watchbill.config.change_crews import write_crews
from watchbill.config.edit_dump import dump_fragment
from watchbill.config.yaml_reader import read_yaml
from watchbill.errors import UsageError
from watchbill.model.policy import Policy
from watchbill.rota.build import sequence_of
from watchbill.rota.clock import DAY, parse_instant
from watchbill.rota.crew_change import change_crew
from watchbill.rota.crew_places import Ask
from watchbill.rota.duty import Roster

START = parse_instant("2026-01-05T00:00:00Z")
PEOPLE = ["ana", "ben", "cleo", "dora", "nobody"]
NEW = "zoe"
ZONES = [
    "Europe/Bucharest",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Auckland",
    "Etc/UTC",
]

COUNTED = st.one_of(
    st.fixed_dictionaries(
        {
            "turn": st.sampled_from(["1 week", "2 weeks"]),
            "handoff": st.sampled_from(["mon 09:00", "fri 17:30"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "turn": st.sampled_from(["1 day", "3 days"]),
            "handoff": st.sampled_from(["daily 09:00", "daily 02:30"]),
        }
    ),
    st.fixed_dictionaries({"turn": st.sampled_from(["12 hours", "8 hours", "1 hour"])}),
    st.fixed_dictionaries({"turn": st.sampled_from(["7 hours", "36 hours"]), "counted": st.just("elapsed")}),
    st.fixed_dictionaries(
        {"turn": st.sampled_from(["1 shift", "5 shifts"]), "hours": st.just("mon-fri 22:00-06:00")}
    ),
)
CREWS = st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=6).filter(
    lambda crew: len(set(crew) - {"nobody"}) > 1
)


@st.composite
def rotations(draw: st.DrawFn) -> dict[str, Any]:
    counted = draw(COUNTED)
    day = {"mon": "05", "fri": "09"}.get(counted.get("handoff", "")[:3], "05")
    crew = draw(CREWS)
    made = {"title": "R", **counted, "from": f"2026-01-{day}", "crew": crew}
    if draw(st.booleans()):
        made["first"] = draw(st.sampled_from(crew))
    if draw(st.integers(0, 3)) == 3 and "week" in counted["turn"]:
        made["turns_each"] = 2
    if draw(st.booleans()):
        made["time_zone"] = draw(st.sampled_from(ZONES))
    return made


NOWS = st.integers(0, 300 * 24 * 60).map(lambda minutes: START + 5 * DAY + minutes * 60)


def policy_of(rotation: dict[str, Any]) -> Policy:
    people = [*PEOPLE[:-1], NEW]
    return Policy.model_validate(
        {
            "settings": {"format": 1, "organization": "X", "time_zone": "Europe/Bucharest"},
            "people": {name: {"name": name, "email": f"{name}@x.example"} for name in people},
            "rotations": {"r": rotation},
        }
    )


def text_of(rotation: dict[str, Any], style: Any = "auto") -> str:
    return f"rotations:\n  r:\n    {dump_fragment(rotation, 4, style)}\n"


def read(text: str) -> Policy:
    return policy_of(read_yaml(text, "").data["rotations"]["r"])


def turns(policy: Policy, since: int, until: int) -> list[tuple[int, str]]:
    sequence = sequence_of(policy, "r")
    assert sequence is not None
    return [(turn.start, turn.holder) for turn in sequence.turns(since, until) if turn.start >= since]


def holders(policy: Policy, at: int, count: int) -> list[str]:
    """Whose turn it is, counted by number: a turn that a clock change swallows is one, too."""
    sequence = sequence_of(policy, "r")
    assert sequence is not None
    first = next(iter(sequence.turns(at, at + 1))).ordinal
    return [sequence.holder(first + i) for i in range(count)]


def done(text: str, ask: Ask, now: int) -> tuple[str, int]:
    change = change_crew(read(text), "r", ask, now)
    return write_crews(text, ("rotations", "r"), change), change.at


ASKS = st.one_of(
    st.just(Ask("add", NEW)),
    st.just(Ask("add", NEW, first=True)),
    st.sampled_from(PEOPLE).map(lambda name: Ask("add", NEW, after=name)),
    st.sampled_from(PEOPLE).map(lambda name: Ask("remove", name)),
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)).map(
        lambda two: Ask("move", two[0], after=two[1])
    ),
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)).map(
        lambda two: Ask("move", two[0], before=two[1])
    ),
)


@given(rotations(), ASKS, NOWS)
@settings(max_examples=60, deadline=None)
def test_nothing_changes_before_the_handoff(rotation: dict[str, Any], ask: Ask, now: int) -> None:
    text = text_of(rotation)
    before = read(text)
    try:
        changed, at = done(text, ask, now)
    except UsageError:
        assume(False)
        raise
    assert at > now
    after = read(changed)
    since = max(START, at - 40 * DAY)
    assert Roster(before).shifts("r", since, at) == Roster(after).shifts("r", since, at)
    starts = [[start for start, _ in turns(p, since, at + 40 * DAY)] for p in (before, after)]
    assert starts[0] == starts[1], "handoffs stay where they are"


@given(rotations(), NOWS)
@settings(max_examples=60, deadline=None)
def test_add_keeps_the_next_turns_and_the_order_of_later_ones(rotation: dict[str, Any], now: int) -> None:
    text = text_of(rotation)
    changed, at = done(text, Ask("add", NEW), now)
    count = len(rotation["crew"]) * rotation.get("turns_each", 1)
    old, new = (holders(read(t), at, 10 * count) for t in (text, changed))
    assert new[:count] == old[:count]
    others = [holder for holder in new if holder != NEW]
    assert others == old[: len(others)]
    assert NEW in new


@given(rotations(), NOWS, st.data())
@settings(max_examples=60, deadline=None)
def test_remove_keeps_turns_before_theirs_and_closes_the_gap(
    rotation: dict[str, Any], now: int, data: st.DataObject
) -> None:
    person = data.draw(st.sampled_from(sorted({*rotation["crew"]})))
    text = text_of(rotation)
    try:
        changed, at = done(text, Ask("remove", person), now)
    except UsageError:
        assume(False)
        raise
    old, new = (holders(read(t), at, 60) for t in (text, changed))
    left = [holder for holder in old if holder != person]
    assert new[: len(left)] == left
    turn = old.index(person)
    assert new[:turn] == old[:turn]
    assert person not in new


@given(rotations(), NOWS, st.sampled_from(["auto", "block"]), st.booleans(), st.data())
@settings(max_examples=80, deadline=None)
def test_add_then_remove_restores_every_byte(
    rotation: dict[str, Any], now: int, style: str, crlf: bool, data: st.DataObject
) -> None:
    keys = data.draw(st.permutations(list(rotation)))
    text = text_of({key: rotation[key] for key in keys}, style)
    text = text.replace("\n", "\r\n") if crlf else text
    options: dict[str, Any] = data.draw(
        st.sampled_from([{}, {"first": True}, {"after": rotation["crew"][0]}])
    )
    added, _ = done(text, Ask("add", NEW, **options), now)
    assert added != text
    later = data.draw(st.integers(0, 3600)) if data.draw(st.booleans()) else 0
    assume(
        change_crew(read(text), "r", Ask("add", NEW), now + later).at
        == change_crew(read(text), "r", Ask("add", NEW), now).at
    )
    removed, _ = done(added, Ask("remove", NEW), now + later)
    assert removed == text


@given(rotations(), NOWS, ASKS)
@settings(max_examples=50, deadline=None)
def test_dated_crews_are_restored_too(rotation: dict[str, Any], now: int, ask: Ask) -> None:
    """On top of a change that is still to come."""
    try:
        text, _ = done(text_of(rotation), ask, now)
    except UsageError:
        assume(False)
        raise
    people = {
        name
        for crew in read_yaml(text, "").data["rotations"]["r"].get("crews", [{"order": []}])
        for name in crew["order"]
    }
    other = "ana" if NEW in people else NEW
    assume(other not in {*rotation["crew"], *people})
    added, _ = done(text, Ask("add", other), now)
    removed, _ = done(added, Ask("remove", other), now)
    assert removed == text


@pytest.mark.parametrize("form", ["usual", "dated"])
def test_several_changes_in_one_week_add_up(form: str) -> None:
    rotation: dict[str, Any] = {"title": "R", "turn": "1 week", "handoff": "mon 09:00"}
    rotation |= (
        {"from": "2026-01-05", "crew": PEOPLE[:3]}
        if form == "usual"
        else {"crews": [{"from": "2026-01-05", "order": PEOPLE[:3]}]}
    )
    now = parse_instant("2026-11-25T12:00:00Z")
    text = text_of(rotation)
    one, _ = done(text, Ask("add", NEW), now)
    two, _ = done(one, Ask("add", "dora"), now)
    assert len(read_yaml(two, "").data["rotations"]["r"]["crews"]) == 2
    three, _ = done(two, Ask("remove", NEW), now)
    four, _ = done(three, Ask("remove", "dora"), now)
    assert four == text
