"""Which owners count: an owner that nobody with the right to add one added does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from repositories import Repo
from watchbill.errors import ForgeError
from watchbill.forge.approval import judge
from watchbill.forge.owner_history import Counted, OwnerHistory
from watchbill.forge.pulls import Pull, Review
from watchbill.history.git import Repository, repository

AT = "2026-11-23T14:00:00Z"
PLACE = ".github/CODEOWNERS"
OWNED = "/policies/ @ben\n/.github/ @ben\n"
EVIL = OWNED + "/policies/ @mallory\n"
WRITERS = frozenset({"ana", "ben", "cleo", "mallory"})


@dataclass
class Story:
    """A main branch, commit by commit, and the pull requests behind it."""

    clone: Repo
    pulls: dict[str, Pull] = field(default_factory=dict)

    def commit(self, text: str | None, by: str = "", approved: str = "", place: str = PLACE) -> str:
        """With `by`, in a pull request of that person."""
        if text is None:
            (self.clone.folder / place).unlink()
        else:
            self.clone.write(place, text)
        sha = self.clone.commit(AT, "owners")
        if by:
            number = len(self.pulls) + 1
            reviews = (Review(approved, "APPROVED", sha),) if approved else ()
            self.pulls[sha] = Pull(
                *(number, "t", "u", sha, "main", sha, frozenset({by})),
                (place, "README.md"),
                reviews,
                is_merged=True,
            )
        return sha

    def counted(self) -> Counted:
        git = repository(self.clone.folder / "policies")
        assert isinstance(git, Repository)
        head = git.commit("HEAD").id
        history = OwnerHistory(
            git,
            "policies",
            lambda sha: [self.pulls[sha]] if sha in self.pulls else [],
            lambda pull, owners: (
                judge(pull, owners, ".", lambda login, name: name == f"@{login}", WRITERS.__contains__).lacks
            ),
        )
        return history.counted(head, head)

    def owners(self) -> tuple[str, ...]:
        return self.counted().owners.of("policies/a.yaml")


@pytest.fixture
def story(tmp_path: Path) -> Story:
    made = Story(Repo.new(tmp_path / "clone"))
    made.clone.write("policies/a.yaml", "a: 1\n")
    return made


def test_an_owner_that_an_owner_approved_counts(story: Story) -> None:
    story.commit(OWNED)
    story.commit(OWNED + "/policies/ @ben @cleo\n", by="ana", approved="ben")
    assert story.owners() == ("@ben", "@cleo")
    assert story.counted().problems == ()


@pytest.mark.parametrize(
    ("by", "approved", "reason"),
    [
        ("", "", "without a pull request"),
        ("mallory", "", r"#1 changed .github/CODEOWNERS, and that change does not count: no approval"),
        ("mallory", "mallory", "mallory approved, but wants or wrote"),
        ("mallory", "cleo", "no approval by a code owner of .github/CODEOWNERS"),
    ],
)
def test_an_owner_that_no_owner_approved_does_not_count(
    story: Story, by: str, approved: str, reason: str
) -> None:
    story.commit(OWNED)
    story.commit(EVIL, by=by, approved=approved)
    assert story.owners() == ("@ben",)
    (problem,) = story.counted().problems
    assert reason in problem


def test_nothing_counts_after_a_change_that_does_not_count(story: Story) -> None:
    story.commit(OWNED)
    story.commit(EVIL, by="mallory")
    story.commit(EVIL + "/docs/ @cleo\n", by="ana", approved="ben")
    assert story.owners() == ("@ben",)


def test_taken_back_and_proposed_again_it_counts(story: Story) -> None:
    story.commit(OWNED)
    story.commit(EVIL, by="mallory")
    story.commit(OWNED, by="ana")
    assert story.counted().problems == ()
    story.commit(OWNED + "/policies/ @cleo\n", by="ana", approved="ben")
    assert story.owners() == ("@cleo",)


def test_an_approval_after_the_merge_counts(story: Story) -> None:
    story.commit(OWNED)
    sha = story.commit(OWNED + "/policies/ @cleo\n", by="ana")
    assert story.owners() == ("@ben",)
    pull = story.pulls[sha]
    story.pulls[sha] = Pull(
        *(pull.number, "t", "u", sha, "main", sha, pull.wanted_by),
        *(pull.files, (Review("ben", "APPROVED", sha),)),
        is_merged=True,
    )
    assert story.owners() == ("@cleo",)


def test_a_file_that_does_not_own_itself_closes_the_check_and_an_owner_of_the_policy_opens_it(
    story: Story,
) -> None:
    story.commit("/policies/ @ben\n")
    assert "add the line `/.github/CODEOWNERS @ben`" in story.counted().unowned
    story.commit("/policies/ @ben @mallory\n", by="mallory")
    assert story.owners() == ("@ben",)
    story.commit("/policies/ @ben\n", by="ana")
    story.commit("/policies/ @ben\n/.github/CODEOWNERS @ben\n", by="ana", approved="ben")
    assert (story.counted().unowned, story.owners()) == ("", ("@ben",))


@pytest.mark.parametrize("place", [PLACE, "CODEOWNERS"])
def test_a_file_at_a_place_that_wins_does_not_replace_the_owners(story: Story, place: str) -> None:
    story.commit("* @ben\n", place="docs/CODEOWNERS")
    story.commit("* @mallory\n", by="mallory", place=place)
    assert story.owners() == ("@ben",)
    assert "docs/CODEOWNERS" in story.counted().problems[0]


def test_deleted_and_written_anew_it_is_still_the_old_one(story: Story) -> None:
    story.commit(OWNED)
    story.commit(None, by="mallory")
    story.commit("* @mallory\n", by="mallory", approved="mallory")
    assert story.owners() == ("@ben",)


def test_what_was_before_the_policy_needs_no_approval(tmp_path: Path) -> None:
    story = Story(Repo.new(tmp_path / "clone"))
    story.commit("* @old\n")
    story.commit("* @ben\n")
    story.clone.write("policies/a.yaml", "a: 1\n")
    story.clone.commit(AT, "the policy")
    assert story.owners() == ("@ben",)


def test_a_shallow_clone_is_refused(story: Story, tmp_path: Path) -> None:
    story.commit(OWNED)
    story.commit(EVIL)
    shallow = Story(Repo.new(tmp_path / "shallow"))
    shallow.clone.git("fetch", "--quiet", "--depth=1", f"file://{story.clone.folder}", "HEAD")
    shallow.clone.git("reset", "--quiet", "--hard", "FETCH_HEAD")
    with pytest.raises(ForgeError, match="no full history"):
        shallow.counted()
