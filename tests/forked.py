"""`watchbill` in a process of its own that costs only a fork: a parent that has imported everything stands ready.

The command sees its own words, folder, environment and standard files, and ends with an exit code or a signal.
"""

from __future__ import annotations

import multiprocessing.forkserver
import os
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired

import watchbill

_WAYS = {"stdin": "r", "stdout": "w", "stderr": "w"}


def run_watchbill(
    words: Sequence[str], cwd: Path, env: Mapping[str, str], stdin: str = "", timeout: float = 180
) -> CompletedProcess[str]:
    """Raises subprocess.TimeoutExpired, after it killed the command."""
    with tempfile.TemporaryDirectory(prefix="watchbill-said-") as folder:
        files = {name: Path(folder, name) for name in _WAYS}
        files["stdin"].write_text(stdin, "utf-8")
        start_forkserver()
        context = multiprocessing.get_context("forkserver")
        child = context.Process(target=_command, args=(list(words), cwd, dict(env), files))
        child.start()
        child.join(timeout)
        if child.exitcode is None:
            child.kill()
            child.join()
            raise TimeoutExpired(["watchbill", *words], timeout)
        code = child.exitcode
        child.close()
        said = (
            files[name].read_text("utf-8") if files[name].exists() else "" for name in ("stdout", "stderr")
        )
        return CompletedProcess(["watchbill", *words], code, *said)


@cache
def start_forkserver() -> None:
    """With all of watchbill imported; it looks for modules in PYTHONPATH only."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    try:
        multiprocessing.forkserver.set_forkserver_preload(_modules())
        multiprocessing.forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def _modules() -> list[str]:
    folder = Path(watchbill.__file__).parent
    found = (path.relative_to(folder.parent).with_suffix("") for path in folder.rglob("*.py"))
    return sorted(".".join(path.parts) for path in found if not path.name.startswith("__"))


def _command(words: list[str], cwd: Path, env: dict[str, str], files: dict[str, Path]) -> None:
    for number, (name, way) in enumerate(_WAYS.items()):
        opened = files[name].open(way, encoding="utf-8")
        os.dup2(opened.fileno(), number)
        setattr(sys, name, os.fdopen(number, way, encoding="utf-8", closefd=False))
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    random.seed()
    sys.argv = ["watchbill", *words]
    import_module("watchbill.cli.main").run()
