"""Is it what was wanted?  Read back, in normal form, and as PagerDuty itself renders it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from watchbill.account.canon import form_of
from watchbill.account.layers import for_rendering
from watchbill.account.objects import NamedObject, Schedule
from watchbill.account.settling import settled
from watchbill.pagerduty import normal
from watchbill.pagerduty.wire import WireEntry, WireObject, WireSchedule
from watchbill.rota.clock import DAY, HOUR
from watchbill.rota.entries import Entry, merge
from watchbill.rota.layers import Layer, render_layers

WINDOW = 14 * DAY


def differences(
    want: NamedObject, wire: WireObject, *, now: int, ended: Collection[str] = ()
) -> tuple[str, ...]:
    """Names of the fields that are not as wanted.  `ended`: layers that the write ended."""
    got = settled(want, normal.of(wire, now=now), now=now, ended=ended)
    wanted, found = form_of(want, now=now), form_of(got, now=now)
    fields = [name for name in wanted if wanted[name] != found.get(name)]
    if want.marker != got.marker:
        fields.append("marker")
    return tuple(fields)


def window(now: int) -> tuple[int, int]:
    """What to have rendered."""
    return now + HOUR, now + HOUR + WINDOW


def rendering_note(schedule: NamedObject, wire: WireObject, now: int) -> tuple[str, bool]:
    """What is odd about PagerDuty's rendering, and whether it proves that the layers' order is turned round."""
    if not isinstance(schedule, Schedule) or not isinstance(wire, WireSchedule):
        return "", False
    if wire.final_schedule is None or wire.overrides_subschedule is None:
        return "", False
    span = window(now)
    theirs = _entries(wire.final_schedule.rendered_schedule_entries, span)
    overrides = _entries(wire.overrides_subschedule.rendered_schedule_entries, span)
    drawn = for_rendering(schedule.layers, now)

    def ours(layers: list[Layer]) -> list[Entry]:
        return merge(render_layers(layers, overrides, schedule.time_zone, *span))

    if theirs == ours(drawn):
        return "", False
    if theirs == ours(drawn[::-1]):
        return "PagerDuty gives the layers the opposite precedence", True
    return "PagerDuty renders the next two weeks differently than this tool; compare them by eye", False


def _entries(entries: Sequence[WireEntry], span: tuple[int, int]) -> list[Entry]:
    return merge(
        Entry(max(e.start, span[0]), min(e.end, span[1]), e.user.id if e.user else None) for e in entries
    )
