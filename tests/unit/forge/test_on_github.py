"""The parts of forge against the local GitHub: over HTTP, by the library, nothing pretended in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from github_server.git import Bare
from github_server.server import GitHubServer
from github_server.state import BOT, Repo
from policy_text import policy_of
from watchbill.errors import ForgeError, UsageError
from watchbill.forge.approval import Judge
from watchbill.forge.drift_issues import LABEL, tell_drift
from watchbill.forge.github import GithubForge, open_forge
from watchbill.forge.owners import read_owners
from watchbill.forge.port import Proposal
from watchbill.forge.pulls import read_pull
from watchbill.forge.stamps import APPLIED, last_stamp, put_stamp
from watchbill.forge.sticky import MOST, put
from watchbill.plan.document import AcknowledgedDrift, Change, FieldChange, Notice, PolicyIdentity
from watchbill.plan.drift import Attribution, Drift

POLICY = policy_of("rotations: {first: {title: First, crew: [ana]}}\n")
CHANGE = Change.model_validate(
    {
        "action": "update",
        "class": "drift",
        "kind": "escalation_policy",
        "key": "ladder/api",
        "name": "API",
        "drift_id": "d0123456",
        "fields": [FieldChange(path="repeat", before="4 times", after="once")],
    }
)
EDIT = Attribution(key="ladder/api", who="Eve @here", how="browser", when="2026-11-24T10:30:00Z")


def drift(*changes: Change, **more: object) -> Drift:
    return Drift.model_validate(
        {
            "tool": "1",
            "account": "acme",
            "at": "2026-11-24T11:00:00Z",
            "policy": PolicyIdentity(commit=None, digest="d"),
            "changes": changes,
            "attributions": (EDIT,),
            **more,
        }
    )


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubServer]:
    with GitHubServer(tmp_path / "github") as running:
        yield running


@pytest.fixture
def repo(github: GitHubServer) -> Repo:
    made = github.repository("acme", "runbook", ana="write", ben="write", cleo="read")
    commit(
        made.bare,
        {"policies/a.yaml": "a: 1\n", ".github/CODEOWNERS": "/policies/ @ben @acme/sre c@x.example\n"},
    )
    return made


def commit(bare: Bare, files: dict[str, str], branch: str = "main", by: str = "ana") -> str:
    parent = bare.find(branch) or bare.find("main")
    lines = bare.git("ls-tree", "-r", parent).splitlines() if parent else []
    entries = {path: head.split()[::2] for head, _, path in (line.partition("\t") for line in lines)}
    for name, text in files.items():
        entries[name] = ["100644", bare.git("hash-object", "-w", "--stdin", stdin=text)]
    told = "".join(f"{mode} {blob}\t{name}\n" for name, (mode, blob) in sorted(entries.items()))
    made = bare.commit_tree(bare.tree_of(told), [parent] if parent else [], "c", by=f"{by} {by}@x.example")
    bare.git("update-ref", f"refs/heads/{branch}", made)
    return made


@contextmanager
def opened(github: GitHubServer, login: str = BOT) -> Iterator[GithubForge]:
    with open_forge("acme/runbook", SecretStr(github.token(login)), api_url=github.url) as forge:
        yield forge


def test_one_comment_edited_in_place_and_only_if_it_differs(github: GitHubServer, repo: Repo) -> None:
    with opened(github) as forge:
        issue = forge.repo.create_issue("t")
        issue.create_comment("<!-- watchbill:planner -->\nanother of ours")
        first = put(forge, issue.number, "plan", "one")
        assert put(forge, issue.number, "plan", "two").id == first.id
        asked = len(github.exchanges)
        assert not put(forge, issue.number, "plan", "two").is_new
        assert {e.method for e in github.exchanges[asked:]} == {"GET"}
        put(forge, issue.number, "plan", "é" * 70_000 + "\nend")
    body = repo.issues[1].comments[1].body
    assert len(body.encode()) <= MOST
    assert "too long" in body
    assert len(repo.issues[1].comments) == 2


def test_a_key_cannot_close_the_hidden_line(github: GitHubServer, repo: Repo) -> None:
    with opened(github) as forge:
        put(forge, forge.repo.create_issue("t").number, "x --> <b>", "text")
    assert repo.issues[1].comments[0].body == "<!-- watchbill:x_--___b_ -->\ntext"


def test_a_drift_issue_opened_updated_and_closed(github: GitHubServer, repo: Repo) -> None:
    with opened(github) as forge:
        assert [t.what for t in tell_drift(forge, drift(CHANGE), POLICY)] == ["opened"]
        assert [t.what for t in tell_drift(forge, drift(CHANGE), POLICY)] == ["updated"]
        (issue,) = repo.issues.values()
        assert issue.labels == [LABEL]
        assert "4 times → once" in issue.body
        assert "Tue 2026-11-24 12:30 (Europe/Bucharest), by browser" in issue.body
        assert "@here" not in issue.body
        assert "drift: d0123456" in issue.body
        assert [t.what for t in tell_drift(forge, drift(), POLICY)] == ["closed"]
        assert (issue.state, len(issue.comments)) == ("closed", 1)
        assert [t.what for t in tell_drift(forge, drift(CHANGE), POLICY)] == ["opened"]
        assert len(repo.issues) == 2


def test_two_runs_that_race_leave_one_issue(github: GitHubServer, repo: Repo) -> None:
    with opened(github) as one, opened(github) as two:
        create = one.repo.create_issue

        def meanwhile(*args: object, **more: object) -> object:
            one.repo.create_issue = create  # type: ignore[method-assign]
            assert [t.what for t in tell_drift(two, drift(CHANGE), POLICY)] == ["opened"]
            return create(*args, **more)  # type: ignore[arg-type]

        one.repo.create_issue = meanwhile  # type: ignore[assignment,method-assign]
        assert [t.what for t in tell_drift(one, drift(CHANGE), POLICY)] == ["opened", "closed"]
        assert [i.state for i in repo.issues.values()] == ["open", "closed"]
        repo.issues[2].state = "open"  # as left by a run that was killed in between
        assert [t.what for t in tell_drift(one, drift(CHANGE), POLICY)] == ["closed", "updated"]
        assert [i.state for i in repo.issues.values()] == ["open", "closed"]


def test_policies_of_several_accounts_keep_to_their_own_issues(github: GitHubServer, repo: Repo) -> None:
    with opened(github) as forge:
        assert [t.what for t in tell_drift(forge, drift(CHANGE), POLICY, "policies/eu")] == ["opened"]
        assert [t.what for t in tell_drift(forge, drift(CHANGE), POLICY)] == ["opened"]
        assert tell_drift(forge, drift(), POLICY, "policies/us") == []
        assert [t.number for t in tell_drift(forge, drift(), POLICY, "policies/eu")] == [1]
    assert [issue.state for issue in repo.issues.values()] == ["closed", "open"]


def test_what_is_acknowledged_closes_with_its_reason(github: GitHubServer, repo: Repo) -> None:
    known = AcknowledgedDrift(
        drift_id="d0123456",
        kind="escalation_policy",
        key="ladder/api",
        name="API",
        reason="a *test*",
        expires="2027-01-31",
    )
    with opened(github) as forge:
        tell_drift(forge, drift(CHANGE), POLICY)
        tell_drift(forge, drift(acknowledged=(known,)), POLICY)
    assert repo.issues[1].state == "closed"
    assert "Acknowledged until 2027-01-31: a \\*test\\*" in repo.issues[1].comments[0].body


def test_an_object_that_was_taken_out_of_our_hands_has_an_issue_too(github: GitHubServer, repo: Repo) -> None:
    lost = Notice(rule="lost-marker", severity="error", message="First lost its marker", hint="claim it")
    other = Notice(rule="possible-refusal", severity="note", message="no drift")
    with opened(github) as forge:
        told = tell_drift(forge, drift(notices=(lost, other)), POLICY)
        assert [t.what for t in told] == ["opened"]
        assert [t.what for t in tell_drift(forge, drift(notices=(lost,)), POLICY)] == ["updated"]
    assert "First lost its marker" in repo.issues[1].body


def test_an_issue_that_only_looks_like_ours_is_left_alone(github: GitHubServer, repo: Repo) -> None:
    with opened(github, "ana") as theirs:
        theirs.repo.create_issue("t", body="<!-- watchbill:drift:ladder/api -->\n", labels=[LABEL])
    with opened(github) as forge:
        assert [t.what for t in tell_drift(forge, drift(CHANGE), POLICY)] == ["opened"]
    assert repo.issues[1].state == "open"


def test_a_proposal_is_one_commit_on_what_it_was_made_from_and_keeps_its_pull_request(
    github: GitHubServer, repo: Repo
) -> None:
    base = str(repo.bare.find("main"))
    wish = Proposal(
        "watchbill/x", "T", "B", {"policies/a.yaml": "a: 2\n", ".github/CODEOWNERS": None}, on=base
    )
    with opened(github) as forge:
        first = forge.propose(wish)
        commit(repo.bare, {"other": "x"})
        again = forge.propose(Proposal("watchbill/x", "T2", "B", {"policies/new/b.yaml": "b: 1\n"}))
    assert (first.is_new, again.is_new, again.number) == (True, False, first.number)
    assert repo.issues[first.number].title == "T2"
    assert [name for _, name, _ in repo.bare.changed("main", "watchbill/x")] == ["policies/new/b.yaml"]
    assert [name for _, name, _ in repo.bare.changed(base, first.head)] == [
        ".github/CODEOWNERS",
        "policies/a.yaml",
    ]


def test_who_owns_what_by_login_by_address_and_by_team(github: GitHubServer, repo: Repo) -> None:
    github.user("cam", "c@x.example")
    github.world.teams["acme/sre"] = {"dora"}
    github.user("dora")
    with opened(github) as forge:
        judge = Judge(forge, "main", "policies")
        names = read_owners(repo.bare.git("show", "main:.github/CODEOWNERS")).of("policies/a.yaml")
        owns = {login: [judge.is_owner(login, name) for name in names] for login in ("BEN", "cam", "dora")}
    assert owns == {"BEN": [True, False, False], "cam": [False, False, True], "dora": [False, False, False]}
    with opened(github, "ana") as forge:  # a person's token may see the team
        assert Judge(forge, "main", "policies").is_owner("dora", "@acme/sre")


def test_who_wants_a_change(github: GitHubServer, repo: Repo) -> None:
    commit(repo.bare, {"policies/a.yaml": "a: 2\n"}, branch="x", by="cleo")
    with opened(github, "ana") as forge:
        number = forge.repo.create_pull(
            "main", "x", title="t", body="hi\r\nRequested-by: @Ben (in chat)\r\n"
        ).number
        pull = read_pull(forge, number)
    assert pull.wanted_by == {"ana", "ben", "cleo"}
    assert pull.files == ("policies/a.yaml",)


@pytest.mark.parametrize("by", ["ben", "GitHub's button", "GitHub's name without its signature"])
def test_a_merge_made_by_hand_may_hold_anything(github: GitHubServer, repo: Repo, by: str) -> None:
    mine = commit(repo.bare, {"policies/a.yaml": "a: 2\n"}, branch="x")
    other = commit(repo.bare, {"policies/a.yaml": "a: evil\n"}, branch="y", by="ben")
    tree = repo.bare.git("rev-parse", f"{other}^{{tree}}")
    who = "ben ben@x.example" if by == "ben" else "GitHub noreply@github.com"
    made = repo.bare.commit_tree(tree, [mine, str(repo.bare.find("main"))], "m", by=who)
    if "button" not in by:
        repo.bare.signed.discard(made)
    repo.bare.git("update-ref", "refs/heads/x", made)
    with opened(github, "ana") as forge:
        pull = read_pull(forge, forge.repo.create_pull("main", "x", title="t", body="").number)
    assert pull.files == ("policies/a.yaml",)
    assert pull.wanted_by == {"ana", *(["ben"] if by == "ben" else [])}
    assert bool(pull.unattributed) == ("without" in by)


def test_more_commits_than_github_lists(github: GitHubServer, repo: Repo) -> None:
    tree = commit(repo.bare, {"policies/a.yaml": "a: 2\n"}, branch="x")
    for _ in range(250):
        tree = repo.bare.commit_tree(
            repo.bare.git("rev-parse", f"{tree}^{{tree}}"), [tree], "c", by="ben ben@x.example"
        )
    repo.bare.git("update-ref", "refs/heads/x", tree)
    with pytest.raises(ForgeError, match="251 commits"), opened(github, "ana") as forge:
        read_pull(forge, forge.repo.create_pull("main", "x", title="t", body="").number)


def test_a_request_in_a_commit_cannot_be_edited_away(github: GitHubServer, repo: Repo) -> None:
    wish = Proposal(
        "watchbill/x", "T", "B", {"policies/a.yaml": "a: 2\n"}, message="T\n\nRequested-by: ben\n", on=""
    )
    with opened(github) as forge:
        assert "ben" in read_pull(forge, forge.propose(wish).number).wanted_by


def test_a_stamp_counts_only_with_our_login_and_our_seal(github: GitHubServer, repo: Repo) -> None:
    first = str(repo.bare.find("main"))
    second = commit(repo.bare, {"policies/a.yaml": "a: 3\n"})
    key, other = SecretStr("write-key"), SecretStr("another-key")

    def last(forge: GithubForge) -> str:
        found = last_stamp(forge, [second, first], APPLIED, key=key, state="success")
        return found[0] if found is not None else ""

    with opened(github) as forge, opened(github, "ana") as hers:
        put_stamp(hers, second, APPLIED, "success", "mine", key=key)
        put_stamp(forge, second, APPLIED, "success", "by a workflow of a branch")
        put_stamp(forge, second, APPLIED, "success", "by a workflow that has another key", key=other)
        put_stamp(forge, second, APPLIED, "failure", "not yet", key=key)
        failed = next(s for s in repo.statuses if s.description.startswith("not yet"))
        forge.repo.get_commit(second).create_status(
            "success", description=failed.description, context=APPLIED
        )
        assert last(forge) == ""
        put_stamp(forge, first, APPLIED, "success", "x" * 300, key=key)
        copied = next(s for s in repo.statuses if s.description.startswith("xxx"))
        forge.repo.get_commit(second).create_status(
            "success", description=copied.description, context=APPLIED
        )
        assert last(forge) == first


def test_what_github_refuses_is_told_with_a_remedy(github: GitHubServer, repo: Repo) -> None:
    with (
        pytest.raises(ForgeError, match="401") as refused,
        open_forge("acme/runbook", SecretStr("ghs_wrong"), api_url=github.url) as forge,
    ):
        forge.repo.get_pull(1)
    assert "GITHUB_TOKEN" in refused.value.remedy
    assert "ghs_wrong" not in str(refused.value)
    with pytest.raises(ForgeError, match="404"), opened(github) as forge:
        forge.repo.get_pull(99)
    with (
        pytest.raises(ForgeError, match="does not answer"),
        open_forge("acme/runbook", SecretStr("t"), api_url="http://127.0.0.1:9") as forge,
    ):
        forge.repo.get_pull(1)


@pytest.mark.parametrize("name", ["", "acme", "acme/", "/x", "a/b/c"])
def test_a_repository_is_owner_and_name(name: str) -> None:
    with pytest.raises(UsageError), open_forge(name, SecretStr("t")):
        pass


def test_a_token_only_goes_over_https() -> None:
    with (
        pytest.raises(UsageError, match="https"),
        open_forge("a/b", SecretStr("t"), api_url="http://github.example"),
    ):
        pass
