"""An account as years of hands leave it: everything that the API document lets stand, drawn by a seed."""

from __future__ import annotations

import random
from typing import Any

from unit.adopt.world import NOW, daily, document, layer, policy, schedule, service, user, weekly
from watchbill.rota.clock import DAY, HOUR, MINUTE, iso

Data = dict[str, Any]

NAMES = (
    "no",
    "yes",
    "null",
    "~",
    "true",
    "12:00",
    "0x10",
    "1e5",
    "@team",
    "#ops",
    "- dash",
    "key: value",
    "{a}",
    "[b]",
    '"quoted"',
    "'single'",
    "%percent",
    "back\\slash",
    "a & b",
    "*star",
    "!tag",
    "| pipe",
    "> fold",
    "?",
    " leading",
    "trailing ",
    "two  blanks",
    "עברית",
    "تصعيد الحوادث",
    "中文日程",
    "😀 emoji 🚨",
    "e\u0301 combining",
    "\u202eoverride",
    "tab\there",
    "Ångström",
    "x" * 255,
    "primary",
    "Primary",
    "PRIMARY ",
    "watchbill",
    "settings",
    "always",
    "business",
    "nobody",
    "unset",
    "placeholder",
    "n/a",
    "domain.primary",
    "2026-01-01",
    "mon 09:00",
)
ZONES = (
    "Europe/Bucharest",
    "America/New_York",
    "Asia/Kolkata",
    "Etc/UTC",
    "UTC",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Auckland",
)
TURNS = (
    HOUR,
    8 * HOUR,
    12 * HOUR,
    36 * HOUR,
    60 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    90 * DAY,
    365 * DAY,
)
TITLES = (
    None,
    "",
    "SRE",
    "SRE",
    "Engineering Manager",
    "VP, Eng & Ops",
    "no",
    "user1",
    "person-2",
    "CTO",
    "😀",
    "Head of: yes",
)
TEXTS = (
    None,
    "",
    "  ",
    "two\nlines: # yes",
    "- a\n- b",
    "tél: +40 700 123 456",
    "d" * 900,
    "see https://x.example/",
)


def hostile_account(seed: int) -> Data:
    draw = random.Random(f"account {seed}")
    names = _Names(draw)
    users = [
        user(
            i,
            _person(draw, i),
            role=draw.choice(("user", "admin", "observer")),
            job_title=draw.choice(TITLES),
        )
        for i in range(1, 10)
    ]
    teams = [{"id": f"PTEAM{n}", "type": "team", "name": names.unique()} for n in range(draw.randrange(4))]
    schedules = [_schedule(draw, i, names, teams) for i in range(1, draw.randrange(3, 9))]
    policies = [_policy(draw, i, names, schedules, teams) for i in range(1, draw.randrange(2, 7))]
    services = [_service(draw, i, names, policies) for i in range(draw.randrange(5))]
    return {
        **document(*schedules, policies=policies, services=services, teams=teams),
        "users": users,
        "schedules_v3": [_shift_based(draw, i, names) for i in range(draw.choice((0, 0, 1, 2)))],
    }


class _Names:
    """Now and then twice, or twice but for letter case or blanks."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._left = [*NAMES]
        draw.shuffle(self._left)
        self._said: list[str] = []

    def one(self) -> str:
        if self._said and self._draw.random() < 0.08:
            name = self._draw.choice(self._said)
            return self._draw.choice((name, name.upper()[:255], f" {name}"[:255], f"{name}  "[:255]))
        return self.unique()

    def unique(self) -> str:
        name = self._left.pop() if self._left else f"Name {len(self._said)}"
        self._said.append(name)
        return name


def _person(draw: random.Random, number: int) -> str:
    odd = (
        "no",
        "Ana O'Neill",
        "José  Ñandú",
        "李雷",
        "user1",
        "@handle",
        "placeholder",
        "nobody",
        "12:00",
        "X Æ",
    )
    return draw.choice(odd) if draw.random() < 0.4 else f"Person {number}"


def _minute(draw: random.Random, back: int, ahead: int) -> int:
    start = NOW - NOW % DAY
    return start + draw.randrange(-back * DAY // MINUTE, ahead * DAY // MINUTE) * MINUTE


def _clock(draw: random.Random) -> str:
    return f"{draw.randrange(24):02}:{draw.choice((0, 0, 0, 15, 30)):02}:00"


def _restrictions(draw: random.Random) -> list[Data]:
    shape = draw.choice(("none", "none", "days", "weekdays", "mixed", "stretch"))
    if shape == "none":
        return []
    if shape == "days":
        return [daily(_clock(draw), draw.randrange(1, 24) * HOUR)]
    if shape == "weekdays":
        at, length = _clock(draw), draw.choice((8, 9, 12, 24)) * HOUR
        return [weekly(day, at, length) for day in draw.sample(range(1, 8), draw.randrange(1, 8))]
    if shape == "stretch":
        return [weekly(draw.randrange(1, 8), _clock(draw), draw.randrange(20, 160) * HOUR)]
    return [
        daily(_clock(draw), draw.randrange(1, 12) * HOUR),
        *(weekly(draw.randrange(1, 8), _clock(draw), draw.randrange(1, 60) * HOUR) for _ in range(2)),
    ]


def _layer(draw: random.Random, number: int) -> Data:
    start = _minute(draw, 2000, 100 if draw.random() < 0.15 else 0)
    virtual = start if draw.random() < 0.6 else _minute(draw, 2000, 300)
    ends = draw.random()
    end = None if ends < 0.7 else _minute(draw, 300, 300)
    people = [draw.randrange(1, 10) for _ in range(draw.choice((1, 1, 2, 3, 4, 6, 9)))]
    if draw.random() < 0.06:
        people.append(88)  # somebody who was deleted
    return layer(
        *people,
        turn=draw.choice(TURNS),
        start=iso(start),
        virtual=iso(virtual),
        end=None if end is None else iso(end),
        name=draw.choice((f"Layer {number}", "", "no", "Layer 1", "12:00", "Nights 🌙")),
        restrictions=_restrictions(draw),
    )


def _schedule(draw: random.Random, number: int, names: _Names, teams: list[Data]) -> Data:
    layers = [_layer(draw, n) for n in range(1, draw.choice((1, 1, 1, 2, 2, 3, 5, 0)) + 1)]
    return schedule(
        number,
        *layers,
        name=names.one(),
        zone=draw.choice(ZONES),
        description=draw.choice(TEXTS),
        teams=[{"id": t["id"], "type": "team_reference"} for t in teams if draw.random() < 0.3],
    )


def _policy(
    draw: random.Random, number: int, names: _Names, schedules: list[Data], teams: list[Data]
) -> Data:
    known = [s["id"] for s in schedules] * 3 + [f"PUSER{i:03}" for i in range(1, 10)]
    if draw.random() < 0.1:
        known.append("PUSER088")
    levels = [
        list(dict.fromkeys(draw.choice(known) for _ in range(draw.choice((1, 1, 1, 2, 3, 8)))))
        for _ in range(draw.choice((1, 2, 2, 3, 5)))
    ]
    if draw.random() < 0.3:
        levels.append(levels[-1])
    cleaned = " ".join("".join(c for c in names.one() if c not in "\\/&<>" and c.isprintable()).split())
    return policy(
        number,
        *levels,
        delay=draw.choice((1, 5, 30, 60, 1440)),
        name=cleaned or f"Policy {number}",
        num_loops=draw.choice((0, 0, 1, 2, 9)),
        description=draw.choice(TEXTS),
        on_call_handoff_notifications=draw.choice(("always", "if_has_services")),
        teams=[{"id": t["id"], "type": "team_reference"} for t in teams[:1] if draw.random() < 0.5],
    )


def _service(draw: random.Random, number: int, names: _Names, policies: list[Data]) -> Data:
    urgency: Data = {
        "incident_urgency_rule": {
            "type": "constant",
            "urgency": draw.choice(("high", "low", "severity_based")),
        }
    }
    if draw.random() < 0.3:
        constant = [
            {"type": "constant", "urgency": u} for u in draw.sample(("high", "low", "severity_based"), 2)
        ]
        urgency = {
            "incident_urgency_rule": {
                "type": "use_support_hours",
                "during_support_hours": constant[0],
                "outside_support_hours": constant[1],
            },
            "support_hours": {
                "type": "fixed_time_per_day",
                "time_zone": draw.choice(ZONES),
                "days_of_week": draw.sample(range(1, 8), draw.randrange(1, 8)),
                "start_time": _clock(draw),
                "end_time": _clock(draw),
            },
        }
    return service(
        number,
        draw.choice(policies)["id"],
        name=names.one().strip(),
        description=draw.choice(TEXTS),
        status=draw.choice(("active", "active", "disabled", "maintenance", "critical", "warning")),
        acknowledgement_timeout=draw.choice((None, 0, 60, 1800, 86_400)),
        auto_resolve_timeout=draw.choice((None, 0, 14_400)),
        **urgency,
    )


def _shift_based(draw: random.Random, number: int, names: _Names) -> Data:
    start = NOW - NOW % DAY - 30 * DAY
    event = {
        "id": f"01EVENT{number:019}",
        "name": "Days",
        "start_time": {"date_time": iso(start + 9 * HOUR), "time_zone": "Etc/UTC"},
        "end_time": {"date_time": iso(start + 17 * HOUR), "time_zone": "Etc/UTC"},
        "effective_since": iso(start),
        "effective_until": None,
        "recurrence": [draw.choice(("RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE"))],
        "assignment_strategy": {
            "type": "rotating_member_assignment_strategy",
            "shifts_per_member": 1,
            "members": [{"type": "user_member", "user_id": "PUSER001"}, {"type": "empty_member"}],
        },
    }
    return {
        "id": f"PSHFT{number:03}",
        "type": "schedule_v3",
        "name": names.unique(),
        "time_zone": "Etc/UTC",
        "description": draw.choice(("", "of shifts")),
        "teams": [],
        "rotations": [{"id": f"01ROTAT{number:019}", "events": [event]}],
    }
