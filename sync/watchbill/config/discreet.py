"""Phone numbers do not belong in the files; if one is there, the findings about it do not show it."""

from __future__ import annotations

import re
from dataclasses import replace

from watchbill.findings import Finding

NEVER_SHOWN = {"phone", "priority_line"}

_DIGITS = r"[+(]?[0-9](?:[0-9 ()/.-]*[0-9])?"
_IN_SOURCE = re.compile(
    rf"((?:phone|priority_line)[\"']?[ ]*:[ ]*[{{]?[ ]*(?:secret[ ]*:[ ]*)?[\"']?)({_DIGITS})"
)


def discreet(finding: Finding) -> Finding:
    match = _IN_SOURCE.search(finding.source)
    if match is None:
        return finding
    hidden = match[2]
    return replace(
        finding,
        source=_IN_SOURCE.sub(lambda m: m[1] + "*" * len(m[2]), finding.source),
        message=finding.message.replace(hidden, "*" * len(hidden)),
        hint=finding.hint.replace(hidden, "*" * len(hidden)),
    )
