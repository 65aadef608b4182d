"""Attacks on the rules: a pull request that loosens what judges it, or takes away who has to approve it."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from github_server.state import BOT
from github_server.team import OWNERS, PEOPLE, ROTATIONS, START, WORKFLOWS, Team, team_at
from journeys.attacks import Attack

SETTINGS = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  pagerduty: {new_schedules: layers}
  guards: {max_deletions: 2, max_changed: 100%, starts_within: 24h}
  chat: {may: {take: [first]}}
"""
MATRIX = """severities:
  P1: {urgency: high, steps: {0m: domain.primary, 15m: dan}, from_alerts: [critical], repeat: 1}
  P2: {urgency: high, steps: {0m: domain.primary}, from_alerts: [error], repeat: 1}
domains:
  db: {title: DB, primary: first, services: [db], default_severity: P2}
  net: {title: Net, primary: second, services: [net], default_severity: P2}
services:
  db: {title: Database, urgency: by-severity}
  net: {title: Network, urgency: by-severity}
expectations:
  - name: a P1 reaches dan after a quarter of an hour
    at: 2026-12-06 03:00
    incident: {severity: P1, domain: db}
    pages: {0m: first, 15m: dan}
"""
EXPECTATION = MATRIX[MATRIX.index("expectations:") :]
NO_DB = MATRIX.replace(
    "  db: {title: DB, primary: first, services: [db], default_severity: P2}\n", ""
).replace("  db: {title: Database, urgency: by-severity}\n", "")
"""Three objects less: two ladders and a service."""
NO_DB = NO_DB.replace(EXPECTATION, "")
BASE, CREWS, PLAN = "policies/base.yaml", "policies/rotations.yaml", "policies/matrix.yaml"
ALONE = r"merge the rule change first, alone"
NOT_APPROVED = r"no approval by a code owner of "
HARMLESS = {CREWS: ROTATIONS.replace("repeat: 1", "repeat: 2")}

Files = dict[str, str | None]


@dataclass
class Stage:
    """One team for all attacks; after each, main is where it was."""

    team: Team
    start: str
    done: int = 0
    texts: list[str] = field(default_factory=list)

    def pull(self, files: Files, *, by: str = "dan", approved: str = "") -> int:
        """A pull request with its plan.  Its author merges it, approved or not."""
        self.done += 1
        branch = f"attack-{self.done}"
        self.team.push(branch, files, by=by)
        number = self.team.open_pull(branch, by=by)
        self.team.planned(number)
        if approved:
            self.team.review(number, approved)
        self.texts += [comment.body for comment in self.team.told(number, "plan")]
        return number

    def applied(self, *numbers: int) -> str:
        """Merged one after the other, then applied: all that was said."""
        before = ""
        for number in numbers:
            before = self.team.merge(number, by="dan")
        writes = self.team.writes()
        job = self.team.applied(before, "dan")
        assert job.result == "failure", job.log
        assert self.team.writes() == writes, "the account was written"
        comments = self.team.told(numbers[-1], "outcome")
        assert comments, job.log
        return "\n".join([*self.texts, comments[-1].body])


@cache
def stage() -> Stage:
    keep = ExitStack()
    atexit.register(keep.close)
    team = keep.enter_context(team_at(Path(keep.enter_context(tempfile.TemporaryDirectory()))))
    for name, text in {BASE: SETTINGS + PEOPLE, PLAN: MATRIX}.items():
        team.clone.write(name, text)
    start = team.clone.commit(START, "the whole policy")
    team.clone.git("push", "--quiet", "origin", "main")
    ran = team.by_hand("apply", "--yes", "--json")
    assert ran.code == 0, ran.err
    outcome = team.clone.folder.parent / "outcome.json"
    outcome.write_text(ran.out)
    told = team.by_hand("github", "outcome", str(outcome), login=BOT)
    assert told.code == 0, told.err
    shutil.rmtree(team.runner.env["XDG_STATE_HOME"])  # a runner has none
    return Stage(team, start)


def on_stage(act: Callable[[Stage], str]) -> Callable[[Path], str]:
    def run(_: Path) -> str:
        at = stage()
        at.texts.clear()
        try:
            return act(at)
        finally:
            at.team.repo.bare.git("update-ref", "refs/heads/main", at.start)

    return run


def approved(files: Files) -> Callable[[Path], str]:
    """By owners of all files; what refuses is the guard as it was before."""

    def act(at: Stage) -> str:
        return at.applied(at.pull(files, approved="ben"))

    return on_stage(act)


def unapproved(files: Files, then: Files | None = None) -> Callable[[Path], str]:
    """Merged without an approval; `then`: another pull request that an owner did approve."""

    def act(at: Stage) -> str:
        numbers = [at.pull(files)]
        if then is not None:
            numbers.append(at.pull(then, approved="ben"))
        return at.applied(*numbers)

    return on_stage(act)


def acknowledged(at: Stage) -> str:
    team = at.team
    team.tamper("escalation_policy", "API", {"num_loops": 7}, by="Dan")
    try:
        (change,) = json.loads(team.by_hand("drift", "--json").out)["changes"]
        known = f"  acknowledged: [{{drift: {change['drift_id']}, reason: fine, expires: 2027-01-31}}]\n"
        files: Files = {BASE: SETTINGS + known + PEOPLE, **HARMLESS}
        return at.applied(at.pull(files, approved="ben"))
    finally:
        team.tamper("escalation_policy", "API", {"num_loops": 0}, by="Dan")


def own_judge(at: Stage) -> str:
    """As a workflow did that was written before `--applied`."""
    team = at.team
    team.merge(at.pull({BASE: LOOSE + PEOPLE, PLAN: NO_DB}, approved="ben"), by="dan")
    saved = str(team.clone.folder.parent / "own.json")
    assert team.by_hand("plan", "--out", saved).code == 0
    ran = team.by_hand("github", "approved", saved, login=BOT)
    assert ran.code == 11
    return ran.err


def settings(old: str, new: str) -> str:
    assert old in SETTINGS
    return SETTINGS.replace(old, new) + PEOPLE


LOOSE = SETTINGS.replace("max_deletions: 2", "max_deletions: 500")
WAIVED = SETTINGS + "  waivers: [{guard: deletions, reason: because, expires: 2027-01-31}]\n"
LATER = MATRIX.replace("15m: dan}, from", "45m: dan}, from")
APPLY = (WORKFLOWS / "apply.yml").read_text("utf-8")

ATTACKS: tuple[Attack, ...] = (
    Attack(
        "max_deletions is raised by the pull request that deletes",
        approved({BASE: LOOSE + PEOPLE, PLAN: NO_DB}),
        rf"(?s)This changes the rules.*2 → 500.*guard deletions.*{ALONE}",
    ),
    Attack(
        "the plan of a loosened guard is judged by its own files",
        on_stage(own_judge),
        r"not judged by the rules of [0-9a-f]{9}.*max_deletions is looser now",
    ),
    Attack(
        "starts_within becomes 0m in the pull request that takes over tonight",
        approved(
            {
                BASE: settings("starts_within: 24h", "starts_within: 0m"),
                CREWS: ROTATIONS.replace("crew: [ana, ben, cleo]", "crew: [cleo, ana, ben]"),
            }
        ),
        rf"(?s)24h → 0m.*guard imminent.*{ALONE}",
    ),
    Attack(
        "routing is flipped together with the guard that would refuse it",
        approved(
            {
                BASE: LOOSE.replace("new_schedules: layers", "new_schedules: layers, routing: severity")
                + PEOPLE
            }
        ),
        rf"(?s)routing: domain-severity → severity.*guard deletions.*{ALONE}",
    ),
    Attack(
        "a waiver comes with the change that it lets pass",
        approved({BASE: WAIVED + PEOPLE, PLAN: NO_DB}),
        rf"(?s)none → until 2027-01-31: because.*guard deletions.*{ALONE}",
    ),
    Attack(
        "an acknowledgement of a hand edit rides along with other work",
        on_stage(acknowledged),
        rf"(?s)This changes the rules.*guard rules.*acknowledged by this same change.*{ALONE}",
    ),
    Attack(
        "looser guards move to another file",
        approved({BASE: PEOPLE, "policies/zz-other.yaml": LOOSE, PLAN: NO_DB}),
        rf"(?s)2 → 500.*guard deletions.*{ALONE}",
    ),
    Attack(
        "guards are deleted, so that the built-in ones hold",
        approved(
            {
                BASE: settings("max_deletions: 2, max_changed: 100%, starts_within: 24h", "max_deletions: 9"),
                PLAN: NO_DB,
            }
        ),
        rf"(?s)2 → 9.*guard deletions.*{ALONE}",
    ),
    Attack(
        "an anchor carries a second, looser set of guards",
        on_stage(
            lambda at: (
                at.texts[-1]
                if at.pull(
                    {
                        BASE: settings("  guards: {", "  guards: &g {")
                        + "extra: &loose {max_deletions: 500}\n",
                        PLAN: NO_DB,
                    }
                )
                else ""
            )
        ),
        r"no plan|unknown",
    ),
    Attack(
        "an expectation is deleted by the change that breaks it",
        unapproved({PLAN: LATER.replace(EXPECTATION, "")}),
        rf"(?s)This changes the rules.*dan after a quarter.*deleted.*{NOT_APPROVED}policies/matrix.yaml",
    ),
    Attack(
        "an expectation is weakened by the change that breaks it",
        unapproved({PLAN: LATER.replace("15m: dan}\n", "45m: dan}\n")}),
        rf"(?s)This changes the rules.*dan at 45m instead of 15m.*{NOT_APPROVED}policies/matrix.yaml",
    ),
    Attack(
        "chat.may is widened together with an override for a friend",
        unapproved(
            {
                BASE: settings("take: [first]", "take: everyone"),
                CREWS: ROTATIONS
                + "overrides:\n  - {rotation: first, person: eve, from: 2026-12-01 09:00, until: 2026-12-02 09:00}\n",
            }
        ),
        rf"(?s)chat.*may.*take: first → everyone.*{NOT_APPROVED}policies/",
    ),
    Attack(
        "CODEOWNERS is emptied first, and a policy change follows",
        unapproved({".github/CODEOWNERS": "# nobody\n"}, HARMLESS),
        rf"(?s){NOT_APPROVED}\.github/CODEOWNERS",
    ),
    Attack(
        "CODEOWNERS in another of GitHub's places takes over",
        unapproved({".github/CODEOWNERS": None, "docs/CODEOWNERS": OWNERS.replace("@ben", "@dan")}, HARMLESS),
        rf"(?s){NOT_APPROVED}.*\.github/CODEOWNERS",
    ),
    Attack(
        "the apply workflow is replaced first, and a policy change follows",
        unapproved(
            {".github/workflows/apply.yml": APPLY.replace("github approved", "github heartbeat")}, HARMLESS
        ),
        rf"(?s){NOT_APPROVED}\.github/workflows/apply\.yml",
    ),
    Attack(
        "the lock file is replaced first, and a policy change follows",
        unapproved({".github/watchbill/requirements.lock": "evil==1.0\n"}, HARMLESS),
        rf"(?s){NOT_APPROVED}\.github/watchbill/requirements\.lock",
    ),
)
