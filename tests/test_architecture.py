"""The arrows of the architecture, read from the imports.  See sync/README.md for the picture."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "sync" / "watchbill"

BASE = {"errors", "findings", "local_files", "private_text", "regex"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": {"findings"},
    "findings": set(),
    "local_files": set(),
    "private_text": set(),
    "regex": set(),
    "listen": set(),
    "model": BASE,
    "rota": {"model"} | BASE,
    "ladder": {"rota", "model"} | BASE,
    "account": {"ladder", "rota", "model"} | BASE,
    "plan": {"account", "ladder", "rota", "model"} | BASE,
    "pagerduty": {"plan", "account", "ladder", "rota", "model"} | BASE,
    "apply": {"pagerduty", "plan", "account", "ladder", "rota", "model"} | BASE,
    "incident": {"pagerduty", "plan", "account", "ladder", "rota", "model"} | BASE,
    "doctor": {"apply", "pagerduty", "plan", "account", "ladder", "rota", "model"} | BASE,
    "report": {"doctor", "incident", "apply", "pagerduty", "plan", "account", "ladder", "rota", "model"}
    | BASE,
    "chat": {
        *("forge", "report", "incident", "apply", "pagerduty", "plan", "account", "ladder", "rota", "config"),
        *("listen", "model", *BASE),
    },
    "metrics": {"report", "incident", "pagerduty", "account", "ladder", "rota", "model"} | BASE,
    "watch": {
        *("listen", "report", "incident", "apply", "pagerduty", "plan", "account", "ladder", "rota"),
        *("model", *BASE),
    },
    "schema": {"model"} | BASE,
    "config": {"schema", "model"} | BASE,
    "checks": {"config", "account", "ladder", "rota", "model"} | BASE,
    "history": {"config", "model"} | BASE,
    "adopt": {"account", "config", "rota", "model"} | BASE,
    "publish": {"report", "plan", "ladder", "rota", "model"} | BASE,
    "forge": {"doctor", "report", "apply", "plan", "account", "rota", "model"} | BASE,
    "sandbox": {"rota"} | BASE,
}
"""Which parts of watchbill a part may import.  `cli` may import everything; nothing may import `cli`."""

ONLY_IN: dict[str, set[str]] = {
    "pagerduty": {"pagerduty"},
    "httpx2": {"pagerduty"},
    "github": {"forge/github.py"},
    "slack_bolt": {"chat"},
    "slack_sdk": {"chat"},
    "ruamel": {"config"},
    "yaml": set(),
    "click": {"cli"},
    "aiohttp": {"sandbox"},
    "sqlite3": {"sandbox"},
    "re2": {"regex"},
    "icalendar": {"publish"},
}
"""Libraries that only these parts, or this one module, may import."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.lineno, node.module or ""


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_arrows_run_downwards_only(path: Path) -> None:
    part = part_of(path)
    if part in {"cli", "__init__", "__main__"}:
        return
    assert part in MAY_IMPORT, f"{part} has no place in the architecture; give it one in MAY_IMPORT"
    for line, name in imports(path):
        root, _, rest = name.partition(".")
        if root == "watchbill" and rest:
            other = rest.split(".")[0]
            allowed = other == part or other in MAY_IMPORT[part]
            assert allowed, f"{path.name}:{line}: {part} may not import {other}"
        elif root in ONLY_IN:
            places = {part, path.relative_to(PACKAGE).as_posix()}
            assert places & ONLY_IN[root], (
                f"{path.name}:{line}: {root} belongs to {ONLY_IN[root] or 'nobody'}"
            )


def test_only_the_command_line_exits_and_reads_the_clock() -> None:
    for path in modules():
        part = part_of(path)
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called in {"sys.exit", "os._exit", "exit"}:
                assert part in {"cli", "__main__"}, f"{path}:{node.lineno} exits"
            if called in {"datetime.now", "datetime.utcnow", "date.today", "time.time"}:
                assert part == "cli" or path.name == "clock.py", f"{path}:{node.lineno} reads the clock"


def test_the_parts_in_the_table_do_not_form_a_cycle() -> None:
    done: set[str] = set()
    left = dict(MAY_IMPORT)
    while left:
        ready = [part for part, needs in left.items() if needs - {part} <= done]
        # errors and findings name each other for type hints only
        ready = ready or [part for part in left if part in BASE]
        assert ready, f"a cycle among {sorted(left)}"
        for part in ready:
            done.add(part)
            del left[part]


@pytest.mark.parametrize("words", [["--help"], ["who", "--help"], ["apply", "--help"], ["--version"]])
def test_help_imports_neither_an_http_client_nor_pydantic(words: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['watchbill', *{words!r}]\n"
        "from watchbill.cli.main import run\n"
        "try:\n    run()\nexcept SystemExit as leave:\n    assert not leave.code, leave.code\n"
        "heavy = {'pydantic', 'pydantic_core', 'httpx2', 'httpx', 'pagerduty', 'aiohttp', 'requests', 'urllib3',"
        " 'ruamel', 'rich', 'jsonschema', 'http.client'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("LOADED []"), done.stdout[-300:]
