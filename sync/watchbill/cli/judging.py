"""Whose rules judge a plan: those of the commit before the change, read from git."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from watchbill.cli.options import Globals

if TYPE_CHECKING:
    from pathlib import Path

    from watchbill.history.git import Commit, Repository
    from watchbill.model.policy import Policy
    from watchbill.plan.document import Plan, RuleChange
    from watchbill.plan.rules import Rules

_FILE = {"A": ("missing", "added"), "D": ("there", "deleted")}


class Asked(NamedTuple):
    policies: Path
    account: str = ""
    """"" = what was applied from here does not count."""
    state: Path | None = None
    """Folder in which applies are recorded; None = the user's."""
    since: str = ""
    target: str = ""
    """The commit of the policy; "" for the files as they are."""


def rules_for(asked: Asked, policy: Policy) -> Rules:
    """Raises UsageError for a `since` that git does not have, or without git."""
    from watchbill.errors import UsageError
    from watchbill.history.base import base_of
    from watchbill.history.git import repository
    from watchbill.history.policy import load_at
    from watchbill.plan.document import JudgedBy
    from watchbill.plan.rules import own_rules, rules_between

    since, target = asked.since, asked.target
    repo = repository(asked.policies)
    if repo is None:
        if since.strip("0"):
            raise UsageError("there is no git history here", remedy="leave --applied out")
        return own_rules(policy, JudgedBy(reason="the files' own rules: there is no git history here"))
    recorded = _read(_record(repo, asked.state, asked.account))
    base = base_of(repo, since=since, target=target, recorded=recorded)
    if base.commit is None:
        return own_rules(policy, JudgedBy(reason=base.reason))
    judged_by = JudgedBy(commit=base.commit.id, reason=base.reason)
    files = _files(repo, base.commit, target)
    if base.commit.id == repo.commit(target or "HEAD").id and (target or not repo.is_edited):
        return own_rules(policy, judged_by, files)
    loaded = load_at(repo, base.commit)
    before = loaded.policy
    if not loaded.files:
        reason = f"the files' own rules: {base.commit.short} has no policy"
        return own_rules(policy, JudgedBy(reason=reason), files)
    if before is None:
        reason = f"the strictest rules: the policy of {base.commit.short} cannot be read"
        return rules_between(_strict(policy), policy, JudgedBy(commit=base.commit.id, reason=reason), files)
    return rules_between(before, policy, judged_by, files)


def with_chat_of_base(policies: Path, policy: Policy) -> Policy:
    """With the chat permissions that hold: on a branch, and with edits, no more than before them."""
    from watchbill.history.base import base_of
    from watchbill.history.git import repository
    from watchbill.history.policy import load_at
    from watchbill.plan.rules import chat_of_both

    repo = repository(policies)
    base = base_of(repo).commit if repo is not None else None
    before = load_at(repo, base) if repo is not None and base is not None else None
    if before is None or not before.files:
        return policy
    return chat_of_both(before.policy or _strict(policy), policy)


def judged_by_base(policies: Path, plan: Plan, base: str) -> None:
    """Raises GuardRefused where looser rules than those of `base`, the commit that was applied last, judged the plan."""
    from watchbill.errors import GuardRefused
    from watchbill.history.git import repository
    from watchbill.history.policy import load_at

    repo = repository(policies)
    if repo is None or (plan.judged_by is not None and plan.judged_by.commit == base):
        return
    policy = load_at(repo, repo.commit("HEAD")).policy
    rules = rules_for(Asked(policies, since=base), policy).changes if policy is not None else ()
    loosened = [rule.path for rule in rules if rule.effect == "loosened"]
    if loosened:
        raise GuardRefused(
            f"the plan was not judged by the rules of {base[:9]}, which was applied last, and {loosened[0]} is looser now",
            remedy=f"plan again with --applied {base[:12]}",
        )


def _files(repo: Repository, base: Commit, target: str) -> list[RuleChange]:
    from watchbill.history.base import changed_files
    from watchbill.plan.document import RuleChange

    found = []
    for path, status in changed_files(repo, base, target):
        before, after = _FILE.get(status, ("", ""))
        found.append(RuleChange(path=path, effect="changed", before=before, after=after))
    return found


def _strict(policy: Policy) -> Policy:
    """Without exceptions, and with guards as they are where nobody sets them."""
    from watchbill.model.settings import ChatSettings, Guards

    update = {"guards": Guards(), "waivers": (), "acknowledged": (), "chat": ChatSettings()}
    return policy.model_copy(update={"settings": policy.settings.model_copy(update=update)})


def record_applied(options: Globals, plan: Plan, state: Path | None) -> None:
    """The commit whose rules judge the next change, where nothing else names one."""
    from watchbill.config.edit_errors import EditRefused
    from watchbill.config.edit_write import write_text
    from watchbill.history.git import repository

    repo = repository(options.policies)
    file = _record(repo, state, plan.account) if repo is not None else None
    if file is None or plan.policy.commit is None:
        return
    try:
        write_text(file, f"{plan.policy.commit}\n")
    except EditRefused as refused:
        options.say(f"the applied commit is not recorded: {refused.message}")


def _record(repo: Repository, state: Path | None, account: str) -> Path | None:
    from watchbill.cli.account import state_folder

    if not account:
        return None
    name = hashlib.sha256(f"{account}\0{repo.prefix}".encode()).hexdigest()[:12]
    return (state or state_folder()) / f"applied-{name}"


def _read(file: Path | None) -> str:
    try:
        return file.read_text("utf-8").strip() if file is not None else ""
    except (OSError, UnicodeDecodeError):
        return ""
