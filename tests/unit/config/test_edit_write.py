from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from watchbill.config.edit import EditRefused, write_text


def test_text_arrives_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "overrides" / "backend" / "a.yaml"
    assert write_text(path, "ü: 1\r\n")
    assert path.read_bytes() == "ü: 1\r\n".encode()
    assert [p.name for p in path.parent.iterdir()] == ["a.yaml"], "nothing is left beside it"


def test_the_same_text_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    write_text(path, "a: 1\n")
    before = path.stat().st_ino
    assert not write_text(path, "a: 1\n")
    assert path.stat().st_ino == before


def test_modes(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        path = tmp_path / "a.yaml"
        write_text(path, "a: 1\n")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        write_text(path, "a: 2\n")
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(old)


def test_a_link_keeps_pointing(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "a.yaml"
    target.write_text("a: 1\n")
    link = tmp_path / "link.yaml"
    link.symlink_to("real/a.yaml")
    write_text(link, "a: 2\n")
    assert link.is_symlink()
    assert target.read_text() == "a: 2\n"


def test_a_failed_write_leaves_the_old_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EditRefused, match="no space left"):
        write_text(path, "a: 2\n")
    assert path.read_text() == "a: 1\n"
    assert [p.name for p in tmp_path.iterdir()] == ["a.yaml"]


@pytest.mark.parametrize("kind", ["folder", "loop", "pipe"])
def test_what_is_no_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.yaml"
    if kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to("a.yaml")
    else:
        os.mkfifo(path)
    with pytest.raises(EditRefused) as caught:
        write_text(path, "a: 1\n")
    assert caught.value.remedy
