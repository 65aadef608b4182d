"""How the account counts turns and windows: the schedule as it renders it, beside ours under each reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, get_args, get_type_hints

from watchbill.account.objects import ShiftEvent
from watchbill.doctor.lab import Lab, Unsettled, layer
from watchbill.doctor.probe import AS_ASSUMED, RIGHT_EITHER_WAY, Probe, Seen
from watchbill.pagerduty.answers import Item
from watchbill.rota.clock import DAY, HOUR, Instant, iso, parse_instant, weekday, zone
from watchbill.rota.entries import Entry, merge
from watchbill.rota.readings import RULED, Reading
from watchbill.rota.render import render_document

Duty = list[tuple[Instant, Instant, str]]

_WORDS: dict[str, dict[str, str]] = {
    "odd_turns": {
        "clock": "turns of 12 hours stay on the wall clock",
        "elapsed": "turns of 12 hours are counted in real time, so the handoff moves by an hour",
    },
    "window_end": {
        "clock": "a window over a clock change ends at its time on the wall clock",
        "elapsed": "a window over a clock change has its length in real time",
    },
    "counting": {
        "turns": "a turn without on-call time uses up its person",
        "active": "a turn without on-call time is skipped, and its person comes next",
    },
    "before_virtual_start": {
        "backwards": "before the virtual start the turns are counted backwards",
        "nobody": "before the virtual start nobody is on call",
    },
    "excluded": {
        "counts": "an excluded shift uses up its person",
        "vanishes": "an excluded shift is skipped, and its person comes next",
    },
    "under_way": {
        "cut": "a shift under way at effective_since begins there",
        "whole": "a shift under way at effective_since is shown whole",
    },
}


def _settled(field: str, shown: Item, got: Duty, since: Instant, until: Instant) -> Seen:
    """Which value of this field of `Reading` renders what the account renders."""
    values = get_args(get_type_hints(Reading)[field])
    ours = {value: _ours(shown, since, until, replace(RULED, **{field: value})) for value in values}
    same = [value for value in values if ours[value] == got]
    if len(same) != 1:
        how = "none of the readings" if not same else "more than one reading"
        raise Unsettled(f"what the account renders fits {how}")
    assumed = same[0] == getattr(RULED, field)
    return Seen(_WORDS[field][same[0]], AS_ASSUMED if assumed else RIGHT_EITHER_WAY)


def _ours(shown: Item, since: Instant, until: Instant, reading: Reading) -> Duty:
    entries = render_document(shown, since=since, until=until, reading=reading)["entries"]
    return _merged((x["start"], x["end"], x["user"]) for x in entries)


def _theirs(shown: Item) -> Duty:
    entries = shown["final_schedule"]["rendered_schedule_entries"]
    return _merged((x["start"], x["end"], x["user"]["id"]) for x in entries)


def _theirs_by_shift(shown: Item) -> Duty:
    entries = shown["final_schedule"]["computed_shift_assignments"]
    return _merged((x["start_time"], x["end_time"], x["member"].get("user_id")) for x in entries)


def _merged(entries: Any) -> Duty:
    whole = merge(Entry(parse_instant(start), parse_instant(end), user) for start, end, user in entries)
    return [(entry.start, entry.end, entry.user or "") for entry in whole]


def _drawn(lab: Lab, field: str, made: Item, since: Instant, until: Instant) -> Seen:
    shown = lab.shown(made["id"], since, until)
    return _settled(field, shown, _theirs(shown), since, until)


def _change(lab: Lab) -> Instant:
    """The next clock change that is at least two weeks away."""
    found = zone(lab.zone).changes_between(lab.now + 14 * DAY, lab.now + 400 * DAY)
    if not found:
        raise Unsettled(f"the clock of {lab.zone} does not change")
    return found[0]


def _nine_local(lab: Lab, at: Instant) -> Instant:
    where = zone(lab.zone)
    return where.instant(where.day_of(at), 9 * HOUR)


def daily_turns(lab: Lab) -> Seen:
    """POST /schedules with turns of a day from 09:00 local, days before a clock change; GET around it."""
    change = _change(lab)
    start = _nine_local(lab, change - 4 * DAY)
    made = lab.schedule("daily-turns", [layer(lab.users, start, rotation_turn_length_seconds=DAY)], lab.zone)
    shown = lab.shown(made["id"], change - 2 * DAY, change + 3 * DAY)
    handoffs = [at for at, _, _ in _theirs(shown)[1:]]
    where = zone(lab.zone)
    if len(handoffs) > 2 and {where.local(at)[1] for at in handoffs} == {9 * HOUR}:
        return Seen("turns of whole days keep their handoff on the wall clock", AS_ASSUMED)
    if len(handoffs) > 2 and {(at - start) % DAY for at in handoffs} == {0}:
        return Seen("turns of whole days are counted in real time", RIGHT_EITHER_WAY)
    raise Unsettled("the handoffs fit neither the wall clock nor real time")


def odd_turns(lab: Lab) -> Seen:
    """POST /schedules with turns of 12 hours, days before a clock change; GET around it."""
    change = _change(lab)
    start = _nine_local(lab, change - 4 * DAY)
    body = layer(lab.users, start, rotation_turn_length_seconds=12 * HOUR)
    made = lab.schedule("odd-turns", [body], lab.zone)
    return _drawn(lab, "odd_turns", made, change - 2 * DAY, change + 2 * DAY)


def window_end(lab: Lab) -> Seen:
    """POST /schedules with a window daily 20:00-06:00 over a clock change; GET around it."""
    change = _change(lab)
    window = {"type": "daily_restriction", "start_time_of_day": "20:00:00", "duration_seconds": 10 * HOUR}
    body = layer(lab.users[:1], change - 4 * DAY, restrictions=[window])
    made = lab.schedule("window-end", [body], lab.zone)
    return _drawn(lab, "window_end", made, change - 2 * DAY, change + 2 * DAY)


def counting(lab: Lab) -> Seen:
    """POST /schedules with turns of a day, Monday to Friday only, for three places; GET two weeks."""
    day = lab.now // DAY + 14
    start = (day - weekday(day)) * DAY
    weekdays = {
        "type": "weekly_restriction",
        "start_day_of_week": 1,
        "start_time_of_day": "00:00:00",
        "duration_seconds": 5 * DAY,
    }
    one, other = lab.users
    body = layer([one, one, other], start, rotation_turn_length_seconds=DAY, restrictions=[weekdays])
    made = lab.schedule("counting", [body])
    return _drawn(lab, "counting", made, start, start + 14 * DAY)


def before_virtual_start(lab: Lab) -> Seen:
    """POST /schedules with a virtual start ten days after the start; GET those ten days."""
    start = lab.now - lab.now % DAY + 14 * DAY
    turns = {"rotation_turn_length_seconds": DAY, "rotation_virtual_start": start + 10 * DAY}
    made = lab.schedule("before-virtual-start", [layer(lab.users, start, **turns)])
    return _drawn(lab, "before_virtual_start", made, start, start + 12 * DAY)


def merged_entries(lab: Lab) -> Seen:
    """POST /schedules with one person's turns of a day; GET three days."""
    start = lab.now - lab.now % DAY + 14 * DAY
    made = lab.schedule("merged-entries", [layer(lab.users[:1], start, rotation_turn_length_seconds=DAY)])
    shown = lab.shown(made["id"], start, start + 3 * DAY)
    count = len(shown["final_schedule"]["rendered_schedule_entries"])
    what = "one entry" if count == 1 else f"{count} entries"
    return Seen(f"three turns in a row of one person are {what}", "watchbill joins them before it compares")


def _shifts(lab: Lab, field: str, event: ShiftEvent, since: Instant, until: Instant) -> Seen:
    id_ = lab.shift_schedule(field.replace("_", "-"), event)
    window = {"include[]": ["final_schedule"], "since": iso(since), "until": iso(until)}
    shown = lab.get(f"/v3/schedules/{id_}", window).item("schedule")
    return _settled(field, shown, _theirs_by_shift(shown), since, until)


def _daily(lab: Lab, start: Instant, hours: int, **more: Any) -> ShiftEvent:
    return ShiftEvent(
        name="scratch",
        start=start,
        end=start + hours * HOUR,
        time_zone="Etc/UTC",
        rule="FREQ=DAILY",
        members=tuple(lab.users),
        per_member=1,
        **{"since": start, **more},
    )


def excluded(lab: Lab) -> Seen:
    """POST /v3/schedules, a rotation, an event of daily shifts without the third; GET with final_schedule."""
    start = lab.now - lab.now % DAY + 14 * DAY
    return _shifts(
        lab, "excluded", _daily(lab, start, 8, excluded=(start + 2 * DAY,)), start, start + 6 * DAY
    )


def under_way(lab: Lab) -> Seen:
    """POST /v3/schedules, a rotation, an event in effect from the middle of its second shift; GET."""
    start = lab.now - lab.now % DAY + 14 * DAY
    event = _daily(lab, start, 24, since=start + DAY + 12 * HOUR)
    return _shifts(lab, "under_way", event, start, start + 4 * DAY)


def _probes(rows: Sequence[tuple[str, str, str, Callable[[Lab], Seen]]]) -> tuple[Probe, ...]:
    return tuple(Probe(*row) for row in rows)


PROBES = _probes(
    (
        (
            "daily-turns",
            "2.9, 16",
            "Do turns of whole days stay on the wall clock at a clock change?",
            daily_turns,
        ),
        ("odd-turns", "2.9, 16", "Do turns of 12 hours stay on the wall clock at a clock change?", odd_turns),
        ("window-end", "2.9", "When does a window over a clock change end?", window_end),
        ("counting", "2.9", "Does a turn outside the windows use up its person?", counting),
        ("before-virtual-start", "2.9", "Who is on call before the virtual start?", before_virtual_start),
        ("merged-entries", "2.9, 16", "Does the final schedule join turns of one person?", merged_entries),
        ("excluded", "3.3, 16", "Does an EXDATE use up its person (shift-based)?", excluded),
        ("under-way", "3.3", "What is shown of a shift under way at effective_since?", under_way),
    )
)
