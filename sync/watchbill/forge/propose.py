"""A pull request from files: one commit on a branch of our own, made anew each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from github import InputGitTreeElement, UnknownObjectException

from watchbill.forge.client import Forge


@dataclass(frozen=True, slots=True)
class Proposal:
    branch: str
    title: str
    body: str
    files: Mapping[str, str | None]
    """Path from the top of the repository -> new text; None deletes it."""
    base: str = "main"
    message: str = ""
    """Of the commit; the title if empty."""
    on: str = ""
    """Commit the files were edited on; the base's last one if empty."""


@dataclass(frozen=True, slots=True)
class Proposed:
    number: int
    url: str
    head: str
    is_new: bool


def propose(forge: Forge, wish: Proposal) -> Proposed:
    """The branch is ours: whatever stood on it is replaced.  An open pull request from it is brought up to date."""
    repo = forge.repo
    onto = repo.get_git_commit(wish.on or repo.get_git_ref(f"heads/{wish.base}").object.sha)
    tree = repo.create_git_tree([_element(path, text) for path, text in wish.files.items()], onto.tree)
    made = repo.create_git_commit(wish.message or wish.title, tree, [onto])
    try:
        branch = repo.get_git_ref(f"heads/{wish.branch}")
    except UnknownObjectException:
        repo.create_git_ref(f"refs/heads/{wish.branch}", made.sha)
    else:
        branch.edit(made.sha, force=True)
    for pull in repo.get_pulls(state="open", head=f"{forge.owner}:{wish.branch}", base=wish.base):
        pull.edit(title=wish.title, body=wish.body)
        return Proposed(pull.number, pull.html_url, made.sha, is_new=False)
    pull = repo.create_pull(wish.base, wish.branch, title=wish.title, body=wish.body)
    return Proposed(pull.number, pull.html_url, made.sha, is_new=True)


def _element(path: str, text: str | None) -> InputGitTreeElement:
    if text is None:
        return InputGitTreeElement(path, "100644", "blob", sha=None)
    return InputGitTreeElement(path, "100644", "blob", content=text)
