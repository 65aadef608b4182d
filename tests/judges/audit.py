"""Known flaws in the packages of our lock files (pip-audit), and secrets in the files of the repository (secretlint).

What cannot be reached is NOT CHECKED; with WATCHBILL_AUDIT=required, as in CI, that fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Answer:
    lines: tuple[str, ...]
    checked: bool = True
    found: bool = False

    def fails(self, *, required: bool) -> bool:
        return self.found or (required and not self.checked)


def flaws(report: Mapping[str, Any] | None, why: str = "") -> Answer:
    """pip-audit's JSON.  It skips a package that its service does not answer for, and still ends with 0."""
    if report is None:
        return Answer((f"NOT CHECKED: pip-audit gave no report: {why}",), checked=False)
    packages = report["dependencies"]
    skipped = [item for item in packages if "skip_reason" in item]
    bad = [
        f"{item['name']} {item['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or 'nothing yet'}"
        for item in packages
        for flaw in item.get("vulns", ())
    ]
    lines = [*bad, f"{len(packages) - len(skipped)} packages checked for known flaws, {len(bad)} found"]
    if skipped or not packages:
        why = skipped[0]["skip_reason"] if skipped else "the lock files name none"
        lines.append(f"NOT CHECKED for known flaws: {len(skipped)} packages; {why}")
    return Answer(tuple(lines), checked=bool(packages) and not skipped, found=bool(bad))


def audit_packages(locks: Sequence[Path]) -> Answer:
    """One run for each file: pip-audit refuses two that name the same package."""
    found: dict[tuple[str, str], Any] = {}
    for path in locks:
        words = ("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off")
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", *words, "-r", str(path)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        try:
            items = json.loads(done.stdout)["dependencies"]
        except ValueError:
            return flaws(None, (done.stderr.strip().splitlines() or ["no output"])[-1])
        found |= {(item["name"], item.get("version", "")): item for item in items}
    return flaws({"dependencies": list(found.values())})


def scan_for_secrets(packages: Path, folder: Path) -> Answer:
    """In the files that git follows."""
    program = packages / "node_modules/.bin/secretlint"
    if not program.exists():
        return Answer(("NOT CHECKED for secrets: npm did not install secretlint",), checked=False)
    names = subprocess.run(
        ["git", "-C", str(folder), "ls-files", "-z"], capture_output=True, text=True, check=True
    ).stdout.split("\0")
    files = [name for name in names if (folder / name).is_file()]
    done = subprocess.run(
        [program, "--no-color", "--no-glob", "--secretlintrc", HERE / "secretlint.json", *files],
        cwd=folder,
        env={**os.environ, "NODE_PATH": str(packages / "node_modules")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        return Answer((done.stdout + done.stderr,), found=True)
    return Answer((f"{len(files)} files scanned for secrets, none found",))


def main() -> int:
    required = os.environ.get("WATCHBILL_AUDIT") == "required"
    answers = (
        audit_packages(sorted((ROOT / ".github/release").glob("*.txt"))),
        scan_for_secrets(Path(os.environ.get("WATCHBILL_JUDGES", "/nonexistent")), ROOT),
    )
    for answer in answers:
        print("\n".join(answer.lines))
    return int(any(answer.fails(required=required) for answer in answers))


if __name__ == "__main__":
    sys.exit(main())
