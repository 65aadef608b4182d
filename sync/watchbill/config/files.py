"""Which files make the policy, and their texts.

Only regular files below the root count: the policy is what is reviewed, so a link may not lead out of it, and a
linked folder is not entered.  Sizes are looked up before anything is read, and nothing but a regular file is opened.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watchbill.config.file_text import file_finding, read_text, reason, shown, size, unreadable
from watchbill.config.yaml_reader import Document, read_yaml
from watchbill.errors import UsageError
from watchbill.findings import Finding

ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class FileLimits:
    """Bytes per file, characters in all, and the number of files."""

    file: int = 1_000_000
    total: int = 64_000_000
    files: int = 20_000


LIMITS = FileLimits()


def find_files(root: Path, *, limits: FileLimits = LIMITS) -> tuple[list[Path], list[Finding]]:
    """All *.yaml and *.yml files below `root`, sorted; hidden files and folders left out.

    Raises UsageError when there is no such folder.
    """
    _require_folder(root)
    files: list[Path] = []
    findings: list[Finding] = []
    for item in _walk(root, findings):
        fault = _fault(item, root)
        if fault is not None:
            findings.append(fault)
        elif len(files) == limits.files:
            hint = "split the policy, or point --policies at the right folder"
            message = f"more than {limits.files:,} policy files; the rest is not read"
            findings.append(file_finding("file-limits", root, message, hint))
            break
        else:
            files.append(item)
    if not files and not findings:
        hint = "`watchbill init` writes a first policy; --policies names another folder"
        findings.append(file_finding("no-policy-files", root, "no policy files here (*.yaml, *.yml)", hint))
    return files, findings


def read_texts(root: Path, *, limits: FileLimits = LIMITS) -> tuple[list[tuple[str, str]], list[Finding]]:
    """(shown name, text) of each file of the policy, and what is wrong with the others."""
    files, findings = find_files(root, limits=limits)
    texts: list[tuple[str, str]] = []
    room = limits.total
    for path in files:
        text = read_text(path, limit=limits.file)
        if isinstance(text, Finding):
            findings.append(text)
            continue
        room -= len(text)
        if room < 0:
            hint = "split the policy, or point --policies at the right folder"
            message = (
                f"the policy is larger than {size(limits.total)} in all; the files from here on are not read"
            )
            findings.append(file_finding("file-limits", path, message, hint))
            break
        texts.append((shown(path), text))
    return texts, findings


def read_files(root: Path, *, limits: FileLimits = LIMITS) -> tuple[list[Document], list[Finding]]:
    """The documents, and all findings: those inside the documents and those of files that have none."""
    texts, findings = read_texts(root, limits=limits)
    documents = [read_yaml(text, name) for name, text in texts]
    for document in documents:
        findings += document.findings
    return documents, findings


def _require_folder(root: Path) -> None:
    try:
        mode = root.stat().st_mode
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            problem = f"there is no folder {shown(root)}"
        else:
            problem = f"the folder {shown(root)} cannot be opened: {reason(error)}"
        raise UsageError(
            problem, remedy="name the policy folder with --policies, or run `watchbill init` to make one"
        ) from None
    if not stat.S_ISDIR(mode):
        raise UsageError(
            f"{shown(root)} is not a folder", remedy="--policies takes the folder, not a file in it"
        )


def _walk(folder: Path, findings: list[Finding]) -> Iterator[Path]:
    """Everything named like a policy file, and linked folders; depth first, in name order."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda e: e.name)
    except OSError as error:
        findings.append(unreadable(folder, error))
        return
    for entry in found:
        if entry.name.startswith("."):
            continue
        path = folder / entry.name
        named = entry.name.lower().endswith(ENDINGS)
        if named or (entry.is_symlink() and path.is_dir()):
            yield path
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(path, findings)


def _fault(path: Path, root: Path) -> Finding | None:
    try:
        mode = path.stat().st_mode
        if path.is_symlink():
            fault = _link_fault(path, root, mode)
            if fault is not None:
                return fault
    except OSError as error:
        return unreadable(path, error)
    if stat.S_ISREG(mode):
        return None
    what = next((word for test, word in _KINDS if test(mode)), "not a file")
    hint = "rename the folder" if stat.S_ISDIR(mode) else "replace it by a file, or rename it"
    return file_finding("file-unreadable", path, f"this is {what}, not a file", hint)


_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def _link_fault(path: Path, root: Path, mode: int) -> Finding | None:
    target = path.resolve(strict=True)
    inside = target.is_relative_to(root.resolve())
    if stat.S_ISDIR(mode):
        message = f"this is a link to a folder ({shown(target)}), and linked folders are not read"
        return file_finding("file-link", path, message, "move the folder here, or delete the link")
    if not inside:
        message = f"this link leads out of the policy folder, to {shown(target)}"
        return file_finding(
            "file-link", path, message, "what is reviewed must be in the folder: copy the file here"
        )
    hidden = any(part.startswith(".") for part in target.relative_to(root.resolve()).parts)
    if stat.S_ISREG(mode) and not hidden and target.name.lower().endswith(ENDINGS):
        message = f"this is a link to {shown(target)}, which is read anyway"
        return file_finding(
            "file-link", path, message, "delete the link; everything in it would be defined twice"
        )
    return None
