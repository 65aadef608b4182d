"""Attacks through chat: acts without consent, without a limit, in the name of others, or around the review."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from github_server.team import Team, started, team_at
from journeys.attacks import Attack
from journeys.test_chat_changes import (
    PEOPLE,
    WITH_CHAT,
    context,
    number_in,
    on_call,
    plan_is_empty,
    pull_of,
    say,
)
from watchbill.chat.answer import Answer
from watchbill.chat.commands import answer
from watchbill.rota.clock import DAY, HOUR

CHAT_TEXT = WITH_CHAT.replace("KIND", "layers")


@contextmanager
def chat_team(folder: Path, text: str = CHAT_TEXT + PEOPLE) -> Iterator[Team]:
    """Ben is on call; ana, ben and cleo are the crew of `first`."""
    with team_at(folder) as made:
        made.push("main", {"policies/base.yaml": text}, "chat may act")
        started(made)
        yield made


def unchanged(team: Team, found: Answer) -> str:
    """Refused, with the pager where it was, no override and no open pull request."""
    assert found.failed, found.text
    assert on_call(team) == ["Ben"]
    assert plan_is_empty(team)
    assert not [issue for issue in team.repo.issues.values() if issue.pull and issue.state == "open"]
    return found.text


def refused(act: Callable[[Team], Answer], text: str = CHAT_TEXT + PEOPLE) -> Callable[[Path], str]:
    def run(folder: Path) -> str:
        with chat_team(folder, text) as team:
            return unchanged(team, act(team))

    return run


def _old_form(team: Team) -> Answer:
    return say(team, "ana", "accept first ben 2026-11-23T16:00 2027-11-23T16:00")


def _not_addressed(team: Team) -> Answer:
    offer = say(team, "ben", "cover first 2h").buttons[0].command
    return say(team, "dan", offer)


def _own_offer(team: Team) -> Answer:
    return say(team, "ben", say(team, "ben", "cover first 2h").buttons[0].command)


def _expired(team: Team) -> Answer:
    offer = say(team, "ben", "cover first 2h").buttons[0].command
    late = context(team, "ana")
    return answer(replace(late, now=late.now + 2 * HOUR), offer)


def _another_kind(team: Team) -> Answer:
    offer = say(team, "ben", "cover first 2h").buttons[0].command
    return say(team, "cleo", offer.replace("accept", "swap-yes"))


def _swap_of_another(team: Team) -> Answer:
    return say(team, "cleo", say(team, "ana", "swap first ben").buttons[0].command)


def _guessed(team: Team) -> Answer:
    say(team, "ben", "cover first 2h")
    return say(team, "ana", "accept 00000000")


def _damaged_book(team: Team) -> Answer:
    offer = say(team, "ben", "cover first 2h").buttons[0].command
    book = team.clone.folder.parent / "state" / "offers.json"
    data = json.loads(book.read_text("utf-8"))
    data["offers"][0]["addressees"] = "ana"
    book.write_text(json.dumps(data), "utf-8")
    return say(team, "ana", offer)


def _without_login(command: str) -> Callable[[Path], str]:
    nameless = PEOPLE.replace(", github: ana", "")
    return refused(lambda team: say(team, "ana", command), CHAT_TEXT + nameless)


def _swap_with_the_nameless(team: Team) -> Answer:
    return say(team, "ana", "swap first ben")


def _cancelled_by_a_stranger(folder: Path) -> str:
    with chat_team(folder) as team:
        number = number_in(say(team, "ana", "take first 2h"))
        found = say(team, "dan", f"cancel {number}")
        assert found.failed
        assert (on_call(team), pull_of(team, number)["state"]) == (["Ana"], "open")
        return found.text


MARK = "<!-- watchbill:override first ana 2026-11-23T16:00 2026-11-23T18:00 -->"


def _forged_pull(folder: Path) -> str:
    """Dan's own pull request carries the bot's mark for ana's override."""
    with chat_team(folder) as team:
        say(team, "ana", "take first 2h")
        team.push("watchbill/chat-mine", {"notes.txt": "x"}, f"x\n\nRequested-by: dan\n\n{MARK}", by="dan")
        number = team.open_pull("watchbill/chat-mine", by="dan")
        team.issue(number).body = f"Requested-by: dan\n\n{MARK}"
        found = say(team, "dan", f"cancel {number}")
        assert found.failed
        assert on_call(team) == ["Ana"]
        return found.text


def _edited_body(folder: Path) -> str:
    """Dan writes himself into the body of the bot's pull request."""
    with chat_team(folder) as team:
        number = number_in(say(team, "ana", "take first 2h"))
        team.issue(number).body += "\nRequested-by: dan\n"
        found = say(team, "dan", f"cancel {number}")
        assert found.failed
        assert on_call(team) == ["Ana"]
        return found.text


def _year(folder: Path) -> str:
    with chat_team(folder) as team:
        found = say(team, "ana", "take first 300d")
        assert not found.failed, found.text
        lengths = [o["end"] - o["start"] for o in team.sandbox.store.all("override")]
        assert lengths == [14 * DAY]
        return found.text


def _approved_by_the_other_half(folder: Path) -> str:
    """A swap is wanted by two people: neither of them approves it."""
    with chat_team(folder) as team:
        offer = say(team, "ana", "swap first ben").buttons[0].command
        number = number_in(say(team, "ben", offer))
        for login in ("ana", "ben"):
            team.review(number, login)
        judged = team.by_hand("github", "approved", "--pr", str(number), login="dan")
        assert judged.code == 11, judged.err
        return judged.err


ATTACKS = (
    Attack(
        "a typed accept without an offer takes the pager for a year",
        refused(_old_form),
        "cannot be read any more",
    ),
    Attack("an accept with a guessed id", refused(_guessed), "no such offer"),
    Attack("somebody whom the offer is not for accepts it", refused(_not_addressed), "is for Ana, Cleo"),
    Attack("somebody accepts the cover that they asked for", refused(_own_offer), "asked for it yourself"),
    Attack("an offer is accepted when its time is over", refused(_expired), "has expired"),
    Attack("the id of a cover is used for a swap", refused(_another_kind), "no such offer"),
    Attack("a third person says yes to a swap", refused(_swap_of_another), "this offer is for Ben"),
    Attack("the file of the offers is edited by hand", refused(_damaged_book), "cannot be read"),
    Attack(
        "an owner without `github:` takes the pager, and would approve it",
        _without_login("take first 2h"),
        "people.ana.github is missing",
    ),
    Attack(
        "an owner without `github:` asks for another crew, and would approve it",
        _without_login("crew add first dan"),
        "people.ana.github is missing",
    ),
    Attack(
        "a swap with somebody without `github:`, who would approve it",
        refused(_swap_with_the_nameless, CHAT_TEXT + PEOPLE.replace(", github: ben", "")),
        "people.ben.github is missing",
    ),
    Attack("a person who has no part in it cancels an override", _cancelled_by_a_stranger, "only Ana, Ben"),
    Attack("a pull request of one's own carries the bot's mark", _forged_pull, "is no override from chat"),
    Attack(
        "a name is written into the body of the bot's pull request",
        _edited_body,
        "may cancel",
    ),
    Attack("a take of 300 days", _year, "14 d.*after the merge"),
    Attack(
        "both halves of a swap approve its pull request",
        _approved_by_the_other_half,
        "approved, but wants or wrote the change",
    ),
)
