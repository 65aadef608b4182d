"""One issue per drifted object: opened, kept up to date, closed when the drift is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from github.Issue import Issue

from watchbill.forge.client import Forge
from watchbill.forge.sticky import MOST, marker
from watchbill.model.policy import Policy
from watchbill.plan.drift import Drift
from watchbill.report.github_comment import cut_lines
from watchbill.report.github_drift import drift_body, drift_title, gone_comment

LABEL = "watchbill-drift"


@dataclass(frozen=True, slots=True)
class Told:
    number: int
    url: str
    key: str
    what: Literal["opened", "updated", "closed"]


def tell_drift(forge: Forge, drift: Drift, policy: Policy) -> list[Told]:
    open_ = _open_issues(forge)
    told: list[Told] = []
    for change in drift.changes:
        title, mark = drift_title(change), marker(_key(change.key))
        body = cut_lines(f"{mark}\n{drift_body(drift, change, policy)}", MOST)
        issue = open_.pop(mark, None)
        if issue is None:
            made = forge.repo.create_issue(title, body=body, labels=[LABEL])
            told.append(Told(made.number, made.html_url, change.key, "opened"))
            continue
        if (issue.title, issue.body) != (title, body):
            issue.edit(title=title, body=body)
        told.append(Told(issue.number, issue.html_url, change.key, "updated"))
    for issue in open_.values():
        issue.create_comment(gone_comment(drift.at))
        issue.edit(state="closed", state_reason="completed")
        told.append(Told(issue.number, issue.html_url, "", "closed"))
    return told


def _key(key: str) -> str:
    return f"drift:{key}"


def _open_issues(forge: Forge) -> dict[str, Issue]:
    """By hidden first line; only issues that we wrote."""
    found: dict[str, Issue] = {}
    for issue in forge.repo.get_issues(state="open", labels=[LABEL]):
        first = (issue.body or "").partition("\n")[0]
        if issue.user.login == forge.me and first.startswith("<!-- watchbill:drift:"):
            found[first] = issue
    return found
