"""A hand edit on the day of a crew change, before the handoff."""

from __future__ import annotations

from pathlib import Path

from inprocess import desk
from policy_text import NAMES, PEOPLE

SETTINGS = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  pagerduty: {account: acme, new_schedules: layers}
"""
CREWS = """rotations:
  first:
    title: First
    turn: 1 week
    handoff: mon 09:00
    crews:
      - {from: 2026-01-05, order: [ana, ben]}
      - {from: 2026-12-07, order: [ben, cleo]}
"""


def test_a_crew_that_was_to_come_today_is_replaced(tmp_path: Path) -> None:
    with desk(tmp_path, *NAMES) as at:
        at.says(SETTINGS + PEOPLE + CREWS)
        assert at.applies().code == 0
        at.now = "2026-12-07T05:00:00Z"
        at.sandbox.move(at.now)
        assert at.in_sync
        doc = at.doc("schedule", "First")
        running, coming = doc["layers"]
        assert running["end"] == coming["start"]
        at.sandbox.store.put("schedule", {**doc, "layers": [{**running, "end": None}]})
        ran = at.watchbill("adopt")
        assert "a crew from" in ran.out
        text = (at.policies / "policy.yaml").read_text("utf-8")
        assert "order: [ana, ben]" in text
        assert "cleo]" not in text
        assert at.in_sync
