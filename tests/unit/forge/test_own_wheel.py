"""The wheel of the watchbill that runs, from an installation in a folder of its own."""

from __future__ import annotations

import json
import zipfile
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from typing import Any

import pytest

from watchbill.errors import WatchbillError
from watchbill.forge.fresh_python import FreshPython
from watchbill.forge.own_wheel import files_of, own_wheel
from wheels import FAKE, make_wheel, sha256

FOLDER = ".github/watchbill"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
GIT = {"url": "https://git.example/acme/watchbill", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}


def installed(folder: Path, origin: dict[str, Any]) -> Distribution:
    """As pip leaves it: the wheel's files, and more that pip and Python wrote."""
    wheel = make_wheel(folder / "made", "watchbill", FAKE)
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    info = site / "watchbill-1.0.dist-info"
    added = {
        "watchbill-1.0.dist-info/INSTALLER": "pip\n",
        "watchbill-1.0.dist-info/REQUESTED": "",
        "watchbill-1.0.dist-info/direct_url.json": json.dumps(origin),
        "watchbill-1.0.dist-info/uv_cache.json": "{}",
        "watchbill/__pycache__/main.cpython-311.pyc": "compiled",
        "../../../bin/watchbill": "#!/home/ana/.venv/bin/python\n",
    }
    with (info / "RECORD").open("a") as record:
        for name, text in added.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(text)
            record.write(f"{name},,\n")
    return PathDistribution(info)


def wheel_of(folder: Path, dist: Distribution) -> tuple[Path, str]:
    folder.mkdir()
    own = own_wheel(FreshPython(folder), FOLDER, dist)
    assert own.file is not None
    assert own.requirement == f"./{FOLDER}/{own.file.name}"
    return own.file, own.origin


def test_it_has_the_files_of_the_installation_and_nothing_that_pip_added(tmp_path: Path) -> None:
    dist = installed(tmp_path / "here", GIT)
    wheel, _ = wheel_of(tmp_path / "one", dist)
    assert wheel.name == "watchbill-1.0-py3-none-any.whl"
    assert files_of(wheel) == files_of(tmp_path / "here/made/watchbill-1.0-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {*files_of(wheel), "watchbill-1.0.dist-info/RECORD"}
        assert archive.read("watchbill/main.py").decode() == FAKE["watchbill/main.py"]


def test_the_same_installation_gives_the_same_bytes(tmp_path: Path) -> None:
    wheels = [wheel_of(tmp_path / f"out{n}", installed(tmp_path / f"in{n}", GIT))[0] for n in range(2)]
    assert sha256(wheels[0]) == sha256(wheels[1])


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (GIT, f"watchbill 1.0, commit {COMMIT} of https://git.example/acme/watchbill"),
        (
            {**GIT, "url": "https://ana:secret-token@git.example/acme/watchbill"},
            f"watchbill 1.0, commit {COMMIT} of https://git.example/acme/watchbill",
        ),
        ({**GIT, "url": "file:///home/ana/code"}, f"watchbill 1.0, commit {COMMIT} of a local clone"),
        (
            {"url": "file:///home/ana/code", "dir_info": {}},
            "watchbill 1.0, as it was installed where init ran",
        ),
    ],
)
def test_its_origin_names_the_commit_but_no_token_and_no_path(
    tmp_path: Path, origin: dict[str, Any], words: str
) -> None:
    wheel, said = wheel_of(tmp_path / "out", installed(tmp_path / "in", origin))
    assert said == words
    for secret in (b"secret-token", b"/home/ana"):
        assert secret not in b"".join(zipfile.ZipFile(wheel).read(name) for name in files_of(wheel))


def test_an_installation_that_was_changed_or_is_incomplete_is_refused(tmp_path: Path) -> None:
    changed = installed(tmp_path / "changed", GIT)
    (tmp_path / "changed/site/watchbill/main.py").write_text("print('edited')\n")
    with pytest.raises(WatchbillError, match=r"watchbill/main\.py was changed after it was installed"):
        wheel_of(tmp_path / "a", changed)
    part = installed(tmp_path / "part", GIT)
    (tmp_path / "part/site/watchbill/main.py").unlink()
    with pytest.raises(WatchbillError, match=r"watchbill/main\.py is missing from this installation"):
        wheel_of(tmp_path / "b", part)
    bare = installed(tmp_path / "bare", GIT)
    (tmp_path / "bare/site/watchbill-1.0.dist-info/RECORD").unlink()
    with pytest.raises(WatchbillError, match="pip's record of this watchbill is missing"):
        wheel_of(tmp_path / "c", bare)
