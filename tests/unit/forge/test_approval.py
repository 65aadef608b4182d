"""Whose approval counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watchbill.forge.approval import judge
from watchbill.forge.owners import read_owners
from watchbill.forge.pulls import Pull, Review

HEAD = "b" * 40
OWNERS = read_owners("/policies/ @ben @Cleo\n/policies/dba/ @dan\n/README.md @eve\n")
PULL = Pull(
    number=7,
    title="t",
    url="u",
    head=HEAD,
    base="main",
    base_commit="c" * 40,
    wanted_by=frozenset({"ana"}),
    files=("policies/rotations.yaml",),
    reviews=(Review("ben", "APPROVED", HEAD),),
    is_merged=False,
)


def lacks(pull: Pull, writers: frozenset[str] = frozenset({"ben", "cleo", "dan"})) -> tuple[str, ...]:
    def is_owner(login: str, owner: str) -> bool:
        return owner.lower() == f"@{login}"

    return judge(pull, OWNERS, "policies", is_owner, writers.__contains__).lacks


def test_an_owner_at_the_head_is_enough() -> None:
    assert lacks(PULL) == ()


@pytest.mark.parametrize(
    ("reviews", "reason"),
    [
        ((), "no approval by a code owner of policies/rotations.yaml (@Cleo, @ben)"),
        ((Review("ben", "APPROVED", "a" * 40),), "ben approved aaaaaaaaa, the head is bbbbbbbbb"),
        ((Review("ben", "APPROVED", HEAD), Review("ben", "CHANGES_REQUESTED", HEAD)), "no approval"),
        ((Review("ben", "DISMISSED", HEAD),), "no approval"),
        ((Review("ben", "COMMENTED", HEAD),), "no approval"),
        ((Review("eve", "APPROVED", HEAD),), "eve approved, but may not write to this repository"),
        ((Review("dan", "APPROVED", HEAD),), "no approval"),
    ],
)
def test_what_does_not_count(reviews: tuple[Review, ...], reason: str) -> None:
    assert any(reason in lack for lack in lacks(replace(PULL, reviews=reviews)))


def test_an_owner_who_requests_changes_blocks_until_they_approve() -> None:
    objection = (*PULL.reviews, Review("cleo", "CHANGES_REQUESTED", "a" * 40))
    assert lacks(replace(PULL, reviews=objection)) == ("cleo, a code owner, requested changes",)
    assert lacks(replace(PULL, reviews=(*objection, Review("cleo", "APPROVED", HEAD)))) == ()
    assert lacks(replace(PULL, reviews=(*objection, Review("cleo", "DISMISSED", HEAD)))) == ()


def test_only_an_owner_with_write_access_blocks() -> None:
    for login in ("dan", "eve"):
        objection = Review(login, "CHANGES_REQUESTED", HEAD)
        assert lacks(replace(PULL, reviews=(*PULL.reviews, objection))) == ()


def test_a_later_comment_takes_no_approval_back() -> None:
    later = Review("ben", "COMMENTED", HEAD)
    assert lacks(replace(PULL, reviews=(*PULL.reviews, later))) == ()


def test_who_wants_it_may_not_approve_it() -> None:
    told = lacks(replace(PULL, wanted_by=frozenset({"ana", "ben"})))
    assert "ben approved, but wants or wrote the change" in told


def test_every_touched_file_needs_an_owner_of_its_own() -> None:
    two = replace(PULL, files=("policies/rotations.yaml", "policies/dba/crew.yaml"))
    assert "policies/dba/crew.yaml (@dan)" in lacks(two)[0]
    both = replace(two, reviews=(*PULL.reviews, Review("dan", "APPROVED", HEAD)))
    assert lacks(both) == ()


def test_a_policy_file_without_an_owner_cannot_be_approved() -> None:
    nobody = judge(PULL, read_owners("docs/ @ben\n"), "policies", lambda *_: True, lambda _: True)
    assert "CODEOWNERS names nobody for policies/rotations.yaml" in nobody.lacks[0]


def test_a_policy_at_the_top_of_the_repository_has_owners_too() -> None:
    top = replace(PULL, files=("rotations.yaml",), reviews=())
    nobody = judge(top, read_owners("docs/ @ben\n"), ".", lambda *_: True, lambda _: True)
    assert "CODEOWNERS names nobody for rotations.yaml" in nobody.lacks[0]


def test_files_elsewhere_need_one_only_if_they_have_an_owner() -> None:
    assert lacks(replace(PULL, files=("src/x.py",), reviews=())) == ()
    assert lacks(replace(PULL, files=("README.md",))) != ()


@pytest.mark.parametrize(
    "file",
    [".github/workflows/apply.yml", ".github/watchbill/requirements.lock", "CODEOWNERS", "docs/CODEOWNERS"],
)
def test_what_decides_who_approves_and_what_runs_needs_an_owner(file: str) -> None:
    (why,) = lacks(replace(PULL, files=(file,)))
    assert f"CODEOWNERS names nobody for {file}" in why
