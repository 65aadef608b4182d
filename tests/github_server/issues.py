"""Issues, comments, reactions, labels, people."""

from __future__ import annotations

from typing import Any

from github_server.call import MOST_COMMENT, Call, Refused, Routes
from github_server.state import Comment, Issue, Reaction

routes = Routes()
_REPO = "/repos/{owner}/{repo}"


@routes("GET", "/user")
def me(call: Call) -> tuple[int, Any]:
    if call.login.endswith("[bot]"):
        raise Refused(403, "Resource not accessible by integration")
    return 200, call.shapes.public_user(call.login)


@routes("GET", "/users/{login}")
def user(call: Call) -> tuple[int, Any]:
    wanted = call.parts["login"].lower()
    for login in call.world.users:
        if login.lower() == wanted:
            return 200, call.shapes.public_user(login)
    raise Refused(404, "Not Found")


@routes("GET", "/orgs/{org}/teams/{team}/memberships/{login}")
def membership(call: Call) -> tuple[int, Any]:
    if call.login.endswith("[bot]"):
        raise Refused(403, "Resource not accessible by integration")
    members = call.world.teams.get(f"{call.parts['org']}/{call.parts['team']}", set())
    if call.parts["login"] not in members:
        raise Refused(404, "Not Found")
    return 200, {"role": "member", "state": "active", "url": f"{call.shapes.url}/membership"}


@routes("GET", _REPO)
def repository(call: Call) -> tuple[int, Any]:
    may = call.repo.permissions.get(call.login, "read")
    rank = ("read", "triage", "write", "maintain", "admin").index(may)
    names = ("pull", "triage", "push", "maintain", "admin")
    given = {name: number <= rank for number, name in enumerate(names)}
    return 200, {**call.shapes.repo(call.repo), "permissions": given}


@routes("GET", _REPO + "/collaborators/{login}/permission")
def permission(call: Call) -> tuple[int, Any]:
    login = call.parts["login"]
    if login not in call.world.users:
        raise Refused(404, f"{login} is not a user")
    given = call.repo.permissions.get(login, "read")
    told = {**call.shapes.user(login), "role_name": given}
    return 200, {"permission": given, "role_name": given, "user": told}


@routes("GET", _REPO + "/issues")
def list_issues(call: Call) -> tuple[int, Any]:
    state, labels = call.query.get("state", "open"), call.query.get("labels", "")
    wanted = {name for name in labels.split(",") if name}
    found = [
        i
        for i in reversed(call.repo.issues.values())
        if state in {"all", i.state} and wanted <= set(i.labels)
    ]
    return 200, call.page([call.shapes.issue(call.repo, i) for i in found])


@routes("POST", _REPO + "/issues")
def make_issue(call: Call) -> tuple[int, Any]:
    call.must_write()
    number, at = len(call.repo.issues) + 1, call.world.tick()
    labels = list(call.body.get("labels", []))
    call.repo.labels |= set(labels)
    body = call.body.get("body") or ""
    _fits(body)
    issue = Issue(number, call.body["title"], body, call.login, at, at, labels=labels)
    call.repo.issues[number] = issue
    return 201, call.shapes.issue(call.repo, issue)


@routes("GET", _REPO + "/issues/{number}")
def get_issue(call: Call) -> tuple[int, Any]:
    return 200, call.shapes.issue(call.repo, call.issue)


@routes("PATCH", _REPO + "/issues/{number}")
def edit_issue(call: Call) -> tuple[int, Any]:
    call.must_write()
    issue, at = call.issue, call.world.tick()
    _fits(call.body.get("body") or "")
    for name in ("title", "body", "state"):
        if call.body.get(name) is not None:
            setattr(issue, name, call.body[name])
    issue.updated = at
    issue.closed = at if issue.state == "closed" else None
    return 200, call.shapes.issue(call.repo, issue)


@routes("GET", _REPO + "/issues/{number}/comments")
def list_comments(call: Call) -> tuple[int, Any]:
    return 200, call.page([call.shapes.comment(call.repo, c) for c in call.issue.comments])


@routes("POST", _REPO + "/issues/{number}/comments")
def make_comment(call: Call) -> tuple[int, Any]:
    """Anybody who can see the repository may comment."""
    _fits(call.body["body"])
    at = call.world.tick()
    comment = Comment(call.world.next_id(), call.issue.number, call.login, call.body["body"], at, at)
    call.issue.comments.append(comment)
    return 201, call.shapes.comment(call.repo, comment)


def _fits(body: str) -> None:
    if len(body) > MOST_COMMENT:
        raise Refused(422, "body is too long (maximum is 65536 characters)")


def _comment(call: Call) -> Comment:
    wanted = int(call.parts["id"])
    for issue in call.repo.issues.values():
        for comment in issue.comments:
            if comment.id == wanted:
                return comment
    raise Refused(404, "Not Found")


@routes("GET", _REPO + "/issues/comments/{id}")
def get_comment(call: Call) -> tuple[int, Any]:
    return 200, call.shapes.comment(call.repo, _comment(call))


@routes("PATCH", _REPO + "/issues/comments/{id}")
def edit_comment(call: Call) -> tuple[int, Any]:
    comment = _comment(call)
    if call.login != comment.user:
        call.must_write()
    _fits(call.body["body"])
    comment.body, comment.updated = call.body["body"], call.world.tick()
    return 200, call.shapes.comment(call.repo, comment)


@routes("GET", _REPO + "/issues/comments/{id}/reactions")
def list_reactions(call: Call) -> tuple[int, Any]:
    return 200, call.page([call.shapes.reaction(r) for r in _comment(call).reactions])


@routes("POST", _REPO + "/issues/comments/{id}/reactions")
def react(call: Call) -> tuple[int, Any]:
    comment, content = _comment(call), call.body["content"]
    for there in comment.reactions:
        if (there.user, there.content) == (call.login, content):
            return 200, call.shapes.reaction(there)
    made = Reaction(call.world.next_id(), call.login, content, call.world.tick())
    comment.reactions.append(made)
    return 201, call.shapes.reaction(made)
