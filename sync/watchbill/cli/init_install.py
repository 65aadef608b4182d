"""What a new repository installs, and the same steps as in CI, run once in a fresh environment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from watchbill.cli.failure import show_error
from watchbill.cli.options import Globals
from watchbill.errors import InstallFailed
from watchbill.forge.fresh_python import FreshPython, fresh_python
from watchbill.forge.lock_file import made_lock
from watchbill.forge.own_wheel import own_wheel
from watchbill.forge.starter_files import FOLDER, LOCK
from watchbill.report.github_answer import InitTry

_NOT_FOR_A_TRY = ("PAGERDUTY_", "PYTHON", "GITHUB_", "SLACK_", "WATCHBILL_")


@dataclass(frozen=True, slots=True)
class Bundle:
    """The lock file and the wheel it names."""

    files: Mapping[str, bytes]
    packages: int
    fits_here: bool


@contextmanager
def python_for(options: Globals, *, wanted: bool) -> Iterator[FreshPython | None]:
    if not wanted:
        yield None
        return
    options.say("making a fresh Python environment ...")
    with fresh_python() as fresh:
        yield fresh


def made_bundle(fresh: FreshPython, folder: Path, options: Globals) -> Bundle:
    options.say("looking up every package that CI installs, with hashes ...")
    before = folder / LOCK
    own = own_wheel(fresh, FOLDER)
    lock = made_lock(fresh, own, before.read_text("utf-8") if before.is_file() else "")
    files = {LOCK: lock.text.encode()}
    if own.file is not None:
        files[f"{FOLDER}/{own.file.name}"] = own.file.read_bytes()
    return Bundle(files, lock.packages, lock.fits_here)


def remove_old_wheels(folder: Path, bundle: Bundle) -> None:
    for wheel in (folder / FOLDER).glob("watchbill-*.whl"):
        if f"{FOLDER}/{wheel.name}" not in bundle.files:
            wheel.unlink()


def tried(
    fresh: FreshPython, folder: Path, install: str, options: Globals, *, with_plan: bool
) -> tuple[InitTry, ...]:
    """The steps up to the first that failed."""
    words = ("--require-hashes", "-r", install) if install == LOCK else (install,)
    steps = [
        ("python", "-I", "-m", "pip", "install", "--quiet", *words),
        ("watchbill", "check"),
        *([("watchbill", "plan")] if with_plan else []),
    ]
    done: list[InitTry] = []
    for step in steps:
        options.say(f"trying: {' '.join(step)}")
        env = os.environ if step[0] == "python" else _clean_environment(fresh, options)
        ran = fresh.run(step, folder.resolve(), env)
        done.append(InitTry(command=" ".join(step), code=ran.code, said=ran.last_lines if ran.code else ""))
        if ran.code:
            break
    return tuple(done)


def exit_code(steps: tuple[InitTry, ...]) -> int:
    """Shows the step that failed.  The files stay."""
    failed = next((step for step in steps if step.code), None)
    if failed is None:
        return 0
    error = InstallFailed(
        f"the files are written, but `{failed.command}` fails in a fresh environment:\n{failed.said}",
        remedy="repair that and run the same command again; --no-try only writes the files",
    )
    show_error(error)
    return failed.code if failed.command.startswith("watchbill ") else error.exit_code


def _clean_environment(fresh: FreshPython, options: Globals) -> dict[str, str]:
    """No account, no state of the user: `plan` starts with an empty sandbox."""
    env = {name: text for name, text in os.environ.items() if not name.startswith(_NOT_FOR_A_TRY)}
    home = fresh.temp / "home"
    env |= {name: str(home) for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    now = options.now_text or os.environ.get("WATCHBILL_NOW")
    return {**env, **({"WATCHBILL_NOW": now} if now else {}), "NO_COLOR": "1"}
