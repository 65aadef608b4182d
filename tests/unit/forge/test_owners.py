"""CODEOWNERS, by the examples of GitHub's own page about it."""

from __future__ import annotations

import pytest

from watchbill.forge.owners import read_owners

GITHUBS_EXAMPLE = """
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README.md", ("@global-owner1", "@global-owner2")),
        ("deep/er/app.js", ("@js-owner",)),
        ("cmd/main.go", ("docs@example.com",)),
        ("notes.txt", ("@octo-org/octocats",)),
        ("build/logs/today/x.out", ("@octocat",)),
        ("build/logs", ("@octocat",)),
        ("docs/getting-started.md", ("@doctocat",)),
        ("sub/docs/getting-started.md", ("@global-owner1", "@global-owner2")),
        ("x/apps/y", ("@octocat",)),
        ("scripts/run.sh", ("@doctocat", "@octocat")),
        ("a/b/logs/c", ("@octocat",)),
        ("apps/web/x", ("@octocat",)),
        ("apps/github", ()),
        ("apps/github/x", ()),
    ],
)
def test_the_last_pattern_that_fits_names_the_owners(path: str, owners: tuple[str, ...]) -> None:
    assert read_owners(GITHUBS_EXAMPLE).of(path) == owners


def test_a_star_at_the_end_does_not_reach_below() -> None:
    owners = read_owners("docs/* @ana\n")
    assert owners.of("docs/a.md") == ("@ana",)
    assert owners.of("docs/deep/a.md") == ()
    assert owners.of("x/docs/a.md") == ()


@pytest.mark.parametrize(
    "line",
    ["!policies/ @ana", "policies/[ab] @ana", "policies/ @ana nobody", "policies/ @-", "# policies @ana"],
)
def test_lines_that_github_skips_own_nothing(line: str) -> None:
    assert read_owners(f"{line}\n").of("policies/a") == ()


def test_names_with_blanks_and_line_breaks() -> None:
    owners = read_owners("/my\\ policies/ @ana\n")
    assert owners.of("my policies/a\nb.yaml") == ("@ana",)
    assert owners.of("my") == ()
