"""Recorded, documented and asserted renderings, collected with their sources; and the document around them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared import shared
from watchbill.errors import UsageError
from watchbill.rota.clock import parse_instant
from watchbill.rota.render import render_document

Row = tuple[int, int, str | None, str | None, str | None]


def cases() -> list[Any]:
    try:
        found = json.loads(shared("vectors/vectors.json").read_text(encoding="utf-8"))["cases"]
    except pytest.skip.Exception as absent:
        return [pytest.param(None, marks=pytest.mark.skip(reason=str(absent)), id="absent")]
    return [pytest.param(case, id=case["name"]) for case in found]


def rows(entries: list[dict[str, Any]], *, coalesce: bool) -> list[Row]:
    """Rows in order, touching ones of one user and source joined when `coalesce`."""
    found = [
        (parse_instant(e["start"]), parse_instant(e["end"]), e["user"], e.get("source"), e.get("rotation_id"))
        for e in entries
    ]
    if not coalesce:
        return sorted(found, key=str)
    joined: list[Row] = []
    for row in sorted(found, key=lambda r: (str(r[2:]), r[:2])):
        if joined and joined[-1][2:] == row[2:] and joined[-1][1] == row[0]:
            joined[-1] = (joined[-1][0], *row[1:])
        else:
            joined.append(row)
    return sorted(joined, key=str)


@pytest.mark.parametrize("case", cases())
def test_vector(case: dict[str, Any]) -> None:
    target: str = case["target"]
    got = render_document(
        case["input"],
        since=parse_instant(case["since"]),
        until=parse_instant(case["until"]),
        overflow=case["overflow"],
        layer=target.removeprefix("layer:") if target.startswith("layer:") else None,
    )
    coalesce = case["compare"] == "coalesced"
    assert rows(list(map(dict, got["entries"])), coalesce=coalesce) == rows(
        case["expected"], coalesce=coalesce
    )
    if "expected_rendered_coverage_percentage" in case:
        assert got["coverage_percent"] == pytest.approx(case["expected_rendered_coverage_percentage"])


LAYER = {
    "name": "Layer 1",
    "start": "2026-03-02T00:00:00Z",
    "rotation_virtual_start": "2026-03-02T00:00:00Z",
    "rotation_turn_length_seconds": 86400,
    "users": [{"user": {"id": "A"}}, {"user": {"id": "B"}}],
}
LAYERED = {"time_zone": "Etc/UTC", "schedule_layers": [LAYER]}
OVERRIDE = {"start": "2026-03-03T00:00:00Z", "end": "2026-03-03T06:00:00Z", "user": {"id": "X"}}
SINCE, UNTIL = parse_instant("2026-03-03T00:00:00Z"), parse_instant("2026-03-03T12:00:00Z")


def test_the_shape_of_a_rendering() -> None:
    assert render_document(LAYERED, since=SINCE, until=UNTIL + 86400) == {
        "entries": [
            {"start": "2026-03-03T00:00:00Z", "end": "2026-03-04T00:00:00Z", "user": "B"},
            {"start": "2026-03-04T00:00:00Z", "end": "2026-03-04T12:00:00Z", "user": "A"},
        ],
        "coverage_percent": 100.0,
    }


@pytest.mark.parametrize(
    "document",
    [
        {**LAYERED, "overrides": [OVERRIDE]},
        {"schedule": {**LAYERED, "overrides": [OVERRIDE]}},
        {"schedule": LAYERED, "overrides": [OVERRIDE]},
        {**LAYERED, "rotations": [], "type": "schedule", "overrides": [OVERRIDE]},
    ],
)
def test_a_schedule_may_be_wrapped_and_its_overrides_lie_inside_or_beside_it(
    document: dict[str, Any],
) -> None:
    assert [e["user"] for e in render_document(document, since=SINCE, until=UNTIL)["entries"]] == ["X", "B"]


def test_a_shift_based_schedule_is_known_by_content_or_type() -> None:
    empty = {"entries": [], "coverage_percent": 0.0}
    documents: list[dict[str, Any]] = [
        {"time_zone": "Etc/UTC", "rotations": []},
        {"time_zone": "Etc/UTC", "rotations": [], "schedule_layers": None, "type": "schedule_v3"},
    ]
    for document in documents:
        assert render_document(document, since=SINCE, until=UNTIL) == empty


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "the document is a list, not an object"),
        ({}, "neither schedule_layers nor rotations"),
        ({"schedule": None}, "schedule is null, not an object"),
        ({"schedules": []}, "neither schedule_layers nor rotations"),
        ({"type": "schedule"}, "time_zone is missing"),
        ({"type": "schedule_v3", "time_zone": "Etc/UTC"}, "rotations is missing"),
        ({**LAYERED, "rotations": []}, "has both kinds"),
        ({**LAYERED, "time_zone": ""}, "time_zone is empty, not a text"),
        ({**LAYERED, "time_zone": "../../etc/passwd"}, "no known time zone"),
        ({**LAYERED, "time_zone": "Europe"}, "no known time zone"),
        ({**LAYERED, "schedule_layers": {}}, "schedule_layers is an object, not a list"),
        ({**LAYERED, "schedule_layers": [None]}, r"schedule_layers\[0\] is null, not an object"),
        ({**LAYERED, "overrides": "none"}, "overrides is a text, not a list"),
        (
            {**LAYERED, "overrides": [{**OVERRIDE, "user": "X"}]},
            r"overrides\[0\].user is a text, not an object",
        ),
    ],
)
def test_a_bad_document_is_refused_with_the_place(document: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        render_document(document, since=SINCE, until=UNTIL)


def test_a_layer_of_a_shift_based_schedule_is_refused() -> None:
    with pytest.raises(UsageError, match="has no layers"):
        render_document({"time_zone": "Etc/UTC", "rotations": []}, since=SINCE, until=UNTIL, layer="Layer 1")
