"""The watchbill that runs, as a wheel: what a new repository installs.

A git URL is not enough: pip cannot check its hash, and the tools that build it come unchecked from the index.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import url2pathname

from watchbill.errors import InstallFailed, WatchbillError
from watchbill.forge.fresh_python import FreshPython

_NAME_IT = "name what CI installs: --install"
_BY_INSTALLERS = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"}
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""One time for all files: the same content is the same wheel."""


@dataclass(frozen=True, slots=True)
class OwnWheel:
    requirement: str
    """As pip reads it in the lock file: a path below the repository, or `watchbill==VERSION` of the index."""
    origin: str
    """One line for people; no path of this machine."""
    file: Path | None = None
    """None: the index has the same files as a release."""


def own_wheel(fresh: FreshPython, folder: str, dist: Distribution | None = None) -> OwnWheel:
    """`folder`: where the wheel will stand in the repository.  Raises InstallFailed and WatchbillError."""
    dist = dist or _installed()
    origin = _direct_url(dist)
    if not origin and _released(fresh, dist):
        return OwnWheel(f"watchbill=={dist.version}", f"release {dist.version} of the package index")
    out = fresh.temp / "own"
    out.mkdir(exist_ok=True)
    editable = bool(origin.get("dir_info", {}).get("editable"))
    file = _built(fresh, origin["url"], out) if editable else _repacked(dist, out)
    return OwnWheel(f"./{folder}/{file.name}", f"watchbill {dist.version}, {_words(origin)}", file)


def files_of(wheel: Path) -> dict[str, str]:
    """What it installs: path -> hash as RECORD writes it."""
    with zipfile.ZipFile(wheel) as archive:
        record = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        rows = csv.reader(io.StringIO(archive.read(record).decode("utf-8")))
        return {row[0]: row[1] for row in rows if PurePosixPath(row[0]).name != "RECORD"}


def _installed() -> Distribution:
    try:
        return distribution("watchbill")
    except PackageNotFoundError:
        raise WatchbillError("this watchbill was not installed by pip", remedy=_NAME_IT) from None


def _direct_url(dist: Distribution) -> dict[str, Any]:
    """PEP 610: where it was installed from; empty for an index."""
    text = dist.read_text("direct_url.json")
    return dict(json.loads(text)) if text else {}


def _words(origin: Mapping[str, Any]) -> str:
    if "vcs_info" in origin:
        parts = urlsplit(origin["url"])
        host = parts.netloc.rpartition("@")[2]  # a token may stand before it
        where = "a local clone" if parts.scheme == "file" else urlunsplit((*parts[:1], host, *parts[2:]))
        return f"commit {origin['vcs_info']['commit_id']} of {where}"
    return "as it was installed where init ran"


def _released(fresh: FreshPython, dist: Distribution) -> bool:
    """Whether the index has this version with the very files that are installed."""
    out = fresh.temp / "released"
    words = ("download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(out))
    if fresh.pip(*words, f"watchbill=={dist.version}").code:
        return False
    wheel = next(out.glob("*.whl"), None)
    return wheel is not None and files_of(wheel).items() == _recorded(dist).items()


def _recorded(dist: Distribution) -> dict[str, str]:
    """Path -> hash of what the wheel brought, without what the installer added."""
    found: dict[str, str] = {}
    for file in dist.files or ():
        name = file.as_posix()
        added = name.startswith("../") or "__pycache__" in file.parts
        in_info = file.parts[0].endswith(".dist-info")
        if not added and not (in_info and (file.name in _BY_INSTALLERS or file.name.startswith("uv_"))):
            found[name] = f"{file.hash.mode}={file.hash.value}" if file.hash else ""
    return found


def _repacked(dist: Distribution, out: Path) -> Path:
    recorded = _recorded(dist)
    info = next(
        (PurePosixPath(name).parts[0] for name in recorded if name.endswith(".dist-info/METADATA")), ""
    )
    if not info:
        raise WatchbillError(
            "pip's record of this watchbill is missing", remedy=f"install it anew, or {_NAME_IT}"
        )
    rows = []
    path = out / f"watchbill-{dist.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(recorded, key=lambda name: (name.startswith(info), name)):
            data = _read(dist, name)
            digest = _record_hash(data)
            if recorded[name] not in ("", digest):
                raise WatchbillError(
                    f"{name} was changed after it was installed",
                    remedy=f"install watchbill anew, or {_NAME_IT}",
                )
            rows.append(f"{name},{digest},{len(data)}")
            archive.writestr(_member(name), data)
        rows.append(f"{info}/RECORD,,")
        archive.writestr(_member(f"{info}/RECORD"), "\n".join([*rows, ""]))
    return path


def _read(dist: Distribution, name: str) -> bytes:
    try:
        return Path(str(dist.locate_file(name))).read_bytes()
    except OSError as bad:
        raise WatchbillError(
            f"{name} is missing from this installation: {bad.strerror}", remedy="install watchbill anew"
        ) from None


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _LONG_AGO)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _record_hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"


def _built(fresh: FreshPython, url: str, out: Path) -> Path:
    """From the source tree of an editable installation, by its build backend."""
    source = url2pathname(urlsplit(url).path)
    done = fresh.pip("wheel", "--quiet", "--no-deps", "--wheel-dir", str(out), source)
    built = next(out.glob("watchbill-*.whl"), None)
    if done.code or built is None:
        raise InstallFailed(
            f"no wheel can be built from the source of this watchbill:\n{done.last_lines}",
            remedy=f"run it again where pip reaches its package index, or {_NAME_IT}",
        )
    return built
