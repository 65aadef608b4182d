"""The policy at a past commit, and who wrote a line, in real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from policy_text import PEOPLE, SETTINGS
from repositories import Repo
from watchbill.config.load import load_policy
from watchbill.errors import PolicyInvalid, UsageError
from watchbill.history.blame import lines_of, written_by
from watchbill.history.git import Repository, repository
from watchbill.history.policy import load_at, load_valid_at
from watchbill.rota.clock import parse_instant

ROTATIONS = """rotations:
  first:
    title: First
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew:
      - ana
      - ben
    # a comment below

  second:
    title: Second
    crew: [{who}]
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.new(tmp_path / "r")
    made.write("policies/settings.yaml", SETTINGS)
    made.write("policies/people.yaml", PEOPLE)
    made.write("policies/rotations.yaml", ROTATIONS.format(who="ana"))
    return made


def opened(repo: Repo, folder: str = "policies") -> Repository:
    found = repository(repo.folder / folder)
    assert found is not None
    return found


def crew_at(repo: Repo, instant: str) -> tuple[str, ...] | None:
    found = opened(repo)
    commit = found.main_at(parse_instant(instant))
    if commit is None:
        return None
    policy = load_valid_at(found, commit).policy
    assert policy is not None
    return policy.rotations["second"].crew


def test_the_past_is_read_from_commits_not_from_the_work_tree(repo: Repo) -> None:
    repo.commit("2026-02-01T10:00:00Z")
    repo.write("policies/rotations.yaml", ROTATIONS.format(who="ben"))
    repo.commit("2026-03-01T10:00:00Z")
    repo.write("policies/rotations.yaml", "rotations: [broken")
    assert crew_at(repo, "2026-02-01T09:59:59Z") is None
    assert crew_at(repo, "2026-02-01T10:00:00Z") == ("ana",)
    assert crew_at(repo, "2026-03-01T09:59:59Z") == ("ana",)
    assert crew_at(repo, "2026-03-01T10:00:00Z") == ("ben",)
    assert (repo.folder / "policies/rotations.yaml").read_text("utf-8") == "rotations: [broken"


def test_on_main_counts_the_merge_not_the_work_before_it(repo: Repo) -> None:
    repo.commit("2026-02-01T10:00:00Z")
    repo.git("checkout", "--quiet", "-b", "change")
    repo.write("policies/rotations.yaml", ROTATIONS.format(who="ben"))
    repo.commit("2026-02-10T10:00:00Z", "on a branch")
    assert crew_at(repo, "2026-02-15T00:00:00Z") == ("ana",), "also while the branch is checked out"
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "-m", "merged", "change", when="2026-02-20T10:00:00Z")
    assert crew_at(repo, "2026-02-15T00:00:00Z") == ("ana",)
    assert crew_at(repo, "2026-02-20T10:00:00Z") == ("ben",)


def test_what_the_origin_has_counts_too(repo: Repo, tmp_path: Path) -> None:
    repo.commit("2026-02-01T10:00:00Z")
    clone = Repo(tmp_path / "clone")
    repo.git("clone", "--quiet", str(repo.folder), str(clone.folder))
    repo.write("policies/rotations.yaml", ROTATIONS.format(who="ben"))
    repo.commit("2026-03-01T10:00:00Z")
    clone.git("fetch", "--quiet")
    assert crew_at(clone, "2026-03-02T00:00:00Z") == ("ben",)


def test_without_a_main_branch_what_is_checked_out_counts(tmp_path: Path) -> None:
    made = Repo.new(tmp_path / "r", branch="trunk")
    made.write("policies/all.yaml", SETTINGS + PEOPLE + ROTATIONS.format(who="ana"))
    made.commit("2026-02-01T10:00:00Z")
    assert crew_at(made, "2026-02-02T00:00:00Z") == ("ana",)


def test_commits_elsewhere_are_not_the_answer(repo: Repo) -> None:
    mine = repo.commit("2026-02-01T10:00:00Z")
    repo.write("README.md", "words")
    repo.commit("2026-02-05T10:00:00Z")
    found = opened(repo).main_at(parse_instant("2026-02-06T00:00:00Z"))
    assert found is not None
    assert (found.id, found.author, found.subject) == (mine, "Ana", "change")


def test_a_policy_at_the_top_of_the_repository(tmp_path: Path) -> None:
    made = Repo.new(tmp_path / "r")
    made.write("all.yaml", SETTINGS + PEOPLE + ROTATIONS.format(who="ana"))
    made.write(".hidden/x.yaml", "nonsense: 1")
    made.write("notes.txt", "no policy")
    made.commit("2026-02-01T10:00:00Z")
    found = opened(made, ".")
    assert load_at(found, found.commit("HEAD")).valid


def test_names_beyond_ascii_and_links(repo: Repo) -> None:
    repo.write("policies/schichtpläne/größe [1] *.yaml", "teams: {mp: MP}\n")
    (repo.folder / "policies/linked.yaml").symlink_to("/etc/passwd")
    repo.commit("2026-02-01T10:00:00Z")
    found = opened(repo)
    loaded = load_at(found, found.commit("HEAD"))
    assert loaded.policy is not None
    assert "mp" in loaded.policy.teams


def test_a_version_that_today_is_invalid_says_so(repo: Repo) -> None:
    repo.write("policies/rotations.yaml", "rotations: {first: {title: F, crew: [ana], nonsense: 1}}")
    repo.commit("2026-02-01T10:00:00Z")
    found = opened(repo)
    with pytest.raises(PolicyInvalid, match="by today's format") as raised:
        load_valid_at(found, found.commit("HEAD"))
    assert raised.value.findings


@pytest.mark.parametrize("ref", ["nonsense", "--output=x", "HEAD~5", "", "HEAD:policies"])
def test_a_name_that_is_no_commit(repo: Repo, ref: str) -> None:
    repo.commit("2026-02-01T10:00:00Z")
    with pytest.raises(UsageError, match="no commit"):
        opened(repo).commit(ref)
    assert not list(repo.folder.glob("x*"))


def test_no_repository_no_commit_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert repository(tmp_path) is None
    empty = Repo.new(tmp_path / "empty")
    assert repository(empty.folder) is None
    empty.write("a.yaml", "x: 1")
    empty.commit("2026-02-01T10:00:00Z")
    assert repository(empty.folder) is not None
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert repository(empty.folder) is None


def test_a_hooks_settings_do_not_lead_astray(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("2026-02-01T10:00:00Z")
    other = Repo.new(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", "nonsense")
    assert crew_at(repo, "2026-02-02T00:00:00Z") == ("ana",)
    assert not opened(repo).is_edited


def test_edits_new_files_and_shallow_clones_are_seen(repo: Repo, tmp_path: Path) -> None:
    repo.commit("2026-02-01T10:00:00Z")
    repo.write("elsewhere.txt", "x")
    assert not opened(repo).is_edited
    repo.write("policies/new.yaml", "teams: {}")
    assert opened(repo).is_edited
    repo.commit("2026-02-02T10:00:00Z")
    assert not opened(repo).is_shallow
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=1", f"file://{repo.folder}", str(tmp_path / "s")], check=True
    )
    assert opened(Repo(tmp_path / "s")).is_shallow


def test_the_newest_commit_among_the_lines(repo: Repo) -> None:
    first = repo.commit("2026-02-01T10:00:00Z", "begin")
    text = ROTATIONS.format(who="ana").replace("      - ben\n", "      - cleo\n      - ben\n")
    repo.write("policies/rotations.yaml", text)
    second = repo.commit("2026-03-01T10:00:00Z", "cleo joins")
    repo.write("policies/rotations.yaml", text.replace("[ana]", "[ben]"))
    third = repo.commit("2026-04-01T10:00:00Z", "ben alone")
    found, loaded = opened(repo), load_policy(repo.folder / "policies")
    told = {
        place: written_by(loaded, [place], found)
        for place in (
            ("rotations", "first", "crew"),
            ("rotations", "first", "turn"),
            ("rotations", "second", "crew"),
            ("rotations", "second"),
        )
    }
    ids = [written and written.commit and written.commit.id for written in told.values()]
    assert ids == [second, first, third, third]
    crew = told["rotations", "first", "crew"]
    assert crew is not None
    assert (crew.first_line, crew.last_line) == (7, 10)
    repo.write("policies/rotations.yaml", text.replace("[ana]", "[cleo]"))
    edited = load_policy(repo.folder / "policies")
    written = written_by(edited, [("rotations", "second", "crew")], found)
    assert written is not None
    assert (written.commit, written.note) == (None, "edited since the last commit")
    assert written_by(edited, [("rotations", "first", "crew")], None).note == "no git history here"  # type: ignore[union-attr]
    assert written_by(edited, [("teams", "none")], found) is None


def test_a_past_version_is_blamed_at_its_commit(repo: Repo) -> None:
    first = repo.commit("2026-02-01T10:00:00Z", "begin")
    repo.write(
        "policies/rotations.yaml", "# a line more\n" + ROTATIONS.format(who="ben").replace("Second", "Other")
    )
    repo.commit("2026-03-01T10:00:00Z", "later")
    found = opened(repo)
    then = found.commit(first)
    written = written_by(load_at(found, then), [("rotations", "second", "crew")], found, then)
    assert written is not None
    assert written.commit is not None
    assert (written.commit.id, written.first_line) == (first, 14)


def test_the_lines_of_a_block_end_with_its_last_word(repo: Repo) -> None:
    loaded = load_policy(repo.folder / "policies")
    home = loaded.locator.home(("rotations", "first"))
    assert home is not None
    assert lines_of(*home) == (2, 9), "neither the comment nor the empty line behind it"
