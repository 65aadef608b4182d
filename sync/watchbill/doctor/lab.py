"""Scratch objects: made for one question, on no service, and taken away again whatever happens.

Each has a name that begins with PREFIX and MARK in its description; both together, and nothing else, make an object
scratch.  They are looked for by name before the first question and after the last, so a create whose answer was
lost, Ctrl-C and a killed process leave nothing that the next run would not find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from watchbill.account.objects import ShiftEvent
from watchbill.errors import AccountError, AccountUnauthorised, AccountUnreachable
from watchbill.pagerduty.answers import Answer, Item
from watchbill.pagerduty.lists import Listing, plainly, read_list
from watchbill.pagerduty.problems import Forbidden, NotEntitled, NotFound, Refused
from watchbill.pagerduty.shift_writes import event_body
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import HOUR, MINUTE, WEEK, Instant, iso

PREFIX = "watchbill doctor scratch"
MARK = "watchbill-doctor/1"
DESCRIPTION = f"Made by `watchbill doctor --probe`; it pages nobody. Found later, it may be deleted.\n{MARK}"

_LISTS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("/escalation_policies", "escalation_policies", "escalation_policy", {"query": PREFIX}),
    ("/schedules", "schedules", "schedule", {"query": PREFIX}),
    ("/v3/schedules", "schedules", "schedule", {}),
)
"""Policies first: a schedule that one of them uses cannot go.  The v3 list may not know `query`."""


class Stopped(Exception):
    """Somebody pressed Ctrl-C."""


class Unsettled(Exception):
    """The account did not let it be seen; the text completes `not settled: ...`."""


@dataclass
class Lab:
    transport: Transport
    now: Instant
    users: Sequence[str]
    """Ids of two people who may serve."""
    zone: str
    """One whose clock changes."""
    stopped: Callable[[], bool] = lambda: False
    made: list[str] = field(default_factory=list)
    """Paths of what was made; a list may show it late."""
    _count: int = field(default=0, repr=False)

    def name(self, about: str) -> str:
        self._count += 1
        return f"{PREFIX} {about} {self.now} {self._count}"

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        return self._sent(lambda: self.transport.get(path, params))

    def post(self, path: str, body: Any) -> Answer:
        answer = self._sent(lambda: self.transport.post(path, body))
        for of, _, wrapper, _ in _LISTS:
            made = answer.body.get(wrapper) if of == path and isinstance(answer.body, dict) else None
            if isinstance(made, dict) and made.get("id"):
                self.made.append(f"{path}/{made['id']}")
        return answer

    def put(self, path: str, body: Any) -> Answer:
        return self._sent(lambda: self.transport.put(path, body, repeatable=False))

    def _sent(self, send: Callable[[], Answer]) -> Answer:
        if self.stopped():
            raise Stopped
        return send()

    def schedule(self, about: str, layers: Sequence[Mapping[str, Any]], zone: str = "Etc/UTC") -> Item:
        """POST /schedules; as it is answered."""
        return self.post("/schedules", self.schedule_body(about, layers, zone)).item("schedule")

    def schedule_body(self, about: str, layers: Sequence[Mapping[str, Any]], zone: str = "Etc/UTC") -> Item:
        head = {"type": "schedule", "name": self.name(about), "description": DESCRIPTION, "time_zone": zone}
        return {"schedule": {**head, "schedule_layers": list(layers)}}

    def shown(self, id_: str, since: Instant, until: Instant) -> Item:
        """GET /schedules/{id}, rendered in [since, until)."""
        return self.get(f"/schedules/{id_}", {"since": iso(since), "until": iso(until)}).item("schedule")

    def rewrite(self, schedule: Item, layers: Sequence[Mapping[str, Any]]) -> None:
        """PUT /schedules/{id} with these layers."""
        head = {key: schedule[key] for key in ("name", "time_zone", "description")}
        body = {"type": "schedule", **head, "schedule_layers": list(layers)}
        self.put(f"/schedules/{schedule['id']}", {"schedule": body})

    def shift_schedule(self, about: str, event: ShiftEvent) -> str:
        """POST /v3/schedules, its rotation and one event; the schedule's id."""
        head = {"name": self.name(about), "time_zone": event.time_zone, "description": DESCRIPTION}
        made = self.post("/v3/schedules", {"schedule": head}).item("schedule")
        path = f"/v3/schedules/{made['id']}/rotations"
        rotation = self.post(path, {}).item("rotation")
        self.post(f"{path}/{rotation['id']}/events", {"event": event_body(event, self.now)})
        return str(made["id"])

    def policy_body(self, about: str, rules: Sequence[Mapping[str, Any]]) -> Item:
        """No service uses it, and without services it tells nobody of handoffs."""
        head = {"type": "escalation_policy", "name": self.name(about), "description": DESCRIPTION}
        quiet = {"num_loops": 0, "on_call_handoff_notifications": "if_has_services"}
        return {"escalation_policy": {**head, **quiet, "escalation_rules": list(rules)}}


def layer(users: Sequence[str], start: Instant, **more: Any) -> Item:
    """A week's turns from `start`, unless `more` says otherwise; times in `more` are instants."""
    start -= start % MINUTE
    body: Item = {
        "name": "scratch",
        "start": start,
        "rotation_virtual_start": start,
        "rotation_turn_length_seconds": WEEK,
        "users": [{"user": {"id": user, "type": "user_reference"}} for user in users],
        **more,
    }
    times = ("start", "end", "rotation_virtual_start")
    return {key: iso(value) if key in times and value is not None else value for key, value in body.items()}


def past(now: Instant) -> Instant:
    """A start that PagerDuty takes for the present, by whatever clock."""
    return now - HOUR


@dataclass(frozen=True, slots=True)
class Scratch:
    path: str
    name: str


def find_scratch(transport: Transport) -> list[Scratch]:
    """In the order in which they can be deleted."""
    with ThreadPoolExecutor(1) as pool:
        return [found for kind in _LISTS for found in _found(transport, pool, *kind)]


def _found(
    transport: Transport,
    pool: ThreadPoolExecutor,
    path: str,
    wrapper: str,
    one: str,
    params: Mapping[str, str],
) -> Iterator[Scratch]:
    try:
        items = read_list(transport, Listing(path, wrapper, plainly, params), pool)
    except (Forbidden, NotEntitled, Refused):
        return
    for item in items:
        name = str(item.get("name") or item.get("summary") or "")
        if not name.startswith(PREFIX):
            continue
        try:
            whole = transport.get(f"{path}/{item['id']}").item(one)
        except Refused:
            continue
        if MARK in str(whole.get("description") or "").splitlines():
            yield Scratch(f"{path}/{item['id']}", name)


def remove_scratch(transport: Transport, made: Sequence[str] = ()) -> tuple[list[Scratch], list[str]]:
    """(removed, why others could not be).  `made`: paths that are scratch, listed or not.

    Raises AccountUnreachable, AccountUnauthorised.
    """
    removed, kept = [], []
    listed = find_scratch(transport)
    shown = {scratch.path for scratch in listed}
    unlisted = [Scratch(path, path) for path in made if path not in shown]
    unlisted.sort(key=lambda scratch: not scratch.path.startswith("/escalation_policies"))
    for scratch in (*unlisted, *listed):
        try:
            transport.delete(scratch.path)
        except NotFound:
            continue
        except (AccountUnreachable, AccountUnauthorised):
            raise
        except AccountError as refused:
            kept.append(f"{scratch.name}: {refused.message}")
        else:
            removed.append(scratch)
    return removed, kept
