"""`watchbill who --json` over 1,000 rotations as a process of its own, and where the time goes.

The first run, and the best of five.
Run: python tests/bench/who.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROTATIONS, PER_FILE = 1000, 25
NOW = "2026-11-23T14:00:00Z"
SETTINGS = """settings:
  format: 1
  organization: Bench
  time_zone: Europe/Bucharest
  hours: {business: {windows: [mon-fri 09:00-18:00], except_holidays: RO}}
"""
PHASES = """
import sys, time
from pathlib import Path
began = time.perf_counter()
from watchbill.config.load import load_valid
from watchbill.ladder.answers import who
from watchbill.report.duty import who_json
from watchbill.report.source import Source
from watchbill.rota.duty import Roster
imported = time.perf_counter()
policy = load_valid(Path(sys.argv[1])).policy
loaded = time.perf_counter()
answers = who(Roster(policy), list(policy.rotations), int(sys.argv[2]))
answered = time.perf_counter()
who_json(answers, int(sys.argv[2]), Source("not-asked"))
print(imported - began, loaded - imported, answered - loaded, time.perf_counter() - answered)
"""


def write_policy(folder: Path) -> None:
    (folder / "settings.yaml").write_text(SETTINGS)
    people = [f"  p{n}: {{name: Person {n}, email: p{n}@x.example}}\n" for n in range(200)]
    (folder / "people.yaml").write_text("people:\n" + "".join(people))
    for file in range(ROTATIONS // PER_FILE):
        rows = [_rotation(file * PER_FILE + i) for i in range(PER_FILE)]
        (folder / f"rotations-{file:02d}.yaml").write_text("rotations:\n" + "".join(rows))


def _rotation(n: int) -> str:
    crew = ", ".join(f"p{(n * 7 + i * 3) % 200}" for i in range(3 + n % 5))
    hours = "" if n % 20 == 0 else f"    hours: business\n    otherwise: r{n - n % 20}\n"
    return (
        f"  r{n}:\n    title: Rotation {n}\n    turn: 1 week\n    handoff: mon 09:00\n"
        f"    from: 2026-01-05\n    crew: [{crew}]\n{hours}"
    )


def run(folder: Path, environment: dict[str, str]) -> float:
    command = [sys.executable, "-m", "watchbill", "--policies", str(folder), "--now", NOW, "who", "--json"]
    began = perf_counter()
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    took = perf_counter() - began
    if made.returncode:
        sys.exit(made.stderr)
    answers = json.loads(made.stdout)["answers"]
    assert len(answers) == ROTATIONS
    return took


def main() -> int:
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top, "policies")
        folder.mkdir()
        write_policy(folder)
        environment = {**os.environ, "NO_COLOR": "1"}
        cold = run(folder, environment)
        warm = min(run(folder, environment) for _ in range(5))
        at = "1795442400"
        command = [sys.executable, "-c", PHASES, str(folder), at]
        made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    print(f"watchbill who --json, {ROTATIONS} rotations, process start included")
    print(f"first {cold:6.2f} s")
    print(f"best  {warm:6.2f} s")
    if made.returncode:
        print(made.stderr.splitlines()[-1])
        return 1
    names = ("imports", "loading", "answers", "as JSON")
    print("  ".join(f"{n} {float(v):.2f} s" for n, v in zip(names, made.stdout.split(), strict=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
