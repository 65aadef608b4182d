"""Pull requests: the branch as it is, reviews, three ways to merge."""

from __future__ import annotations

from typing import Any

from github_server.call import Call, Refused, Routes
from github_server.state import Issue, Pull, Repo, Review, World

routes = Routes()
_REPO = "/repos/{owner}/{repo}"


def refresh(world: World, repo: Repo, issue: Issue) -> None:
    """An open pull request follows its branch; `refs/pull/N/head` and `/merge` follow it."""
    pull = issue.pull
    if pull is None or issue.state != "open":
        return
    source = world.repos[pull.head_repo] if pull.head_repo else repo
    head, base = source.bare.find(pull.head_ref), repo.bare.find(pull.base_ref)
    if head is None or base is None:
        return
    if pull.head_repo:
        repo.bare.fetch(source.bare, head)
    pull.head, pull.base = head, base
    repo.bare.git("update-ref", f"refs/pull/{issue.number}/head", head)
    tree = repo.bare.merged_tree(base, head)
    if tree is not None:
        merge = repo.bare.commit_tree(tree, [base, head], f"Merge {head} into {base}")
        repo.bare.git("update-ref", f"refs/pull/{issue.number}/merge", merge)


def _pull(call: Call) -> tuple[Issue, Pull]:
    issue = call.issue
    if issue.pull is None:
        raise Refused(404, "Not Found")
    refresh(call.world, call.repo, issue)
    return issue, issue.pull


@routes("GET", _REPO + "/pulls")
def list_pulls(call: Call) -> tuple[int, Any]:
    state, head, base = (call.query.get(name, "") for name in ("state", "head", "base"))
    found = []
    for issue in reversed(call.repo.issues.values()):
        if issue.pull is None or (state or "open") not in {"all", issue.state}:
            continue
        refresh(call.world, call.repo, issue)
        owner = issue.pull.head_repo.partition("/")[0] or call.repo.owner
        if head not in {"", f"{owner}:{issue.pull.head_ref}"} or base not in {"", issue.pull.base_ref}:
            continue
        found.append(call.shapes.pull(call.repo, issue, whole=False))
    return 200, call.page(found)


@routes("POST", _REPO + "/pulls")
def make_pull(call: Call) -> tuple[int, Any]:
    owner, _, ref = call.body["head"].rpartition(":")
    source = ""
    if owner and owner != call.repo.owner:
        source = next(r.full_name for r in call.world.repos.values() if r.owner == owner)
    else:
        call.must_write()
    number, at = len(call.repo.issues) + 1, call.world.tick()
    pull = Pull(source, ref, call.body["base"], head="", base="")
    body = call.body.get("body") or ""
    issue = Issue(number, call.body["title"], body, call.login, at, at, pull=pull)
    refresh(call.world, call.repo, issue)
    if not pull.head or pull.head == pull.base:
        raise Refused(422, f"No commits between {pull.base_ref} and {ref}")
    call.repo.issues[number] = issue
    return 201, call.shapes.pull(call.repo, issue)


@routes("GET", _REPO + "/pulls/{number}")
def get_pull(call: Call) -> tuple[int, Any]:
    issue, _ = _pull(call)
    return 200, call.shapes.pull(call.repo, issue)


@routes("PATCH", _REPO + "/pulls/{number}")
def edit_pull(call: Call) -> tuple[int, Any]:
    call.must_write()
    issue, _ = _pull(call)
    for name in ("title", "body", "state"):
        if call.body.get(name) is not None:
            setattr(issue, name, call.body[name])
    issue.updated = call.world.tick()
    return 200, call.shapes.pull(call.repo, issue)


@routes("GET", _REPO + "/pulls/{number}/files")
def files(call: Call) -> tuple[int, Any]:
    _, pull = _pull(call)
    changed = call.repo.bare.changed(pull.base, pull.head)
    return 200, call.page([call.shapes.file(call.repo, *item, pull.head) for item in changed])


@routes("GET", _REPO + "/pulls/{number}/commits")
def commits(call: Call) -> tuple[int, Any]:
    _, pull = _pull(call)
    found = call.repo.bare.first_parents(pull.base, pull.head)
    return 200, call.page([call.shapes.commit(call.repo, sha) for sha in found])


@routes("GET", _REPO + "/pulls/{number}/reviews")
def reviews(call: Call) -> tuple[int, Any]:
    issue, pull = _pull(call)
    return 200, call.page([call.shapes.review(call.repo, issue, review) for review in pull.reviews])


@routes("POST", _REPO + "/pulls/{number}/reviews")
def review(call: Call) -> tuple[int, Any]:
    issue, pull = _pull(call)
    state = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
    if call.body["event"] == "APPROVE" and call.login == issue.user:
        raise Refused(422, "Can not approve your own pull request")
    commit = call.body.get("commit_id", pull.head)
    event = state[call.body["event"]]
    made = Review(
        call.world.next_id(), call.login, event, call.body.get("body", ""), commit, call.world.tick()
    )
    pull.reviews.append(made)
    return 200, call.shapes.review(call.repo, issue, made)


@routes("PUT", _REPO + "/pulls/{number}/reviews/{id}/dismissals")
def dismiss(call: Call) -> tuple[int, Any]:
    issue, pull = _pull(call)
    found = next(r for r in pull.reviews if r.id == int(call.parts["id"]))
    found.state = "DISMISSED"
    return 200, call.shapes.review(call.repo, issue, found)


@routes("PUT", _REPO + "/pulls/{number}/merge")
def merge(call: Call) -> tuple[int, Any]:
    call.must_write()
    issue, pull = _pull(call)
    bare, how = call.repo.bare, call.body.get("merge_method", "merge")
    if call.body.get("sha", pull.head) != pull.head:
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    tree = bare.merged_tree(pull.base, pull.head)
    if tree is None:
        raise Refused(405, "Pull Request is not mergeable")
    who = f"{call.login} {call.world.users[call.login].email or 'nobody@x.example'}"
    if how == "rebase":
        made = _rebased(call.repo, pull, who)
    else:
        parents = [pull.base] if how == "squash" else [pull.base, pull.head]
        made = bare.commit_tree(tree, parents, f"{issue.title} (#{issue.number})", by=who)
    bare.git("update-ref", f"refs/heads/{pull.base_ref}", made)
    at = call.world.tick()
    pull.merge_commit, pull.merged_at, pull.merged_by = made, at, call.login
    issue.state, issue.closed = "closed", at
    return 200, {"merged": True, "message": "Pull Request successfully merged", "sha": made}


def _rebased(repo: Repo, pull: Pull, who: str) -> str:
    """In a work tree of its own: git before 2.40 cannot pick a commit without one."""
    bare = repo.bare
    tree = str(bare.folder / "rebasing")
    bare.git("worktree", "add", "--quiet", "--force", "--detach", tree, pull.base)
    try:
        for sha in bare.first_parents(pull.base, pull.head):
            bare.git("-C", tree, "cherry-pick", "--allow-empty", sha, by=who)
        return bare.git("-C", tree, "rev-parse", "HEAD")
    finally:
        bare.git("worktree", "remove", "--force", tree)


@routes("GET", _REPO + "/commits/{sha}/pulls")
def pulls_of(call: Call) -> tuple[int, Any]:
    sha = call.parts["sha"]
    found = []
    for issue in call.repo.issues.values():
        if issue.pull is None:
            continue
        refresh(call.world, call.repo, issue)
        pull = issue.pull
        brought = {pull.merge_commit, pull.head}
        if pull.merge_commit:
            brought |= set(call.repo.bare.first_parents(pull.base, pull.merge_commit))
        if sha in brought:
            found.append(call.shapes.pull(call.repo, issue, whole=False))
    return 200, call.page(found)
