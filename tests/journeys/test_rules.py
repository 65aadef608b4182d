"""The rules of the commit before a change judge it: on a branch, after a merge, and where there is no history."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.conftest import NOW, ROOT, Person, Ran, clean_environment
from journeys.small import POLICY, Small, applied
from repositories import Repo
from watchbill.cli.judging import with_chat_of_base
from watchbill.config.load import load_valid
from watchbill.model.settings import ChatSettings

TITLE = "This changes the rules"
SWAP = ("crew: [ana, ben]}\n  second", "crew: [ben, ana]}\n  second")
"""Ben has the first rotation now instead of Ana."""
LOOSE = ("new_schedules: layers}\n", "new_schedules: layers}\n  guards: {starts_within: 0m}\n")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    with applied(tmp_path) as made:
        yield made


def said(ran: Ran) -> str:
    return " ".join((ran.out + ran.err).split())


@pytest.mark.long
def test_routing_cannot_be_flipped_by_the_change_that_raises_its_guards(tmp_path: Path) -> None:
    """It deleted 21 escalation policies under "On call now: unchanged"."""
    repo = Repo.new(tmp_path / "repository")
    shutil.copytree(ROOT / "policies", repo.folder / "policies")
    repo.commit(NOW, "the policy")
    person = Person(repo.folder, clean_environment(tmp_path / "home"))
    assert person.watchbill("apply", "--yes").code == 0
    repo.git("checkout", "--quiet", "-b", "flip")
    file = person.policies / "settings.yaml"
    text = file.read_text("utf-8")
    for old, new in (
        ("max_deletions: 2, max_changed: 30%, starts_within: 24h", "max_deletions: 500, starts_within: 0m"),
        ("routing: domain-severity", "routing: severity"),
    ):
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    repo.commit(NOW, "loosen all")
    plan = person.watchbill("plan", "--json").json
    assert sum(change["action"] == "delete" for change in plan["changes"]) == 21
    assert {g["guard"] for g in plan["guards"]} == {"deletions", "changed"}
    effects = {rule["path"]: rule["effect"] for rule in plan["rules"]}
    assert effects == {
        "settings.guards.max_deletions": "loosened",
        "settings.guards.starts_within": "loosened",
        "settings.pagerduty.routing": "changed",
    }
    assert plan["judged_by"]["commit"] == repo.git("rev-parse", "main")
    markdown = person.watchbill("plan", "--format", "markdown").out
    assert markdown.index(TITLE) < markdown.index("On call now")
    refused = person.watchbill("apply", "--yes")
    assert refused.code == 11
    assert "merge the rule change first, alone" in said(refused)
    assert refused.out.index(TITLE) < refused.out.index("Guards stand in the way")


def test_a_rule_change_alone_counts_from_the_next_change_on(small: Small) -> None:
    text = small.text
    small.change(LOOSE, SWAP)
    assert "24h → 0m" in said(small.apply(11))
    small.say(text)
    small.change(LOOSE)
    alone = small.apply()
    assert TITLE in alone.out
    small.change(SWAP)
    assert TITLE not in small.apply().out


def test_a_tighter_rule_counts_at_once(small: Small) -> None:
    text = small.text
    small.change(LOOSE)
    small.apply()
    small.say(text)
    small.change(SWAP)
    refused = small.apply(11)
    assert "guard imminent" in refused.err
    assert "tightened: settings.guards.starts_within" in said(refused)


def test_edits_that_are_not_committed_are_judged_by_the_commit(small: Small) -> None:
    shutil.rmtree(small.person.env["XDG_STATE_HOME"])  # nobody recorded the apply
    text = small.text.replace(*LOOSE).replace(*SWAP)
    small.repo.write("policies/all.yaml", text)
    assert "(the last commit)" in said(small.apply(11))


def test_a_saved_plan_is_judged_by_the_rules_that_it_was_made_by(small: Small, tmp_path: Path) -> None:
    small.change(LOOSE, SWAP)
    path = str(tmp_path / "plan.json")
    small.watchbill("plan", "--out", path)
    shutil.rmtree(small.person.env["XDG_STATE_HOME"])
    assert "guard imminent" in small.apply(11, path).err
    small.apply(0, path, "--waive", "imminent=both agreed")


def test_the_commit_can_be_named(small: Small) -> None:
    first = small.repo.git("rev-parse", "HEAD")
    small.change(LOOSE, SWAP)
    shutil.rmtree(small.person.env["XDG_STATE_HOME"])
    own = small.watchbill("plan")
    assert "no earlier apply is recorded here" in said(own)
    named = small.watchbill("plan", "--applied", first)
    assert "imminent" in named.out
    assert f"rules of {first[:9]} (named by --applied)" in said(named)
    small.watchbill("plan", "--applied", "0" * 40)
    small.watchbill("plan", "--applied", "f" * 40, code=2)


def test_without_git_the_files_own_rules_judge_and_the_output_states_it(small: Small) -> None:
    small.change(LOOSE, SWAP)
    shutil.rmtree(small.repo.folder / ".git")
    ran = small.apply()
    assert "the files' own rules: there is no git history here" in said(ran)
    assert TITLE not in ran.out
    small.watchbill("plan", "--applied", "main", code=2)


def test_a_policy_that_is_new_in_the_repository_has_its_own_rules(small: Small, tmp_path: Path) -> None:
    repo = Repo.new(tmp_path / "other")
    repo.write("code.txt", "x")
    repo.commit(NOW)
    repo.write("policies/all.yaml", POLICY.replace(*LOOSE))
    plan = Person(repo.folder, small.person.env).watchbill("plan", "--json").json
    assert "has no policy" in plan["judged_by"]["reason"]
    assert not plan["rules"]


def test_an_acknowledgement_waits_until_nothing_else_is_written(small: Small) -> None:
    ladder = small.named("escalation_policy", "API")
    small.put("escalation_policy", {**ladder, "num_loops": 5})
    (drift,) = small.watchbill("drift", "--json", code=10).json["changes"]
    known = f"  acknowledged: [{{drift: {drift['drift_id']}, reason: fine, expires: 2027-01-31}}]\n"
    text = small.text
    small.change(("people:\n", f"{known}people:\n"), SWAP)
    refused = small.apply(11, "--waive", "imminent=agreed")
    assert "guard rules" in refused.err
    assert small.named("escalation_policy", "API")["num_loops"] == 5, "an edit that is discussed stays"
    small.say(text)
    small.change(("people:\n", f"{known}people:\n"))
    small.apply()
    small.change(SWAP)
    small.apply(0, "--waive", "imminent=agreed")
    assert small.named("escalation_policy", "API")["num_loops"] == 5


def test_the_outcome_lists_changed_rules(small: Small) -> None:
    small.change(LOOSE)
    outcome = json.loads(small.apply(0, "--json").out)
    assert [rule["path"] for rule in outcome["rules"]] == ["settings.guards.starts_within"]


def test_files_that_decide_who_approves_and_what_runs_are_rules_too(small: Small) -> None:
    small.repo.git("checkout", "--quiet", "-b", "work")
    for name in (
        "CODEOWNERS",
        "docs/CODEOWNERS",
        ".github/workflows/apply.yml",
        ".github/watchbill/requirements.lock",
    ):
        small.repo.write(name, "x")
    small.repo.write("docs/other.md", "x")
    small.repo.commit(NOW)
    found = {rule["path"]: rule["after"] for rule in small.plan()["rules"]}
    assert found == dict.fromkeys(
        (
            "CODEOWNERS",
            "docs/CODEOWNERS",
            ".github/workflows/apply.yml",
            ".github/watchbill/requirements.lock",
        ),
        "added",
    )


def test_chat_permissions_of_a_branch_or_an_edit_widen_nothing(small: Small) -> None:
    narrow = (
        "new_schedules: layers}\n",
        "new_schedules: layers}\n  chat: {may: {take: [first]}, phones: [first]}\n",
    )
    small.change(narrow)
    wide = small.text.replace("take: [first]", "take: everyone").replace(
        "phones: [first]", "phones: everyone"
    )
    small.repo.write("policies/all.yaml", wide)
    chat = in_force(small)
    assert (chat.may, chat.phones) == ({"take": ("first",)}, ("first",))
    small.repo.git("checkout", "--quiet", "-b", "wide")
    small.say(wide)
    assert in_force(small).may == {"take": ("first",)}
    small.repo.git("checkout", "--quiet", "main")
    small.repo.git("merge", "--quiet", "wide")
    assert in_force(small).may == {"take": ("everyone",)}


def in_force(small: Small) -> ChatSettings:
    policy = load_valid(small.person.policies).policy
    assert policy is not None
    return with_chat_of_base(small.person.policies, policy).settings.chat
