"""A phone number or a key does not belong in the files; if one is there, the findings about it do not show it."""

from __future__ import annotations

import re
from dataclasses import replace

from watchbill.findings import Finding
from watchbill.private_text import starred

NEVER_SHOWN = {"phone", "priority_line"}

_DIGITS = r"[+(]?[0-9](?:[0-9 ()/.-]*[0-9])?"
_IN_SOURCE = re.compile(
    rf"((?:phone|priority_line)[\"']?[ ]*:[ ]*[{{]?[ ]*(?:secret[ ]*:[ ]*)?[\"']?)({_DIGITS})"
)


def discreet(finding: Finding) -> Finding:
    match = _IN_SOURCE.search(finding.source)
    hidden = match[2] if match else ""

    def shown(text: str) -> str:
        return starred(text.replace(hidden, "*" * len(hidden)) if hidden else text)

    return replace(
        finding,
        source=starred(_IN_SOURCE.sub(lambda m: m[1] + "*" * len(m[2]), finding.source)),
        message=shown(finding.message),
        hint=shown(finding.hint),
        details=tuple(map(shown, finding.details)),
    )
