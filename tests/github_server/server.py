"""A GitHub on this machine: real HTTP, real git repositories, for tests only.

    with GitHubServer(tmp_path / "github") as github:
        repo = github.repository("acme", "policies", ana="admin", ben="write")
        token = github.token("ana")

Push to `repo.bare.folder` with git itself; ask the rest over HTTP, or look into `github.world`.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

from aiohttp import web

from github_server import data, issues, pulls, settings
from github_server.call import Call, Exchange, Handler, Page, Refused
from github_server.git import Bare
from github_server.permissions import permitted
from github_server.shapes import Shapes
from github_server.state import BOT, Repo, User, World
from served import Served

_DOCS = "https://docs.github.com/rest"


class GitHubServer(Served):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.world = World()
        self.exchanges: list[Exchange] = []
        self.user(BOT)

    def user(self, login: str, email: str | None = None) -> User:
        if login not in self.world.users:
            self.world.users[login] = User(len(self.world.users) + 1, login, email)
        return self.world.users[login]

    def token(self, login: str = BOT, scopes: dict[str, str] | None = None) -> str:
        self.user(login)
        made = f"ghs_{login.replace('[', '-').replace(']', '')}"
        if scopes is not None:
            made = f"{made}-{self.world.next_id()}"
            self.world.scopes[made] = scopes
        self.world.tokens[made] = login
        return made

    def repository(self, owner: str, name: str, /, **permissions: str) -> Repo:
        self.user(owner)
        for login in permissions:
            self.user(login, f"{login}@x.example")
        bare = Bare.new(self.folder / owner / f"{name}.git")
        made = Repo(owner, name, bare, {**permissions, BOT: "write"})
        self.world.repos[made.full_name] = made
        return made

    def fork(self, repo: Repo, owner: str) -> Repo:
        """With nothing but what is pushed to it."""
        made = self.repository(owner, repo.name, **{owner: "admin"})
        made.fork_of = repo.full_name
        return made

    def application(self) -> web.Application:
        app = web.Application(client_max_size=20_000_000)
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        text = await request.text()
        path = unquote(request.rel_url.raw_path)
        sent = json.loads(text) if text else None
        headers: dict[str, str] = {}
        login = ""
        try:
            login, scopes = self._login(request)
            handler, parts = _handler(request.method, path)
            shapes = Shapes(self.world, self.url)
            call = Call(self.world, shapes, login, parts, dict(request.query), sent, scopes)
            permitted(call, request.method, path)
            status, answer = handler(call)
        except Refused as refused:
            status = refused.status
            answer = {"message": refused.message, "documentation_url": _DOCS, "status": str(status)}
        if isinstance(answer, Page):
            if answer.more:
                following = request.rel_url.update_query(page=answer.number + 1)
                headers["Link"] = f'<{self.url}{following}>; rel="next"'
            answer = answer.items
        query = tuple(request.query.items())
        self.exchanges.append(Exchange(request.method, path, query, login, sent, status, answer))
        return web.json_response(answer, status=status, headers=headers)

    def _login(self, request: web.Request) -> tuple[str, dict[str, str] | None]:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() not in {"token", "bearer"} or token not in self.world.tokens:
            raise Refused(401, "Bad credentials")
        return self.world.tokens[token], self.world.scopes.get(token)


def _handler(method: str, path: str) -> tuple[Handler, dict[str, str]]:
    for part in (issues, pulls, settings, data):
        try:
            return part.routes.find(method, path)
        except Refused:
            continue
    raise Refused(404, f"this server has no {method} {path}")
