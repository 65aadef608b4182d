"""The lease: a schedule of ours that is in the account while one apply runs, and tells who holds it.

It is on no escalation policy and nobody's turn begins for a year, so it pages nobody.  It is never wanted,
imported or left over.

    One watchbill apply runs at a time; this schedule goes away with it.
    held by ana on ci-7, since 2026-11-23T14:00:00Z
    watchbill/1 lease 3f9c2a1b7d4e held beat 7 @2026-11-23T14:01:45Z process 4711.88123 of 9c1f7e22 in PX1

The end of the line is bound to the schedule, so a copy of the text elsewhere is not a lease: `in` its id; or, while it is
only claimed and has no id yet, `as` its name, which PagerDuty gives to one schedule at a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from watchbill.rota.clock import Instant, iso, parse_instant

LEASE_KEY = "lease"
"""As a marker's key; no object of a policy has it."""
LEASE_NAME = "watchbill lease"

_WORDS = "One watchbill apply runs at a time; this schedule goes away with it."
_HOLDER = re.compile(r"^held by (?P<holder>.*), since (?P<since>\S+Z)$", re.MULTILINE)
_LINE = re.compile(
    r"^watchbill/1 lease (?P<run>[0-9a-f]+) (?P<state>claimed|held) beat (?P<beat>\d+) @(?P<at>\S+Z) "
    r"process (?P<pid>\d+)\.(?P<started>\d+) of (?P<place>[0-9a-f]+)(?: in (?P<id>[A-Z0-9]+)| as (?P<name>.+))$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Process:
    """Tells on the same machine, and only there, whether the holder still lives."""

    pid: int
    started: int
    """When, on the machine's own count; tells a reused pid.  0 = not known."""
    place: str
    """Hash of machine, boot and container."""


@dataclass(frozen=True, slots=True)
class Lease:
    run: str
    """Of this one apply; smallest first where two claim at once."""
    holder: str
    """For people: who, and where."""
    since: Instant
    beat: int
    """Counted up while the holder lives."""
    at: Instant
    """Of the last beat, on PagerDuty's clock."""
    process: Process
    state: Literal["claimed", "held"] = "claimed"
    id: str = ""
    """Of the schedule."""
    name: str = LEASE_NAME

    @property
    def text(self) -> str:
        """The schedule's description."""
        process = self.process
        bound = f"in {self.id}" if self.state == "held" else f"as {self.name}"
        return (
            f"{_WORDS}\nheld by {_plain(self.holder)}, since {iso(self.since)}\n"
            f"watchbill/1 lease {self.run} {self.state} beat {self.beat} @{iso(self.at)} "
            f"process {process.pid}.{process.started} of {process.place} {bound}"
        )


def parse_lease(description: str, id_: str, name: str) -> Lease | None:
    """Of the schedule with this id and name.  None for all else, a copy of a lease included."""
    held, line = _HOLDER.search(description), _LINE.search(description)
    if held is None or line is None:
        return None
    if (line["id"] != id_) if line["state"] == "held" else (line["name"] != name):
        return None
    try:
        since, at = parse_instant(held["since"]), parse_instant(line["at"])
    except ValueError:
        return None
    return Lease(
        run=line["run"],
        holder=held["holder"],
        since=since,
        beat=int(line["beat"]),
        at=at,
        process=Process(int(line["pid"]), int(line["started"]), line["place"]),
        state="held" if line["state"] == "held" else "claimed",
        id=id_,
        name=name,
    )


def _plain(text: str) -> str:
    """One line, not too long; the rest of it is up to whoever wrote the environment it comes from."""
    return " ".join(text.split())[:200] or "somebody"
