"""One issue per drifted object: opened, kept up to date, closed when the drift is gone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from watchbill.forge.port import Forge, Thread
from watchbill.forge.sticky import DEFAULT_FOLDER, MOST, marker, scoped
from watchbill.model.policy import Policy
from watchbill.plan.drift import Drift, taken_away
from watchbill.report.github_comment import cut_lines
from watchbill.report.github_drift import drift_body, drift_title, gone_comment, known_comment, notice_body

LABEL = "watchbill-drift"


@dataclass(frozen=True, slots=True)
class Told:
    number: int
    url: str
    key: str
    what: Literal["opened", "updated", "closed"]


def tell_drift(forge: Forge, drift: Drift, policy: Policy, folder: str = DEFAULT_FOLDER) -> list[Told]:
    """`folder`: of the policy, from the top of the repository."""
    scope = scoped("drift", folder)
    open_ = _open_issues(forge, scope)
    told: list[Told] = []
    for subject in _subjects(drift, policy):
        mark = marker(f"{scope}:{subject.key}")
        body = cut_lines(f"{mark}\n{subject.body}", MOST)
        there = open_.pop(mark, [])
        if not there:
            made = forge.start_thread(subject.title, body, LABEL)
            told.append(Told(made.number, made.url, subject.key, "opened"))
            continue
        issue, *twins = there
        told += [_closed_for(forge, twin, issue) for twin in twins]
        if (issue.title, issue.body) != (subject.title, body):
            forge.edit_thread(issue.number, title=subject.title, body=body)
        told.append(Told(issue.number, issue.url, subject.key, "updated"))
    known = {marker(f"{scope}:{known.key}"): known for known in drift.acknowledged}
    for mark, issue in ((mark, issue) for mark, issues in open_.items() for issue in issues):
        forge.close_thread(
            issue.number, known_comment(known[mark]) if mark in known else gone_comment(drift.at)
        )
        told.append(Told(issue.number, issue.url, "", "closed"))
    return [*told, *(_raced(forge, scope, told) if any(one.what == "opened" for one in told) else ())]


def _raced(forge: Forge, scope: str, told: list[Told]) -> list[Told]:
    """Another run opened the same meanwhile: the older issue stays, whoever's it is."""
    mine = {one.number for one in told if one.what == "opened"}
    return [
        _closed_for(forge, twin, first)
        for first, *twins in _open_issues(forge, scope).values()
        for twin in twins
        if twin.number in mine
    ]


def _closed_for(forge: Forge, issue: Thread, first: Thread) -> Told:
    forge.close_thread(issue.number, f"The same as #{first.number}.\n", is_done=False)
    return Told(issue.number, issue.url, "", "closed")


@dataclass(frozen=True, slots=True)
class _Subject:
    key: str
    title: str
    body: str


def _subjects(drift: Drift, policy: Policy) -> Iterator[_Subject]:
    """Each edited object, and each that an edit took out of our hands."""
    for change in drift.changes:
        yield _Subject(change.key, drift_title(change), drift_body(drift, change, policy))
    for notice in taken_away(drift):
        name = hashlib.sha256(f"{notice.rule} {notice.message}".encode()).hexdigest()[:12]
        yield _Subject(f"notice:{name}", f"Drift: {notice.rule}", notice_body(notice, drift))


def _open_issues(forge: Forge, scope: str) -> dict[str, list[Thread]]:
    """By hidden first line, the oldest first; only issues that we wrote."""
    found: dict[str, list[Thread]] = {}
    for issue in forge.open_threads(LABEL):
        first = issue.body.partition("\n")[0]
        if issue.author == forge.me and first.startswith(f"<!-- watchbill:{scope}:"):
            found.setdefault(first, []).append(issue)
    return {mark: sorted(issues, key=lambda issue: issue.number) for mark, issues in found.items()}
