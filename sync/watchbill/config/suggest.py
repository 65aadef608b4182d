"""The name that was probably meant.  Letter case, dashes, underscores and blanks do not count as differences."""

from __future__ import annotations

from collections.abc import Iterable

MOST_NAMED = 3


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """`did you mean 'eng-manager'?`, naming up to three equally near ones, or "" when nothing is near."""
    near = nearest(word, candidates)
    if not near:
        return ""
    names = [f"'{name}'" for name in near]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f"did you mean {listed}?"


def nearest(word: str, candidates: Iterable[str]) -> list[str]:
    """The nearest candidates, in the order of the alphabet; else those that the word is a part of."""
    plain, parts = _plain(word), _parts(word)
    if not plain or len(plain) > 100:
        return []
    names = set(candidates)
    return sorted(_similar(plain, parts, names) or _containing(plain, parts, names))[:MOST_NAMED]


def _similar(plain: str, parts: list[str], names: set[str]) -> list[str]:
    limit = _tolerance(plain)
    best: list[str] = []
    best_rank = (limit + 1, 0)
    for candidate in names:
        rank = _rank(plain, parts, candidate, best_rank[0])
        if rank is None or rank > best_rank:
            continue
        if rank < best_rank:
            best, best_rank = [], rank
        best.append(candidate)
    return best


def _containing(plain: str, parts: list[str], names: set[str]) -> list[str]:
    """`vp-eng` for vp-engineering, `manager` for eng-manager."""
    if len(plain) < 3:
        return []
    wanted = set(parts)
    return [name for name in names if _plain(name).startswith(plain) or wanted <= set(_parts(name))]


def _rank(plain: str, parts: list[str], candidate: str, limit: int) -> tuple[int, int] | None:
    """(edits, 1 if the first letter differs); None when more than `limit` edits apart."""
    other = _plain(candidate)
    if other == plain:
        return 0, 0
    if len(parts) > 1 and parts == _parts(candidate):
        return 1, 0
    edits = _edits(plain, other, limit)
    return None if edits is None else (edits, int(plain[0] != other[:1]))


def _tolerance(plain: str) -> int:
    """One edit for a short word, at most three: a wrong suggestion is worse than none."""
    return 0 if len(plain) == 1 else max(1, min(3, len(plain) // 3))


def _plain(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "").replace(" ", "").replace(".", "")


def _parts(word: str) -> list[str]:
    return sorted(word.casefold().replace("_", "-").replace(" ", "-").replace(".", "-").split("-"))


def _edits(a: str, b: str, limit: int) -> int | None:
    """Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), if within `limit`."""
    if abs(len(a) - len(b)) > limit:
        return None
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    a, b = a[start : len(a) - end], b[start : len(b) - end]
    if len(set(a) ^ set(b)) > 2 * limit:
        return None
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a):
        above, row = row, [i + 1]
        for j, other in enumerate(b):
            cost = min(above[j] + (letter != other), above[j + 1] + 1, row[j] + 1)
            if i and j and letter == b[j - 1] and other == a[i - 1]:
                cost = min(cost, before[j - 1] + 1)
            row.append(cost)
        if min(row) > limit and min(above) > limit:
            return None
        before = above
    return row[-1] if row[-1] <= limit else None
