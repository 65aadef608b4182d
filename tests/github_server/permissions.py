"""Which `permissions:` of a job a request takes.

https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
"""

from __future__ import annotations

import re

from github_server.call import Call

_TABLE: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"/repos/[^/]+/[^/]+/(issues/\d+.*|issues/comments/.*)", ("issues", "pull-requests")),
    (r"/repos/[^/]+/[^/]+/issues", ("issues",)),
    (r"/repos/[^/]+/[^/]+/pulls.*", ("pull-requests",)),
    (r"/repos/[^/]+/[^/]+/commits/[^/]+/pulls", ("pull-requests",)),
    (r"/repos/[^/]+/[^/]+/(statuses/.*|commits/[^/]+/status(es)?)", ("statuses",)),
    (r"/repos/[^/]+/[^/]+/code-scanning/.*", ("security-events",)),
    (r"/repos/[^/]+/[^/]+/(git|contents|commits).*", ("contents",)),
    (r"/repos/[^/]+/[^/]+/(codeowners/errors)", ("contents",)),
    (r"/repos/[^/]+/[^/]+/pages", ("pages",)),
    (r"/repos/[^/]+/[^/]+/environments/[^/]+(/deployment-branch-policies)?", ("actions",)),
    (
        r"/repos/[^/]+/[^/]+/(branches/.*/protection|actions/.*|environments/.*/secrets.*)",
        ("administration",),
    ),
)


def permitted(call: Call, method: str, path: str) -> None:
    for pattern, names in _TABLE:
        if re.fullmatch(pattern, path):
            call.needs("read" if method == "GET" else "write", *_of_the_kind(call, names))
            return


def _of_the_kind(call: Call, names: tuple[str, ...]) -> tuple[str, ...]:
    """Comments of a pull request take either permission, those of an issue only its own."""
    if len(names) == 2 and "number" in call.parts and call.issue.pull is None:
        return ("issues",)
    return names
