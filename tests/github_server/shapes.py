"""Answers in the shapes of GitHub's OpenAPI description."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from github_server.git import ZERO
from github_server.state import BOT, Comment, Issue, Reaction, Repo, Review, Status, User, World

Json = dict[str, Any]
_USER_URLS = [
    "events_url",
    "followers_url",
    "following_url",
    "gists_url",
    "organizations_url",
    "received_events_url",
    "repos_url",
    "starred_url",
    "subscriptions_url",
]
_REPO_URLS = [
    "archive",
    "assignees",
    "blobs",
    "branches",
    "collaborators",
    "comments",
    "commits",
    "compare",
    "contents",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits",
    "git_refs",
    "git_tags",
    "hooks",
    "issue_comment",
    "issue_events",
    "issues",
    "keys",
    "labels",
    "languages",
    "merges",
    "milestones",
    "notifications",
    "pulls",
    "releases",
    "stargazers",
    "statuses",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees",
]
_LETTER = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied", "T": "changed"}


@dataclass(frozen=True)
class Shapes:
    world: World
    url: str
    """Of this server: clients follow the addresses inside answers."""

    def user(self, login: str) -> Json:
        user = self.world.users[login]
        at = f"{self.url}/users/{login.replace('[', '%5B').replace(']', '%5D')}"
        return {
            **{name: f"{at}/{name.removesuffix('_url')}" for name in _USER_URLS},
            "avatar_url": f"{at}/avatar",
            "gravatar_id": "",
            "html_url": at,
            "id": user.id,
            "node_id": f"U_{user.id}",
            "login": login,
            "site_admin": False,
            "type": "Bot" if user.is_bot else "User",
            "url": at,
        }

    def public_user(self, login: str) -> Json:
        none = ("bio", "blog", "company", "hireable", "name", "location")
        return {
            **self.user(login),
            **dict.fromkeys(none),
            "email": self.world.users[login].email,
            **dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0),
            "created_at": "2020-01-01T00:00:00Z",
            "updated_at": "2020-01-01T00:00:00Z",
        }

    def at(self, repo: Repo) -> str:
        return f"{self.url}/repos/{repo.full_name}"

    def repo(self, repo: Repo) -> Json:
        at = self.at(repo)
        counts = (
            "forks forks_count open_issues open_issues_count size stargazers_count watchers watchers_count"
        )
        flags = "has_discussions has_downloads has_issues has_pages has_projects has_wiki archived disabled private"
        return {
            **{f"{name}_url": f"{at}/{name}" for name in _REPO_URLS},
            **dict.fromkeys(counts.split(), 0),
            **dict.fromkeys(flags.split(), False),
            **dict.fromkeys(("description", "homepage", "language", "license", "mirror_url")),
            "id": 1,
            "node_id": "R_1",
            "name": repo.name,
            "full_name": repo.full_name,
            "owner": self.user(repo.owner),
            "fork": bool(repo.fork_of),
            "url": at,
            "html_url": at,
            "clone_url": at,
            "git_url": at,
            "ssh_url": at,
            "svn_url": at,
            "default_branch": "main",
            "network_count": 0,
            "subscribers_count": 0,
            "pushed_at": "2026-01-01T00:00:00Z",
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
        }

    def label(self, repo: Repo, name: str) -> Json:
        at = f"{self.at(repo)}/labels/{name}"
        return {
            "id": 1 + sorted(repo.labels | {name}).index(name),
            "node_id": "L_1",
            "url": at,
            "name": name,
            "description": None,
            "color": "ededed",
            "default": False,
        }

    def issue(self, repo: Repo, issue: Issue) -> Json:
        at = f"{self.at(repo)}/issues/{issue.number}"
        told: Json = {
            **{f"{name}_url": f"{at}/{name}" for name in ("comments", "events", "labels")},
            **dict.fromkeys(("assignee", "milestone")),
            "assignees": [],
            "body": issue.body,
            "closed_at": issue.closed,
            "comments": len(issue.comments),
            "html_url": f"{self.url}/{repo.full_name}/issues/{issue.number}",
            "id": issue.number,
            "node_id": f"I_{issue.number}",
            "labels": [self.label(repo, name) for name in issue.labels],
            "number": issue.number,
            "repository_url": self.at(repo),
            "state": issue.state,
            "locked": False,
            "title": issue.title,
            "url": at,
            "user": self.user(issue.user),
            "created_at": issue.created,
            "updated_at": issue.updated,
            "author_association": self.association(repo, issue.user),
        }
        if issue.pull is not None:
            pull = f"{self.at(repo)}/pulls/{issue.number}"
            told["pull_request"] = {
                "url": pull,
                "html_url": pull,
                "diff_url": pull,
                "patch_url": pull,
                "merged_at": issue.pull.merged_at,
            }
        return told

    def association(self, repo: Repo, login: str) -> str:
        return "COLLABORATOR" if repo.permissions.get(login) in {"admin", "write"} else "NONE"

    def comment(self, repo: Repo, comment: Comment) -> Json:
        at = f"{self.at(repo)}/issues/comments/{comment.id}"
        return {
            "id": comment.id,
            "node_id": f"IC_{comment.id}",
            "html_url": f"{self.url}/{repo.full_name}/issues/{comment.issue}#issuecomment-{comment.id}",
            "issue_url": f"{self.at(repo)}/issues/{comment.issue}",
            "user": self.user(comment.user),
            "url": at,
            "body": comment.body,
            "created_at": comment.created,
            "updated_at": comment.updated,
            "author_association": self.association(repo, comment.user),
            "performed_via_github_app": None,
        }

    def reaction(self, reaction: Reaction) -> Json:
        return {
            "id": reaction.id,
            "node_id": f"RE_{reaction.id}",
            "user": self.user(reaction.user),
            "content": reaction.content,
            "created_at": reaction.at,
        }

    def pull(self, repo: Repo, issue: Issue, *, whole: bool = True) -> Json:
        pull = issue.pull
        assert pull is not None
        at = f"{self.at(repo)}/pulls/{issue.number}"
        names = (
            "self",
            "html",
            "issue",
            "comments",
            "review_comments",
            "review_comment",
            "commits",
            "statuses",
        )
        told: Json = {
            "_links": {name: {"href": f"{at}/{name}"} for name in names},
            **dict.fromkeys(("assignee", "milestone", "auto_merge")),
            "labels": [self.label(repo, name) for name in issue.labels],
            "head": self._side(
                repo if not pull.head_repo else self.world.repos[pull.head_repo], pull.head_ref, pull.head
            ),
            "base": self._side(repo, pull.base_ref, pull.base),
            "body": issue.body,
            "closed_at": issue.closed,
            "comments_url": f"{self.at(repo)}/issues/{issue.number}/comments",
            "commits_url": f"{at}/commits",
            "created_at": issue.created,
            "diff_url": f"{at}.diff",
            "html_url": f"{self.url}/{repo.full_name}/pull/{issue.number}",
            "id": issue.number,
            "node_id": f"PR_{issue.number}",
            "issue_url": f"{self.at(repo)}/issues/{issue.number}",
            "merge_commit_sha": pull.merge_commit,
            "merged_at": pull.merged_at,
            "number": issue.number,
            "patch_url": f"{at}.patch",
            "review_comment_url": f"{at}/comments",
            "review_comments_url": f"{at}/comments",
            "statuses_url": f"{self.at(repo)}/statuses/{pull.head}",
            "state": issue.state,
            "locked": False,
            "draft": False,
            "title": issue.title,
            "updated_at": issue.updated,
            "url": at,
            "user": self.user(issue.user),
            "author_association": self.association(repo, issue.user),
        }
        if whole:
            told |= {
                **dict.fromkeys(("additions", "deletions", "review_comments"), 0),
                "changed_files": len(repo.bare.changed(pull.base, pull.head)),
                "comments": len(issue.comments),
                "commits": len(repo.bare.first_parents(pull.base, pull.head)),
                "mergeable": True,
                "mergeable_state": "clean",
                "merged": pull.merged_at is not None,
                "maintainer_can_modify": False,
                "merged_by": self.user(pull.merged_by) if pull.merged_by else None,
            }
        return told

    def _side(self, repo: Repo, ref: str, sha: str) -> Json:
        return {
            "label": f"{repo.owner}:{ref}",
            "ref": ref,
            "sha": sha,
            "user": self.user(repo.owner),
            "repo": self.repo(repo),
        }

    def review(self, repo: Repo, issue: Issue, review: Review) -> Json:
        at = f"{self.at(repo)}/pulls/{issue.number}"
        return {
            "id": review.id,
            "node_id": f"PRR_{review.id}",
            "user": self.user(review.user),
            "body": review.body,
            "state": review.state,
            "commit_id": review.commit,
            "submitted_at": review.at,
            "html_url": f"{at}#{review.id}",
            "pull_request_url": at,
            "_links": {"html": {"href": at}, "pull_request": {"href": at}},
            "author_association": self.association(repo, review.user),
        }

    def file(self, repo: Repo, letter: str, name: str, before: str, commit: str) -> Json:
        at = f"{self.at(repo)}/contents/{name.encode().hex()}?ref={commit}"
        told = {
            **dict.fromkeys(("additions", "changes", "deletions"), 1),
            **dict.fromkeys(("blob_url", "contents_url", "raw_url"), at),
            "filename": name,
            "sha": ZERO,
            "status": _LETTER[letter],
        }
        return {**told, "previous_filename": before} if before else told

    def commit(self, repo: Repo, sha: str) -> Json:
        form = "--format=%T%x00%P%x00%an%x00%ae%x00%cn%x00%ce%x00%cI%x00%B"
        told = repo.bare.git("log", "-1", form, sha)
        tree, parents, name, email, committer, committed_by, when, message = told.split("\0")
        at = f"{self.at(repo)}/commits/{sha}"
        who = {"name": name, "email": email, "date": when}
        made = {"name": committer, "email": committed_by, "date": when}
        is_signed = sha in repo.bare.signed
        return {
            **dict.fromkeys(("url", "html_url", "comments_url"), at),
            "sha": sha,
            "node_id": f"C_{sha}",
            "commit": {
                "url": at,
                "author": who,
                "committer": made,
                "message": message.strip(),
                "comment_count": 0,
                "tree": {"sha": tree, "url": f"{self.at(repo)}/git/trees/{tree}"},
                "verification": {
                    "verified": is_signed,
                    "reason": "valid" if is_signed else "unsigned",
                    **dict.fromkeys(("signature", "payload", "verified_at")),
                },
            },
            "author": self._account(email),
            "committer": self._account(committed_by),
            "parents": [{"sha": parent, "url": at, "html_url": at} for parent in parents.split()],
        }

    def _account(self, email: str) -> Json | None:
        """Who has the address.  GitHub's own account has no user page here."""
        if email == "noreply@github.com":
            self.world.users.setdefault("web-flow", User(19864447, "web-flow", email))
        private = re.fullmatch(r"(?:\d+\+)?(.+)@users\.noreply\.github\.com", email)
        known = (u.login for u in self.world.users.values() if u.email == email)
        login = private[1] if private else next(known, None)
        return self.user(login) if login in self.world.users else None

    def git_commit(self, repo: Repo, sha: str) -> Json:
        whole = self.commit(repo, sha)
        at = f"{self.at(repo)}/git/commits/{sha}"
        return {
            "sha": sha,
            "node_id": whole["node_id"],
            "url": at,
            "html_url": at,
            **{key: whole["commit"][key] for key in ("author", "committer", "tree", "message")},
            "parents": whole["parents"],
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        }

    def ref(self, repo: Repo, ref: str, sha: str) -> Json:
        at = f"{self.at(repo)}/git/refs/{ref.removeprefix('refs/')}"
        target = {"type": "commit", "sha": sha, "url": f"{self.at(repo)}/git/commits/{sha}"}
        return {"ref": ref, "node_id": "REF_1", "url": at, "object": target}

    def content(self, repo: Repo, path: str, ref: str, data: bytes) -> Json:
        at = f"{self.at(repo)}/contents/{path}?ref={ref}"
        return {
            "_links": {"git": at, "html": at, "self": at},
            **dict.fromkeys(("git_url", "html_url", "download_url", "url"), at),
            "name": path.rpartition("/")[2],
            "path": path,
            "sha": ZERO,
            "size": len(data),
            "type": "file",
            "encoding": "base64",
            "content": base64.b64encode(data).decode(),
        }

    def status(self, repo: Repo, status: Status) -> Json:
        return {
            "url": f"{self.at(repo)}/statuses/{status.sha}",
            "avatar_url": None,
            "id": status.id,
            "node_id": f"S_{status.id}",
            "state": status.state,
            "description": status.description,
            "target_url": None,
            "context": status.context,
            "created_at": status.at,
            "updated_at": status.at,
            "creator": self.user(status.user or BOT),
        }
