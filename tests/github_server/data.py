"""Commits, refs, trees, contents, statuses, SARIF."""

from __future__ import annotations

import base64
from typing import Any

from github_server.call import Call, Refused, Routes
from github_server.git import GitSaysNo
from github_server.state import Repo, Status

routes = Routes()
_REPO = "/repos/{owner}/{repo}"


def _found(repo: Repo, name: str) -> str:
    sha = repo.bare.find(name)
    if sha is None:
        raise Refused(422, f"No commit found for SHA: {name}")
    return sha


@routes("GET", _REPO + "/commits")
def list_commits(call: Call) -> tuple[int, Any]:
    words = ["rev-list", _found(call.repo, call.query.get("sha", "main"))]
    found = call.repo.bare.git(*words).split()
    return 200, call.page([call.shapes.commit(call.repo, sha) for sha in found])


@routes("GET", _REPO + "/commits/{ref}")
def commit(call: Call) -> tuple[int, Any]:
    return 200, call.shapes.commit(call.repo, _found(call.repo, call.parts["ref"]))


@routes("GET", _REPO + "/contents/{path...}")
def contents(call: Call) -> tuple[int, Any]:
    ref, path = call.query.get("ref", "main"), call.parts["path"]
    try:
        data = call.repo.bare.raw("cat-file", "blob", f"{_found(call.repo, ref)}:{path}")
    except GitSaysNo:
        raise Refused(404, "Not Found") from None
    return 200, call.shapes.content(call.repo, path, ref, data)


@routes("GET", _REPO + "/git/ref/{ref...}")
def get_ref(call: Call) -> tuple[int, Any]:
    ref = f"refs/{call.parts['ref']}"
    sha = call.repo.bare.find(ref)
    if sha is None:
        raise Refused(404, "Not Found")
    return 200, call.shapes.ref(call.repo, ref, sha)


@routes("POST", _REPO + "/git/refs")
def make_ref(call: Call) -> tuple[int, Any]:
    call.must_write()
    ref, sha = call.body["ref"], _found(call.repo, call.body["sha"])
    if call.repo.bare.find(ref):
        raise Refused(422, "Reference already exists")
    call.repo.bare.git("update-ref", ref, sha)
    return 201, call.shapes.ref(call.repo, ref, sha)


@routes("PATCH", _REPO + "/git/refs/{ref...}")
def move_ref(call: Call) -> tuple[int, Any]:
    call.must_write()
    ref, sha = f"refs/{call.parts['ref']}", _found(call.repo, call.body["sha"])
    before = call.repo.bare.find(ref)
    if before is None:
        raise Refused(422, "Reference does not exist")
    if not call.body.get("force") and call.repo.bare.git("merge-base", before, sha) != before:
        raise Refused(422, "Update is not a fast forward")
    call.repo.bare.git("update-ref", ref, sha)
    return 200, call.shapes.ref(call.repo, ref, sha)


@routes("DELETE", _REPO + "/git/refs/{ref...}")
def delete_ref(call: Call) -> tuple[int, Any]:
    call.must_write()
    ref = f"refs/{call.parts['ref']}"
    if call.repo.bare.find(ref) is None:
        raise Refused(422, "Reference does not exist")
    call.repo.bare.git("update-ref", "-d", ref)
    return 204, None


@routes("GET", _REPO + "/git/commits/{sha}")
def git_commit(call: Call) -> tuple[int, Any]:
    return 200, call.shapes.git_commit(call.repo, _found(call.repo, call.parts["sha"]))


@routes("GET", _REPO + "/git/trees/{sha}")
def get_tree(call: Call) -> tuple[int, Any]:
    return 200, _tree(call, call.parts["sha"], recursive="recursive" in call.query)


def _tree(call: Call, sha: str, *, recursive: bool = False) -> dict[str, Any]:
    at = f"{call.shapes.at(call.repo)}/git/trees"
    entries = []
    for line in call.repo.bare.git("ls-tree", *(["-r", "-t"] if recursive else []), sha).splitlines():
        head, _, path = line.partition("\t")
        mode, kind, blob = head.split()
        entries.append({"path": path, "mode": mode, "type": kind, "sha": blob, "url": f"{at}/{blob}"})
    whole = call.repo.bare.git("rev-parse", f"{sha}^{{tree}}")
    return {"sha": whole, "url": f"{at}/{whole}", "tree": entries, "truncated": False}


@routes("POST", _REPO + "/git/trees")
def make_tree(call: Call) -> tuple[int, Any]:
    call.must_write()
    bare = call.repo.bare
    lines = bare.git("ls-tree", "-r", call.body["base_tree"]).splitlines() if "base_tree" in call.body else []
    entries = {path: tuple(head.split()[::2]) for head, _, path in (line.partition("\t") for line in lines)}
    for item in call.body["tree"]:
        if item.get("content") is None and item.get("sha") is None:
            entries.pop(item["path"], None)
            continue
        blob = item.get("sha") or bare.git("hash-object", "-w", "--stdin", stdin=item["content"])
        entries[item["path"]] = (item["mode"], blob)
    told = "".join(f"{mode} {blob}\t{path}\n" for path, (mode, blob) in sorted(entries.items()))
    return 201, _tree(call, bare.tree_of(told))


@routes("POST", _REPO + "/git/commits")
def make_commit(call: Call) -> tuple[int, Any]:
    call.must_write()
    author = call.body.get("author") or {}
    mine = f"{call.login} {call.world.users[call.login].id}+{call.login}@users.noreply.github.com"
    who = f"{author['name'].split()[0]} {author['email']}" if author else mine
    made = call.repo.bare.commit_tree(call.body["tree"], call.body["parents"], call.body["message"], by=who)
    return 201, call.shapes.git_commit(call.repo, made)


@routes("POST", _REPO + "/statuses/{sha}")
def make_status(call: Call) -> tuple[int, Any]:
    call.must_write()
    if len(call.body.get("description") or "") > 140:
        raise Refused(422, "description is too long (maximum is 140 characters)")
    status = Status(
        call.world.next_id(),
        _found(call.repo, call.parts["sha"]),
        call.body.get("context", "default"),
        call.body["state"],
        call.body.get("description") or "",
        call.login,
        call.world.tick(),
    )
    call.repo.statuses.append(status)
    return 201, call.shapes.status(call.repo, status)


@routes("GET", _REPO + "/commits/{ref}/statuses")
def list_statuses(call: Call) -> tuple[int, Any]:
    sha = _found(call.repo, call.parts["ref"])
    found = [s for s in reversed(call.repo.statuses) if s.sha == sha]
    return 200, call.page([call.shapes.status(call.repo, s) for s in found])


@routes("POST", _REPO + "/code-scanning/sarifs")
def sarif(call: Call) -> tuple[int, Any]:
    call.must_write()
    base64.b64decode(call.body["sarif"], validate=True)
    call.repo.sarifs.append(dict(call.body))
    return 202, {
        "id": "47177e22-5596-11eb-80a1-c1e54ef945c6",
        "url": f"{call.shapes.at(call.repo)}/code-scanning/sarifs/1",
    }
