"""What is kept between runs, and that nobody can tell."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchbill.checks.registry import run_checks
from watchbill.config import cache
from watchbill.config.cache import ParseCache
from watchbill.config.load import Loaded, load_policy

ROOT = Path(__file__).parents[3]
NOW = 1_795_442_400
PADDING = f"# {'-' * 98}\n" * 100
SETTINGS = "settings: {format: 1, organization: X, time_zone: Europe/Bucharest}\n"
PEOPLE = "people:\n  ana: {name: Ana, email: ana@x.example}\n  ben: {name: Ben, email: ben@x.example}\n"
ROTATIONS = """rotations:
  backend:
    title: Backend
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew: [ana, ben]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where caches are written."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(cache.OFF, raising=False)
    return tmp_path / "cache" / "watchbill" / "parsed"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "settings.yaml").write_text(SETTINGS + PADDING)
    (folder / "people.yaml").write_text(PEOPLE)
    (folder / "rotations.yaml").write_text(ROTATIONS)
    return folder


def hits(folder: Path) -> set[str]:
    found = ParseCache(folder)
    return {p.name for p in folder.glob("*.yaml") if found.document(p.read_text(), p.name) is not None}


def files(home: Path) -> list[Path]:
    return sorted(home.iterdir()) if home.is_dir() else []


def told(loaded: Loaded) -> tuple[Any, ...]:
    checked = run_checks(loaded, account_is_real=False, now=NOW)
    return loaded.policy, loaded.findings, checked, loaded.files


def test_the_second_run_reads_no_yaml_and_says_the_same(home: Path, policy: Path) -> None:
    assert hits(policy) == set()
    first = told(load_policy(policy))
    assert hits(policy) == {"settings.yaml", "people.yaml", "rotations.yaml"}
    assert told(load_policy(policy)) == first
    code = (
        "import sys; from pathlib import Path; from watchbill.config.load import load_valid; "
        f"load_valid(Path({str(policy)!r})); assert 'ruamel.yaml' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": f"{ROOT}/sync"})


def test_only_the_edited_file_is_read_again(home: Path, policy: Path) -> None:
    load_policy(policy)
    (policy / "people.yaml").write_text(PEOPLE.replace("Ana,", "Anna,"))
    assert hits(policy) == {"settings.yaml", "rotations.yaml"}
    loaded = load_policy(policy)
    assert loaded.policy is not None
    assert loaded.policy.people["ana"].name == "Anna"
    assert len(hits(policy)) == 3
    assert len(files(home)) == 1


def test_findings_of_later_checks_have_their_place_on_a_hit(home: Path, policy: Path) -> None:
    (policy / "rotations.yaml").write_text(ROTATIONS.replace("[ana, ben]", "[ana, bet]"))
    unknown = told(load_policy(policy))[2]
    assert len(hits(policy)) == 3
    loaded = load_policy(policy)
    again = run_checks(loaded, account_is_real=False, now=NOW)
    (name,) = (f for f in again if f.rule == "unknown-name")
    assert (Path(name.file).name, name.line, name.column, name.width) == ("rotations.yaml", 7, 17, 3)
    assert again == unknown


def test_findings_about_a_known_file_have_their_place_too(home: Path, policy: Path) -> None:
    load_policy(policy)
    (policy / "more.yaml").write_text("people:\n  ana: {name: Ana, email: a@x.example}\n" + SETTINGS)
    found = load_policy(policy).findings
    assert len(hits(policy)) == 3
    assert found
    assert all(f.line and f.source for f in found)
    assert [f.file.rpartition("/")[2] for f in found if f.rule == "duplicate-handle"] == [
        "people.yaml",
        "settings.yaml",
    ]


@pytest.mark.parametrize(
    "fault", ["people:\n  ana: {phone: +40 700}\n", "people: {ana: [}\n", "a: 1\na: 2\n"]
)
def test_an_invalid_policy_leaves_nothing_behind(home: Path, policy: Path, fault: str) -> None:
    (policy / "fault.yaml").write_text(fault)
    assert not load_policy(policy).valid
    assert files(home) == []


def test_files_with_a_warning_are_read_again_and_warn_again(home: Path, policy: Path) -> None:
    (policy / "marked.yaml").write_text("\ufeffteams: {a: A}\n")
    first = load_policy(policy)
    assert first.valid
    assert [f.severity for f in first.findings] == ["warning"]
    assert "marked.yaml" not in hits(policy)
    assert len(hits(policy)) == 3
    assert load_policy(policy).findings == first.findings


def written(home: Path, change: Any) -> None:
    """The cache file with another content, its checksum right."""
    (path,) = files(home)
    body = json.dumps(change(json.loads(path.read_bytes().partition(b"\n")[2]))).encode()
    path.write_bytes(b"watchbill-parsed " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


@pytest.mark.parametrize(
    "change",
    [
        lambda found: [found],
        lambda found: {**found, "files": [1]},
        lambda found: {**found, "reader": "another"},
        lambda found: {**found, "files": dict.fromkeys(found["files"], 1.5)},
        lambda found: {**found, "files": dict.fromkeys(found["files"], float("nan"))},
        lambda found: {"files": found["files"]},
    ],
)
def test_another_shape_is_ignored_and_rewritten(home: Path, policy: Path, change: Any) -> None:
    first = told(load_policy(policy))
    (path,) = files(home)
    right = path.read_bytes()
    written(home, change)
    assert hits(policy) == set()
    assert told(load_policy(policy)) == first
    assert path.read_bytes() == right


def test_data_of_another_shape_is_judged_like_any_other(home: Path, policy: Path) -> None:
    load_policy(policy)
    written(home, lambda found: {**found, "files": {key: ["x"] for key in found["files"]}})
    loaded = load_policy(policy)
    assert not loaded.valid
    assert {f.rule for f in loaded.findings} == {"structure", "settings-missing"}


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_damaged_file_is_ignored(home: Path, policy: Path, data: st.DataObject) -> None:
    load_policy(policy)
    (path,) = files(home)
    right = path.read_bytes()
    cut = data.draw(st.integers(0, len(right) - 1))
    path.write_bytes(data.draw(st.sampled_from([right[:cut], right[:cut] + b"\x00" + right[cut + 1 :]])))
    assert hits(policy) == set()
    loaded = load_policy(policy)
    assert loaded.valid
    assert path.read_bytes() == right


def test_what_is_in_the_place_of_the_file_does_no_harm(home: Path, policy: Path) -> None:
    first = told(load_policy(policy))
    (path,) = files(home)
    for put in (path.mkdir, lambda: os.mkfifo(path), lambda: path.symlink_to("/dev/zero")):
        path.unlink()
        put()
        assert told(load_policy(policy)) == first
        if path.is_dir():
            path.rmdir()
            path.touch()


def test_a_place_that_cannot_be_written_is_no_news(
    tmp_path: Path, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(cache.OFF, raising=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert load_policy(policy).findings == []
    (tmp_path / "closed").mkdir(mode=0o500)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "closed"))
    assert load_policy(policy).findings == []
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/1/fdinfo")
    assert load_policy(policy).findings == []


def test_it_can_be_turned_off(home: Path, policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.OFF, "1")
    load_policy(policy)
    assert files(home) == []
    monkeypatch.delenv(cache.OFF)
    load_policy(policy)
    assert len(hits(policy)) == 3
    monkeypatch.setenv(cache.OFF, "1")
    assert hits(policy) == set()


def test_a_small_policy_is_not_kept(home: Path, policy: Path) -> None:
    (policy / "settings.yaml").write_text(SETTINGS)
    load_policy(policy)
    assert files(home) == []


def test_only_the_owner_can_read_it(home: Path, policy: Path) -> None:
    load_policy(policy)
    (path,) = files(home)
    assert path.stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700


def test_writers_do_not_disturb_each_other(home: Path, policy: Path) -> None:
    """Ten at once, each with a version of its own: whoever reads finds a whole version or none."""
    load_policy(policy)
    (path,) = files(home)
    seen: list[int] = []

    def write(number: int) -> None:
        folder = policy
        for step in range(10):
            text = f"# {number} {step}\n{SETTINGS}{PADDING}"
            kept = ParseCache(folder)
            found = load_policy(folder).locator.home(("settings",))
            assert found is not None
            document = found[0]
            kept.document(text, document.file)
            document.text = text
            kept.keep([document])
            seen.append(len(json.loads(path.read_bytes().partition(b"\n")[2])["files"]))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 100
    assert set(seen) <= {1, 3}
    assert files(home) == [path]


def test_the_longest_unused_go(home: Path, policy: Path) -> None:
    home.mkdir(parents=True)
    for number in range(40):
        (home / f"{number:032x}.json").write_bytes(b"x")
        os.utime(home / f"{number:032x}.json", (1_000_000 + number, 1_000_000 + number))
    (home / "old.json.1-2.tmp").touch()
    os.utime(home / "old.json.1-2.tmp", (1, 1))
    (home / "young.json.1-2.tmp").touch()
    (home / "notes.txt").touch()
    load_policy(policy)
    kept = {path.name for path in files(home)}
    assert {"young.json.1-2.tmp", "notes.txt"} <= kept
    assert "old.json.1-2.tmp" not in kept
    entries = {name for name in kept if name.endswith(".json")}
    assert len(entries) == cache.MOST_FOLDERS
    assert {f"{number:032x}.json" for number in range(9, 40)} <= entries
    assert len(hits(policy)) == 3


def test_two_folders_have_a_file_each(home: Path, policy: Path, tmp_path: Path) -> None:
    load_policy(policy)
    policy.rename(tmp_path / "moved")
    load_policy(tmp_path / "moved")
    assert len(files(home)) == 2


_text = st.text(st.characters(exclude_categories=[]), max_size=20)
_data = st.recursive(
    st.none() | st.booleans() | st.integers() | _text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_text, inner, max_size=4),
)


@given(_data)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_data_comes_back_as_it_was(tmp_path: Path, data: Any) -> None:
    path = tmp_path / "x" / "y.json"
    cache._write(path, {"k": data})
    back = cache._read(path)["k"]
    assert back == data
    assert json.dumps(back) == json.dumps(data)


@pytest.mark.parametrize(
    "folder",
    [ROOT / "policies", *sorted({p.parent for p in (ROOT / "tests/examples/valid").rglob("*.yaml")})],
    ids=lambda p: p.relative_to(ROOT).as_posix(),
)
def test_every_policy_is_the_same_from_the_cache(home: Path, folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in folder.rglob("*.yaml"):
        (copy / "-".join(path.relative_to(folder).parts)).write_bytes(path.read_bytes())
    if not any("settings:" in p.read_text() for p in copy.iterdir()):
        (copy / "a-settings.yaml").write_text(SETTINGS)
    (copy / "padding.yaml").write_text(f"people: {{}}\n{PADDING}")
    first = load_policy(copy)
    again = load_policy(copy)
    assert told(again) == told(first)
    if first.valid and not first.findings:
        assert len(hits(copy)) == len(first.files)
