"""Where an answer about duty comes from, and how PagerDuty differs from the files: in words and in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from watchbill.ladder.live import Difference, Live
from watchbill.model.policy import Policy
from watchbill.report.columns import wrapped
from watchbill.report.safe import count, plain
from watchbill.report.times import full, short
from watchbill.rota.clock import Instant, Zone, iso, zone
from watchbill.rota.turns import FOREVER, LONG_AGO

SECONDS = 2
"""After which the files answer a question."""
REASONS: Mapping[str, str] = {
    "no-account": "no account is set",
    "no-token": "PAGERDUTY_TOKEN is not set",
    "no-answer": "PagerDuty did not answer within {seconds} s",
    "refused": "PagerDuty cannot be asked",
    "offline": "--offline was given",
    "not-asked": "PagerDuty is not asked here",
    "past": "PagerDuty is not asked about the past",
    "far": "PagerDuty answers at most 90 days ahead",
    "invalid-policy": "the policy is not valid",
}
"""Why the files answer alone."""
_MOST = 8
"""Lines of differences in one answer."""


@dataclass(frozen=True, slots=True)
class Source:
    """Of the files with a `reason`, or of PagerDuty's `account` with `live`."""

    reason: str = ""
    """Key of REASONS."""
    detail: str = ""
    """In PagerDuty's words."""
    account: str = ""
    live: Live | None = None
    until: Instant | None = None
    """PagerDuty's answer ends before what was asked for."""
    seconds: int = SECONDS
    """For which an answer was waited."""

    @property
    def differences(self) -> tuple[Difference, ...]:
        return self.live.differences if self.live is not None else ()

    def difference(self, rotation: str | None, at: Instant) -> Difference | None:
        return self.live.difference(rotation, at) if self.live is not None else None


NOT_ASKED = Source("not-asked")


def source_text(source: Source, where: Zone | None = None) -> str:
    """One line, `source: ...`."""
    if source.live is None:
        detail = f": {plain(source.detail)}" if source.detail else ""
        reason = REASONS[source.reason].format(seconds=source.seconds)
        return f"source: the policy files; {reason}{detail}"
    until = f" until {full(source.until, where)}" if source.until is not None and where is not None else ""
    return f"source: PagerDuty ({plain(source.account)}), laid over the policy{until}"


def source_lines(
    source: Source, policy: Policy, now: Instant, width: int, *, until: Instant | None = None
) -> list[str]:
    """The line, the differences that begin before `until`, and what PagerDuty's answer does not cover."""
    where = zone(policy.settings.time_zone)
    lines = wrapped(source_text(source, where), width, hanging=2)
    if source.live is None:
        return lines
    shown = sorted((d for d in source.differences if until is None or d.start < until), key=lambda d: d.start)
    for difference in shown[:_MOST]:
        lines += _indented(difference_text(difference, policy, where, now), width)
    if len(shown) > _MOST:
        rest = count(len(shown) - _MOST, "more difference")
        lines += _indented(f"{rest}; --json has all", width)
    if source.live.from_files:
        names = ", ".join(plain(policy.title_of(rotation)) for rotation in source.live.from_files)
        lines += _indented(f"from the policy files, because no escalation policy pages it: {names}", width)
    return lines


def difference_text(difference: Difference, policy: Policy, where: Zone, now: Instant) -> str:
    """`First: override in PagerDuty: Cleo until Mon 23 Nov 19:00, not in the files (Ana)`"""
    title, on_call = plain(policy.title_of(difference.rotation)), _names(policy, difference.on_call)
    begins = f" from {short(difference.start, where, now)}" if difference.start > now else ""
    ends = f" until {short(difference.end, where, now)}" if difference.end < FOREVER else ""
    files = _names(policy, difference.by_files)
    if difference.cause == "override":
        return f"{title}: override in PagerDuty: {on_call}{begins}{ends}, not in the files ({files})"
    return f"{title}: PagerDuty's schedule differs: {on_call}{begins}{ends}, the files have {files}"


def _names(policy: Policy, people: Iterable[str]) -> str:
    return " + ".join(plain(policy.title_of(person)) for person in people) or "nobody"


def _indented(text: str, width: int) -> list[str]:
    return [f"  {line}" for line in wrapped(text, width - 2, hanging=2)]


def source_json(source: Source) -> dict[str, Any]:
    live = source.live
    return {
        "kind": "files" if live is None else "pagerduty",
        "account": source.account or None,
        "reason": source.reason or None,
        "text": source_text(source).removeprefix("source: "),
        "until": None if live is None else iso(live.until),
        "differences": [_difference_json(each) for each in source.differences],
        "from_files": list(live.from_files) if live is not None else [],
    }


def _difference_json(each: Difference) -> dict[str, Any]:
    return {
        "rotation": each.rotation,
        "on_call": list(each.on_call),
        "by_files": list(each.by_files),
        "since": _instant(each.start),
        "until": _instant(each.end),
        "cause": each.cause,
    }


def foreign_json(difference: Difference | None, person: str | None) -> dict[str, Any] | None:
    """For the answer that this person is on duty; None where the files say the same of them."""
    if difference is None or person in difference.by_files:
        return None
    return {
        "person": person,
        "instead_of": list(difference.missing),
        "since": _instant(difference.start),
        "until": _instant(difference.end),
        "cause": difference.cause,
    }


def _instant(at: Instant) -> str | None:
    return None if at <= LONG_AGO or at >= FOREVER else iso(at)
