"""Writes the lock files of this repository: `nox -s lock`.

`watchbill.txt` has what watchbill needs, `backend.txt` what builds it, `tools.txt` what releases it; all from pyproject.toml.
"""

from __future__ import annotations

import sys
import tomllib
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from watchbill.forge.fresh_python import fresh_python
from watchbill.forge.lock_file import made_lock
from watchbill.forge.own_wheel import OwnWheel

HERE = Path(__file__).resolve().parent
HEAD = """\
# {what}, with hashes.  `nox -s lock` writes this file from pyproject.toml.
# Python 3.11 on Linux x86_64, as in CI.
--only-binary :all:
"""


def wanted() -> dict[str, tuple[str, list[str]]]:
    """File name -> what it holds, for people, and the requirements."""
    project = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text("utf-8"))
    return {
        "watchbill.txt": ("What watchbill needs", project["project"]["dependencies"]),
        "backend.txt": ("What builds watchbill", project["build-system"]["requires"]),
        "tools.txt": ("What builds and checks a release", project["dependency-groups"]["release"]),
    }


def wheel_that_needs(requires: list[str], folder: Path) -> OwnWheel:
    """An empty wheel: the lock file starts from one package."""
    path = folder / "watchbill-0-py3-none-any.whl"
    info = "watchbill-0.dist-info"
    lines = "".join(f"Requires-Dist: {text}\n" for text in requires)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: watchbill\nVersion: 0\n{lines}")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: lock\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return OwnWheel(f"./{path.name}", "nothing", path)


def main() -> int:
    with fresh_python() as fresh, TemporaryDirectory() as folder:
        for name, (what, requires) in wanted().items():
            path = HERE / name
            before = path.read_text("utf-8") if path.exists() else ""
            own = wheel_that_needs(requires, Path(folder))
            entries = made_lock(fresh, own, before).text.partition("--only-binary :all:\n")[2]
            rest = entries.split("\n", 2)[2]  # the empty wheel is the first entry, on two lines
            path.write_text(HEAD.format(what=what) + rest, "utf-8")
            print(f"{path.name}: {rest.count('==')} packages")  # noqa: T201  the answer of the session
    return 0


if __name__ == "__main__":
    sys.exit(main())
