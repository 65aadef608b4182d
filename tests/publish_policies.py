"""Policies that try what people read: names that would like to be more than text, and very many rotations."""

from __future__ import annotations

from typing import Any

from watchbill.model.policy import Policy

WEEKLY = "{{title: {title}, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [{crew}]}}"
CALENDARS = f"""rotations:
  primary: {WEEKLY.format(title="Primary", crew="ana, ben, cleo")}
  daily: {{title: Daily, turn: 1 day, handoff: daily 03:30, from: 2026-01-05, crew: [dan, eve]}}
  halves: {{title: Halves, turn: 12 hours, from: 2026-01-05 08:00, crew: [ana, ben, fay]}}
  real: {{title: Real time, turn: 36 hours, counted: elapsed, from: 2026-01-05 08:00, crew: [ana, ben]}}
  office: {{title: Office, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [dan, fay, gil], hours: business, otherwise: primary}}
  abroad: {{title: Abroad, time_zone: America/New_York, turn: 1 day, handoff: daily 01:30, from: 2026-01-05, crew: [eve, gil]}}
  world: {{title: World, time_zone: UTC, turn: 1 day, handoff: daily 00:00, from: 2026-01-05, crew: [eve, nobody]}}
  alone: {{title: Alone, crew: [gil]}}
  slow: {{title: Slow, turn: 30 weeks, handoff: mon 09:00, from: 2026-01-05, crew: [cleo, dan]}}
  covered: {{title: Covered, covered_by: primary, until: 2029-01-01, reason: for now}}
overrides:
  - {{rotation: primary, person: gil, from: 2026-12-24 09:00, until: 2026-12-26 21:00, reason: swap}}
"""
"""Every way to take turns, across clock changes of several zones."""

HOSTILE = (
    '<script>alert("x")</script>',
    "</title></script><img src=x onerror=alert(1)>",
    "\" onmouseover='alert(2)' x=\"",
    "'; alert(3); //</style>",
    "abc\u202egnp.exe\u200f\u2066",
    "שלום עולם",
    "x" * 300,
    "👩\u200d👩\u200d👧 می\u200cخواهم",
    "&lt;b&gt; &amp;amp; {{7*7}} ${8} \\u003cb",
    "\u2028line\u2029 -->]]><!--",
)


def hostile_policy() -> Policy:
    """Each text as a person's name, a role's, a rotation's, a domain's, a vendor's title and more."""
    names = {f"p{number}": text for number, text in enumerate(HOSTILE)}
    handles = list(names)
    data: dict[str, Any] = {
        "settings": {
            "format": 1,
            "organization": HOSTILE[0],
            "time_zone": "Europe/Bucharest",
            "hours": {"business": {"windows": "mon-fri 09:00-18:00"}},
        },
        "people": {
            h: {"name": text, "email": f"{h}@x.example", "slack": "a<b>"} for h, text in names.items()
        },
        "roles": {f"role-{h}": {"title": text, "held_by": h, "aliases": [text]} for h, text in names.items()},
        "rotations": {
            f"r-{h}": {
                "title": text,
                "turn": "1 week",
                "handoff": "mon 09:00",
                "from": "2026-01-05",
                "crew": handles,
                "hours": "business",
            }
            for h, text in names.items()
        },
        "severities": {
            "P1": {
                "urgency": "high",
                "repeat": 1,
                "steps": {
                    "0m": {"page": "domain.primary", "may_be_empty": HOSTILE[0], "confirm": HOSTILE[2]},
                    "15m": [f"role-{h}" for h in handles],
                },
            }
        },
        "domains": {
            f"d-{h}": {"title": text, "primary": f"r-{h}", "default_severity": "P1", "tags": [f"t-{h}"]}
            for h, text in names.items()
        },
        "paths": {
            f"path-{h}": {
                "title": text,
                "purpose": text,
                "steps": [
                    {"event": text},
                    {"page": h, "note": text},
                    {"page": [h, f"role-{h}"], "only_if": text},
                ],
            }
            for h, text in names.items()
        },
        "experts": {
            f"e-{h}": {"title": text, "domain": f"d-{h}", "primary": h, "backup": h, "channel": "x<b>"}
            for h, text in names.items()
        },
        "vendors": {
            f"v-{h}": {
                "title": text,
                "portal": text,
                "steps": [text, {"do": text, "at": f"A: {text}"}],
                "include": [text],
            }
            for h, text in names.items()
        },
        "procedures": {
            f"do-{h}": {"title": text, "purpose": text, "at": text, "steps": [text], "command": text}
            for h, text in names.items()
        },
        "overrides": [
            {
                "rotation": "r-p0",
                "person": "p1",
                "from": "2026-11-24 09:00",
                "until": "2026-11-25 09:00",
                "reason": HOSTILE[0],
            }
        ],
    }
    return Policy.model_validate(data)


def many_rotations(count: int) -> Policy:
    """Every tenth in business hours with a fallback, every twentieth with daily turns; a domain for every other."""
    people = [f"person-{number}" for number in range(count * 3)]
    rotations: dict[str, Any] = {}
    for number in range(count):
        spec: dict[str, Any] = {
            "title": f"Rotation number {number}",
            "turn": "1 week",
            "handoff": "mon 09:00",
            "from": "2026-01-05",
            "crew": people[number * 3 : number * 3 + 3],
        }
        if number % 10 == 5:
            spec |= {"hours": "business", "otherwise": f"rotation-{number - 5}"}
        if number % 20 == 7:
            spec |= {"turn": "1 day", "handoff": "daily 09:00"}
        rotations[f"rotation-{number}"] = spec
    return Policy.model_validate(
        {
            "settings": {
                "format": 1,
                "organization": "A large organisation",
                "time_zone": "Europe/Bucharest",
                "hours": {"business": {"windows": "mon-fri 09:00-18:00", "except_holidays": "RO"}},
            },
            "people": {p: {"name": p.replace("-", " ").title(), "email": f"{p}@x.example"} for p in people},
            "roles": {"manager": {"title": "Manager", "held_by": people[0]}},
            "rotations": rotations,
            "severities": {
                f"P{n}": {"urgency": "high", "repeat": 1, "steps": {"0m": "domain.primary", "15m": "manager"}}
                for n in (1, 2, 3)
            },
            "domains": {
                f"domain-{n}": {"title": f"Domain {n}", "primary": f"rotation-{n}", "default_severity": "P2"}
                for n in range(0, count, 2)
            },
        }
    )
