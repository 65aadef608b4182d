"""Which commit wrote a place of the policy: the newest one among its lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from watchbill.config.load import Loaded
from watchbill.config.yaml_nodes import Mapping, Node, Sequence, resolved, walk
from watchbill.config.yaml_reader import Document
from watchbill.findings import Place
from watchbill.history.git import Commit, GitError, Repository


@dataclass(frozen=True, slots=True)
class Written:
    """`commit` is None where git does not know: outside of it, or in lines that are not committed yet."""

    file: str
    first_line: int
    last_line: int
    commit: Commit | None
    note: str = ""


def written_by(
    loaded: Loaded, places: Iterable[Place], repository: Repository | None, commit: Commit | None = None
) -> Written | None:
    """`commit`: the version that was loaded; None = the files as they are.  None for places in no file."""
    found = [home for place in places if (home := loaded.locator.home(place)) is not None]
    if not found:
        return None
    document = found[0][0]
    spans = [lines_of(document, path) for other, path in found if other is document]
    first, last = min(s for s, _ in spans), max(e for _, e in spans)
    if repository is None:
        return Written(document.file, first, last, None, "no git history here")
    try:
        authors = _blame(repository, _name(repository, loaded, document), spans, commit)
    except GitError:
        return Written(document.file, first, last, None, "not committed yet")
    if None in authors:
        return Written(document.file, first, last, None, "edited since the last commit")
    newest = max((c for c in authors if c is not None), key=lambda c: c.at)
    return Written(document.file, first, last, newest)


def lines_of(document: Document, path: Place) -> tuple[int, int]:
    """First and last line, counted from 1, of the value and its key."""
    node, key = document.root, None
    for step in path:
        inner = resolved(node) if node is not None else None
        if isinstance(inner, Mapping) and str(step) in inner.lookup:
            key, node = inner.lookup[str(step)]
        elif isinstance(inner, Sequence) and isinstance(step, int) and step < len(inner.items):
            key, node = None, inner.items[step]
    if node is None:
        return 1, 1
    lines = document.lines
    start = min((n.start for n in walk(node)), default=node.start)
    return lines.number(key.start if key is not None else start), lines.number(_end(document, node))


def _end(document: Document, node: Node) -> int:
    """A block of lines ends where its last word does, not where the next thing begins."""
    ends = [n.end for n in walk(node) if not (isinstance(n, Mapping | Sequence) and not n.flow)]
    end = max(ends, default=node.end)
    return max(len(document.text[:end].rstrip()) - 1, node.start)


def _name(repository: Repository, loaded: Loaded, document: Document) -> str:
    """Below the top of the repository; files are shown relative to the working folder."""
    path = Path(document.file).absolute()
    return repository.prefix + path.relative_to(loaded.root.absolute()).as_posix()


def _blame(
    repository: Repository, name: str, spans: Iterable[tuple[int, int]], commit: Commit | None
) -> list[Commit | None]:
    ranges = [word for first, last in spans for word in ("-L", f"{first},{last}")]
    version = [commit.id] if commit is not None else []
    told = repository.ask("blame", "--no-textconv", "--porcelain", *ranges, *version, "--", name).decode(
        "utf-8", "replace"
    )
    known: dict[str, dict[str, str]] = {}
    order: list[str] = []
    current = ""
    for line in told.splitlines():
        if line.startswith("\t"):
            continue
        word, _, rest = line.partition(" ")
        if len(word) >= 40 and all(c in "0123456789abcdef" for c in word):
            current = word
            order.append(word)
            known.setdefault(word, {})
        else:
            known[current][word] = rest
    return [_as_commit(id_, known[id_]) for id_ in dict.fromkeys(order)]


def _as_commit(id_: str, told: dict[str, str]) -> Commit | None:
    if not id_.strip("0"):
        return None
    return Commit(id_, int(told["committer-time"]), told["author"], told["summary"])
