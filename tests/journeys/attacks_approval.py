"""Attacks on approvals, stamps and outcomes: nobody approves their own change, by any road."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from github_server.state import BOT
from github_server.team import OWNERS, Team
from journeys.attacks import Attack
from journeys.attacks_rules import CREWS, HARMLESS, NOT_APPROVED, ROTATIONS, Stage, on_stage
from watchbill.forge.stamps import APPLIED

WROTE = r"ben (approved, but )?wants or wrote"
PART = r"ben wants or wrote a part of the change"
OTHER = {CREWS: ROTATIONS.replace("repeat: 0", "repeat: 3")}


def outcome(team: Team, number: int) -> str:
    return team.told(number, "outcome")[-1].body


def unwritten(team: Team, act: Callable[[], object]) -> None:
    written = team.writes()
    act()
    assert team.writes() == written, "the account was written"


def amended(team: Team, branch: str, *words: str, **config: str) -> None:
    """The last commit of the branch, made again with other people in it."""
    options = [word for key, value in config.items() for word in ("-c", f"{key.replace('_', '.')}={value}")]
    team.clone.git(*options, "commit", "--quiet", "--amend", *(words or ("--no-edit",)))
    team.clone.git("push", "--quiet", "--force", "origin", branch)


def reviewed(
    at: Stage, change: Callable[[Team, str], None] | None = None, *, body: str = "", by: str = "ana"
) -> str:
    """ana's pull request, its branch changed before ben approves it; merged and refused."""
    at.done += 1
    team, branch = at.team, f"attack-{at.done}"
    team.push(branch, dict(HARMLESS), by=by)
    if change is not None:
        change(team, branch)
    number = team.open_pull(branch, body=body)
    team.planned(number)
    team.review(number, "ben")
    return at.applied(number)


def merged(at: Stage, files: Mapping[str, str] = HARMLESS, *, by: str = "ben") -> tuple[int, str]:
    """Without an approval, refused; its number, and the digest that the comment offers."""
    number = at.pull(dict(files), by=by)
    at.applied(number)
    return number, outcome(at.team, number).split("/watchbill apply ")[1][:12]


def commented(at: Stage, by: str, *, before: Callable[[Stage], None] | None = None, digest: str = "") -> str:
    """Of ben's own change."""
    number, offered = merged(at)
    if before is not None:
        before(at)
    jobs: dict[str, Any] = {}
    unwritten(
        at.team,
        lambda: jobs.update(at.team.commands(number, f"/watchbill apply {digest or offered}", by)),
    )
    assert jobs["apply"].result != "success", jobs["apply"].log
    answers = [comment.body for comment in at.team.issue(number).comments if comment.user == BOT]
    return "\n".join(answers[-2:])


def dispatched(at: Stage, actor: str, rerun_by: str = "") -> str:
    number, digest = merged(at)
    team = at.team
    context = team.runner.dispatch(actor) | {"triggering_actor": rerun_by or actor}
    job = team.runner.run(team.workflows / "apply.yml", context, {"accept": digest})["apply"]
    assert job.result == "failure", job.log
    return outcome(team, number) + job.log


def stamp(at: Stage, token: str) -> None:
    import requests

    team = at.team
    sent = {
        "state": "success",
        "context": APPLIED,
        "description": "the account is as the policy says [0123456789abcdef01234567]",
    }
    answer = requests.post(
        f"{team.github.url}/repos/{team.repo.full_name}/statuses/{team.repo.bare.find('main')}",
        json=sent,
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.status_code == 201, answer.text


def older_head(at: Stage, *, force: bool) -> str:
    at.done += 1
    team, branch = at.team, f"attack-{at.done}"
    team.push(branch, dict(HARMLESS))
    number = team.open_pull(branch)
    team.planned(number)
    team.review(number, "ben")
    if force:
        team.clone.git("reset", "--quiet", "--hard", "origin/main")
        team.clone.git("push", "--quiet", "--force", "origin", f"HEAD~0:{branch}")
    team.push(branch, dict(OTHER))
    team.planned(number)
    return at.applied(number)


def lost_access(at: Stage) -> str:
    team = at.team
    number = at.pull(dict(HARMLESS), by="ana", approved="ben")
    team.repo.permissions["ben"] = "read"
    try:
        return at.applied(number)
    finally:
        team.repo.permissions["ben"] = "write"


def own_name(at: Stage) -> str:
    files = {**HARMLESS, ".github/CODEOWNERS": OWNERS.replace("@cleo", "@dan")}
    return at.applied(at.pull(files, by="ana", approved="dan"))


def by_the_bot(at: Stage) -> str:
    import requests

    at.done += 1
    team, branch = at.team, f"attack-{at.done}"
    team.push(branch, dict(HARMLESS))
    answer = requests.post(
        f"{team.github.url}/repos/{team.repo.full_name}/pulls",
        json={"title": "As asked in chat", "head": branch, "base": "main", "body": "asked by somebody"},
        headers={"Authorization": f"Bearer {team.github.token()}"},
        timeout=30,
    )
    number = int(answer.json()["number"])
    team.planned(number)
    team.review(number, "ben")
    return at.applied(number)


def pushed(at: Stage) -> str:
    team = at.team
    before = str(team.repo.bare.find("main"))
    team.clone.git("fetch", "--quiet", "origin")
    team.clone.git("checkout", "--quiet", "--detach", "origin/main")
    team.clone.write(CREWS, HARMLESS[CREWS] or "")
    team.clone.commit(team.now, "straight in")
    team.clone.git("push", "--quiet", "origin", "HEAD:main")
    logs: list[str] = []
    unwritten(team, lambda: logs.append(team.applied(before, "ben").log))
    return logs[0]


def committed(at: Stage) -> str:
    done = {"format": "watchbill.outcome/1", "account": "sandbox", "plan_digest": "0" * 64, "steps": []}
    files = {
        **HARMLESS,
        "outcome.json": json.dumps(done),
        "plan.json": "{}",
        "apply.log": "All done",
        "plan.txt": "In sync",
    }
    text = at.applied(at.pull(files, by="ana"))
    assert "All done" not in text
    return text


def another_run(at: Stage) -> str:
    team = at.team
    folder = team.clone.folder.parent
    old = {"format": "watchbill.outcome/1", "account": "sandbox", "plan_digest": "0" * 64, "steps": []}
    (folder / "old.json").write_text(json.dumps(old))
    assert team.by_hand("plan", "--out", str(folder / "now.json")).code == 0
    words = ("github", "outcome", str(folder / "old.json"), "--plan", str(folder / "now.json"))
    ran = team.by_hand(*words, login=BOT)
    assert ran.code == 2
    return ran.err


def edited(at: Stage) -> str:
    number, digest = merged(at)
    team = at.team
    context = team.runner.comment(number, "/watchbill plan", "cleo")
    comment = team.issue(number).comments[-1]
    comment.body, comment.updated = f"/watchbill apply {digest}", team.github.world.tick()
    jobs: dict[str, Any] = {}
    unwritten(team, lambda: jobs.update(team.workflow("commands", context)))
    return team.issue(number).comments[-1].body


def out_of_sight(at: Stage) -> None:
    """Many commits that touch nothing of ours."""
    bare = at.team.repo.bare
    tip = str(bare.find("main"))
    tree = bare.git("rev-parse", f"{tip}^{{tree}}")
    for number in range(35):
        tip = bare.commit_tree(tree, [tip], f"nothing {number}", by="dan dan@x.example")
    bare.git("update-ref", "refs/heads/main", tip)


def attack(story: str, act: Callable[[Stage], str], reason: str) -> Attack:
    return Attack(story, on_stage(act), reason)


PRIVATE = "--message=change\n\nCo-authored-by: Ben <7+ben@users.noreply.github.com>"
UNKNOWN = "--message=change\n\nCo-authored-by: B <somebody@nowhere.example>"

ATTACKS: tuple[Attack, ...] = (
    attack(
        "an owner merges her own change and accepts its plan",
        lambda at: commented(at, "ben"),
        PART,
    ),
    attack(
        "an owner stamps her own merge as applied and accepts its plan",
        lambda at: commented(at, "ben", before=lambda at: stamp(at, at.team.github.token("ben"))),
        PART,
    ),
    attack(
        "a workflow of a branch stamps the merge as the bot, and its author accepts the plan",
        lambda at: commented(
            at, "ben", before=lambda at: stamp(at, at.team.github.token(scopes={"statuses": "write"}))
        ),
        PART,
    ),
    attack(
        "thirty-five empty commits hide the change from whoever looks back, and its author accepts the plan",
        lambda at: commented(at, "ben", before=out_of_sight),
        PART,
    ),
    attack(
        "the committer of ana's branch approves it",
        lambda at: reviewed(
            at,
            lambda team, branch: amended(
                team, branch, "--no-edit", "--author=Ana <ana@x.example>", user_email="ben@x.example"
            ),
        ),
        WROTE,
    ),
    attack(
        "the author of its only commit approves ana's pull request", lambda at: reviewed(at, by="ben"), WROTE
    ),
    attack(
        "a co-author approves",
        lambda at: reviewed(at, lambda team, branch: amended(team, branch, PRIVATE)),
        WROTE,
    ),
    attack(
        "a co-author hides behind an address of no account",
        lambda at: reviewed(at, lambda team, branch: amended(team, branch, UNKNOWN)),
        r"co-author somebody@nowhere\.example, which belongs to no known account",
    ),
    attack(
        "a commit of no account is approved by the one who pushed it",
        lambda at: reviewed(at, by="ghost"),
        r"is by ghost@x\.example, which belongs to no account",
    ),
    attack(
        "a commit carries GitHub's name as its committer, without GitHub's signature",
        lambda at: reviewed(
            at,
            lambda team, branch: amended(
                team, branch, "--no-edit", "--author=Ana <ana@x.example>", user_email="noreply@github.com"
            ),
        ),
        r"is by noreply@github\.com, which belongs to no account",
    ),
    attack(
        "the requester named in the text approves",
        lambda at: reviewed(at, body="Requested-by: @ben"),
        WROTE,
    ),
    attack(
        "the bot opens what somebody unknown asked for, and she approves it",
        by_the_bot,
        r"no line `Requested-by: LOGIN` names a requester",
    ),
    attack("the author starts the apply by hand with `accept`", lambda at: dispatched(at, "ben"), PART),
    attack(
        "somebody who does not own the policy starts the apply with `accept`",
        lambda at: dispatched(at, "ana"),
        r"ana is no code owner of the policy",
    ),
    attack(
        "the author runs an owner's accepted apply again",
        lambda at: dispatched(at, "cleo", rerun_by="ben"),
        PART,
    ),
    attack(
        "a digest of six digits is accepted",
        lambda at: commented(at, "cleo", digest="abcdef"),
        r"(?s)apply",
    ),
    attack(
        "the digest of another plan is accepted",
        lambda at: commented(at, "cleo", digest="0" * 12),
        r"cleo accepted 000000000000",
    ),
    attack("a commit is added after the approval", lambda at: older_head(at, force=False), r"the head is"),
    attack(
        "the branch is pushed anew after the approval", lambda at: older_head(at, force=True), r"the head is"
    ),
    attack("an approver loses write access before the apply", lost_access, r"may not write"),
    attack("an owner is added by the pull request that needs her", own_name, NOT_APPROVED),
    attack("a change is pushed straight to main", pushed, r"changed the policy without a pull request"),
    attack(
        "outcome.json, plan.json and apply.log are committed with an unapproved change",
        committed,
        NOT_APPROVED,
    ),
    attack(
        "the outcome of another plan is reported",
        another_run,
        r"the outcome is of the plan 000000000000, not of",
    ),
    attack("a comment is edited into an accept", edited, r"an edited comment is not answered"),
)
