"""The same questions to each forge: GitHub on a local server, and the one in memory that tests use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from github_server.server import GitHubServer
from github_server.state import BOT
from memory_forge import BOT as MEMORY_BOT
from memory_forge import MemoryForge
from unit.forge.test_on_github import commit
from watchbill.forge.github import open_forge
from watchbill.forge.port import Forge, Proposal, Review
from watchbill.forge.pulls import read_pull
from watchbill.forge.stamps import APPLIED, last_stamp, put_stamp
from watchbill.forge.sticky import put

FILES = {"policies/a.yaml": "a: 2\n"}
KEY = SecretStr("write-key")


@dataclass
class Place:
    """A forge with a first commit on main, and what people do there."""

    forge: Forge
    bot: str
    push: Callable[[str, str], str]
    """(branch, login) -> the new commit, which changes `FILES`."""
    open: Callable[[str, str, str], int]
    """(branch, login, body) -> number of the request."""
    review: Callable[[int, str], None]


@pytest.fixture(params=["github", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "memory":
        memory = MemoryForge(
            writers={"ana", "ben"}, teams={"acme/sre": {"ben"}}, emails={"cam": "c@x.example"}
        )
        memory.push("main", ("policies/a.yaml",), "ana")

        def reviewed(number: int, by: str) -> None:
            head = memory.request(number).head
            memory.reviews.setdefault(number, []).append(Review(by, "APPROVED", head))

        yield Place(
            memory,
            MEMORY_BOT,
            lambda branch, by: memory.push(branch, tuple(FILES), by),
            lambda branch, by, body: memory.open_request(branch, "t", body, by),
            reviewed,
        )
        return
    with GitHubServer(tmp_path / "github") as server:
        repo = server.repository("acme", "runbook", ana="write", ben="write")
        server.user("cam", "c@x.example")
        server.world.teams["acme/sre"] = {"ben"}
        commit(repo.bare, {"policies/a.yaml": "a: 1\n"})

        def as_(login: str) -> str:
            return server.token(login)

        def opened(branch: str, by: str, body: str) -> int:
            with open_forge(repo.full_name, SecretStr(as_(by)), api_url=server.url) as theirs:
                return int(theirs.repo.create_pull("main", branch, title="t", body=body).number)

        def review(number: int, by: str) -> None:
            with open_forge(repo.full_name, SecretStr(as_(by)), api_url=server.url) as theirs:
                theirs.repo.get_pull(number).create_review(event="APPROVE", body="")

        with open_forge(repo.full_name, SecretStr(server.token(BOT)), api_url=server.url) as forge:
            yield Place(forge, BOT, lambda branch, by: commit(repo.bare, FILES, branch, by), opened, review)


def test_people(place: Place) -> None:
    assert [place.forge.may_write(login) for login in ("ana", "nobody-known")] == [True, False]
    assert place.forge.me == place.bot
    assert place.bot.lower() in place.forge.bots
    assert place.forge.email_of("cam") == "c@x.example"


def test_a_request_has_its_writers_files_and_reviews(place: Place) -> None:
    head = place.push("x", "ben")
    number = place.open("x", "ana", "Requested-by: cleo")
    place.review(number, "ben")
    pull = read_pull(place.forge, number)
    assert (pull.head, pull.base, pull.is_merged, pull.files) == (head, "main", False, ("policies/a.yaml",))
    assert pull.wanted_by == {"ana", "ben", "cleo"}
    assert [(r.by, r.state, r.commit) for r in pull.reviews] == [("ben", "APPROVED", head)]
    assert [found.number for found in place.forge.open_requests("acme:x")] == [number]
    assert place.forge.commit("x").sha == head


def test_a_proposal_keeps_its_request(place: Place) -> None:
    wish = Proposal("watchbill/x", "T", "B", FILES)
    first = place.forge.propose(wish)
    again = place.forge.propose(Proposal("watchbill/x", "T2", "B2", FILES))
    assert (first.is_new, again.is_new, again.number) == (True, False, first.number)
    request = place.forge.request(first.number)
    assert (request.title, request.body, request.author, request.head) == ("T2", "B2", place.bot, again.head)
    place.forge.withdraw(first.number)
    assert not place.forge.request(first.number).is_open
    assert place.forge.open_requests("acme:watchbill/x") == []


def test_threads_and_comments(place: Place) -> None:
    forge = place.forge
    made = forge.start_thread("T", "B", "watchbill-drift")
    assert [thread.number for thread in forge.open_threads("watchbill-drift")] == [made.number]
    assert (made.author, made.is_request) == (place.bot, False)
    forge.edit_thread(made.number, title="T2", body="B2")
    assert (forge.thread(made.number).title, forge.thread(made.number).body) == ("T2", "B2")
    first = put(forge, made.number, "plan", "one")
    second = put(forge, made.number, "plan", "two")
    assert (first.is_new, second.is_new, second.id) == (True, False, first.id)
    comment = forge.comment(made.number, first.id)
    assert (comment.author, comment.body) == (place.bot, "<!-- watchbill:plan -->\ntwo")
    forge.react(made.number, first.id, "+1")
    forge.close_thread(made.number, "done")
    assert forge.open_threads("watchbill-drift") == []
    assert forge.comments(made.number)[-1].body == "done"


def test_stamps(place: Place) -> None:
    forge = place.forge
    tip = forge.newest("main", 1)[0]
    put_stamp(forge, tip, APPLIED, "failure", "not yet", key=KEY)
    assert last_stamp(forge, [tip], APPLIED, key=KEY, state="success") is None
    put_stamp(forge, tip, APPLIED, "success", "done", key=KEY)
    found = last_stamp(forge, [tip], APPLIED, key=KEY)
    assert found is not None
    assert (found[0], found[1].state, found[1].by) == (tip, "success", place.bot)
    assert [status.state for status in forge.statuses(tip)] == ["success", "failure"]
    assert last_stamp(forge, [tip], APPLIED, key=SecretStr("another")) is None


@pytest.mark.parametrize("question", ["request", "thread", "reviews_of"])
def test_what_is_not_there_is_an_error(place: Place, question: str) -> None:
    """GitHub's own error becomes a ForgeError where the connection is closed."""
    with pytest.raises(Exception, match=r"404|99 is not there"):
        getattr(place.forge, question)(99)
