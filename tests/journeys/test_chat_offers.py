"""Offers in chat: they outlive the process, are taken once, and acts hold no longer than the policy permits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from github_server.team import Team
from journeys.attacks_chat import CHAT_TEXT, chat_team
from journeys.test_chat_changes import (
    PEOPLE,
    context,
    number_in,
    on_call,
    plan_is_empty,
    pull_of,
    say,
)
from watchbill.chat.commands import answer
from watchbill.chat.offer_book import LONGEST_OPEN, Offer, OfferBook
from watchbill.chat.take import offer_to_take_back
from watchbill.incident.ports import Silent
from watchbill.model.settings import ChatSettings
from watchbill.rota.clock import DAY

NOW = 1_764_000_000


@dataclass
class Slack(Silent):
    """A chat that reaches people alone."""

    told: list[tuple[str, str, tuple[tuple[str, str], ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def tell(self, handle: str, text: str, choices: Any = ()) -> bool:
        self.told.append((handle, text, tuple(choices)))
        return True


def offer(expires: int = NOW + 3600) -> Offer:
    return Offer(
        id="",
        kind="cover",
        rotation="first",
        asker="ana",
        addressees=("ben", "cleo"),
        shifts=((NOW, NOW + 3600),),
        expires=expires,
    )


def outcome(found: object) -> str:
    return getattr(found, "reason", "") or "taken by me"


@pytest.mark.parametrize(
    ("later", "said"), [(3599, "taken by me"), (3600, "expired"), (3601, "expired"), (-1, "taken by me")]
)
def test_an_offer_is_open_until_it_expires(later: int, said: str, tmp_path: Path) -> None:
    made = OfferBook(tmp_path).put(offer(), NOW)
    assert outcome(OfferBook(tmp_path).take("cover", made.id, "ben", NOW + later)) == said


@pytest.mark.parametrize(("longer", "said"), [(-1, "taken by me"), (0, "expired"), (1, "expired")])
def test_an_offer_is_open_for_a_week_at_most(longer: int, said: str, tmp_path: Path) -> None:
    made = OfferBook(tmp_path).put(offer(NOW + 30 * DAY), NOW)
    found = OfferBook(tmp_path).take("cover", made.id, "ben", NOW + LONGEST_OPEN + longer)
    assert outcome(found) == said


def test_an_offer_that_failed_is_open_again(tmp_path: Path) -> None:
    book = OfferBook(tmp_path)
    made = book.put(offer(), NOW)
    assert outcome(book.take("cover", made.id, "ben", NOW)) == "taken by me"
    assert outcome(book.take("cover", made.id, "cleo", NOW)) == "taken"
    book.give_back(made.id)
    assert outcome(book.take("cover", made.id, "cleo", NOW)) == "taken by me"


TAKE = """
import sys
from pathlib import Path
from watchbill.chat.offer_book import OfferBook
for person in ("ben", "cleo") * 3:
    found = OfferBook(Path(sys.argv[1])).take("cover", sys.argv[2], person, int(sys.argv[3]))
    print(getattr(found, "reason", "mine"))
"""


def test_of_many_processes_one_takes_it(tmp_path: Path) -> None:
    made = OfferBook(tmp_path).put(offer(), NOW)
    words = [sys.executable, "-c", TAKE, str(tmp_path), made.id, str(NOW)]
    running = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [line for one in running for line in one.communicate(timeout=60)[0].split()]
    assert (len(said), said.count("mine"), said.count("taken")) == (18, 1, 17)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with chat_team(tmp_path) as made:
        yield made


@pytest.mark.long
@pytest.mark.parametrize(
    ("hours", "parts"), [(335, [335]), (336, [336]), (337, [336, 1])], ids=["below", "at", "above"]
)
def test_an_act_holds_for_chat_longest_and_the_rest_waits(team: Team, hours: int, parts: list[int]) -> None:
    found = say(team, "ana", f"take first {hours}h")
    assert not found.failed, found.text
    (held,) = team.sandbox.store.all("override")
    assert held["end"] - held["start"] == parts[0] * 3600
    assert ("after the merge" in found.text) == (len(parts) > 1)
    team.merge(number_in(found))
    applied = team.by_hand("apply", "--yes")
    assert applied.code == 0, applied.err
    assert plan_is_empty(team)
    lengths = sorted(o["end"] - o["start"] for o in team.sandbox.store.all("override"))
    assert sum(lengths) == hours * 3600


def test_the_policy_sets_the_limit(tmp_path: Path) -> None:
    assert ChatSettings().longest.seconds == 14 * DAY
    text = CHAT_TEXT.replace("chat: {may:", "chat: {longest: 1h, may:") + PEOPLE
    with chat_team(tmp_path, text) as team:
        assert not say(team, "ana", "take first 3h").failed
        (held,) = team.sandbox.store.all("override")
        assert held["end"] - held["start"] == 3600


@pytest.mark.long
def test_an_offer_outlives_the_process(team: Team) -> None:
    command = say(team, "ben", "cover first 2h").buttons[0].command
    assert not say(team, "cleo", command).failed
    assert on_call(team) == ["Cleo"]
    assert "Cleo has it already" in say(team, "ana", command).text


@pytest.mark.long
@pytest.mark.parametrize("who", ["ana", "ben", "cleo"])
def test_who_may_cancel(team: Team, who: str) -> None:
    """The person who asked, the person whose turn it is, and an owner of the policy; the others are notified."""
    number = number_in(say(team, "ana", "take first 2h"))
    chat = Slack()
    found = answer(replace(context(team, who), chat=chat), f"cancel {number}")
    assert not found.failed, found.text
    assert on_call(team) == ["Ben"]
    assert {handle for handle, *_ in chat.told} == {"ana", "ben"} - {who}
    assert pull_of(team, number)["state"] == "closed"


@pytest.mark.long
def test_a_swap_is_cancelled_whole(team: Team) -> None:
    done = say(team, "ben", say(team, "ana", "swap first ben").buttons[0].command)
    assert len(team.sandbox.store.all("override")) == 2
    assert done.buttons[0].label == "Cancel"
    assert not say(team, "ana", done.buttons[0].command).failed
    assert not team.sandbox.store.all("override")
    assert plan_is_empty(team)


@pytest.mark.long
def test_a_rejected_act_shows_in_plan_and_drift_and_is_offered_back(team: Team) -> None:
    number = number_in(say(team, "ana", "take first 2h"))
    for verb in ("plan", "drift"):
        assert "rejected" not in team.by_hand(verb, login="dan").out
    assert not offer_to_take_back(replace(context(team, "ana"), chat=Slack(), person=None))
    team.api("ben", "PATCH", f"/pulls/{number}", {"state": "closed"})
    for verb in ("plan", "drift"):
        shown = team.by_hand(verb, login="dan")
        assert shown.code == 0, shown.err
        assert f"is still in force, although #{number} was rejected" in " ".join(shown.out.split())
    chat = Slack()
    bot = replace(context(team, "ana"), chat=chat, person=None)
    assert not offer_to_take_back(bot)
    assert not offer_to_take_back(bot)
    assert [handle for handle, *_ in chat.told] == ["ana", "ben"], "once"
    ((_, command),) = chat.told[0][2]
    assert not say(team, "ana", command).failed
    assert on_call(team) == ["Ben"]
    assert "rejected" not in team.by_hand("plan", login="dan").out
