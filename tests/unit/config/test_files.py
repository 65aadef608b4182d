"""Which files are read, and what is said about those that are not."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from watchbill.config.files import FileLimits, find_files, read_files
from watchbill.errors import UsageError
from watchbill.findings import Finding


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("policies").mkdir()
    return Path("policies")


def fault(root: Path, name: str) -> Finding:
    """The one finding, which is about the file of that name; a sound file beside it is still read."""
    (root / "sound.yaml").write_text("a: 1\n")
    documents, findings = read_files(root)
    assert [d.data for d in documents if not d.broken] == [{"a": 1}]
    assert [f.file for f in findings] == [f"policies/{name}"]
    assert findings[0].severity == "error"
    assert findings[0].hint
    return findings[0]


def test_all_yaml_files_in_order(root: Path) -> None:
    for name in (
        "b.yaml",
        "a/z.yml",
        "a/b.YAML",
        "c/d/e.yaml",
        ".git/x.yaml",
        ".#b.yaml",
        "notes.md",
        "a.yaml~",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x: 1\n")
    files, findings = find_files(root)
    assert [f.as_posix() for f in files] == [
        "policies/a/b.YAML",
        "policies/a/z.yml",
        "policies/b.yaml",
        "policies/c/d/e.yaml",
    ]
    assert findings == []


def test_names_are_shown_as_typed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a.yaml").write_text("a: 1\r\n", newline="")
    (root / "sub").mkdir()
    for folder in (root, root.absolute()):
        documents, _ = read_files(folder)
        assert [(d.file, d.text) for d in documents] == [("policies/a.yaml", "a: 1\r\n")]
    absolute = root.absolute()
    monkeypatch.chdir(root / "sub")
    assert [d.file for d in read_files(Path(".."))[0]] == ["../a.yaml"]
    assert [d.file for d in read_files(absolute)[0]] == [str(absolute / "a.yaml")]


def test_no_such_folder(root: Path) -> None:
    (root / "a.yaml").write_text("a: 1")
    for wrong in (Path("nowhere"), root / "a.yaml", root / "a.yaml" / "b"):
        with pytest.raises(UsageError) as caught:
            find_files(wrong)
        assert "--policies" in caught.value.remedy


def test_empty_folder(root: Path) -> None:
    documents, findings = read_files(root)
    assert documents == []
    assert [(f.rule, f.severity, f.file) for f in findings] == [("no-policy-files", "error", "policies")]
    assert "watchbill init" in findings[0].hint


def test_findings_inside_documents_are_among_all(root: Path) -> None:
    (root / "a.yaml").write_text("a: @x\n")
    documents, findings = read_files(root)
    assert findings == documents[0].findings
    assert (findings[0].file, findings[0].line, findings[0].column) == ("policies/a.yaml", 1, 4)


def test_a_huge_file_is_not_read(root: Path) -> None:
    (root / "huge.yaml").touch()
    os.truncate(root / "huge.yaml", 50_000_000_000)
    assert "50,000.0 MB" in fault(root, "huge.yaml").message


def test_binary(root: Path) -> None:
    (root / "bin.yaml").write_bytes(bytes(range(256)) * 8)
    assert fault(root, "bin.yaml").message == "this is not a text file"


def test_utf_16(root: Path) -> None:
    (root / "u.yaml").write_text("a: 1", encoding="utf-16")
    assert fault(root, "u.yaml").message == "the file is UTF-16"


def test_latin_1(root: Path) -> None:
    (root / "l.yaml").write_bytes("a: 1\r\nname: ü José\r\n".encode("latin-1").replace(b"\xfc", b"\xc3\xbc"))
    found = fault(root, "l.yaml")
    assert (found.line, found.column, found.source) == (2, 12, "name: ü Jos\N{REPLACEMENT CHARACTER}")
    assert "0xE9" in found.message


def test_nul(root: Path) -> None:
    (root / "n.yaml").write_bytes(b"a: \0\n")
    assert "NUL" in fault(root, "n.yaml").message


def test_dangling_link(root: Path) -> None:
    (root / "l.yaml").symlink_to("nowhere")
    assert "leads nowhere: nowhere" in fault(root, "l.yaml").message


def test_link_to_itself(root: Path) -> None:
    (root / "l.yaml").symlink_to("l.yaml")
    assert "leads to itself" in fault(root, "l.yaml").message


def test_link_out_of_the_folder(root: Path) -> None:
    Path("other.yaml").write_text("b: 1")
    (root / "l.yaml").symlink_to("../other.yaml")
    assert "leads out of the policy folder, to other.yaml" in fault(root, "l.yaml").message


def test_linked_folder_and_loop(root: Path) -> None:
    (root / "loop").symlink_to(".")
    assert "linked folders are not read" in fault(root, "loop").message


def test_link_to_a_file_read_anyway(root: Path) -> None:
    (root / "l.yaml").symlink_to("sound.yaml")
    assert "policies/sound.yaml, which is read anyway" in fault(root, "l.yaml").message


def test_links_into_a_hidden_folder_are_read(root: Path) -> None:
    """The way a mounted ConfigMap looks."""
    (root / "..data").mkdir()
    (root / "..data" / "k.yaml").write_text("k: 1")
    (root / "k.yaml").symlink_to("..data/k.yaml")
    documents, findings = read_files(root)
    assert ([d.file for d in documents], findings) == (["policies/k.yaml"], [])


def test_folder_named_like_a_file(root: Path) -> None:
    (root / "x.yaml").mkdir()
    found = fault(root, "x.yaml")
    assert (found.message, found.hint) == ("this is a folder, not a file", "rename the folder")


def test_pipe_does_not_block(root: Path) -> None:
    os.mkfifo(root / "p.yaml")
    assert fault(root, "p.yaml").message == "this is a pipe, not a file"


def test_socket(root: Path) -> None:
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("policies/s.yaml")
        assert fault(root, "s.yaml").message == "this is a socket, not a file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable(root: Path) -> None:
    (root / "u.yaml").write_text("a: 1")
    (root / "u.yaml").chmod(0)
    assert "permission denied" in fault(root, "u.yaml").message


def test_file_name_with_a_line_break(root: Path) -> None:
    (root / "a\nb.yaml").write_text("@")
    assert read_files(root)[1][0].file == "policies/a\N{REPLACEMENT CHARACTER}b.yaml"


def test_bounds_in_all(root: Path) -> None:
    for name in "abc":
        (root / f"{name}.yaml").write_text("k: 12345\n")
    documents, findings = read_files(root, limits=FileLimits(total=20))
    assert [d.file for d in documents] == ["policies/a.yaml", "policies/b.yaml"]
    assert [f.rule for f in findings] == ["file-limits"]
    documents, findings = read_files(root, limits=FileLimits(files=2))
    assert (len(documents), [f.rule for f in findings]) == (2, ["file-limits"])
    documents, findings = read_files(root, limits=FileLimits(file=5))
    assert (documents, [f.rule for f in findings]) == ([], ["file-limits"] * 3)
