"""The command for integration keys runs only if it was reviewed: it stood in the commit whose rules judge."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from watchbill.cli.options import Globals
from watchbill.errors import GuardRefused, UsageError

if TYPE_CHECKING:
    from watchbill.history.git import Commit, Repository
    from watchbill.model.policy import Policy
    from watchbill.plan.document import Plan

_LATER = "merge and apply the change of the command alone; the next merge may then use it"


def stop_at_new_command(options: Globals, plan: Plan, policy: Policy, *, since: str = "") -> None:
    """`since`: the commit that was applied last; without it, the one whose rules judged the plan, else the one before
    HEAD.

    Does nothing where the plan hands over no key.  Raises GuardRefused, before anything is written.
    """
    keys = policy.settings.pagerduty.integration_keys
    if keys is None or keys.command is None or not _hands_over(plan):
        return
    repo = _repository(options)
    if repo is None:
        return
    from watchbill.history.key_command import command_of

    head = repo.commit("HEAD")
    if command_of(repo, head) != keys:
        raise GuardRefused(
            f"the command of integration_keys is not the one of the commit {head.short}; nothing was written",
            remedy="commit the settings and have them reviewed, or restore the command of that commit",
        )
    before = _before(repo, since or _judged_by(plan))
    if before is not None and command_of(repo, before) != keys:
        raise GuardRefused(
            f"the command of integration_keys is new since {before.short}, the commit whose rules judge; "
            "nothing was written",
            remedy=_LATER,
        )


def checkout_of(policies: Path) -> Path:
    """The folder whose files a pull request can change."""
    where = policies.resolve()
    return next((folder for folder in (where, *where.parents) if (folder / ".git").exists()), where)


def _hands_over(plan: Plan) -> bool:
    from watchbill.plan.document import IntegrationWrite

    return any(isinstance(c.want, IntegrationWrite) and c.want.hands_over for c in plan.changes)


def _repository(options: Globals) -> Repository | None:
    """None only outside of git and of CI: nothing is reviewed there.  Raises GuardRefused."""
    from watchbill.history.git import repository

    repo = repository(options.policies)
    if repo is not None:
        return repo
    if (
        (checkout_of(options.policies) / ".git").exists()
        or os.environ.get("CI")
        or os.environ.get("GITHUB_ACTIONS")
    ):
        raise GuardRefused(
            f"git knows no commit of {options.policies}, so nobody reviewed the command of integration_keys; "
            "nothing was written",
            remedy="commit the policy, and run the apply in a clone with git",
        )
    return None


def _judged_by(plan: Plan) -> str:
    return (plan.judged_by.commit or "") if plan.judged_by is not None else ""


def _before(repo: Repository, since: str) -> Commit | None:
    """None for a first commit: nothing stood before it.  Raises GuardRefused where the clone does not hold it."""
    if since.strip("0"):
        try:
            return repo.commit(since)
        except UsageError:
            raise _cut(f"{since[:9]}, the commit") from None
    try:
        return repo.commit("HEAD^1")
    except UsageError:
        if not repo.is_shallow:
            return None
        raise _cut("the commit before HEAD,") from None


def _cut(what: str) -> GuardRefused:
    return GuardRefused(
        f"this clone lacks {what} whose rules judge the command of integration_keys",
        remedy="fetch the whole history (`git fetch --unshallow`); in a workflow: fetch-depth: 0",
    )
