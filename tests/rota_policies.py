"""Random policies as plain data, around the clock changes of zones that change in every way known."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from rota_reference import DAYS, Data, utc

# A clock change of each kind: at night, at midnight, by half an hour, in the south, and none.
CHANGES = [
    ("Europe/Bucharest", "2026-03-29"),
    ("Europe/Bucharest", "2026-10-25"),
    ("America/Chicago", "2026-03-08"),
    ("America/Chicago", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("Asia/Tehran", "2021-03-22"),
    ("Asia/Tehran", "2021-09-22"),
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-30"),
    ("Asia/Kolkata", "2026-06-01"),
]
PEOPLE = ["ana", "ben", "cleo", "dan"]
places = st.sampled_from(CHANGES)
clocks = st.sampled_from(["00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "09:00", "18:00", "23:30"])
crews = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=5)
vacant_crews = st.lists(st.sampled_from([*PEOPLE, "nobody"]), min_size=1, max_size=5)


@st.composite
def windows(draw: st.DrawFn) -> str:
    begin, end = draw(clocks), draw(clocks)
    kind = draw(st.sampled_from(["daily", "range", "list", "whole", "stretch"]))
    first, last = draw(st.sampled_from(DAYS)), draw(st.sampled_from(DAYS))
    if kind == "daily":
        return f"daily {begin}-{end}"
    if kind == "range":
        return f"{first}-{last} {begin}-{end}"
    if kind == "stretch":
        return f"{first} {begin} - {last} {end}"
    days = ",".join(draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True)))
    return days if kind == "whole" else f"{days} {begin}-{end}"


hours = st.one_of(
    st.none(),
    st.just("always"),
    st.sampled_from(["business", "nights", ["business", "sat 10:00-12:00"]]),
    st.lists(windows(), min_size=1, max_size=2),
)


@st.composite
def counted(draw: st.DrawFn, around: str, *, vacant: bool = True) -> Data:
    """Turn, handoff, from and crew; `from` is a handoff or, half the time, in mid-turn."""
    day = datetime.fromisoformat(around) - timedelta(days=draw(st.integers(0, 40)))
    unit = draw(st.sampled_from(["weeks", "days", "hours", "elapsed", "shifts"]))
    made: Data = {"crew": draw(vacant_crews if vacant else crews)}
    clock = draw(clocks)
    if unit == "weeks":
        weekday = draw(st.sampled_from(DAYS))
        made |= {"turn": f"{draw(st.integers(1, 3))} weeks", "handoff": f"{weekday} {clock}"}
        while DAYS[day.weekday()] != weekday:
            day -= timedelta(days=1)
    elif unit == "days":
        made |= {"turn": f"{draw(st.integers(1, 4))} days", "handoff": f"daily {clock}"}
    elif unit == "shifts":
        made |= {"turn": f"{draw(st.integers(1, 3))} shifts"}
    else:
        length = draw(st.sampled_from([1, 2, 3, 6, 8, 12, 24]) if unit == "hours" else st.integers(5, 60))
        made |= {"turn": f"{length} hours"} | ({"counted": "elapsed"} if unit == "elapsed" else {})
    made["from"] = f"{day:%Y-%m-%d}"
    if draw(st.booleans()):
        made["from"] += f" {draw(clocks)}"
    if draw(st.booleans()):
        made["first"] = draw(st.sampled_from(made["crew"]))
    if draw(st.integers(0, 3)) == 0:
        made["turns_each"] = draw(st.integers(2, 3))
    window = draw(hours)
    if window is not None:
        made["hours"] = window
    if unit == "shifts" and (window is None or window == "always" or fills_the_week(window)):
        made["hours"] = "business"
    return made


def fills_the_week(window: Any) -> bool:
    """Stretches of duty cannot be counted where duty never ends."""
    covered = set()
    for text in [window] if isinstance(window, str) else window:
        covered |= {text} if text in ("business", "nights") else {text, "other"}
    return "other" in covered and not isinstance(window, str)


@st.composite
def dated(draw: st.DrawFn, around: str, *, vacant: bool = True) -> Data:
    first = draw(counted(around, vacant=vacant))
    day = datetime.fromisoformat(around)
    made: list[Data] = [_as_dated(first)]
    at = datetime.fromisoformat(first["from"][:10]) + timedelta(days=2)
    for _ in range(draw(st.integers(1, 2))):
        at += timedelta(days=draw(st.integers(1, 25)))
        following = _as_dated(draw(counted(f"{day:%Y-%m-%d}", vacant=vacant)))
        following["from"] = f"{at:%Y-%m-%d} {draw(clocks)}"
        if draw(st.booleans()) and "shift" not in first["turn"]:
            for key in ("turn", "handoff", "counted", "turns_each", "hours"):
                following.pop(key, None)
                if key in made[0]:
                    following[key] = made[0][key]
        made.append(following)
        at += timedelta(days=2)
    return {"crews": made}


def _as_dated(made: Data) -> Data:
    rest = {k: v for k, v in made.items() if k != "crew"}
    rest.setdefault("hours", "always")
    return {**rest, "order": made["crew"]}


@st.composite
def layered(draw: st.DrawFn, around: str, *, vacant: bool = True) -> Data:
    layers = draw(st.lists(counted(around, vacant=vacant), min_size=1, max_size=3))
    for layer in layers:
        if draw(st.integers(0, 3)) == 0:
            end = datetime.fromisoformat(around) + timedelta(days=draw(st.integers(-1, 2)), hours=3)
            layer["until"] = f"{end:%Y-%m-%d %H:%M}"
    return {"layers": layers}


def frame(zone: str, rotations: dict[str, Data], **rest: Any) -> Data:
    return {
        "settings": {
            "format": 1,
            "organization": "Test",
            "time_zone": zone,
            "hours": {
                "business": {"windows": ["mon-fri 09:00-18:00"], "except_holidays": "RO"},
                "nights": {"windows": ["daily 21:00-07:00"], "except_holidays": "RO"},
            },
        },
        "people": {p: {"name": p, "email": f"{p}@x.example"} for p in PEOPLE},
        "roles": {"lead": {"title": "Lead", "held_by": "dan"}, "desk": {"title": "Desk", "held_by": "x"}},
        "rotations": {name: {"title": name, **spec} for name, spec in rotations.items()},
        **rest,
    }


@st.composite
def overrides(draw: st.DrawFn, rotation: str, around: str) -> list[Data]:
    made = []
    at = datetime.fromisoformat(around) - timedelta(days=2)
    for _ in range(draw(st.integers(0, 3))):
        at += timedelta(minutes=30 * draw(st.integers(0, 60)))
        length = draw(st.integers(1, 30))
        entry: Data = {
            "rotation": rotation,
            "person": draw(st.sampled_from(PEOPLE)),
            "from": f"{at:%Y-%m-%d %H:%M}",
        }
        until = at + timedelta(hours=length)
        entry |= {"for": f"{length}h"} if draw(st.booleans()) else {"until": f"{until:%Y-%m-%d %H:%M}"}
        if draw(st.integers(0, 4)) == 0:
            entry["cancelled"] = True
        made.append(entry)
        at = until + timedelta(hours=2)
    return made


@st.composite
def absences(draw: st.DrawFn, around: str) -> list[Data]:
    made = []
    for person in draw(st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True)):
        first = datetime.fromisoformat(around) + timedelta(days=draw(st.integers(-2, 1)))
        last = first + timedelta(days=draw(st.integers(0, 2)))
        cover = draw(st.sampled_from([p for p in PEOPLE if p != person]))
        made.append(
            {
                "person": person,
                "first_day": f"{first:%Y-%m-%d}",
                "last_day": f"{last:%Y-%m-%d}",
                "covered_by": cover,
            }
        )
    return made


@st.composite
def policies(draw: st.DrawFn, *, plain: bool = False, vacant: bool = True) -> tuple[Data, str, int]:
    """A policy whose rotation `x` serves always, `r` is the one to look at, and where to look."""
    zone, around = draw(places)
    one = st.one_of(*(form(around, vacant=vacant) for form in (counted, dated, layered)))
    x = draw(counted(around, vacant=vacant))
    x.pop("hours", None)
    if "shift" in x["turn"]:
        x["turn"] = "1 day"
    form = draw(st.sampled_from(["own", "own", "own", "same", "covered"]))
    rotations: dict[str, Data] = {"x": x}
    if form == "same":
        followed = draw(st.one_of(counted(around, vacant=vacant), dated(around, vacant=vacant)))
        rotations["followed"] = followed
        rotations["r"] = {"same_crew": {"as": "followed", "turns_later": draw(st.integers(-3, 3))}}
        window = draw(hours)
        if window is not None:
            rotations["r"]["hours"] = window
    elif form == "covered":
        rotations["y"] = {"covered_by": "x", "until": "2030-01-01", "reason": "no rota yet"}
        rotations["r"] = {"covered_by": "y", "until": "2030-01-01", "reason": "no rota yet"}
    else:
        rotations["r"] = draw(one)
    if form != "covered":
        if draw(st.booleans()):
            rotations["r"]["otherwise"] = draw(st.sampled_from(["x", "dan", "lead", "desk"]))
        if draw(st.integers(0, 5)) == 0:
            end = datetime.fromisoformat(around) + timedelta(days=1, hours=5)
            rotations["r"]["until"] = f"{end:%Y-%m-%d %H:%M}"
    rest: Data = {}
    if not plain:
        rest = {
            "overrides": [*draw(overrides("r", around)), *draw(overrides("x", around))],
            "absences": draw(absences(around)),
        }
        if form == "covered":
            rest["overrides"] = [o for o in rest["overrides"] if o["rotation"] == "x"]
    return frame(zone, rotations, **rest), "r", utc(around)
