"""Whatever stands in a schedule document, it is rendered or refused by name; nothing else happens."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.errors import UsageError
from watchbill.rota.clock import DAY, parse_instant
from watchbill.rota.render import render_document

LAYERED = {
    "type": "schedule",
    "time_zone": "Europe/Bucharest",
    "schedule_layers": [
        {
            "name": "Layer 1",
            "start": "2026-03-02T00:00:00Z",
            "end": None,
            "rotation_virtual_start": "2026-03-02T00:00:00Z",
            "rotation_turn_length_seconds": 86400,
            "users": [{"user": {"id": "A"}}, {"user": {"id": "B"}}],
            "restrictions": [
                {
                    "type": "weekly_restriction",
                    "start_day_of_week": 1,
                    "start_time_of_day": "09:00:00",
                    "duration_seconds": 60,
                }
            ],
        }
    ],
    "overrides": [{"start": "2026-03-03T00:00:00Z", "end": "2026-03-03T06:00:00Z", "user": {"id": "X"}}],
}
MOMENT = {"date_time": "2026-03-02T09:00:00Z", "time_zone": "Europe/Bucharest"}
SHIFTED = {
    "type": "schedule_v3",
    "time_zone": "Europe/Bucharest",
    "rotations": [
        {
            "id": "R",
            "events": [
                {
                    "start_time": MOMENT,
                    "end_time": {**MOMENT, "date_time": "2026-03-02T17:00:00Z"},
                    "effective_since": "2026-03-01T00:00:00Z",
                    "effective_until": None,
                    "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU", "EXDATE:20260309T090000Z"],
                    "assignment_strategy": {
                        "type": "rotating_member_assignment_strategy",
                        "shifts_per_member": 1,
                        "members": [{"type": "user_member", "user_id": "A"}, {"type": "empty_member"}],
                    },
                }
            ],
        }
    ],
    "custom_shifts": [
        {
            "id": "C",
            "start_time": "2026-03-03T00:00:00Z",
            "end_time": "2026-03-04T00:00:00Z",
            "assignments": [{"member": {"type": "user_member", "user_id": "B"}}],
        }
    ],
    "overrides": [
        {
            "custom_shift_id": "C",
            "start_time": "2026-03-03T00:00:00Z",
            "end_time": "2026-03-03T01:00:00Z",
            "overridden_member": {"type": "user_member", "user_id": "B"},
            "overriding_member": {"type": "user_member", "user_id": "X"},
        }
    ],
}


def places_in(document: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner: list[tuple[str | int, Any]] = []
    if isinstance(document, dict):
        inner = list(document.items())
    elif isinstance(document, list):
        inner = list(enumerate(document))
    return [path, *(p for key, value in inner for p in places_in(value, (*path, key)))]


def replaced(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    copy = document.copy()
    copy[path[0]] = replaced(document[path[0]], path[1:], value)
    return copy


strange = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59-12:00",
            "RRULE:FREQ=DAILY;UNTIL=99991231",
            "RDATE:00010101",
            "2026-03-02",
        ]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_strange_document_is_rendered_or_refused_by_name(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([LAYERED, SHIFTED]))
    document = replaced(whole, data.draw(st.sampled_from(places_in(whole))), data.draw(strange))
    since = parse_instant("2026-03-01T00:00:00Z")
    try:
        rendered = render_document(
            document, since=since, until=since + 14 * DAY, overflow=data.draw(st.booleans())
        )
    except UsageError:
        return
    json.dumps(rendered, allow_nan=False)
