"""The table of crew changes, row by row, and what surrounds it."""

from __future__ import annotations

from typing import Any

import pytest

from watchbill.errors import UsageError
from watchbill.model.policy import Policy
from watchbill.rota.clock import iso, parse_instant
from watchbill.rota.crew_change import Ask, CrewChange, change_crew

NOW = parse_instant("2026-11-25T12:00:00Z")  # a Wednesday: B, second of four, is on call
PEOPLE = {name: {"name": name, "email": f"{name}@x.example"} for name in "abcdefx"}


def policy(**rotation: Any) -> Policy:
    plain = {"title": "R", "turn": "1 week", "handoff": "mon 09:00"}
    if not {"crews", "same_crew", "covered_by", "listed", "layers"} & set(rotation):
        plain |= {"from": "2026-11-16", "crew": ["a", "b", "c", "d"]}
    return Policy.model_validate(
        {
            "settings": {"format": 1, "organization": "X", "time_zone": "Europe/Bucharest"},
            "people": PEOPLE,
            "rotations": {
                "r": {k: v for k, v in {**plain, **rotation}.items() if v is not None},
                "q": {"title": "Q", "crew": ["f"]},
            },
        }
    )


def change(kind: str, person: str, *, of: Policy | None = None, now: int = NOW, **options: Any) -> CrewChange:
    return change_crew(of or policy(), "r", Ask(kind, person, **options), now)  # type: ignore[arg-type]


def turns(crew: tuple[str, ...], count: int = 8) -> str:
    return " ".join(crew[i % len(crew)] for i in range(count)).upper()


TABLE = [
    (("add", "e", {}), "C D A B E C D A"),
    (("remove", "d", {}), "C A B C A B C A"),
    (("remove", "b", {}), "C D A C D A C D"),
    (("remove", "c", {}), "D A B D A B D A"),
    (("move", "a", {"after": "c"}), "C A D B C A D B"),
    (("add", "e", {"first": True}), "E C D A B E C D"),
    (("add", "e", {"after": "d"}), "C D E A B C D E"),
    (("move", "a", {"before": "c"}), "A C D B A C D B"),
    (("move", "c", {"after": "a"}), "D A C B D A C B"),
]


@pytest.mark.parametrize(("asked", "expected"), TABLE, ids=lambda v: "-".join(map(str, v[:2])) if v else "")
def test_each_row_of_the_table(asked: tuple[str, str, dict[str, Any]], expected: str) -> None:
    kind, person, options = asked
    found = change(kind, person, **options)
    assert turns(found.before) == "C D A B C D A B"
    assert turns(found.after) == expected
    assert (iso(found.at), found.from_text) == ("2026-11-30T07:00:00Z", "2026-11-30")


def orders(found: CrewChange) -> list[tuple[int | None, str, str | None, bool]]:
    return [(e.index, " ".join(m.name for m in e.order), e.first, e.dropped) for e in found.edits]


def dated(*entries: dict[str, Any], **rotation: Any) -> Policy:
    return policy(crews=list(entries), **rotation)


def test_somebody_new_is_a_new_crew_behind_the_running_one() -> None:
    found = change("add", "e")
    assert orders(found) == [(None, "c d a b e", None, False)]
    assert (found.place, found.like) == (1, 0)


def test_now_in_the_very_moment_of_a_handoff_means_the_next_one() -> None:
    handoff = parse_instant("2026-11-30T07:00:00Z")
    assert change("add", "e", now=handoff).from_text == "2026-12-07"
    assert change("add", "e", now=handoff - 1).from_text == "2026-11-30"


def test_from_a_day_is_rounded_up_to_a_handoff() -> None:
    found = change("add", "e", since=parse_instant("2026-12-08T00:00:00Z"))
    assert found.from_text == "2026-12-14"
    assert " ".join(found.before) == "a b c d"
    exact = change("add", "e", since=parse_instant("2026-12-14T07:00:00Z"))
    assert exact.from_text == "2026-12-14"


def test_a_day_that_is_past_is_refused_and_the_next_handoff_named() -> None:
    with pytest.raises(UsageError, match="2026-11-23 is past") as caught:
        change("add", "e", since=parse_instant("2026-11-20T00:00:00Z"))
    assert "2026-11-30" in caught.value.remedy
    assert change("add", "e", since=parse_instant("2026-11-25T00:00:00Z")).from_text == "2026-11-30"


def test_a_second_newcomer_in_the_same_week_joins_the_first() -> None:
    found = change(
        "add",
        "f",
        of=dated({"from": "2026-11-16", "order": [*"abcd"]}, {"from": "2026-11-30", "order": [*"cdabe"]}),
    )
    assert orders(found) == [(1, "c d a b e f", None, False)]


def test_taking_the_newcomer_out_again_drops_the_crew() -> None:
    found = change(
        "remove",
        "e",
        of=dated({"from": "2026-11-16", "order": [*"abcd"]}, {"from": "2026-11-30", "order": [*"cdabe"]}),
    )
    assert orders(found) == [(1, "c d a b", None, True)]


LATER = ({"from": "2026-11-16", "order": [*"abcd"]}, {"from": "2026-12-28", "order": [*"abce"], "first": "b"})


def test_later_crews_follow_suit() -> None:
    assert orders(change("add", "f", of=dated(*LATER))) == [
        (None, "c d a b f", None, False),
        (1, "a f b c e", "b", False),
    ]
    assert orders(change("remove", "b", of=dated(*LATER))) == [
        (None, "c d a", None, False),
        (1, "a c e", "c", False),
    ]
    assert orders(change("remove", "e", of=dated(*LATER))) == [(1, "a b c", "b", False)]
    assert orders(change("add", "f", of=dated(*LATER), later="only-next")) == [
        (None, "c d a b f", None, False)
    ]


def test_a_move_asks_what_becomes_of_later_crews() -> None:
    with pytest.raises(UsageError, match="2026-12-28") as caught:
        change("move", "a", after="c", of=dated(*LATER))
    assert "--all" in caught.value.remedy
    assert "--only-next" in caught.value.remedy
    assert len(change("move", "a", after="c", of=dated(*LATER), later="only-next").edits) == 1
    assert orders(change("move", "a", after="c", of=dated(*LATER), later="all"))[1] == (
        1,
        "b c a e",
        None,
        False,
    )


def test_places_count_not_names() -> None:
    repeats = policy(crew=["a", "b", "a", "c"], first="b")  # from Nov 16: b, then a on Nov 23, c is next
    assert " ".join(change("add", "d", of=repeats).after) == "c a b a d"
    assert " ".join(change("remove", "a", of=repeats).after) == "c b"
    assert " ".join(change("remove", "a", of=repeats, position=1).after) == "c b a"
    assert " ".join(change("remove", "a", of=repeats, position=3).after) == "c a b"
    assert " ".join(change("move", "b", after="a", of=repeats).after) == "c a b a"
    assert change("move", "b", after="a", of=repeats).edits == ()
    with pytest.raises(UsageError, match="position 2") as caught:
        change("remove", "a", of=repeats, position=2)
    assert "1, 3" in caught.value.remedy


def test_one_place_more_only_when_asked_for() -> None:
    with pytest.raises(UsageError, match="already") as caught:
        change("add", "a")
    assert "--again" in caught.value.remedy
    assert " ".join(change("add", "a", again=True).after) == "c d a b a"


def test_several_turns_each_change_where_somebody_else_takes_over() -> None:
    pairs = policy(turns_each=2)  # from Nov 16: a a b b; on Nov 25 a has the second week
    found = change("add", "e", of=pairs)
    assert (found.from_text, " ".join(found.after)) == ("2026-11-30", "b c d a e")
    middle = change("add", "e", of=pairs, now=parse_instant("2026-12-01T12:00:00Z"))
    assert (middle.from_text, " ".join(middle.after)) == ("2026-12-14", "c d a b e")


def test_a_vacant_turn_is_a_place_like_any_other() -> None:
    gap = policy(crew=["a", "nobody", "b"])
    assert " ".join(change("add", "c", of=gap).after) == "b a nobody c"
    assert " ".join(change("remove", "nobody", of=gap).after) == "b a"
    with pytest.raises(UsageError, match="nobody is left"):
        change("remove", "a", of=policy(crew=["a", "nobody"]))


@pytest.mark.parametrize(
    ("rotation", "text", "after"),
    [
        ({"turn": "1 day", "handoff": "daily 09:00"}, "2026-11-26", "c d a b e"),
        ({"turn": "12 hours", "handoff": None, "from": "2026-11-16 08:00"}, "2026-11-25 20:00", "d a b c e"),
        ({"turn": "7 hours", "handoff": None, "counted": "elapsed", "from": "2026-11-16 08:00"}, "2026-11-25 16:00", "a b c d e"),
        ({"turn": "2 weeks"}, "2026-11-30", "b c d a e"),
        ({"turn": "5 shifts", "handoff": None, "hours": "mon-fri 09:00-18:00"}, "2026-11-30 09:00", "c d a b e"),
        ({"turn": "1 shift", "handoff": None, "hours": ["sat,sun"]}, "2026-11-28", "b c d a e"),
    ],
)  # fmt: skip
def test_turns_of_every_length(rotation: dict[str, Any], text: str, after: str) -> None:
    found = change("add", "e", of=policy(**rotation))
    assert (found.from_text, " ".join(found.after)) == (text, after)


def test_a_handoff_in_the_hour_that_the_clock_skips_keeps_its_name() -> None:
    nights = policy(turn="1 hour", handoff=None, **{"from": "2027-03-01 00:30"})
    found = change("add", "e", of=nights, now=parse_instant("2027-03-28T00:45:00Z"))
    assert found.from_text == "2027-03-28 03:30"
    assert iso(found.at) == "2027-03-28T01:30:00Z"


def test_an_hour_that_comes_twice_is_named_the_first_time_only() -> None:
    real = policy(turn="1 hour", handoff=None, counted="elapsed", **{"from": "2026-10-01 00:00"})
    found = change("add", "e", of=real, now=parse_instant("2026-10-25T00:30:00Z"))
    assert (found.from_text, iso(found.at)) == ("2026-10-25 04:00", "2026-10-25T02:00:00Z")


def test_a_crew_of_one_needs_to_know_when_turns_change() -> None:
    one = policy(crew=["a"], turn=None, handoff=None, **{"from": None})
    with pytest.raises(UsageError) as caught:
        change("add", "b", of=one)
    assert "--turn" in caught.value.remedy
    from watchbill.model.rotations import Counted

    counting = Counted.model_validate({"turn": "1 week", "handoff": "mon 09:00"})
    found = change("add", "b", of=one, counting=counting)
    assert (found.from_text, found.after, found.anchor) == ("2026-11-30", ("a", "b"), "2000-01-03")
    assert found.counting == counting


def test_a_crew_of_one_with_turns_needs_nothing_more() -> None:
    found = change("add", "b", of=policy(crew=["a"]))
    assert (found.from_text, found.after, found.counting) == ("2026-11-30", ("a", "b"), None)


def test_a_rotation_that_has_not_begun_changes_in_place() -> None:
    coming = policy(**{"from": "2027-01-04"}, first="b")
    found = change("add", "e", of=coming)
    assert orders(found) == [(0, "a e b c d", "b", False)]
    assert found.from_text == "2027-01-04"


@pytest.mark.parametrize(
    ("rotation", "remedy"),
    [
        ({"same_crew": {"as": "q", "turns_later": 1}, "turn": None, "handoff": None}, "change q"),
        ({"covered_by": "q", "until": "2027-03-31", "turn": None, "handoff": None}, "change q"),
        ({"listed": True, "turn": None, "handoff": None}, "override add"),
        ({"layers": [{"crew": ["a"]}], "turn": None, "handoff": None}, "--layer"),
        ({"together": True}, "by hand"),
        ({"until": "2026-11-28"}, "until"),
    ],
)
def test_what_has_no_crew_of_its_own_is_refused_with_a_way_on(rotation: dict[str, Any], remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        change("add", "e", of=policy(**rotation))
    assert remedy in caught.value.remedy


def test_nobody_left_is_refused() -> None:
    with pytest.raises(UsageError, match="nobody is left"):
        change("remove", "a", of=policy(crew=["a", "a"]))
    with pytest.raises(UsageError, match="nobody is left"):
        change("remove", "a", of=policy(crew=["a"], turn=None, handoff=None, **{"from": None}))
    with pytest.raises(UsageError, match="from 2026-12-28 on"):
        change("remove", "e", of=dated(LATER[0], {"from": "2026-12-28", "order": ["e"]}))


def test_who_is_not_there_is_said_with_who_is() -> None:
    for kind, options in (("remove", {}), ("move", {"after": "a"})):
        with pytest.raises(UsageError, match="e is not in the crew") as caught:
            change(kind, "e", **options)
        assert "c, d, a, b" in caught.value.remedy
    with pytest.raises(UsageError, match="beside themselves"):
        change("move", "a", after="a")


def test_leaving_at_once_hands_over_the_rest_of_the_turn() -> None:
    found = change("remove", "b", at_once=True)
    assert (found.takes_over, found.from_text) == ("c", "2026-11-30")
    idle = change("remove", "d", at_once=True)
    assert idle.takes_over is None
    assert "not on duty now" in idle.notes[0]
    assert "nothing changes now" in change("add", "e", at_once=True).notes[0]


def test_turns_back_to_back_are_told() -> None:
    assert change("add", "b", again=True, first=True).notes == ("b has turns back to back",)
    assert change("remove", "c", of=policy(crew=["a", "b", "c", "b"])).notes == ("b has turns back to back",)
    assert change("remove", "d").notes == ()
