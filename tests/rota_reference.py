"""Who is on duty, told by the words of the format and nothing else: the judge of the renderer.

It reads the policy as plain data, looks at one instant at a time and counts handoffs one by one with
`datetime` and `zoneinfo`.  Nothing of the package is imported.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

Data = dict[str, Any]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY = timedelta(days=1)


@cache
def at_clock(local: datetime, zone: str) -> int:
    """Skipped: forward by the gap.  Repeated: the first."""
    return int(local.replace(tzinfo=ZoneInfo(zone), fold=0).timestamp())


def clock_at(instant: int, zone: str) -> datetime:
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).replace(tzinfo=None)


def hour(text: str) -> timedelta:
    return timedelta(hours=int(text[:2]), minutes=int(text[3:5]))


def zone_of(policy: Data, rotation: Data) -> str:
    return str(rotation.get("time_zone", policy["settings"]["time_zone"]))


@cache
def occurrences(window: str, day: datetime) -> list[tuple[datetime, datetime]]:
    """The window's stretches that start on that local day."""
    name = DAYS[day.weekday()]
    stretch = re.fullmatch(r"(\w{3}) (\d\d:\d\d) ?- ?(\w{3}) (\d\d:\d\d)", window)
    if stretch:
        first, start, last, end = stretch.groups()
        if name != first:
            return []
        begin, finish = day + hour(start), day + hour(end)
        while DAYS[finish.weekday()] != last or finish <= begin:
            finish += DAY
        return [(begin, finish)]
    names, _, hours = window.partition(" ")
    if names == "daily":
        wanted = DAYS
    elif "-" in names:
        low, high = (DAYS.index(n) for n in names.split("-"))
        wanted = [DAYS[(low + i) % 7] for i in range((high - low) % 7 + 1)]
    else:
        wanted = names.split(",")
    if name not in wanted:
        return []
    if not hours:
        return [(day, day + DAY)]
    begin, finish = (day + hour(text) for text in hours.split("-"))
    return [(begin, finish if finish > begin else finish + DAY)]


def windows_of(policy: Data, hours: Any) -> list[tuple[str, str | None]] | None:
    """None: always."""
    if hours is None:
        return None
    found: list[tuple[str, str | None]] = []
    for item in [hours] if isinstance(hours, str) else hours:
        if item == "always":
            return None
        named = policy["settings"].get("hours", {}).get(item)
        if named is None:
            found.append((item, None))
        elif isinstance(named, dict):
            listed = named["windows"] if isinstance(named["windows"], list) else [named["windows"]]
            found += [(w, named.get("except_holidays")) for w in listed]
        else:
            found += [(w, None) for w in ([named] if isinstance(named, str) else named)]
    return found


@cache
def is_holiday(country: str, day: date) -> bool:
    return day in holidays.country_holidays(country, years=day.year)


def open_at(policy: Data, hours: Any, zone: str, instant: int) -> bool:
    windows = windows_of(policy, hours)
    if windows is None:
        return True
    today = datetime.combine(clock_at(instant, zone).date(), datetime.min.time())
    for back in range(-1, 10):
        day = today - back * DAY
        for window, country in windows:
            if country and is_holiday(country, day.date()):
                continue
            for begin, finish in occurrences(window, day):
                if at_clock(begin, zone) <= instant < at_clock(finish, zone):
                    return True
    return False


def start_of(crew: Data, zone: str) -> datetime | None:
    text = crew.get("from")
    if text is None:
        return None
    if len(text) > 10:
        return datetime.fromisoformat(text)
    handoff = crew.get("handoff")
    return datetime.fromisoformat(text) + (hour(handoff[-5:]) if handoff else timedelta())


def turn_at(policy: Data, crew: Data, zone: str, instant: int) -> int:
    """How many handoffs lie between the crew's `from` and the instant."""
    begin = start_of(crew, zone)
    if "turn" not in crew or begin is None:
        return 0
    number, unit = crew["turn"].split()
    count = int(number)
    if unit.startswith("shift"):
        return stretch_at(policy, crew, zone, instant, begin) // count
    if unit.startswith("hour"):
        step = timedelta(hours=count)
        if crew.get("counted") == "elapsed" or 24 % count:
            return (instant - at_clock(begin, zone)) // (count * 3600)
        mark = begin
    else:
        step = timedelta(days=count * (7 if unit.startswith("week") else 1))
        handoff = crew.get("handoff")
        mark = begin
        if handoff:
            mark = datetime.combine(begin.date(), datetime.min.time()) + hour(handoff[-5:])
            while mark > begin or (handoff[:3] in DAYS and DAYS[mark.weekday()] != handoff[:3]):
                mark -= DAY
    turn = 0
    while at_clock(mark + (turn + 1) * step, zone) <= instant:
        turn += 1
    while at_clock(mark + turn * step, zone) > instant:
        turn -= 1
    return turn


def stretch_at(policy: Data, crew: Data, zone: str, instant: int, begin: datetime) -> int:
    """Stretches of duty since the one under way at `begin`, or the first after it; holidays count."""
    windows = windows_of(policy, crew.get("hours")) or []
    day = datetime.combine(begin.date(), datetime.min.time()) - 10 * DAY
    last = clock_at(instant, zone) + 10 * DAY
    spans: list[list[datetime]] = []
    found = []
    while day <= last:
        found += [span for window, _ in windows for span in occurrences(window, day)]
        day += DAY
    for start, end in sorted(found):
        if spans and start <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], end)
        else:
            spans.append([start, end])
    since = at_clock(begin, zone)
    counted = [start for start, end in spans if at_clock(end, zone) > since]
    return max(0, sum(at_clock(start, zone) <= instant for start in counted) - 1)


def holder_after(crew: Data, turns: int) -> str:
    order = crew["order"]
    first = order.index(crew["first"]) if "first" in crew else 0
    return str(order[(first + turns // crew.get("turns_each", 1)) % len(order)])


def crews_of(rotation: Data) -> list[Data]:
    """Dated crews, each with what it takes from its rotation."""
    inherited = ("turn", "handoff", "counted", "turns_each", "hours")
    if "crew" in rotation:
        own = {k: rotation[k] for k in (*inherited, "first", "from") if k in rotation}
        return [{**own, "order": rotation["crew"]}]
    base = {k: rotation[k] for k in inherited if k in rotation}
    return [{**base, **dated} for dated in rotation["crews"]]


def begins(crew: Data, zone: str) -> float:
    start = start_of(crew, zone)
    return float("-inf") if start is None else at_clock(start, zone)


def crew_at(rotation: Data, zone: str, instant: int) -> tuple[int, Data] | None:
    found = [(i, c) for i, c in enumerate(crews_of(rotation)) if begins(c, zone) <= instant]
    return found[-1] if found else None


def ordinal_at(policy: Data, rotation: Data, zone: str, instant: int) -> int | None:
    """Turns of the whole rotation, through all its crews."""
    found = crew_at(rotation, zone, instant)
    if found is None:
        return None
    index, crew = found
    return sum(lengths(policy, rotation, zone)[:index]) + turn_at(policy, crew, zone, instant)


def lengths(policy: Data, rotation: Data, zone: str) -> list[int]:
    crews = crews_of(rotation)
    ends = [int(begins(c, zone)) for c in crews[1:]]
    return [turn_at(policy, c, zone, end - 1) + 1 for c, end in zip(crews, ends, strict=False)]


def holder_of(policy: Data, rotation: Data, zone: str, ordinal: int) -> str:
    crews, counts = crews_of(rotation), lengths(policy, rotation, zone)
    index = 0
    while index < len(counts) and ordinal >= counts[index]:
        ordinal -= counts[index]
        index += 1
    return holder_after(crews[index], ordinal)


def turn_holder(policy: Data, name: str, instant: int) -> tuple[str, bool] | None:
    """Whose turn it is and whether it is within hours; None where the rotation has not begun."""
    rotation = policy["rotations"][name]
    zone = zone_of(policy, rotation)
    if "same_crew" in rotation:
        other = policy["rotations"][rotation["same_crew"]["as"]]
        ordinal = ordinal_at(policy, other, zone_of(policy, other), instant)
        if ordinal is None:
            return None
        earlier = ordinal - rotation["same_crew"]["turns_later"]
        who = holder_of(policy, other, zone_of(policy, other), earlier)
        return who, open_at(policy, rotation.get("hours"), zone, instant)
    found = crew_at(rotation, zone, instant)
    if found is None:
        return None
    crew = found[1]
    who = holder_after(crew, turn_at(policy, crew, zone, instant))
    return who, open_at(policy, crew.get("hours"), zone, instant)


def layer_holder(policy: Data, rotation: Data, instant: int) -> tuple[str | None, bool]:
    zone = zone_of(policy, rotation)
    begun = False
    for layer in reversed(rotation["layers"]):
        crew = {**layer, "order": layer["crew"]}
        if begins(crew, zone) > instant:
            continue
        begun = True
        if "until" in layer and at_clock(datetime.fromisoformat(layer["until"]), zone) <= instant:
            continue
        if open_at(policy, layer.get("hours"), zone, instant):
            return holder_after(crew, turn_at(policy, crew, zone, instant)), True
    return None, begun


def on_duty(policy: Data, name: str, instant: int) -> str | None:
    """None: nobody, or vacant.  Not for crews that serve together."""
    rotation = policy["rotations"].get(name)
    if rotation is None:
        role = policy.get("roles", {}).get(name)
        return on_duty(policy, role["held_by"], instant) if role else name
    if "covered_by" in rotation:
        return on_duty(policy, rotation["covered_by"], instant)
    zone = zone_of(policy, rotation)
    for override in policy.get("overrides", ()):
        if override["rotation"] == name and not override.get("cancelled"):
            begin = at_clock(datetime.fromisoformat(override["from"]), zone)
            if "for" in override:
                end = begin + int(override["for"][:-1]) * 3600
            else:
                end = at_clock(datetime.fromisoformat(override["until"]), zone)
            if begin <= instant < end:
                return str(override["person"])
    return _covered(policy, _scheduled(policy, name, instant), instant)


def _scheduled(policy: Data, name: str, instant: int) -> str | None:
    rotation = policy["rotations"][name]
    zone = zone_of(policy, rotation)
    if "until" in rotation and at_clock(datetime.fromisoformat(rotation["until"]), zone) <= instant:
        return None
    if rotation.get("listed"):
        found = [
            s["person"]
            for s in policy.get("shifts", ())
            if s["rotation"] == name
            and at_clock(datetime.fromisoformat(s["from"]), zone)
            <= instant
            < at_clock(datetime.fromisoformat(s["until"]), zone)
        ]
        who, is_open, begun = (found[0] if found else None), bool(found), True
    elif "layers" in rotation:
        who, begun = layer_holder(policy, rotation, instant)
        is_open = who is not None
    else:
        turn = turn_holder(policy, name, instant)
        who, is_open = turn or (None, False)
        begun = turn is not None
    if is_open:
        return None if who == "nobody" else who
    if begun and "otherwise" in rotation:
        return on_duty(policy, rotation["otherwise"], instant)
    return None


def _covered(policy: Data, person: str | None, instant: int) -> str | None:
    seen = set()
    while person is not None and person not in seen:
        seen.add(person)
        zone = policy["people"].get(person, {}).get("time_zone", policy["settings"]["time_zone"])
        today = clock_at(instant, zone).date().isoformat()
        for absence in policy.get("absences", ()):
            covers = absence.get("covered_by")
            away = absence["person"] == person and absence["first_day"] <= today <= absence["last_day"]
            if away and covers and covers not in seen:
                person = str(covers)
                break
    return person


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
