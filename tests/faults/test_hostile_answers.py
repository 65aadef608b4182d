"""An account that answers nonsense is not believed: every operation of every reading verb, times every damage.

A successful status with a body that is not whole ends in 14, or changes nothing where the verb can do without it.
Nothing is written, nothing ends in an internal error, nothing secret is printed.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from faults.damages import DAMAGES, Damaging
from inprocess import Desk, Ran, desk
from policy_text import NAMES, PEOPLE

PHONE = "+40700123456"
POLICY = (
    """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  hours: {office: mon-fri 09:00-18:00}
  pagerduty: {new_schedules: KIND}
"""
    + PEOPLE
    + """rotations:
  one: {title: One, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}
overrides:
  - {rotation: one, person: ben, from: 2026-11-24 09:00, until: 2026-11-24 12:00, reason: swap}
severities:
  P1: {urgency: high, repeat: 0, steps: {0m: domain.primary, 15m: ana}}
domains:
  web: {title: Web, primary: one, default_severity: P1}
"""
)
VERBS = {
    "plan": ("plan", "--exit-code"),
    "drift": ("drift",),
    "who": ("who", "--live"),
    "doctor": ("doctor",),
    "why": ("why", "one", "--live"),
    "incidents": ("incident", "list"),
    "import": ("import", "--account", "acme", "--out", "IMPORTED"),
}
FAULTS = os.environ.get("WATCHBILL_FAULTS", "")
FULL = FAULTS in {"full", "all"}
SAMPLE = (
    "object",
    "null",
    "wrapper null",
    "entries empty",
    "lists are null",
    "numbers are negative",
    "more pages for ever",
)
SECONDS = 5.0
_STATED = re.compile(r"could\s+not\s+be\s+read|cannot\s+be\s+read|is\s+not\s+usable")
"""An answer that the verb can do without: the output states that it is missing."""


def damages_for(verb: str) -> list[str]:
    """All for `plan`; for the others every third, or all with `WATCHBILL_FAULTS=all`."""
    if FAULTS == "all" or (FAULTS == "full" and verb == "plan"):
        return list(DAMAGES)
    return list(DAMAGES)[::3] if FAULTS == "full" else list(SAMPLE)


@contextmanager
def between(home: Path, kind: str) -> Iterator[tuple[Desk, Damaging]]:
    """A desk whose account was applied, seen through the damaging server."""
    with desk(home, *NAMES) as at, Damaging(at.sandbox.url) as damaging:
        at.says(POLICY.replace("KIND", kind))
        assert at.applies().code == 0

        yield at, damaging


def run(at: Desk, damaging: Damaging, verb: str) -> Ran:
    imported = at.home / "imported"
    shutil.rmtree(imported, ignore_errors=True)
    words = [str(imported) if word == "IMPORTED" else word for word in VERBS[verb]]
    return at.watchbill(*words, PAGERDUTY_URL=damaging.url)


@pytest.mark.parametrize(
    ("verb", "kind"),
    [(verb, kind) for verb in VERBS for kind in ("layers", "shifts")] if FULL else [("plan", "shifts")],
)
def test_no_damaged_answer_is_believed(verb: str, kind: str, tmp_path: Path) -> None:
    tried, wrong = 0, []
    with between(tmp_path, kind) as (at, damaging):
        whole = run(at, damaging, verb)
        operations = list(damaging.seen)
        assert operations
        for operation in operations:
            for name in damages_for(verb):
                damaging.target, damaging.damage = operation, DAMAGES[name]
                damaging.seen.clear()
                began = time.monotonic()
                try:
                    ran = run(at, damaging, verb)
                except Exception as bad:  # noqa: BLE001  an internal error is what is looked for
                    ran = Ran(1, f"{type(bad).__name__}: {bad}"[:300])
                took = time.monotonic() - began
                where = f"{verb}: {' '.join(operation)}: {name}: {took:.1f} s {ran.code} {ran.out[-300:]}"
                writes = [op for op in damaging.seen if op[0] != "GET" and op[1] != "/schedules/preview"]
                is_refused = ran.code == 14 or (ran.code, ran.out) == (whole.code, whole.out)
                is_refused = is_refused or (verb == "doctor" and ran.code in {0, 10, 14})
                is_refused = is_refused or (ran.code == whole.code and bool(_STATED.search(ran.out)))
                is_secret = at.sandbox.token in ran.out or PHONE in ran.out
                if not is_refused or is_secret or took >= SECONDS or writes:
                    wrong.append(where)
                tried += 1
    assert not wrong, "\n".join(wrong)
    print(f"{verb} on {kind}: {len(operations)} operations, {tried} damaged answers")
