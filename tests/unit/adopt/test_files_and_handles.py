"""Handles that stay, and files that people like to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from unit.adopt.world import brought, document, layer, policy, schedule, service
from watchbill.account.objects import Restriction
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.files import MANY
from watchbill.adopt.handles import Called, handles_for, slug
from watchbill.adopt.words import duration, hours
from watchbill.rota.clock import DAY, HOUR


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Ana Pop", "ana-pop"),
        ("Łukasz Żółć", "lukasz-zolc"),
        ("François O'Neill-Müller", "francois-o-neill-muller"),
        ("  R&D / Tools  ", "r-and-d-tools"),
        ("🚨", ""),
        ("Анна", ""),
        ("x" * 300, "x" * 63),
        ("-- 9 lives --", "9-lives"),
    ],
)
def test_slugs(name: str, handle: str) -> None:
    assert slug(name) == handle


def test_handles_are_unique_and_stay_when_others_join() -> None:
    things = [Called("P2", ("Ana", "ana.b")), Called("P1", ("Ana", "ana.a")), Called("P3", ("Ana", "ana.a"))]
    found = handles_for(things, "person")
    assert found == {"P1": "ana", "P2": "ana-b", "P3": "ana-a"}
    later = handles_for(
        [*things, Called("P4", ("Ana",)), Called("P5", ("🚨",)), Called("P6", ("nobody",))], "person"
    )
    assert found.items() <= later.items()
    assert [later[i] for i in ("P4", "P5", "P6")] == ["ana-2", "person-p5", "nobody-2"]
    assert handles_for(things, "person", taken=["ana"], given={"P3": "boss"}) == {
        "P1": "ana-a",
        "P2": "ana-b",
        "P3": "boss",
    }


@pytest.mark.parametrize(
    ("days", "start", "length", "words"),
    [
        ([None], 9, 9, "daily 09:00-18:00"),
        (range(7), 21, 4, "daily 21:00-01:00"),
        (range(5), 9, 9, "mon-fri 09:00-18:00"),
        ([6, 0, 1, 2, 3], 22, 12, "sun-thu 22:00-10:00"),
        ([5, 6], 0, 24, "sat,sun"),
        ([0, 2, 4], 9, 9, "mon,wed,fri 09:00-18:00"),
        ([4], 18, 62, "fri 18:00 - mon 08:00"),
        ([2], 9, 24, "wed 09:00-09:00"),
        (range(7), 0, 24, "daily 00:00-00:00"),
    ],
)
def test_windows_in_words(days: list[int | None], start: int, length: int, words: str) -> None:
    windows = [Restriction(weekday=d, start=start * HOUR, duration=length * HOUR) for d in days]
    assert hours(windows) == [words] if length < 24 or days != [None] else []


def test_a_window_that_is_always_needs_no_word() -> None:
    assert hours([Restriction(weekday=None, start=0, duration=DAY)]) == []
    assert hours([Restriction(weekday=3, start=HOUR, duration=7 * DAY)]) == []


def test_lengths_in_words() -> None:
    assert [duration(s) for s in (0, 60, 5400, 3600, DAY, 3 * DAY)] == [
        "0m",
        "1m",
        "90m",
        "1h",
        "24h",
        "3 days",
    ]
    with pytest.raises(CannotSay):
        duration(61)


def test_very_many_rotations_are_filed_by_team() -> None:
    teams = [{"id": "PTEAM1", "name": "Ops & Co"}]
    count = MANY + 1
    found = brought(
        document(
            *(schedule(i, layer(1 + i % 9), teams=teams[: i % 2]) for i in range(count)),
            policies=[policy(i, [f"PSCHD{i:03}"], teams=teams[: i % 2]) for i in range(count)],
            services=[service(i, f"PESCP{i:03}") for i in range(count)],
            teams=teams,
        )
    )
    by_team = {
        Path(kind, f"{team}.yaml")
        for kind in ("rotations", "ladders", "services")
        for team in ("ops-and-co", "no-team")
    }
    assert set(found.texts) == by_team | {Path(f"{kind}.yaml") for kind in ("settings", "people", "teams")}
    assert "  schedule-1:\n" in found.texts[Path("rotations", "ops-and-co.yaml")]
    assert found.texts[Path("services", "no-team.yaml")].startswith(
        "# yaml-language-server: $schema=../../schema/services.schema.json\nservices:\n"
    )
