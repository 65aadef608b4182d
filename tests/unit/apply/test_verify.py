from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from unit.apply.plans import NIGHT, NOW, layer, schedule
from watchbill.account.marker import join_description
from watchbill.account.objects import Layer, Schedule
from watchbill.apply.resolve import marked
from watchbill.apply.verify import differences, rendering_note, window
from watchbill.pagerduty.layer_writes import layer_writes
from watchbill.pagerduty.wire import WireSchedule
from watchbill.rota.clock import DAY, HOUR, iso


def wanted(*layers: Layer) -> Schedule:
    made = marked(schedule("a", layers), NOW)
    assert isinstance(made, Schedule)
    return made


def answered(want: Schedule, **given: Any) -> WireSchedule:
    """As the server tells it after writing exactly that."""
    bodies = [{"id": f"L{i}", **b} for i, b in enumerate(layer_writes(want.layers, (), NOW).bodies)]
    fields = {
        "id": "S1",
        "name": want.name,
        "time_zone": want.time_zone,
        "description": join_description(want.description, want.marker),
        "schedule_layers": bodies[::-1],
    }
    return WireSchedule.model_validate({**fields, **given})


def test_what_was_written_has_no_difference() -> None:
    want = wanted(layer("P1", "P2"), layer("P3", restrictions=NIGHT, name="top"))
    assert differences(want, answered(want), now=NOW) == ()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "other"}, "name"),
        ({"time_zone": "Europe/Paris"}, "time_zone"),
        ({"description": "Who is paged."}, "marker"),
        ({"description": "Else.\nwatchbill/1 rotation/a ffffff @2026-11-23T14:00Z"}, "description"),
        ({"schedule_layers": []}, "layers"),
    ],
)
def test_each_difference_is_named(given: dict[str, Any], field: str) -> None:
    want = wanted(layer("P1", "P2"))
    assert field in differences(want, answered(want, **given), now=NOW)


def test_layers_ended_by_the_write_do_not_count_whatever_end_they_show() -> None:
    want = wanted(layer("P1"))
    old = layer_writes([layer("P9", name="old", end=NOW + 5)], (), NOW).bodies[0] | {"id": "L9"}
    live = layer_writes(want.layers, (), NOW).bodies[0] | {"id": "L0"}
    wire = answered(want, schedule_layers=[old, live])
    assert differences(want, wire, now=NOW) == ("layers",)
    assert differences(want, wire, now=NOW, ended={"L9"}) == ()


def test_rendering_tells_the_order_of_layers() -> None:
    base, top = layer("P1", name="base"), layer("P2", name="top", restrictions=NIGHT)
    want = wanted(base, top)
    since, until = window(NOW)

    def rendered(*entries: tuple[int, int, str]) -> WireSchedule:
        shown = [{"start": iso(s), "end": iso(e), "user": {"id": u}} for s, e, u in entries]
        nothing = {"rendered_schedule_entries": []}
        return answered(
            want, final_schedule={"rendered_schedule_entries": shown}, overrides_subschedule=nothing
        )

    base_on_top = rendered((since, until, "P1"))
    assert rendering_note(want, base_on_top, NOW)[1] is True
    note, turned_round = rendering_note(want, rendered((since, until, "P7")), NOW)
    assert note
    assert not turned_round
    dusk = since - since % DAY + 16 * HOUR  # 18:00 to 09:00 in Bucharest is 16:00 to 07:00 UTC
    nights = [(dusk + day * DAY, dusk + day * DAY + 15 * HOUR) for day in range(-1, 16)]
    cuts = sorted({since, until, *(at for night in nights for at in night if since < at < until)})
    right = [
        (left, right, "P2" if any(s <= left < e for s, e in nights) else "P1")
        for left, right in pairwise(cuts)
    ]
    assert rendering_note(want, rendered(*right), NOW) == ("", False)
