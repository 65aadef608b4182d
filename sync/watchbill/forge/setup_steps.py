"""The settings of a policy repository on GitHub: each as a line for `gh` and as clicks."""

from __future__ import annotations

from dataclasses import dataclass

CHECKS = ("check the policy", "plan for the account")
"""Jobs whose success a merge needs."""
_REPO = "repos/{owner}/{repo}"


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    lines: tuple[str, ...]
    """For a shell in the clone; gh fills {owner} and {repo}."""
    clicks: str
    note: str = ""


def _environment(name: str) -> tuple[str, ...]:
    at = f"{_REPO}/environments/{name}"
    policy = "deployment_branch_policy"
    return (
        f"gh api -X PUT '{at}' -F '{policy}[protected_branches]=false' -F '{policy}[custom_branch_policies]=true'",
        f"gh api -X POST '{at}/deployment-branch-policies' -f name=main -f type=branch",
    )


STEPS = {
    "protection": Step(
        "Protect `main`: owners' review and both checks",
        (
            f"gh api -X PUT '{_REPO}/branches/main/protection'"
            " -F 'required_status_checks[strict]=false'"
            + "".join(f" -f 'required_status_checks[contexts][]={check}'" for check in CHECKS)
            + " -F 'required_pull_request_reviews[require_code_owner_reviews]=true'"
            " -F 'required_pull_request_reviews[required_approving_review_count]=1'"
            " -F 'required_pull_request_reviews[dismiss_stale_reviews]=true'"
            " -F 'required_pull_request_reviews[require_last_push_approval]=true'"
            " -F enforce_admins=true -F restrictions=null",
        ),
        "Settings, Branches, Add classic branch protection rule, `main`: Require a pull request before merging, "
        "Require approvals, Dismiss stale approvals, Require review from Code Owners, "
        "Require approval of the most recent reviewable push; Require status checks: "
        + ", ".join(f"`{check}`" for check in CHECKS)
        + "; Do not allow bypassing the above settings",
        "A ruleset that demands the same is as good. With a merge queue, both checks run in it, too.",
    ),
    "pagerduty": Step(
        "Environment `pagerduty`, for `main` only: it holds the key that may write",
        _environment("pagerduty"),
        "Settings, Environments, New environment `pagerduty`; Deployment branches and tags: Selected branches "
        "and tags, Add rule, `main`",
        "For a private repository, environments need a paid plan.",
    ),
    "pagerduty-read": Step(
        "Environment `pagerduty-read`, for `main` only: answers to comments and the weekly report run in it",
        _environment("pagerduty-read"),
        "the same with the name `pagerduty-read`",
    ),
    "PAGERDUTY_READ_TOKEN": Step(
        "A read-only key of the account, for plans and drift",
        ("gh secret set PAGERDUTY_READ_TOKEN",),
        "Settings, Secrets and variables, Actions, New repository secret",
    ),
    "PAGERDUTY_WRITE_TOKEN": Step(
        "A key that may write, in the environment alone",
        ("gh secret set PAGERDUTY_WRITE_TOKEN --env pagerduty",),
        "Settings, Environments, pagerduty, Add environment secret",
    ),
    "workflow": Step(
        "Allow GitHub Actions to create and approve pull requests: `/watchbill adopt` and the update open some",
        (
            (
                f"gh api -X PUT '{_REPO}/actions/permissions/workflow'"
                " -f default_workflow_permissions=read -F can_approve_pull_request_reviews=true"
            ),
        ),
        "Settings, Actions, General, Workflow permissions: Read repository contents; Allow GitHub Actions to "
        "create and approve pull requests",
    ),
    "WATCHBILL_BOT": Step(
        "Optional: an App's or a person's token, so that pull requests that workflows open are checked; with an "
        "App, also its login",
        ("gh secret set WATCHBILL_GITHUB_TOKEN", "gh variable set WATCHBILL_BOT --body 'NAME[bot]'"),
        "Settings, Secrets and variables, Actions: a secret, and under Variables the variable",
    ),
    "pages": Step(
        "Optional: the site with the calendars",
        (f"gh api -X POST '{_REPO}/pages' -f build_type=workflow",),
        "Settings, Pages, Source: GitHub Actions",
        "It shows names, and on most plans everybody can read it, also that of a private repository.",
    ),
}
GH = {name: " && ".join(step.lines) for name, step in STEPS.items()}


def steps_as_markdown() -> str:
    parts = []
    for number, step in enumerate(STEPS.values(), 1):
        note = f"\n   {step.note}" if step.note else ""
        lines = "\n".join(f"   {line}" for line in step.lines)
        parts.append(
            f"{number}. {step.title}.\n   By hand: {step.clicks}.{note}\n\n   ```sh\n{lines}\n   ```"
        )
    return "\n\n".join(parts)
