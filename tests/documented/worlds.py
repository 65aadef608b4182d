"""What a documented command needs around it: an open incident, a GitHub, a Slack, a served sandbox."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from pydantic import SecretStr

from documented.desk import Desk
from github_server.server import GitHubServer
from github_server.state import BOT, Comment
from slack_server import SECRET, TOKEN, SlackServer
from stage import Stage
from watchbill.forge.github import open_forge
from watchbill.forge.stamps import APPLIED, put_stamp
from watchbill.pagerduty.transport import Transport
from watchbill.sandbox.server import Sandbox

Env = dict[str, str]
_KEY = "write-key-of-the-example"
PULL, ISSUE, COMMENT = 7, 12, 2345
"""As the examples of `watchbill github` name them."""
_SERVED_PORT = 4200
_FILE, _LINE = "policies/services.yaml", "customer_facing: true, financial: true}"


@contextmanager
def somebody(_: Desk) -> Iterator[Env]:
    """Who types is in people.yaml."""
    yield {"WATCHBILL_AS": "primary-1@medicalcor.example"}


@contextmanager
def incident(desk: Desk, clock: str | None = None) -> Iterator[Env]:
    """Number 1 of the embedded sandbox, a P1 of the database."""
    with (
        Sandbox(_state(desk), clock or _now(desk)) as sandbox,
        Transport(sandbox.url, SecretStr(sandbox.token)) as transport,
    ):
        Stage(sandbox, transport).open(title="Logins fail")
    yield {}


def _now(desk: Desk) -> str | None:
    return desk.env.get("WATCHBILL_NOW")


def _state(desk: Desk) -> Path:
    (state,) = desk.folder.glob("reader/home/.local/share/watchbill/sandbox/*.sqlite")
    return state


@contextmanager
def served(desk: Desk) -> Iterator[Env]:
    """The sandbox of the desk, at the port of the examples."""
    with Sandbox(_state(desk), _now(desk), port=_SERVED_PORT):
        yield {}


@contextmanager
def watched(desk: Desk) -> Iterator[Env]:
    """The sandbox of the desk, where each request is counted."""
    with Sandbox(_state(desk), _now(desk)) as desk.account:
        yield {"PAGERDUTY_URL": desk.account.url, "PAGERDUTY_TOKEN": desk.account.token}
    desk.account = None


@contextmanager
def slack(_: Desk) -> Iterator[Env]:
    with SlackServer({"U1": "primary-1@medicalcor.example"}) as server:
        yield {
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_APP_TOKEN": "xapp-local",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": server.api,
        }


@contextmanager
def github(desk: Desk) -> Iterator[Env]:
    """Pull request 7 with its plan in a comment and the approval of ben, its comment 2345, the drift issue 12."""
    with tempfile.TemporaryDirectory() as folder, GitHubServer(Path(folder)) as server:
        server.world.moment = datetime.fromisoformat(_now(desk)) if _now(desk) else datetime.now(UTC)
        repo = server.repository("medicalcor", "watchbill", ana="write", ben="write")
        env = {
            "GITHUB_API_URL": server.url,
            "GITHUB_REPOSITORY": repo.full_name,
            "GITHUB_TOKEN": server.token(BOT),
            "GITHUB_REF": "refs/heads/main",
            "PAGERDUTY_TOKEN": _KEY,
        }
        upstream = _git(desk, env, "git remote get-url origin")
        _git(desk, env, f"git remote set-url origin {repo.bare.folder}")

        def api(login: str, path: str, **body: Any) -> Any:
            headers = {"Authorization": f"Bearer {server.token(login)}"}
            answer = requests.post(
                f"{server.url}/repos/{repo.full_name}{path}", json=body, headers=headers, timeout=30
            )
            assert answer.status_code < 400, answer.text
            return answer.json()

        owners = desk.clone / ".github" / "CODEOWNERS"
        owners.write_text("/policies/ @ben\n/.github/ @ben\n/.github/CODEOWNERS @ben\n", "utf-8")
        ana = "git config user.email ana@x.example && git config user.name Ana"
        begun = "git checkout --quiet --orphan begun && git commit --quiet -am begun && git branch -M main"
        _git(desk, env, f"{ana} && {begun} && git push --quiet --force origin main")
        tip = _git(desk, env, "git rev-parse HEAD")
        with open_forge(repo.full_name, SecretStr(server.token(BOT)), api_url=server.url) as forge:
            put_stamp(
                forge, tip, APPLIED, "success", "the account is as the policy says", key=SecretStr(_KEY)
            )
        file = desk.clone / _FILE
        file.write_text(file.read_text("utf-8").replace(_LINE, _LINE[:-1] + ", resolve_after: 2h}"), "utf-8")
        _git(
            desk,
            env,
            "git checkout --quiet -B later && git commit --quiet -am later && git push --quiet origin later",
        )
        for number in range(1, ISSUE + 1):
            if number == PULL:
                made = api(
                    "ana", "/pulls", title="Payments resolve later", head="later", base="main", body=""
                )
            else:
                made = api(BOT, "/issues", title=f"Issue {number}", body="")
            assert made["number"] == number
        api("ben", f"/pulls/{PULL}/reviews", event="APPROVE", body="")
        at = server.world.tick()
        repo.issues[PULL].comments.append(Comment(COMMENT, PULL, "ana", "/watchbill who database", at, at))
        env["GITHUB_SHA"] = _git(desk, env, "git rev-parse HEAD")
        yield env
        _git(desk, env, f"git remote set-url origin {upstream}")


@contextmanager
def merged(desk: Desk) -> Iterator[Env]:
    """The same after the merge, with the plan of the merge in plan.json."""
    with github(desk) as env:
        shown = "watchbill plan --out plan.json && watchbill github comment plan.json --pr 7"
        _git(desk, env, shown)
        answer = requests.put(
            f"{env['GITHUB_API_URL']}/repos/{env['GITHUB_REPOSITORY']}/pulls/{PULL}/merge",
            json={"merge_method": "squash"},
            headers={"Authorization": "Bearer ghs_ana"},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        _git(desk, env, "git checkout --quiet main && git pull --quiet && watchbill plan --out plan.json")
        yield env


def _git(desk: Desk, env: Env, line: str) -> str:
    ran = desk.type(line, **env)
    assert ran.code == 0, f"{line}: {ran.out}{ran.err}"
    return ran.out.strip()
