"""A policy that changes at random, as plain data: always a valid one, never the same twice."""

from __future__ import annotations

import random
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

Data = dict[str, Any]
PEOPLE = [f"p{n}" for n in range(12)]
KINDS = ("layers", "layers", "shifts")
"""Of schedules."""
ZONE = "Europe/Bucharest"
_STEPS = ("0m", "10m", "25m", "1h")


def first(rng: random.Random) -> Data:
    data: Data = {
        "settings": {
            "format": 1,
            "organization": "Random",
            "time_zone": ZONE,
            "hours": {"office": ["mon-fri 09:00-18:00"], "long": ["mon-sat 08:00-20:00"]},
            "pagerduty": {"account": "sandbox", "new_schedules": "layers"},
        },
        "people": {p: {"name": p.upper(), "email": f"{p}@x.example"} for p in PEOPLE},
        "rotations": {"always": _rotation(rng, "Rotation always", plain=True)},
        "ladders": {},
        "services": {},
        "overrides": [],
    }
    for _ in range(5):
        _new_rotation(rng, data)
    for _ in range(4):
        _new_ladder(rng, data)
    for _ in range(2):
        _new_service(rng, data)
    return data


def edited(rng: random.Random, data: Data, today: datetime) -> tuple[str, Data]:
    """What was done, and the policy after it."""
    data = deepcopy(data)
    words = []
    for _ in range(rng.randint(1, 3)):
        edit = rng.choice(_EDITS)
        edit(rng, data, today)
        words.append(edit.__name__.strip("_"))
    return ", ".join(words), data


def _number(data: Data) -> int:
    data["_made"] = data.get("_made", 0) + 1
    return int(data["_made"])


def _rotation(rng: random.Random, title: str, *, plain: bool = False) -> Data:
    kind = rng.choice(KINDS)
    made: Data = {"title": title, "crew": rng.sample(PEOPLE, rng.randint(2, 5)), "from": "2026-01-05"}
    made |= rng.choice(
        [{"turn": "1 week", "handoff": "mon 09:00"}, {"turn": "1 day", "handoff": "daily 08:00"}]
    )
    if not plain and rng.random() < 0.4:
        made |= {"hours": rng.choice(["office", "long"]), "otherwise": "always"}
    return {**made, "pagerduty": {"kind": "layers" if plain else kind}}


def _new_rotation(rng: random.Random, data: Data, today: object = None) -> None:
    n = _number(data)
    data["rotations"][f"r{n}"] = _rotation(rng, f"Rotation {n}")


def _new_ladder(rng: random.Random, data: Data, today: object = None) -> None:
    n = _number(data)
    data["ladders"][f"l{n}"] = {
        "title": f"Ladder {n}",
        "steps": _steps(rng, data),
        "repeat": rng.randint(0, 3),
    }


def _steps(rng: random.Random, data: Data) -> Data:
    count = rng.randint(1, 3)
    return {at: rng.choice([*data["rotations"], *data["rotations"], *PEOPLE]) for at in _STEPS[:count]}


def _new_service(rng: random.Random, data: Data, today: object = None) -> None:
    n = _number(data)
    if data["ladders"]:
        ladder = rng.choice(list(data["ladders"]))
        data["services"][f"s{n}"] = {"title": f"Service {n}", "ladder": ladder, "urgency": "high"}


def _crew(rng: random.Random, data: Data, today: object) -> None:
    rotation = rng.choice(list(data["rotations"].values()))
    if "crew" in rotation:
        rotation["crew"] = rng.sample(PEOPLE, rng.randint(2, 5))
    else:
        rotation["crews"][-1]["order"] = rng.sample(PEOPLE, rng.randint(2, 5))


def _crew_to_come(rng: random.Random, data: Data, today: datetime) -> None:
    rotation = rng.choice(list(data["rotations"].values()))
    if "crew" in rotation:
        rotation["crews"] = [{"from": rotation.pop("from"), "order": rotation.pop("crew")}]
    monday = today + timedelta(days=7 - today.weekday() + 7 * rng.randint(0, 3))
    last = str(rotation["crews"][-1]["from"])
    if f"{monday:%Y-%m-%d}" > last:
        order = rng.sample(PEOPLE, rng.randint(2, 5))
        rotation["crews"].append({"from": f"{monday:%Y-%m-%d}", "order": order})


def _ladder(rng: random.Random, data: Data, today: object) -> None:
    if data["ladders"]:
        rng.choice(list(data["ladders"].values()))["steps"] = _steps(rng, data)


def _title(rng: random.Random, data: Data, today: object) -> None:
    part = data[rng.choice(["rotations", "ladders"])]
    if part:
        one = rng.choice(list(part.values()))
        one["title"] = one["title"].split(" (")[0] + f" (v{_number(data)})"


def _key(rng: random.Random, data: Data, today: object) -> None:
    """A rotation gets another key; `previously` says which it had."""
    old = rng.choice([key for key in data["rotations"] if key != "always"] or ["always"])
    if old == "always":
        return
    new = f"k{_number(data)}"
    data["rotations"][new] = {**data["rotations"].pop(old), "previously": old}
    for ladder in data["ladders"].values():
        ladder["steps"] = {at: new if who == old else who for at, who in ladder["steps"].items()}
    for override in data["overrides"]:
        override["rotation"] = new if override["rotation"] == old else override["rotation"]


def _no_rotation(rng: random.Random, data: Data, today: object) -> None:
    gone = rng.choice(list(data["rotations"]))
    if gone == "always" or len(data["rotations"]) < 4:
        return
    del data["rotations"][gone]
    data["overrides"] = [o for o in data["overrides"] if o["rotation"] != gone]
    for ladder in data["ladders"].values():
        ladder["steps"] = {at: "always" if who == gone else who for at, who in ladder["steps"].items()}


def _no_ladder(rng: random.Random, data: Data, today: object) -> None:
    free = [k for k in data["ladders"] if all(s["ladder"] != k for s in data["services"].values())]
    if len(free) > 1:
        del data["ladders"][rng.choice(free)]


def _no_service(rng: random.Random, data: Data, today: object) -> None:
    if len(data["services"]) > 1:
        del data["services"][rng.choice(list(data["services"]))]


def _override(rng: random.Random, data: Data, today: datetime) -> None:
    day = today + timedelta(days=rng.randint(2, 30))
    rotation = rng.choice(list(data["rotations"]))
    taken = {o["from"][:10] for o in data["overrides"] if o["rotation"] == rotation}
    if f"{day:%Y-%m-%d}" not in taken:
        hours = {"from": f"{day:%Y-%m-%d} 10:00", "until": f"{day:%Y-%m-%d} 16:00"}
        data["overrides"].append({"rotation": rotation, "person": rng.choice(PEOPLE), **hours})


def _taken_back(rng: random.Random, data: Data, today: object) -> None:
    if data["overrides"]:
        rng.choice(data["overrides"])["cancelled"] = True


def _forgotten(rng: random.Random, data: Data, today: object) -> None:
    if data["overrides"]:
        data["overrides"].remove(rng.choice(data["overrides"]))


_EDITS = (
    *(_crew, _crew, _crew_to_come, _ladder, _ladder, _title, _key, _override, _override, _taken_back),
    *(_forgotten, _no_rotation, _no_ladder, _no_service, _new_rotation, _new_ladder, _new_service),
)


def day(now: int) -> datetime:
    return datetime.fromtimestamp(now, UTC)
