"""Published calendars read by ical.js, Thunderbird's parser: the same instants, by the calendar's own zone."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from policy_text import at, policy_of
from publish_policies import CALENDARS
from watchbill.publish.folder import calendars
from watchbill.rota.clock import DAY
from watchbill.rota.duty import Roster

NOW = at("2026-11-23 14:00")


def test_ical_js_reads_the_rotations_year(npm: Path, tmp_path: Path) -> None:
    policy = policy_of(CALENDARS)
    paths = {}
    for name, data in calendars(policy, tmp_path / "none", NOW).items():
        if name.startswith("rotations/"):
            paths[Path(name).stem] = tmp_path / Path(name).name
            paths[Path(name).stem].write_bytes(data)
    script = Path(__file__).with_name("calendars.mjs")
    done = subprocess.run(
        ["node", str(script), *map(str, paths.values())],
        env={**os.environ, "WATCHBILL_JUDGES": str(npm)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told = json.loads(done.stdout)
    until = NOW + 366 * DAY
    for rotation, path in paths.items():
        events = [
            (max(start, NOW), min(end, until), summary)
            for start, end, summary, status in told[str(path)]
            if start < until and end > NOW and status == "CONFIRMED"
        ]
        title = policy.rotations[rotation].title
        wanted = [
            (s.start, s.end, f"{title}: {policy.title_of(s.person) if s.person else 'nobody'}")
            for s in Roster(policy).shifts(rotation, NOW, until)
        ]
        assert sorted(events) == sorted(wanted), rotation
