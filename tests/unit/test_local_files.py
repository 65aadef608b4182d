"""What is read, and the rights of what is made."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from watchbill.local_files import json_of, private_file, private_folder, read_bounded


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(("size", "is_read"), [(9, True), (10, True), (11, False)])
def test_a_file_of_the_most_bytes_is_read_and_one_more_is_not(
    tmp_path: Path, size: int, is_read: bool
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * size)
    if is_read:
        assert len(read_bounded(file, 10)) == size
    else:
        with pytest.raises(OSError, match="more than 10 bytes"):
            read_bounded(file, 10)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/proc/self/mem"])
def test_a_device_is_not_read(path: str) -> None:
    with pytest.raises(OSError, match=r"not a regular file|Input/output error"):
        read_bounded(Path(path))


def test_json_that_is_too_deep_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        json_of(b"[" * 100_000)


def test_folders_are_made_for_their_owner(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)
    private_folder(there / "new" / "inner")
    assert [mode(there), mode(there / "new"), mode(there / "new" / "inner")] == [0o755, 0o700, 0o700]
    private_folder(there)
    assert mode(there) == 0o700


def test_files_are_made_for_their_owner_and_keep_what_they_hold(tmp_path: Path) -> None:
    file = tmp_path / "file"
    private_file(file)
    assert mode(file) == 0o600
    file.write_text("kept")
    file.chmod(0o664)
    private_file(file)
    assert (mode(file), file.read_text()) == (0o600, "kept")


def test_what_is_not_a_file_keeps_its_rights(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    private_file(pipe)
    assert mode(pipe) == 0o666
