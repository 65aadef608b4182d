"""A past version of the policy, loaded as if its files stood in the folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from watchbill.config.file_text import file_finding, shown
from watchbill.config.files import ENDINGS
from watchbill.config.load import Loaded, assemble
from watchbill.config.yaml_reader import Document, read_yaml
from watchbill.errors import PolicyInvalid
from watchbill.findings import Finding
from watchbill.history.git import Commit, Repository


def load_at(repository: Repository, commit: Commit) -> Loaded:
    """With its findings; by today's format, which may know more than that commit's did."""
    documents: list[Document] = []
    findings: list[Finding] = []
    for name, data in _files(repository, commit):
        path = repository.folder / name
        try:
            documents.append(read_yaml(data.decode("utf-8"), shown(path)))
        except UnicodeDecodeError:
            findings.append(file_finding("file-text", path, f"at {commit.short} it was not UTF-8", ""))
    for document in documents:
        findings += document.findings
    return assemble(repository.folder, documents, findings)


def load_valid_at(repository: Repository, commit: Commit, *, remedy: str = "take another commit") -> Loaded:
    """Raises PolicyInvalid with the findings."""
    loaded = load_at(repository, commit)
    if not loaded.valid:
        errors = sum(f.is_error for f in loaded.findings)
        faults = f"{errors} error{'' if errors == 1 else 's'}"
        message = f"the policy of {commit.short} has {faults} by today's format"
        raise PolicyInvalid(message, loaded.findings, remedy=remedy)
    return loaded


def lay_out(repository: Repository, commit: Commit, folder: Path) -> None:
    """The policy files of a commit, below a folder of one's own; links and programs are not among them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in _files(repository, commit):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _files(repository: Repository, commit: Commit) -> Iterator[tuple[str, bytes]]:
    """(path below the policy folder, content): regular files only, as in the folder."""
    listed = repository.ask("ls-tree", "-r", "-z", "--full-tree", commit.id, "--", repository.where)
    found: list[tuple[str, str]] = []
    for line in listed.decode("utf-8", "surrogateescape").split("\0"):
        head, _, path = line.partition("\t")
        if (
            head.startswith("100")
            and path.startswith(repository.prefix)
            and is_policy(path, repository.prefix)
        ):
            found.append((path[len(repository.prefix) :], head.split()[2]))
    found.sort()
    names = [name for name, _ in found]
    yield from zip(names, repository.blobs(blob for _, blob in found), strict=True)


def is_policy(path: str, prefix: str) -> bool:
    parts = PurePosixPath(path[len(prefix) :]).parts
    return path.lower().endswith(ENDINGS) and not any(part.startswith(".") for part in parts)
