"""The settings of a repository that guard its review: read back from GitHub, judged line by line.

https://docs.github.com/en/rest: branches/branch-protection, repos/rules, deployments/environments, actions/secrets,
actions/permissions, pages, repos/repos#list-codeowners-errors
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from watchbill.doctor.diagnosis import Line, fail, ok, warn
from watchbill.forge.owners import PLACES, read_owners
from watchbill.forge.settings_reader import Answer, Reader
from watchbill.forge.setup_steps import CHECKS, GH

READ, WRITE, APP = "PAGERDUTY_READ_TOKEN", "PAGERDUTY_WRITE_TOKEN", "WATCHBILL_GITHUB_TOKEN"


def settings_lines(read: Reader, branch: str, folder: str) -> list[Line]:
    """`folder`: of the policy, from the top of the repository."""
    repo = read("")
    if not repo.found:
        return [_unreadable("repository", "Metadata: read", "look at GITHUB_REPOSITORY")]
    at = _Repository(read, branch, folder, bool((repo.body.get("permissions") or {}).get("admin")))
    default = repo.body["default_branch"]
    lines = []
    if default != branch:
        means = f"schedules and commands run the workflows of {default}, applies happen from {branch}"
        remedy = f"gh api -X PATCH 'repos/{{owner}}/{{repo}}' -f default_branch={branch}"
        lines.append(fail("default branch", f"it is {default}, not {branch}", means, remedy))
    return [*lines, *(line for part in _PARTS for line in part(at))]


@dataclass(frozen=True, slots=True)
class _Repository:
    read: Reader
    branch: str
    folder: str
    is_admin: bool


def _unreadable(about: str, needs: str, remedy: str = "") -> Line:
    """Not read is not in order."""
    return fail(
        about,
        f"cannot be read: needs {needs}",
        "it may be wrong",
        remedy or "run it with a token of an administrator: GITHUB_TOKEN=$(gh auth token)",
    )


# --- the branch


def _branch(at: _Repository) -> Iterator[Line]:
    """Rulesets and classic protection together: what either demands is demanded."""
    about = f"branch {at.branch}"
    rules = at.read(f"rules/branches/{at.branch}?per_page=100")
    classic = at.read(f"branches/{at.branch}/protection")
    demands = _of_rules(rules.body or []) | _of_classic(classic.body or {})
    missing = {name: means for name, means in _DEMANDS.items() if name not in demands}
    hidden = not classic.found and classic.message != "Branch not protected"
    if missing and (hidden or not rules.found):
        yield _unreadable(about, "Administration: read")
    elif missing:
        for name, means in missing.items():
            yield fail(about, f"does not demand: {name}", means, GH["protection"])
    else:
        yield ok(about, f"demands {', '.join(_DEMANDS)}")
    yield from _bypasses(at, about, rules, classic)


LAST_PUSH = "an approval by another person than the last one who pushed"
_DEMANDS = {
    "a pull request": "a push changes who is paged, without a review",
    "an approval by a code owner": "a pull request is merged without its owners; the apply then refuses it",
    LAST_PUSH: "a commit under another person's address is approved by the one who pushed it",
    "no force push": "the history that approvals are judged by can be replaced",
    "no deletion": "the history that approvals are judged by can be replaced",
    **{f"the check `{check}`": "a pull request is merged without it" for check in CHECKS},
}


def _of_rules(rules: list[Mapping[str, Any]]) -> set[str]:
    found = set()
    for rule in rules:
        set_to = rule.get("parameters") or {}
        found |= {
            "pull_request": {"a pull request"},
            "non_fast_forward": {"no force push"},
            "deletion": {"no deletion"},
            "required_status_checks": {
                f"the check `{check['context']}`" for check in set_to.get("required_status_checks", ())
            },
        }.get(rule["type"], set())
        if set_to.get("require_code_owner_review"):
            found.add("an approval by a code owner")
        if set_to.get("require_last_push_approval"):
            found.add(LAST_PUSH)
    return found


def _of_classic(protection: Mapping[str, Any]) -> set[str]:
    if not protection:
        return set()
    reviews = protection.get("required_pull_request_reviews") or {}
    checks = (protection.get("required_status_checks") or {}).get("contexts", ())
    holds = {
        "a pull request": bool(reviews),
        "an approval by a code owner": reviews.get("require_code_owner_reviews"),
        LAST_PUSH: reviews.get("require_last_push_approval"),
        "no force push": not (protection.get("allow_force_pushes") or {}).get("enabled"),
        "no deletion": not (protection.get("allow_deletions") or {}).get("enabled"),
    }
    return {name for name, it_holds in holds.items() if it_holds} | {f"the check `{c}`" for c in checks}


def _bypasses(at: _Repository, about: str, rules: Answer, classic: Answer) -> Iterator[Line]:
    """Who need not follow it."""
    gh = GH["protection"]
    if classic.found:
        reviews = classic.body.get("required_pull_request_reviews") or {}
        allowed = reviews.get("bypass_pull_request_allowances") or {}
        if any(allowed.values()):
            yield fail(about, "some may merge without a review", "they can change who is paged", gh)
        if not (classic.body.get("enforce_admins") or {}).get("enabled"):
            yield warn(about, "administrators need not follow it", "they can push", gh)
    for number in sorted({rule["ruleset_id"] for rule in rules.body or () if "ruleset_id" in rule}):
        ruleset = at.read(f"rulesets/{number}")
        actors = ruleset.body.get("bypass_actors") if ruleset.found else None
        if actors is None:
            yield _unreadable(about, f"Administration: write, for who may bypass the ruleset {number}")
        elif actors:
            remedy = f"take them out: Settings, Rules, ruleset {number}, Bypass list"
            yield warn(about, f"{len(actors)} may bypass the ruleset {number}", "they can push", remedy)


# --- environments and secrets


def _environments(at: _Repository) -> Iterator[Line]:
    for name, judged in (("pagerduty", fail), ("pagerduty-read", warn)):
        yield _environment(at, name, judged)


def _environment(at: _Repository, name: str, judged: Callable[..., Line]) -> Line:
    about, remedy = f"environment {name}", GH[name]
    found = at.read(f"environments/{name}")
    if found.status == 403:
        return _unreadable(about, "Actions: read")
    if not found.found:
        return judged(about, "it does not exist", "a workflow makes it, open to every branch", remedy)
    policy = found.body.get("deployment_branch_policy")
    if policy is None:
        return judged(about, "every branch may use it", "a workflow on any branch gets its secrets", remedy)
    if not policy["custom_branch_policies"]:
        means = f"a protected branch other than {at.branch} may have weaker rules"
        return warn(about, "every protected branch may use it", means, remedy)
    branches = at.read(f"environments/{name}/deployment-branch-policies?per_page=100")
    if not branches.found:
        return _unreadable(about, "Actions: read")
    allowed = {(item["name"], item.get("type", "branch")) for item in branches.body["branch_policies"]}
    if other := sorted(f"{kind} {pattern}" for pattern, kind in allowed - {(at.branch, "branch")}):
        says = f"it may be used by {', '.join(other)}"
        return judged(about, says, "what runs there gets its secrets", f"leave {at.branch} alone in its list")
    if not allowed:
        return judged(about, "no branch may use it", "nothing can be applied", remedy)
    return ok(about, f"only {at.branch} may use it")


def _secrets(at: _Repository) -> Iterator[Line]:
    repository = at.read("actions/secrets?per_page=100")
    organization = at.read("actions/organization-secrets?per_page=100")
    inside = at.read("environments/pagerduty/secrets?per_page=100")
    everywhere = repository.names("secrets") | organization.names("secrets")
    if not (repository.found and organization.found):
        yield _unreadable("secrets of the repository", "Secrets: read")
    elif READ in everywhere:
        yield ok(f"secret {READ}", "it is set")
    else:
        yield warn(f"secret {READ}", "it is not set", "no plan and no drift check of the account", GH[READ])
    about = f"secret {WRITE}"
    if WRITE in everywhere:
        remedy = f"gh secret delete {WRITE}; {GH[WRITE]}"
        yield fail(about, "it is a secret of the repository", "a workflow on any branch gets it", remedy)
    elif inside.status == 403 or not repository.found:
        yield _unreadable(about, "Environments: read")
    elif WRITE not in inside.names("secrets"):
        yield fail(about, "it is not set in the environment pagerduty", "nothing is applied", GH[WRITE])
    else:
        yield ok(about, "only the environment pagerduty has it")
    yield from _bot(at, everywhere)


def _bot(at: _Repository, secrets: set[str]) -> Iterator[Line]:
    if APP not in secrets:
        return
    variables = at.read("actions/variables?per_page=100")
    if not variables.found:
        yield _unreadable("variable WATCHBILL_BOT", "Variables: read")
    elif "WATCHBILL_BOT" in variables.names("variables"):
        yield ok("variable WATCHBILL_BOT", "it is set")
    else:
        means = f"an App's token in {APP} cannot ask for its own name"
        yield warn("variable WATCHBILL_BOT", "it is not set", means, GH["WATCHBILL_BOT"])


# --- Actions and Pages


def _actions(at: _Repository) -> Iterator[Line]:
    on = at.read("actions/permissions")
    if not on.found:
        yield _unreadable("Actions", "Administration: read")
    elif not on.body["enabled"] or on.body.get("allowed_actions") == "local_only":
        remedy = (
            "gh api -X PUT 'repos/{owner}/{repo}/actions/permissions' -F enabled=true -f allowed_actions=all"
        )
        yield fail(
            "Actions", "the workflows may not run, or not with actions by GitHub", "nothing runs", remedy
        )
    else:
        yield ok("Actions", "the workflows may run")
    token = at.read("actions/permissions/workflow")
    about = "workflow permissions"
    if not token.found:
        yield _unreadable(about, "Administration: read")
        return
    if token.body["default_workflow_permissions"] != "read":
        means = "a workflow without `permissions:` may write to the repository"
        yield warn(about, "the default is write", means, GH["workflow"])
    if not token.body["can_approve_pull_request_reviews"]:
        means = "`/watchbill adopt` and the update of the lock file cannot open pull requests"
        yield fail(about, "Actions may not create pull requests", means, GH["workflow"])
    else:
        yield ok(about, "Actions may create pull requests")


def _pages(at: _Repository) -> Iterator[Line]:
    pages = at.read("pages")
    if not pages.found:
        if pages.status == 403 or not at.is_admin:
            yield _unreadable("Pages", "Pages: read")
        else:
            yield ok("Pages", "off, so publish.yml does nothing")
    elif pages.body.get("build_type") != "workflow":
        remedy = "gh api -X PUT 'repos/{owner}/{repo}/pages' -f build_type=workflow"
        yield fail("Pages", "they are built from a branch", "publish.yml cannot deploy", remedy)
    else:
        yield ok("Pages", "deployed by publish.yml")


# --- CODEOWNERS


def _owners(at: _Repository) -> Iterator[Line]:
    about = "CODEOWNERS"
    errors = at.read(f"codeowners/errors?ref={at.branch}")
    if errors.status == 403:
        yield _unreadable(about, "Contents: read")
        return
    if not errors.found:
        means = "nobody can approve, so nothing is applied"
        yield fail(about, "there is none", means, "write .github/CODEOWNERS")
        return
    for error in errors.body["errors"]:
        says = f"{error['path']}, line {error['line']}: {error['kind']}"
        yield fail(about, says, "GitHub skips the line", error.get("suggestion") or "correct the line")
    yield _unowned(at, about)


def _unowned(at: _Repository, about: str) -> Line:
    """Files that decide who is paged and that nobody must approve."""
    tree = at.read(f"git/trees/{at.branch}?recursive=1")
    if not tree.found:
        return _unreadable(about, "Contents: read")
    files = {item["path"] for item in tree.body["tree"] if item["type"] == "blob"}
    place = next((place for place in PLACES if place in files), "")
    file = at.read(f"contents/{place}?ref={at.branch}")
    if not place or not file.found:
        return _unreadable(about, "Contents: read")
    owners = read_owners(b64decode(file.body["content"]).decode("utf-8", "replace"))
    below = ("" if at.folder == "." else f"{at.folder}/", ".github/")
    rules = {path for path in files if path.startswith(below)} | {place}
    unowned = sorted(path for path in rules if not owners.of(path))
    if unowned:
        some = f"{', '.join(unowned[:3])}{f' and {len(unowned) - 3} more' if len(unowned) > 3 else ''}"
        means = "a change there needs no approval; a later pattern may take the owners away"
        policy = "*" if at.folder == "." else f"/{at.folder}/"
        remedy = f"last lines of {place}: `{policy} @OWNER`, `/.github/ @OWNER`, `/{place} @OWNER`"
        return fail(about, f"nobody owns {some}", means, remedy)
    more = " (GitHub did not list all files)" if tree.body.get("truncated") else ""
    return (warn if more else ok)(about, f"every file of the policy and of its rules has an owner{more}")


_PARTS = (_branch, _environments, _secrets, _actions, _pages, _owners)
