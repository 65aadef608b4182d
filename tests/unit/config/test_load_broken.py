"""Ten broken inputs: a finding with a line and a hint where there is one, never a traceback, nothing written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from watchbill.checks.registry import run_checks
from watchbill.config.load import Loaded, load_policy
from watchbill.findings import Finding

GOOD = """\
settings: {format: 1, organization: Example, time_zone: Europe/Bucharest}
people: {ana: {name: Ana, email: a@x.example}}
roles: {eng-manager: {title: Engineering Manager, held_by: ana}}
"""


def write(text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "x.yaml").write_text(text, "utf-8") and None


def huge(folder: Path) -> None:
    with (folder / "x.yaml").open("wb") as file:
        file.truncate(50_000_000)


def bomb() -> str:
    lines = ["teams:", "  a: &a [" + ", ".join(["lol"] * 10) + "]"]
    for before, name in zip("abcdefghi", "bcdefghij", strict=True):
        lines.append(f"  {name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    return "\n".join(lines) + "\n"


BROKEN: list[tuple[str, Callable[[Path], None], str, int]] = [
    ("bad indent", write("people:\n  ben:\n    name: Ben\n     email: b@x.example\n"), "yaml-syntax", 4),
    ("tab", write("people:\n\tben: {name: Ben, email: b@x.example}\n"), "yaml-syntax", 2),
    ("duplicate key", write("people:\n  ben: {name: Ben, name: Bob, email: b@x.example}\n"), "duplicate-key", 2),
    ("unknown role", write("severities:\n  P1: {urgency: high, repeat: 0, steps: {0m: eng-manger}}\n"), "unknown-name", 2),
    ("offset", write("absences:\n  - {person: ana, first_day: 2026-12-01T00:00+02:00, last_day: 2026-12-02}\n"), "structure", 2),
    ("alias bomb", write(bomb()), "yaml-limits", 7),
    ("50 MB", huge, "file-limits", 0),
    ("binary", lambda folder: (folder / "x.yaml").write_bytes(os.urandom(64) + b"\0\xff" * 500) and None, "file-text", 0),
    ("dangling link", lambda folder: (folder / "x.yaml").symlink_to("nowhere.yaml"), "file-unreadable", 0),
    ("folder named x.yaml", lambda folder: (folder / "x.yaml").mkdir(), "file-unreadable", 0),
]  # fmt: skip


def everything(folder: Path) -> tuple[Loaded, list[Finding]]:
    loaded = load_policy(folder, schema=True)
    return loaded, [*loaded.findings, *run_checks(loaded, account_is_real=False, now=1_795_442_400)]


@pytest.mark.parametrize(
    ("make", "rule", "line"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_it_is_found_where_it_is(tmp_path: Path, make: Callable[[Path], None], rule: str, line: int) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    make(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    _, findings = everything(tmp_path)
    errors = [f for f in findings if f.is_error]
    assert [(f.rule, Path(f.file).name) for f in errors] == [(rule, "x.yaml")], findings
    assert errors[0].hint
    if line:
        assert errors[0].line == line
        assert errors[0].column
        assert errors[0].source
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_an_empty_folder(tmp_path: Path) -> None:
    loaded, findings = everything(tmp_path)
    assert loaded.policy is None
    assert [f.rule for f in findings] == ["no-policy-files"]
    assert findings[0].hint


def test_a_near_name_is_offered(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    write("severities:\n  P1: {urgency: high, repeat: 0, steps: {0m: eng-manger}}\n")(tmp_path)
    found = next(f for f in everything(tmp_path)[1] if f.rule == "unknown-name")
    assert found.hint == "did you mean 'eng-manager'?"
    assert found.source[found.column - 1 :][: found.width] == "eng-manger"


def test_all_at_once(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    for i, (_, make, _, _) in enumerate(BROKEN):
        folder = tmp_path / str(i)
        folder.mkdir()
        make(folder)
    _, findings = everything(tmp_path)
    expected = sorted(rule for _, _, rule, _ in BROKEN if rule != "unknown-name")
    found = sorted(f.rule for f in findings if f.is_error)
    assert found == expected, "unknown names are not told while files that may define them are unread"


def test_whoever_is_named_by_their_address_has_a_handle(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    write("rotations: {web: {title: Web, crew: [A@x.example]}}\n")(tmp_path)
    (found,) = [f for f in everything(tmp_path)[1] if f.is_error]
    assert (found.rule, found.hint) == ("structure", "its handle is 'ana'")
