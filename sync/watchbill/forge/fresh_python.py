"""A Python environment of its own in a temporary folder, and its pip: what CI begins with."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from watchbill.errors import InstallFailed

SECONDS = 1200
_LINES = 6


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def last_lines(self) -> str:
        """Of both outputs, without pip's warnings."""
        lines = [line for line in (self.out + self.err).splitlines() if line.strip()]
        return "\n".join([line for line in lines if not line.startswith("WARNING:")][-_LINES:])


@dataclass(frozen=True, slots=True)
class FreshPython:
    temp: Path
    """For whatever the work needs; removed at the end."""

    @property
    def programs(self) -> Path:
        return self.temp / "venv" / ("Scripts" if os.name == "nt" else "bin")

    def run(
        self, words: Sequence[str], folder: Path | None = None, env: Mapping[str, str] | None = None
    ) -> Done:
        """The first word is a program of the environment."""
        program = self.programs / (words[0] + (".exe" if os.name == "nt" else ""))
        return _run([str(program), *words[1:]], folder or self.temp, env)

    def pip(self, *words: str) -> Done:
        """Isolated: nothing in the present folder is imported.  The user's pip settings hold."""
        return self.run(
            ["python", "-I", "-m", "pip", "--disable-pip-version-check", "--retries", "2", *words]
        )


@contextmanager
def fresh_python() -> Iterator[FreshPython]:
    """Raises InstallFailed where Python cannot make an environment."""
    with tempfile.TemporaryDirectory(prefix="watchbill-init-", ignore_cleanup_errors=True) as folder:
        fresh = FreshPython(Path(folder).resolve())
        made = _run([sys.executable, "-I", "-m", "venv", str(fresh.temp / "venv")], fresh.temp)
        if made.code:
            raise InstallFailed(
                f"Python cannot make an environment:\n{made.last_lines}",
                remedy="install Python's venv module (Debian: python3-venv), or name what CI installs: --install",
            )
        yield fresh


def _run(words: list[str], folder: Path, env: Mapping[str, str] | None = None) -> Done:
    try:
        done = subprocess.run(  # noqa: S603  no shell; the program is one of the environment's
            words,
            cwd=folder,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as bad:
        return Done(1, "", str(bad))
    return Done(done.returncode, done.stdout, done.stderr)
