"""A policy as plain data on two accounts, one of layers and one of shifts, and what happens to it over the months."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from contract.client import Client
from inprocess import Desk, desk
from rota_reference import Data, at_clock, clock_at, on_duty
from watchbill.rota.clock import DAY, HOUR, MINUTE, Instant, iso, parse_instant

PEOPLE = [f"p{n}" for n in range(7)]
COUNTRY = {"Europe/Bucharest": "RO", "America/New_York": "US"}
COUNTED: list[Data] = [
    {"turn": "1 week", "handoff": "mon 09:00", "from": "2026-01-05"},
    {"turn": "1 week", "handoff": "fri 18:00", "from": "2026-01-02"},
    {"turn": "1 day", "handoff": "daily 02:30", "from": "2026-01-05"},
    {"turn": "12 hours", "from": "2026-01-05"},
]
Entry = tuple[Instant, Instant, str]


@dataclass
class Human:
    """An override that somebody made in PagerDuty."""

    rotation: str
    person: str
    start: Instant
    end: Instant


@dataclass
class Side:
    desk: Desk
    users: dict[str, str]
    """Handle -> user id."""
    theirs: dict[str, str] = field(default_factory=dict)
    """Id of an override that a human made -> its document."""

    def entries(self, title: str, since: Instant, until: Instant) -> list[Entry]:
        store, world = self.desk.sandbox.store, self.desk.sandbox.world
        kind = "schedule" if store.named("schedule", title) else "schedule_v3"
        handles = {id_: handle for handle, id_ in self.users.items()}
        found = world.on_call_entries(kind, self.desk.doc(kind, title)["id"], since, until)
        return [
            (max(e.start, since), min(e.end, until), handles[e.user])
            for e in found
            if e.user is not None and e.start < until and e.end > since
        ]

    def overrides(self) -> dict[str, str]:
        wanted = "SELECT id, doc FROM objects WHERE deleted_at IS NULL AND kind LIKE '%override'"
        return dict(self.desk.sandbox.store.execute(wanted))

    def post(self, path: str, body: Data) -> None:
        before = self.overrides()
        with Client(self.desk.sandbox.url, self.desk.sandbox.token) as client:
            answer = client.post(path, body)
            assert answer.status < 300, answer.body
        self.theirs |= {id_: doc for id_, doc in self.overrides().items() if id_ not in before}


@dataclass
class Life:
    zone: str
    rng: random.Random
    layers: Side
    shifts: Side
    now: Instant
    data: Data
    humans: list[Human] = field(default_factory=list)

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.layers, self.shifts

    def passes(self) -> None:
        """Some days and hours, or to a handoff or another edge, a minute before or after it."""
        to = self.now + self.rng.randrange(1, 30 * 24) * HOUR
        if self.rng.random() < 0.6:
            title = self.rng.choice(list(self.data["rotations"].values()))["title"]
            marks = [end for _, end, _ in self.shifts.entries(title, self.now, self.now + 20 * DAY)]
            to = max(self.now, self.rng.choice(marks)) + self.rng.choice([-60, 0, 60, 3600])
        self.moves(max(to, self.now + MINUTE))

    def moves(self, to: Instant) -> None:
        self.now = to
        for side in self.sides:
            side.desk.now = iso(to)
            side.desk.sandbox.move(iso(to))

    def writes(self, data: Data) -> None:
        for side, kind in zip(self.sides, ("layers", "shifts"), strict=True):
            account = {"account": "acme", "new_schedules": kind}
            settings = {**data["settings"], "pagerduty": account}
            side.desk.says(json.dumps({**data, "settings": settings}, indent=1))

    def person_on(self, rotation: str, at: Instant) -> str | None:
        for human in self.humans:
            if human.rotation == rotation and human.start <= at < human.end:
                return human.person
        return on_duty(self.data, rotation, at)

    def local(self, at: Instant) -> str:
        return f"{clock_at(at, self.zone):%Y-%m-%d %H:%M}"

    def edited(self) -> tuple[str, Data]:
        data = json.loads(json.dumps(self.data))
        edits = (_turns, _crew, _crew, _hours, _leave, _override, _override, _cancel, _extend, _key, _nothing)
        edit = self.rng.choice(edits)
        return f"{edit.__name__.strip('_')} {edit(self, data)}", data

    def somebody_overrides(self) -> str:
        """One turn, or a part of it, of one person: on both accounts."""
        rotation = self.rng.choice(list(self.data["rotations"]))
        title = self.data["rotations"][rotation]["title"]
        schedule = self.shifts.desk.doc("schedule_v3", title)["id"]
        window = {"since": iso(self.now + HOUR), "until": iso(self.now + 20 * DAY)}
        with Client(self.shifts.desk.sandbox.url, self.shifts.desk.sandbox.token) as client:
            body = client.get(f"/v3/schedules/{schedule}", **window, **{"include[]": "final_schedule"}).body
        shown = body["schedule"]["final_schedule"]["computed_shift_assignments"]
        plain = [
            a for a in shown if a["source"]["type"] == "schedule_rotation" and a["member"].get("user_id")
        ]
        turn = self.rng.choice(plain)
        start, end = max(self.now + HOUR, parse_instant(turn["start_time"])), parse_instant(turn["end_time"])
        start += -start % MINUTE
        end = self.rng.choice([end, min(end, start + 2 * HOUR)])
        taken = [(h.start, h.end) for h in self.humans if h.rotation == rotation]
        taken += [self.span(o) for o in self.data["overrides"] if o["rotation"] == rotation]
        if start >= end or any(low < end and start < high for low, high in taken):
            return "nobody"
        who = self.rng.choice([p for p in PEOPLE if self.shifts.users[p] != turn["member"]["user_id"]])
        self._made_by_hand(title, turn, Human(rotation, who, start, end))
        return f"{who} for {rotation} from {self.local(start)} until {self.local(end)}"

    def _made_by_hand(self, title: str, turn: Data, human: Human) -> None:
        who, (start, end) = human.person, (iso(human.start), iso(human.end))
        user = {"id": self.layers.users[who], "type": "user_reference"}
        on_layers = self.layers.desk.doc("schedule", title)["id"]
        slot = {"start": start, "end": end, "user": user}
        self.layers.post(f"/schedules/{on_layers}/overrides", {"overrides": [slot]})
        on_shifts = self.shifts.desk.doc("schedule_v3", title)["id"]
        override = {
            "type": "override_shift",
            "rotation_id": turn["source"]["rotation_id"],
            "start_time": start,
            "end_time": end,
            "overridden_member": turn["member"],
            "overriding_member": {"type": "user_member", "user_id": self.shifts.users[who]},
        }
        self.shifts.post(f"/v3/schedules/{on_shifts}/overrides", {"overrides": [override]})
        self.humans.append(human)

    def span(self, override: Data) -> tuple[Instant, Instant]:
        start, end = (datetime.fromisoformat(override[key]) for key in ("from", "until"))
        return at_clock(start, self.zone), at_clock(end, self.zone)


def _rotation(life: Life, data: Data, *, but: tuple[str, ...] = ()) -> str:
    return life.rng.choice([name for name in data["rotations"] if name not in but])


def _turns(life: Life, data: Data) -> str:
    name = _rotation(life, data)
    rotation = data["rotations"][name]
    for key in ("turn", "handoff", "from", "crew", "crews"):
        rotation.pop(key, None)
    rotation |= {**life.rng.choice(COUNTED), "crew": life.rng.sample(PEOPLE, 3)}
    return f"{name} {rotation}"


def _crew(life: Life, data: Data) -> str:
    """From its first handoff two days ahead or later."""
    name = _rotation(life, data)
    rotation = data["rotations"][name]
    if "crew" in rotation:
        rotation["crews"] = [{"from": rotation.pop("from"), "order": rotation.pop("crew")}]
    day = clock_at(life.now, life.zone) + timedelta(days=life.rng.randint(2, 9))
    first = datetime.fromisoformat(rotation["crews"][0]["from"][:10])
    while "week" in rotation["turn"] and day.weekday() != first.weekday():
        day += timedelta(days=1)
    rotation["crews"] = [
        c for c in rotation["crews"] if c["from"] < f"{clock_at(life.now, life.zone):%Y-%m-%d}"
    ]
    rotation["crews"].append({"from": f"{day:%Y-%m-%d}", "order": life.rng.sample(PEOPLE, 3)})
    return f"{name} {rotation['crews'][-1]}"


def _hours(life: Life, data: Data) -> str:
    name = _rotation(life, data, but=("always",))
    hours = life.rng.choice(["business", "nights", "mon-fri 02:30-10:00"])
    data["rotations"][name] |= {"hours": hours, "otherwise": "always"}
    return f"{name} {hours}"


def _leave(life: Life, data: Data) -> str:
    person, cover = life.rng.sample(PEOPLE, 2)
    day = clock_at(life.now, life.zone) + timedelta(days=life.rng.randint(0, 20))
    last = day + timedelta(days=life.rng.randint(0, 5))
    leave = {"person": person, "first_day": f"{day:%Y-%m-%d}", "last_day": f"{last:%Y-%m-%d}"}
    data["absences"].append({**leave, "covered_by": cover})
    return str(data["absences"][-1])


def _override(life: Life, data: Data) -> str:
    name = _rotation(life, data)
    start = life.now + life.rng.choice([0, 30, 60 * life.rng.randint(1, 300)]) * MINUTE
    end = start + life.rng.choice([1, 5, 40, 100]) * HOUR
    made = {"rotation": name, "person": life.rng.choice(PEOPLE)}
    made |= {"from": life.local(start), "until": life.local(end)}
    return _unless_taken(life, data, made)


def _unless_taken(life: Life, data: Data, made: Data) -> str:
    start, end = life.span(made)
    taken = [life.span(o) for o in data["overrides"] if o["rotation"] == made["rotation"]]
    taken += [(h.start, h.end) for h in life.humans if h.rotation == made["rotation"]]
    if start < end and not any(low < end and start < high for low, high in taken):
        data["overrides"].append(made)
    return str(made)


def _cancel(life: Life, data: Data) -> str:
    running = [o for o in data["overrides"] if life.span(o)[1] > life.now]
    if running:
        life.rng.choice(running)["cancelled"] = True
    return str(running)


def _extend(life: Life, data: Data) -> str:
    """The same one anew, and the former one taken back."""
    running = [o for o in data["overrides"] if life.span(o)[0] > life.now and "cancelled" not in o]
    if not running:
        return "nothing"
    old = life.rng.choice(running)
    end = life.span(old)[1] + 3 * HOUR
    data["overrides"].remove(old)
    said = _unless_taken(life, data, {**old, "until": life.local(end)})
    data["overrides"].append({**old, "cancelled": True})
    return said


def _key(life: Life, data: Data) -> str:
    """A rotation gets another handle."""
    old = _rotation(life, data, but=("always",))
    new = f"{old}-x"
    data["rotations"] = {new if k == old else k: r for k, r in data["rotations"].items()}
    data["rotations"][new]["previously"] = old
    for override in data["overrides"]:
        override["rotation"] = new if override["rotation"] == old else override["rotation"]
    for human in life.humans:
        human.rotation = new if human.rotation == old else human.rotation
    return f"{old} {new}"


def _nothing(life: Life, data: Data) -> str:
    return "but time"


def _first(zone: str, rng: random.Random) -> Data:
    hours: Data = {"windows": ["mon-fri 09:00-18:00"], "except_holidays": COUNTRY[zone]}
    made: Data = {
        "settings": {
            "format": 1,
            "organization": "Long life",
            "time_zone": zone,
            "hours": {"business": hours, "nights": ["daily 21:00-07:00"]},
        },
        "people": {p: {"name": p.upper(), "email": f"{p}@x.example"} for p in PEOPLE},
        "rotations": {},
        "overrides": [],
        "absences": [],
    }
    more: dict[str, Any] = {"always": {}, "office": {"hours": "business", "otherwise": "always"}, "day": {}}
    for name, rest in more.items():
        counted = COUNTED[0] if name == "always" else rng.choice(COUNTED)
        made["rotations"][name] = {"title": name.title(), **counted, "crew": rng.sample(PEOPLE, 3), **rest}
    return made


def _side(made: Desk) -> Side:
    users = made.sandbox.store.all("user")
    return Side(made, {u["email"].partition("@")[0]: u["id"] for u in users})


@contextmanager
def lived(home: Path, zone: str, seed: int) -> Iterator[Life]:
    rng = random.Random(seed)
    with ExitStack() as stack:
        layers, shifts = (_side(stack.enter_context(desk(home / k, *PEOPLE))) for k in ("layers", "shifts"))
        life = Life(zone, rng, layers, shifts, parse_instant("2026-09-28T12:00:00Z"), _first(zone, rng))
        life.moves(life.now)
        yield life
