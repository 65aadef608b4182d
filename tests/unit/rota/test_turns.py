"""Crews and their ordinals."""

from __future__ import annotations

from rota_stories import local, policy_of
from watchbill.rota.build import sequence_of, sources
from watchbill.rota.turns import FOREVER, LONG_AGO, CrewSequence

CREWS = {
    "turn": "1 week",
    "handoff": "mon 09:00",
    "crews": [
        {"from": "2026-01-05", "order": ["ana", "ben", "cleo"]},
        {"from": "2026-01-26", "order": ["dan"]},
        {"from": "2026-02-09", "order": ["ben", "ana"], "turns_each": 2},
    ],
}


def test_ordinals_run_through_all_crews() -> None:
    sequence = sequence_of(policy_of(CREWS), "r")
    assert isinstance(sequence, CrewSequence)
    turns = list(sequence.turns(local("2026-01-05 09:00"), local("2026-03-02 09:00")))
    assert [t.ordinal for t in turns] == list(range(8))
    assert [t.holder for t in turns] == ["ana", "ben", "cleo", "dan", "dan", "ben", "ben", "ana"]
    assert sequence.holders(-2, 10) == ["ben", "cleo", *(t.holder for t in turns)]
    assert [s.length for s in sequence.segments] == [3, 2, None]


def test_a_run_numbers_its_grids_turns() -> None:
    sequence = sequence_of(policy_of(CREWS), "r")
    assert sequence is not None
    for run in sequence.runs(local("2026-01-05 09:00"), local("2026-03-02 09:00")):
        assert run.grid is not None
        for turn in sequence.turns(run.start, run.end):
            assert turn.ordinal == run.ordinal + run.grid.index_at(turn.start)


def test_one_person_without_turns_serves_from_the_beginning_of_time() -> None:
    (source,) = sources(policy_of({"crew": ["ana"]}), "r")
    (turn,) = source.sequence.turns(0, 1)
    assert (source.start, turn.start, turn.end, turn.holder) == (LONG_AGO, LONG_AGO, FOREVER, "ana")


def test_a_follower_starts_when_the_other_does() -> None:
    policy = policy_of({"same_crew": {"as": "x", "turns_later": 1}}, rotations={"x": CREWS})
    (source,) = sources(policy, "r")
    assert source.start == local("2026-01-05 09:00")
    assert sources(policy_of({"listed": True}), "r") == ()
