"""The settings of a repository: protection, environments, secrets by name, Actions, Pages, errors in CODEOWNERS."""

from __future__ import annotations

import re
from typing import Any

from github_server.call import Call, Refused, Routes
from github_server.git import GitSaysNo
from github_server.state import Environment, Settings

routes = Routes()
_REPO = "/repos/{owner}/{repo}"
_ENVIRONMENT = _REPO + "/environments/{name}"
_OWNER = re.compile(r"@[A-Za-z0-9][A-Za-z0-9-]*(?:/[A-Za-z0-9._-]+)?|[^\s@]+@[^\s@]+\.[^\s@]+")


def _must_administer(call: Call) -> Settings:
    if call.repo.permissions.get(call.login) != "admin":
        raise Refused(403, "Must have admin rights to Repository.")
    return call.repo.settings


def _environment(call: Call) -> Environment:
    found = call.repo.settings.environments.get(call.parts["name"])
    if found is None:
        raise Refused(404, "Not Found")
    return found


@routes("PUT", _REPO + "/branches/{branch}/protection")
def protect(call: Call) -> tuple[int, Any]:
    settings = _must_administer(call)
    if missing := {"required_status_checks", "enforce_admins", "restrictions"} - set(call.body):
        raise Refused(422, f"Invalid request.\n\n{missing} weren't supplied.")
    settings.protection = call.body
    return 200, _protection(call, call.body)


@routes("GET", _REPO + "/branches/{branch}/protection")
def protection(call: Call) -> tuple[int, Any]:
    if call.repo.permissions.get(call.login) != "admin":
        raise Refused(404, "Not Found")
    if call.repo.settings.protection is None or call.parts["branch"] != "main":
        raise Refused(404, "Branch not protected")
    return 200, _protection(call, call.repo.settings.protection)


def _protection(call: Call, sent: dict[str, Any]) -> dict[str, Any]:
    at = f"{call.shapes.at(call.repo)}/branches/main/protection"
    answer: dict[str, Any] = {
        "url": at,
        "enforce_admins": {"url": f"{at}/enforce_admins", "enabled": bool(sent["enforce_admins"])},
    }
    for name in ("allow_force_pushes", "allow_deletions", "required_linear_history", "block_creations"):
        answer[name] = {"enabled": bool(sent.get(name))}
    if checks := sent["required_status_checks"]:
        contexts = checks["contexts"]
        answer["required_status_checks"] = {
            "url": f"{at}/required_status_checks",
            "contexts_url": f"{at}/required_status_checks/contexts",
            "strict": checks["strict"],
            "contexts": contexts,
            "checks": [{"context": context, "app_id": None} for context in contexts],
        }
    if reviews := sent["required_pull_request_reviews"]:
        answer["required_pull_request_reviews"] = {
            "url": f"{at}/required_pull_request_reviews",
            "dismiss_stale_reviews": bool(reviews.get("dismiss_stale_reviews")),
            "require_code_owner_reviews": bool(reviews.get("require_code_owner_reviews")),
            "required_approving_review_count": reviews.get("required_approving_review_count", 1),
            "require_last_push_approval": bool(reviews.get("require_last_push_approval")),
        }
    return answer


@routes("GET", _REPO + "/rules/branches/{branch}")
def rules(call: Call) -> tuple[int, Any]:
    return 200, call.page(call.repo.settings.rules if call.parts["branch"] == "main" else [])


@routes("GET", _REPO + "/rulesets/{id}")
def ruleset(call: Call) -> tuple[int, Any]:
    shown = {"bypass_actors": call.repo.settings.bypass}
    return 200, {
        "id": int(call.parts["id"]),
        "name": "main",
        "source": call.repo.full_name,
        "enforcement": "active",
        **(shown if call.repo.permissions.get(call.login) == "admin" else {}),
    }


@routes("PUT", _ENVIRONMENT)
def make_environment(call: Call) -> tuple[int, Any]:
    made = _must_administer(call).environments.setdefault(call.parts["name"], Environment())
    made.policy = (call.body or {}).get("deployment_branch_policy")
    return 200, _shown(call, made)


@routes("GET", _ENVIRONMENT)
def environment(call: Call) -> tuple[int, Any]:
    return 200, _shown(call, _environment(call))


def _shown(call: Call, made: Environment) -> dict[str, Any]:
    at = f"{call.shapes.at(call.repo)}/environments/{call.parts['name']}"
    rule = {"id": 3, "node_id": "GA_3", "type": "branch_policy"}
    return {
        "id": 1,
        "node_id": "EN_1",
        "name": call.parts["name"],
        "url": at,
        "html_url": at,
        **dict.fromkeys(("created_at", "updated_at"), call.world.now),
        "protection_rules": [rule] if made.policy else [],
        "deployment_branch_policy": made.policy,
    }


@routes("POST", _ENVIRONMENT + "/deployment-branch-policies")
def allow_branch(call: Call) -> tuple[int, Any]:
    _must_administer(call)
    made = _environment(call)
    if not (made.policy or {}).get("custom_branch_policies"):
        raise Refused(404, "Not Found")
    kind = call.body.get("type", "branch")
    allowed = {"id": len(made.branches) + 1, "node_id": "BP_1", "name": call.body["name"], "type": kind}
    made.branches.append(allowed)
    return 200, allowed


@routes("GET", _ENVIRONMENT + "/deployment-branch-policies")
def allowed_branches(call: Call) -> tuple[int, Any]:
    found = _environment(call).branches
    return 200, {"total_count": len(found), "branch_policies": found}


def _named(call: Call, names: list[str] | dict[str, str]) -> dict[str, Any]:
    stamps = dict.fromkeys(("created_at", "updated_at"), call.world.now)
    return {"total_count": len(names), "secrets": [{"name": name, **stamps} for name in names]}


@routes("GET", _REPO + "/actions/secrets")
def secrets(call: Call) -> tuple[int, Any]:
    return 200, _named(call, _must_administer(call).secrets)


@routes("GET", _REPO + "/actions/organization-secrets")
def organization_secrets(call: Call) -> tuple[int, Any]:
    return 200, _named(call, _must_administer(call).of_organization)


@routes("GET", _ENVIRONMENT + "/secrets")
def environment_secrets(call: Call) -> tuple[int, Any]:
    _must_administer(call)
    return 200, _named(call, _environment(call).secrets)


@routes("GET", _REPO + "/actions/secrets/public-key")
def public_key(call: Call) -> tuple[int, Any]:
    _must_administer(call)
    return 200, {"key_id": "1", "key": "A" * 43 + "="}


@routes("GET", _ENVIRONMENT + "/secrets/public-key")
def environment_public_key(call: Call) -> tuple[int, Any]:
    _environment(call)
    return public_key(call)


@routes("PUT", _REPO + "/actions/secrets/{secret}")
def put_secret(call: Call) -> tuple[int, Any]:
    _must_administer(call).secrets[call.parts["secret"]] = call.body["encrypted_value"]
    return 201, {}


@routes("PUT", _ENVIRONMENT + "/secrets/{secret}")
def put_environment_secret(call: Call) -> tuple[int, Any]:
    _must_administer(call)
    _environment(call).secrets[call.parts["secret"]] = call.body["encrypted_value"]
    return 201, {}


@routes("GET", _REPO + "/actions/variables")
def variables(call: Call) -> tuple[int, Any]:
    stamps = dict.fromkeys(("created_at", "updated_at"), call.world.now)
    found = [{"name": k, "value": v, **stamps} for k, v in _must_administer(call).variables.items()]
    return 200, {"total_count": len(found), "variables": found}


@routes("POST", _REPO + "/actions/variables")
def make_variable(call: Call) -> tuple[int, Any]:
    _must_administer(call).variables[call.body["name"]] = call.body["value"]
    return 201, {}


@routes("GET", _REPO + "/actions/permissions")
def actions(call: Call) -> tuple[int, Any]:
    return 200, _must_administer(call).actions


@routes("GET", _REPO + "/actions/permissions/workflow")
def workflow(call: Call) -> tuple[int, Any]:
    return 200, _must_administer(call).workflow


@routes("PUT", _REPO + "/actions/permissions/workflow")
def set_workflow(call: Call) -> tuple[int, Any]:
    _must_administer(call).workflow.update(call.body)
    return 204, None


@routes("POST", _REPO + "/pages")
def make_pages(call: Call) -> tuple[int, Any]:
    settings = _must_administer(call)
    if settings.pages:
        raise Refused(409, "GitHub Pages is already enabled.")
    settings.pages = call.body["build_type"]
    return 201, _pages(call)


@routes("GET", _REPO + "/pages")
def pages(call: Call) -> tuple[int, Any]:
    if not call.repo.settings.pages:
        raise Refused(404, "Not Found")
    return 200, _pages(call)


def _pages(call: Call) -> dict[str, Any]:
    return {
        "url": f"{call.shapes.at(call.repo)}/pages",
        "status": "built",
        "cname": None,
        "custom_404": False,
        "public": True,
        "build_type": call.repo.settings.pages,
        "source": {"branch": "main", "path": "/"},
    }


@routes("GET", _REPO + "/codeowners/errors")
def codeowners_errors(call: Call) -> tuple[int, Any]:
    ref = call.query.get("ref", "main")
    for path in (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"):
        try:
            text = call.repo.bare.raw("cat-file", "blob", f"{ref}:{path}").decode()
        except GitSaysNo:
            continue
        return 200, {
            "errors": [e for n, line in enumerate(text.splitlines(), 1) for e in _errors(path, n, line)]
        }
    raise Refused(404, "Not Found")


def _errors(path: str, number: int, line: str) -> list[dict[str, Any]]:
    words = line.partition("#")[0].split()
    bad = next((word for word in words[1:] if not _OWNER.fullmatch(word)), None)
    if bad is None:
        return []
    message = f"Invalid owner on line {number}:\n\n  {line}\n  {' ' * line.index(bad)}^"
    where = {"line": number, "column": line.index(bad) + 1, "path": path, "source": line}
    return [{**where, "kind": "Invalid owner", "suggestion": None, "message": message}]
