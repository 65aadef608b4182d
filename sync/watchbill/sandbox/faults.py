"""Things that go wrong on purpose."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from watchbill.errors import UsageError
from watchbill.regex import Pattern

WRITES = frozenset({"POST", "PUT", "DELETE"})
KINDS = "429, 429-bare, a status from 500 to 599, drop-response, slow-body, truncated-body, latency"
_KIND = re.compile(r"^(429|429-bare|5\d\d|drop-response|slow-body|truncated-body|latency)$")


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to `share` of the requests whose method and path match.

    `429-bare` has neither headers nor body.  `drop-response`: the request is carried out (writes only unless a
    method is named), then the connection closes without an answer.  `after`: let that many matching requests
    pass first.  `times`: how often at most; 0 is without end.  `path`: a regular expression that matches from
    the beginning.  `seconds`: of latency, or for which a slow body takes.
    """

    kind: str
    share: float = 1.0
    method: str = ""
    path: str = ""
    after: int = 0
    times: int = 0
    seconds: float = 1.0

    def concerns(self, method: str, path: str) -> bool:
        if self.method and method != self.method:
            return False
        if not self.method and self.kind == "drop-response" and method not in WRITES:
            return False
        return not self.path or _pattern(self.path).starts(path)


@lru_cache(maxsize=256)
def _pattern(text: str) -> Pattern:
    return Pattern(text)


def parse_fault(text: str) -> Fault:
    """`429:0.1`, `500:0.05,path=/oncalls`, `drop-response:after=3` (one time unless `times` says otherwise)."""
    kind, _, rest = text.partition(":")
    remedy = f"write KIND[:SHARE][,after=N][,times=N][,method=M][,path=REGEX][,seconds=S]; kinds: {KINDS}"
    if not _KIND.match(kind):
        raise UsageError(f"there is no fault {kind!r}", remedy=remedy)
    named = [part if "=" in part else f"share={part}" for part in rest.split(",") if part]
    given = {key: value for key, _, value in (part.partition("=") for part in named)}
    if "after" in given:
        given.setdefault("times", "1")
    try:
        fault = Fault(
            kind=kind,
            share=float(given.pop("share", 1)),
            method=given.pop("method", "").upper(),
            path=given.pop("path", ""),
            after=int(given.pop("after", 0)),
            times=int(given.pop("times", 0)),
            seconds=float(given.pop("seconds", 1)),
        )
        _pattern(fault.path)
    except ValueError as bad:
        raise UsageError(f"the fault {text!r} can't be read: {bad}", remedy=remedy) from bad
    if given or not 0 <= fault.share <= 1:
        raise UsageError(f"the fault {text!r} can't be read", remedy=remedy)
    return fault


class Faults:
    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  faults are to be repeatable, not secret
        self.replace(faults)

    def replace(self, faults: Sequence[Fault]) -> None:
        self._faults = tuple(faults)
        self._seen = [0] * len(self._faults)
        self._done = [0] * len(self._faults)

    def strike(self, method: str, path: str) -> Fault | None:
        """The first fault that befalls this request; counts it for all that concern it."""
        struck = None
        for at, fault in enumerate(self._faults):
            if not fault.concerns(method, path):
                continue
            self._seen[at] += 1
            if self._seen[at] <= fault.after or (fault.times and self._done[at] >= fault.times):
                continue
            if struck is None and self._random.random() < fault.share:
                self._done[at] += 1
                struck = fault
        return struck
