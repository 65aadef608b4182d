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
