"""The lock file, made by the real pip from an index on this machine."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import ROOT
from watchbill.errors import InstallFailed
from watchbill.forge.fresh_python import FreshPython, fresh_python
from watchbill.forge.lock_file import CI_PYTHON, hashes_in, made_lock
from watchbill.forge.own_wheel import OwnWheel, own_wheel
from watchbill.forge.starter_files import LOCK
from wheels import FAKE, index_of, make_wheel, only, sha256

PLATFORM = sysconfig.get_platform().replace("-", "_").replace(".", "_")


@pytest.fixture(scope="module")
def fresh() -> Iterator[FreshPython]:
    with fresh_python() as made:
        yield made


@pytest.fixture
def own(tmp_path: Path) -> OwnWheel:
    needs = ("plain>=1", "quick", 'never; python_version < "3"')
    file = make_wheel(tmp_path / "own", "watchbill", FAKE, needs)
    return OwnWheel(f"./.github/watchbill/{file.name}", "watchbill 1.0, from a test", file)


def test_it_names_every_package_and_pip_installs_it_with_hashes(
    fresh: FreshPython, own: OwnWheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"
    on_ci = 'other; python_full_version == "3.11.0" and sys_platform == "linux"'
    plain = [make_wheel(made, "plain", {"plain.py": ""}, [on_ci], version=v) for v in ("1.0", "1.1")]
    other = make_wheel(made, "other", {"other.py": ""})
    for_ci = make_wheel(made, "quick", {"quick.py": ""}, tag="cp311-cp311-manylinux2014_x86_64")
    here = make_wheel(made, "quick", {"quick.py": ""}, tag=f"py3-none-{PLATFORM}")
    with index_of(tmp_path / "index", [*plain, other, for_ci, here]) as index:
        for name, text in only(index).items():
            monkeypatch.setenv(name, text)
        lock = made_lock(fresh, own)
        found = hashes_in(lock.text)
        assert own.file is not None
        assert found[own.requirement] == {sha256(own.file)}
        assert set(found) == {own.requirement, "other==1.0", "plain==1.1", "quick==1.0"}
        assert found["plain==1.1"] == {sha256(plain[1])}
        assert found["quick==1.0"] <= {sha256(for_ci), sha256(here)}
        assert (lock.packages, lock.fits_here) == (4, True)
        assert index not in lock.text
        assert str(tmp_path) not in lock.text

        repository = tmp_path / "repository"
        (repository / LOCK).parent.mkdir(parents=True)
        (repository / LOCK).write_text(lock.text)
        (repository / own.requirement).write_bytes(own.file.read_bytes())
        words = ("python", "-I", "-m", "pip", "install", "--dry-run", "--require-hashes", "-r", LOCK)
        done = fresh.run(words, repository)
        assert done.code == 0, done.err
        (repository / own.requirement).write_bytes(own.file.read_bytes() + b"more")
        assert "DO NOT MATCH THE HASHES" in fresh.run(words, repository).err

        again = made_lock(
            fresh, own, f"quick==1.0 \\\n    --hash=sha256:{'a' * 64}\nplain==1.0 --hash=sha256:{'b' * 64}\n"
        )
        assert hashes_in(again.text)["quick==1.0"] == found["quick==1.0"] | {"a" * 64}
        assert "b" * 64 not in again.text, "of a version that is not wanted any more"


@pytest.mark.long
def test_a_release_of_the_index_is_used_only_where_it_has_the_same_files(
    fresh: FreshPython, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib.metadata import PathDistribution
    from zipfile import ZipFile

    wheel = make_wheel(tmp_path / "made", "watchbill", FAKE)
    ZipFile(wheel).extractall(tmp_path / "site")
    dist = PathDistribution(tmp_path / "site/watchbill-1.0.dist-info")
    other = make_wheel(
        tmp_path / "other", "watchbill", {**FAKE, "watchbill/main.py": "print('somebody else')\n"}
    )
    for number, (served, same) in enumerate([([wheel], True), ([other], False), ([], False)]):
        with index_of(tmp_path / f"index{number}", served) as index:
            for name, text in only(index).items():
                monkeypatch.setenv(name, text)
            case = FreshPython(fresh.temp / f"case{number}")
            case.temp.mkdir()
            (case.temp / "venv").symlink_to(fresh.temp / "venv")
            own = own_wheel(case, ".github/watchbill", dist)
            assert own.requirement == ("watchbill==1.0" if same else f"./.github/watchbill/{wheel.name}")
            if same:
                assert hashes_in(made_lock(case, own).text) == {"watchbill==1.0": {sha256(wheel)}}


def test_without_an_index_it_is_an_error_with_its_reason(
    fresh: FreshPython, own: OwnWheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in only("http://127.0.0.1:1/simple").items():
        monkeypatch.setenv(name, text)
    with pytest.raises(InstallFailed, match="pip does not find what CI needs") as error:
        made_lock(fresh, own)
    assert (error.value.exit_code, "--install" in error.value.remedy) == (14, True)


def test_the_workflows_use_the_python_that_the_lock_file_serves() -> None:
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        text = path.read_text("utf-8")
        assert text.count("python-version: ") == text.count(f'python-version: "{CI_PYTHON}"'), path.name
