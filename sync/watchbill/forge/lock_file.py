"""The lock file: each package that CI installs, with the hashes of its files, as `pip --require-hashes` reads it."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from watchbill.errors import InstallFailed
from watchbill.forge.fresh_python import FreshPython
from watchbill.forge.own_wheel import OwnWheel

CI_PYTHON = "3.11"
"""As the workflows set it up."""
_CI_TAGS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "linux_x86_64")
_CI_MARKERS: dict[str, str] = {
    "implementation_name": "cpython",
    "implementation_version": f"{CI_PYTHON}.0",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": f"{CI_PYTHON}.0",
    "python_version": CI_PYTHON,
    "sys_platform": "linux",
}
_TAGGED = ("sys_platform", "platform_machine", "platform_python_implementation", "python_version")
"""What the names of files depend on."""
_RESOLVE = (
    "install",
    "--dry-run",
    "--ignore-installed",
    "--quiet",
    "--only-binary",
    ":all:",
    "--retries",
    "2",
)
_ROUNDS = 5
_HEAD = """\
# What CI and the hook install, and nothing else: `python -I -m pip install --require-hashes -r` this file.
# Written by `watchbill init`; `watchbill init --lock` writes it anew.
# {origin}
--only-binary :all:
"""


@dataclass(slots=True)
class _Package:
    name: str
    version: str
    hashes: set[str]
    requires: list[Requirement]
    extras: frozenset[str]
    pure: bool
    """One file for all platforms."""

    @property
    def key(self) -> str:
        return canonicalize_name(self.name)

    @property
    def pinned(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True, slots=True)
class Lock:
    text: str
    packages: int
    fits_here: bool
    """False: a package has no file for this machine's platform, so only CI can install it."""


def made_lock(fresh: FreshPython, own: OwnWheel, before: str = "") -> Lock:
    """Serves CI and this machine.  Hashes of the lock `before` stay where the version is the same.

    Raises InstallFailed where pip cannot resolve.
    """
    root = own.requirement if own.file is None else str(own.file)
    packages = _for_ci(fresh, root)
    fits = _add_files_of_this_machine(fresh, packages)
    old = hashes_in(before)
    lines: list[str] = []
    for key in sorted(packages):
        package = packages[key]
        if key == "watchbill" and own.file is not None:
            digest = hashlib.sha256(own.file.read_bytes()).hexdigest()
            lines.insert(0, _entry(own.requirement, [digest]))
        else:
            lines.append(_entry(package.pinned, package.hashes | old.get(package.pinned, set())))
    return Lock(_HEAD.format(origin=own.origin) + "".join(lines), len(lines), fits)


def hashes_in(text: str) -> dict[str, set[str]]:
    """`name==version` or path -> its sha256 hashes."""
    found: dict[str, set[str]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        words = line.split()
        if words and not words[0].startswith(("#", "--")):
            found[words[0]] = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
    return found


def _entry(requirement: str, hashes: Iterable[str]) -> str:
    return " \\\n".join([requirement, *(f"    --hash=sha256:{digest}" for digest in sorted(hashes))]) + "\n"


def _for_ci(fresh: FreshPython, root: str) -> dict[str, _Package]:
    """pip judges markers by the Python that runs it, so what only CI's Python needs is asked for by name."""
    words = [f"--platform={tag}" for tag in _CI_TAGS]
    words += ["--implementation", "cp", "--python-version", CI_PYTHON]
    more: dict[str, Requirement] = {}
    for _ in range(_ROUNDS):
        packages = _resolved(fresh, [*words, root, *map(str, more.values())])
        lacking = _lacking(packages)
        if not lacking:
            return packages
        more |= lacking
    raise InstallFailed("pip finds no end to what CI needs", remedy="name what CI installs: --install")


def _lacking(packages: Mapping[str, _Package]) -> dict[str, Requirement]:
    ci = {**_this_machine(), **_CI_MARKERS}
    found: dict[str, Requirement] = {}
    for package in packages.values():
        for wanted in package.requires:
            key = canonicalize_name(wanted.name)
            if key not in packages and _holds(wanted.marker, ci, package.extras):
                found[key] = Requirement(str(wanted).partition(";")[0])
    return found


def _holds(marker: Marker | None, env: Mapping[str, str], extras: frozenset[str]) -> bool:
    if marker is None:
        return True
    return any(marker.evaluate({**env, "extra": extra}) for extra in ("", *extras))


def _add_files_of_this_machine(fresh: FreshPython, packages: Mapping[str, _Package]) -> bool:
    if _is_like_ci():
        return True
    wanted = [package.pinned for package in packages.values() if not package.pure]
    if not wanted:
        return True
    try:
        found = _resolved(fresh, ["--no-deps", *wanted])
    except InstallFailed:
        return False
    for key, package in found.items():
        packages[key].hashes |= package.hashes
    return True


def _is_like_ci() -> bool:
    here = _this_machine()
    return all(here[name] == _CI_MARKERS[name] for name in _TAGGED) and platform.libc_ver()[0] == "glibc"


def _this_machine() -> dict[str, str]:
    return {name: str(text) for name, text in default_environment().items()}


def _resolved(fresh: FreshPython, words: list[str]) -> dict[str, _Package]:
    report = fresh.temp / "report.json"
    report.unlink(missing_ok=True)
    unused = str(
        fresh.temp / "unused"
    )  # pip wants a target with a foreign platform, also when it installs nothing
    done = fresh.pip(*_RESOLVE, "--target", unused, "--report", str(report), *words)
    if done.code or not report.exists():
        raise InstallFailed(
            f"pip does not find what CI needs:\n{done.last_lines}",
            remedy="run it again where pip reaches its package index, or name what CI installs: --install",
        )
    items = json.loads(report.read_text("utf-8"))["install"]
    packages = [_package(item) for item in items]
    return {package.key: package for package in packages}


def _package(item: Mapping[str, Any]) -> _Package:
    """An entry of pip's installation report, version 1."""
    metadata, source = item["metadata"], item["download_info"]
    digest = source.get("archive_info", {}).get("hashes", {}).get("sha256", "")
    if not digest:
        raise InstallFailed(
            f"the package index gives no sha256 for {metadata['name']}",
            remedy="name what CI installs: --install",
        )
    return _Package(
        name=metadata["name"],
        version=metadata["version"],
        hashes={digest},
        requires=[Requirement(text) for text in metadata.get("requires_dist", ())],
        extras=frozenset(item.get("requested_extras", ())),
        pure=Path(source["url"]).name.endswith("-none-any.whl"),
    )
