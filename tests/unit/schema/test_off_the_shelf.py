"""check-jsonschema, which knows nothing of watchbill, fails exactly the files whose fault is structural."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from examples.harness import STRUCTURAL, examples, files_of
from shared import ROOT
from watchbill.checks.registry import READING

pytestmark = pytest.mark.skipif(
    find_spec("check_jsonschema") is None,
    reason="NOT CHECKED: check-jsonschema is not installed (group `policies`)",
)


def refused(files: list[Path]) -> set[Path]:
    command = [sys.executable, "-m", "check_jsonschema", "--output-format", "json"]
    schema = ["--schemafile", str(ROOT / "schema" / "policy.schema.json")]
    done = subprocess.run([*command, *schema, *map(str, files)], capture_output=True, text=True, check=False)
    said = json.loads(done.stdout)
    assert not said.get("parse_errors"), said["parse_errors"]
    assert done.returncode == bool(said["errors"])
    return {Path(error["filename"]) for error in said["errors"]}


def test_it_fails_exactly_the_structurally_faulty_examples() -> None:
    unreadable = {rule.id for rule in READING}
    files = {
        path: example.parts[-3] == "invalid" and example.parent.name in STRUCTURAL
        for verdict in ("valid", "invalid")
        for example in examples(verdict)
        if verdict == "valid" or example.parent.name not in unreadable
        for path in files_of(example)
    }
    found = refused(list(files))
    faulty = {path for path, is_faulty in files.items() if is_faulty}
    assert len(faulty) > 70
    assert not faulty - found, "passed"
    assert not found - faulty, "refused"


def test_it_passes_the_shipped_policy() -> None:
    shipped = sorted((ROOT / "policies").rglob("*.yaml"))
    assert shipped
    assert not refused(shipped)
