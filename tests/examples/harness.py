"""Makes a whole policy of an example, and says what is found in it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from watchbill.checks.registry import run_checks
from watchbill.config.load import load_policy
from watchbill.config.yaml_reader import read_yaml
from watchbill.findings import Finding
from watchbill.rota.clock import parse_instant

HERE = Path(__file__).parent
NOW = parse_instant("2026-11-23T14:00:00Z")
STRUCTURAL = ("structure", "unknown-key", "missing-key", "secret-in-file")
"""The families of faults that the published schema sees too."""
ALONE = "# alone"
"""In an example: nothing is added to it."""
REAL = "# on a real account"
MARK = "# here"
"""On the line of an example that the finding must point to."""


def examples(verdict: str) -> list[Path]:
    """Files and folders right below each rule's folder."""
    return sorted(path for path in (HERE / verdict).glob("*/*") if not path.name.startswith("."))


def files_of(example: Path) -> list[Path]:
    return sorted(example.rglob("*.yaml")) if example.is_dir() else [example]


def text_of(example: Path) -> str:
    return "".join(path.read_text("utf-8", errors="replace") for path in files_of(example))


def policy_of(example: Path, folder: Path) -> Path:
    """A policy folder with the example in it."""
    folder.mkdir(parents=True)
    if example.is_dir():
        shutil.copytree(example, folder, dirs_exist_ok=True)
    else:
        shutil.copy(example, folder / example.name)
    if ALONE not in text_of(example):
        complete(folder)
    return folder


def complete(folder: Path) -> None:
    """Adds the base, less what the files there define."""
    base = read_yaml((HERE / "base.yaml").read_text("utf-8"), "base.yaml").data
    for path in files_of(folder):
        defined = read_yaml(path.read_text("utf-8", errors="replace"), path.name).data
        for kind, value in defined.items() if isinstance(defined, dict) else ():
            if kind == "settings":
                base.pop(kind, None)
            elif kind in base and isinstance(value, dict):
                _take_away(base[kind], value)
    (folder / "base.yaml").write_text(
        json.dumps({kind: value for kind, value in base.items() if value}), "utf-8"
    )


def _take_away(base: dict[str, Any], defined: dict[str, Any]) -> None:
    for handle in defined:
        base.pop(handle, None)


def findings_of(folder: Path, *, real: bool = False) -> list[Finding]:
    loaded = load_policy(folder, schema=True)
    return [*loaded.findings, *run_checks(loaded, account_is_real=real, now=NOW)]


def told(findings: list[Finding]) -> str:
    return "\n".join(
        f"{f.file}:{f.line}:{f.column} {f.severity} [{f.rule}] {f.message} ({f.hint})" for f in findings
    )
