"""Pull requests by people who mean harm: nothing runs, nothing pings, no secret is reached, comments stay readable."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from ruamel.yaml import YAML

from github_server.state import BOT
from github_server.team import OWNERS, PEOPLE, ROTATIONS, WORKFLOWS, Team, started, team_at
from policy_text import SETTINGS
from repositories import Repo as Clone
from watchbill.plan.document import Plan, plan_digest, sealed

pytestmark = pytest.mark.long

EVIL = "@everyone <img src=x onerror=alert(1)> [free](https://evil.example) | **bold** `code` #1 GH-2 www.evil.example"
OUR_TAGS = re.compile(r"</?(?:details(?: open)?|summary|sub)>|<!-- watchbill[:\w /+=.-]* -->", re.ASCII)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with team_at(tmp_path) as made:
        started(made)
        yield made


def harmless(body: str) -> None:
    """By a Markdown reader that is not ours: no tag but our own, no link, no mention, no picture."""
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(body):
        for part in [token, *(token.children or ())]:
            if part.type in {"html_inline", "html_block"}:
                assert not OUR_TAGS.sub("", part.content).strip().startswith("<"), part.content
            assert part.type not in {"link_open", "image"}, part
            if part.type == "text":
                assert not re.search(r"(?<![\w`])[@#]\w|GH-\d|://(?!\u200b)|www\.\w", part.content), (
                    part.content
                )


def test_titles_branches_and_comments_never_reach_a_shell(team: Team, tmp_path: Path) -> None:
    pwned = tmp_path / "pwned"
    evil = f'"; touch {pwned}; $(touch {pwned}) `touch {pwned}` ${{{{ secrets.PAGERDUTY_READ_TOKEN }}}}'
    branch = "x$(touch${IFS}pwned)`id`"
    text = ROTATIONS.replace("repeat: 1", "repeat: 2")
    team.push(branch, {"policies/rotations.yaml": text}, subject=evil)
    number = team.open_pull(branch, title=evil, body=evil)
    assert team.checked(number).result == "success"
    assert team.planned(number).result == "success"
    for words in (evil, f"who {evil}", f"explain $(touch {pwned})", f"who first at $(touch {pwned})"):
        team.commands(number, f"/watchbill {words}", "ben")
    before = team.merge(number)
    assert team.applied(before).result == "failure", "nobody approved it"
    assert not pwned.exists()
    assert not list(tmp_path.rglob("pwned*"))
    for comment in team.issue(number).comments:
        if comment.user == BOT:
            assert team.sandbox.token not in comment.body


def test_file_names_with_line_breaks_make_no_commands(team: Team) -> None:
    name = "policies/x\n::error file=a::planted\n::add-mask::a.yaml"
    team.push("names", {name: "people:\n  zoe: {name: Zoe, email: zoe, extra: 1}\n"})
    number = team.open_pull("names")
    job = team.checked(number)
    assert job.result == "failure"
    found = [line for line in job.log.splitlines() if line.startswith("::")]
    assert found
    assert not [
        line for line in found if "planted" in line.partition("title=")[0] or line.startswith("::add-mask")
    ]
    team.planned(number)
    for comment in team.told(number, "plan"):
        harmless(comment.body)
    harmless(job.summary)


def test_names_with_markup_are_shown_as_they_are_written(team: Team) -> None:
    people = PEOPLE.replace("name: Dan", f"name: {json.dumps(EVIL)}")
    crew = ROTATIONS.replace("crew: [ana, ben, cleo]", "crew: [dan, ana, ben, cleo]").replace(
        "title: Web", f"title: {json.dumps(EVIL)}"
    )
    team.push("evil", {"policies/base.yaml": SETTINGS + people, "policies/rotations.yaml": crew})
    number = team.open_pull("evil")
    job = team.checked(number)
    harmless(job.summary)
    assert team.planned(number).result == "success"
    (comment,) = team.told(number, "plan")
    assert "everyone" in comment.body
    harmless(comment.body)
    team.tamper(
        "escalation_policy", "API", {"name": "@everyone [free](https:evil.example) **b** #1"}, by="Eve"
    )
    assert team.drift().result == "success"
    (issue,) = [i for i in team.repo.issues.values() if i.pull is None]
    harmless(issue.body)


def test_a_plan_of_five_megabytes_makes_one_readable_comment(team: Team, tmp_path: Path) -> None:
    team.push("big", {"policies/rotations.yaml": ROTATIONS.replace("repeat: 1", "repeat: 2")})
    number = team.open_pull("big")
    ran = team.by_hand("plan", "--out", str(tmp_path / "small.json"), branch="big")
    assert ran.code == 0, ran.err
    small = Plan.model_validate_json((tmp_path / "small.json").read_bytes())
    one = small.changes[0]
    many = [
        one.model_copy(update={"key": f"ladder/l{i}", "name": f"Ladder {i} {EVIL} é漢字 " + "x" * 500})
        for i in range(4000)
    ]
    big = small.model_copy(update={"changes": tuple(many)})
    big = sealed(big.model_copy(update={"digest": plan_digest(big)}))
    saved = tmp_path / "big.json"
    saved.write_text(big.model_dump_json(by_alias=True))
    assert saved.stat().st_size > 5_000_000
    ran = team.by_hand("github", "comment", str(saved), "--pr", str(number), login=BOT, branch="big")
    assert ran.code == 0, ran.err
    (comment,) = team.told(number, "plan")
    assert len(comment.body.encode()) <= 65_536
    assert "4000 changes" in comment.body
    assert "too long" in comment.body
    assert big.digest[:12] in comment.body
    harmless(comment.body)


def forked(team: Team, tmp_path: Path, files: dict[str, str]) -> int:
    fork = team.github.fork(team.repo, "eve")
    clone = Clone.new(tmp_path / "eves-clone")
    clone.git("remote", "add", "origin", str(fork.bare.folder))
    clone.git("fetch", "--quiet", str(team.repo.bare.folder), "main")
    clone.git("reset", "--quiet", "--hard", "FETCH_HEAD")
    clone.git("config", "user.email", "eve@x.example")
    for name, text in files.items():
        clone.write(name, text)
    clone.commit(team.now, "a gift")
    clone.git("push", "--quiet", "origin", "HEAD:gift")
    return team.open_pull("eve:gift", "A gift", by="eve")


def test_a_fork_that_edits_workflows_and_owners_gets_no_secret_and_no_say(team: Team, tmp_path: Path) -> None:
    stolen = tmp_path / "stolen"
    plan = (WORKFLOWS / "plan.yml").read_text("utf-8")
    yaml = YAML(typ="safe")
    script = f'env >"{stolen}"; watchbill github comment --failed /etc/hostname --pr "$PR" --head "$HEAD"'
    evil = re.sub(r"(?m)^    if: >-\n(?:      .*\n)+", "", plan, count=1)
    evil = re.sub(
        r"        run: \|\n          code=0\n(?:          .*\n)*",
        f"        run: {json.dumps(script)}\n",
        evil,
    )
    number = forked(
        team,
        tmp_path,
        {
            ".github/workflows/plan.yml": evil,
            ".github/CODEOWNERS": OWNERS + "/policies/ @eve\n",
            "policies/rotations.yaml": ROTATIONS.replace("repeat: 1", "repeat: 2"),
            "watchbill.py": f'open("{stolen}", "w").write("ran")',
            "sitecustomize.py": f'open("{stolen}", "w").write("ran")',
        },
    )
    # Its own workflow runs as the fork wrote it: without secrets, and with a token that only reads.
    folder = tmp_path / "theirs"
    shutil.copytree(WORKFLOWS, folder)
    (folder / "plan.yml").write_text(evil)
    assert script in json.dumps(yaml.load(evil)).replace('\\"', '"')
    job = team.runner.run(folder / "plan.yml", team.runner.pull_request(number))["plan"]
    assert job.result == "failure"
    assert stolen.exists(), "the attack did run, on the fork's own runner"
    assert team.sandbox.token not in stolen.read_text()
    assert "refused with 403" in job.log
    assert not team.told(number, "plan")
    stolen.unlink()

    # Ours, as the file stands on main, does not start; the fork's effect is told by trusted code that only reads it.
    assert team.planned(number).result == "skipped"
    job = team.workflow("fork", team.runner.after_check_of_a_fork(number))["effect"]
    assert job.result == "success", job.log
    (comment,) = team.told(number, "plan")
    assert "comes from a fork" in comment.body
    harmless(comment.body)

    # A member with write access gets the plan for the account, still by trusted code.
    team.commands(number, "/watchbill plan", "ben")
    (comment,) = team.told(number, "plan")
    assert "Web" in comment.body
    assert not stolen.exists()

    # Owners are those of main: eve's own approval, through somebody she named, counts for nothing.
    ran = team.by_hand("github", "approved", "--pr", str(number), login="dan")
    assert (ran.code, "eve" not in ran.err and "@ben, @cleo" in ran.err) == (11, True), ran.err


def test_a_fork_with_a_broken_policy_is_told_so(team: Team, tmp_path: Path) -> None:
    number = forked(team, tmp_path, {"policies/rotations.yaml": "rotations: [\n"})
    job = team.workflow("fork", team.runner.after_check_of_a_fork(number))["effect"]
    assert job.result == "success", job.log
    assert "cannot be read" in team.told(number, "plan")[0].body


def test_our_hidden_line_in_somebody_elses_comment_is_not_ours(team: Team) -> None:
    text = ROTATIONS.replace("repeat: 1", "repeat: 2")
    team.push("loops", {"policies/rotations.yaml": text})
    number = team.open_pull("loops")
    forged = "<!-- watchbill:plan -->\n### watchbill: no changes\n"
    team.api("eve", "POST", f"/issues/{number}/comments", {"body": forged})
    team.planned(number)
    first, second = team.issue(number).comments
    assert (first.user, first.body) == ("eve", forged)
    assert second.user == BOT
