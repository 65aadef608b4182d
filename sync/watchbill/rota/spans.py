"""Arithmetic on half-open spans of time.  A span is (start, end) with start < end; lists are sorted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

Span = tuple[int, int]


def union(spans: Iterable[Span]) -> list[Span]:
    """Sorted, overlapping and touching ones joined."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            if end > joined[-1][1]:
                joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def clip(spans: Iterable[Span], since: int, until: int) -> list[Span]:
    return [(max(s, since), min(e, until)) for s, e in spans if s < until and e > since]


def between(spans: Sequence[Span], since: int, until: int) -> list[Span]:
    """`clip` for sorted, disjoint spans: looks at the ends only."""
    first = bisect_left(spans, (since, since))
    if first and spans[first - 1][1] > since:
        first -= 1
    found = list(spans[first : bisect_left(spans, (until, until))])
    if found:
        found[0] = (max(found[0][0], since), found[0][1])
        found[-1] = (found[-1][0], min(found[-1][1], until))
    return found


def complement(spans: Sequence[Span], since: int, until: int) -> list[Span]:
    """What of [since, until) the sorted, disjoint `spans` leave free."""
    free: list[Span] = []
    at = since
    for start, end in spans:
        if end <= at:
            continue
        if start >= until:
            break
        if start > at:
            free.append((at, start))
        at = end
    if at < until:
        free.append((at, until))
    return free


def intersect(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """Both sorted and disjoint."""
    if len(right) == 1:
        return between(left, *right[0])
    if len(left) == 1:
        return between(right, *left[0])
    common: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            common.append((start, end))
        if left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return common


def total(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)
