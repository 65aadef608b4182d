"""An off-the-shelf validator on the published schemas: it must pass the shipped policy and every valid example,
and fail every example whose fault is structural.  Run by `nox -s policies`."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "tests" / "examples"
STRUCTURAL = ("structure", "unknown-key", "missing-key", "secret-in-file")
ANY_KIND = ROOT / "schema" / "policy.schema.json"


def schema_named_in(path: Path) -> Path:
    """The schema that the file's own first line tells editors to use."""
    first = path.read_text("utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    if found is None:
        raise SystemExit(f"{path} does not start with its schema")
    return (path.parent / found[1]).resolve()


def verdict(schema: Path, *files: Path) -> tuple[bool, str]:
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(f"check-jsonschema broke: {done.stderr[-2000:]}")
    return done.returncode == 0, done.stdout


def main() -> int:
    problems: list[str] = []
    by_schema: dict[Path, list[Path]] = {}
    shipped = sorted((ROOT / "policies").rglob("*.yaml"))
    for path in shipped:
        by_schema.setdefault(schema_named_in(path), []).append(path)
    for schema, files in by_schema.items():
        passed, said = verdict(schema, *files)
        problems += [] if passed else [f"the shipped policy fails:\n{said}"]
    valid = sorted((EXAMPLES / "valid").rglob("*.yaml"))
    passed, said = verdict(ANY_KIND, *valid)
    problems += [] if passed else [f"a valid example fails:\n{said}"]
    invalid = [p for rule in STRUCTURAL for p in sorted((EXAMPLES / "invalid" / rule).rglob("*.yaml"))]
    with ThreadPoolExecutor(2) as pool:
        for path, (passed, _) in zip(invalid, pool.map(lambda p: verdict(ANY_KIND, p), invalid), strict=True):
            problems += [f"{path.relative_to(ROOT)} passes, its fault is structural"] if passed else []
    if not (shipped and valid and invalid):
        problems.append("there is nothing to judge")
    print("\n".join(problems))
    print(f"{len(shipped)} policy files, {len(valid)} valid and {len(invalid)} faulty examples judged")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
