"""One account over two months: what the policy brings, what people edit, both at once, and what only time does.

Each step changes one thing and then says what `plan` calls it, and whether `drift` speaks up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contract.openapi import Contract, read_deviations
from journeys.conftest import Person, Ran
from policy_text import PEOPLE, SETTINGS
from repositories import Repo
from shared import openapi_path
from watchbill.report.schemas import OUTPUTS
from watchbill.rota.clock import iso, parse_instant
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.server import Sandbox

START = "2026-11-23T14:00:00Z"
LAYERS = SETTINGS.replace("{format: 1,", "{format: 1, pagerduty: {new_schedules: layers},")
"""The story edits layers by hand."""
FIRST = """rotations:
  first: # kept: the first to know
    title: First
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew: [ana, ben, cleo]
ladders:
  api:
    title: API
    steps: {0m: first, 15m: dan}
    repeat: 0 # kept: how often
"""
LATER = """
      - from: 2026-12-14
        order: [ana, ben]
      - from: 2026-12-28
        order: [cleo, dan]
      - from: 2027-01-11
        order: [ana, dan]
      - from: 2027-12-06
        order: [ben, dan]
"""


@dataclass
class Story:
    person: Person
    repo: Repo
    sandbox: Sandbox
    now: str = START

    def watchbill(self, *words: str) -> Ran:
        return self.person.watchbill(*words, WATCHBILL_NOW=self.now)

    def passes(self, until: str) -> None:
        self.now = until
        self.sandbox.world.move(parse_instant(until))

    def says(self, text: str) -> None:
        self.repo.write("policies/rotations.yaml", text)
        self.repo.commit(self.now)

    @property
    def text(self) -> str:
        return (self.person.policies / "rotations.yaml").read_text()

    def by_hand(self, kind: str, name: str, changes: dict[str, Any], by: str) -> None:
        edit = self.watchbill("sandbox", "tamper", kind, name, json.dumps(changes), "--by", by)
        assert edit.code == 0, edit.err

    def classes(self, *words: str) -> dict[str, str]:
        ran = self.watchbill("plan", "--json", *words)
        assert ran.code == 0, ran.err
        return {change["key"]: change["class"] for change in ran.json["changes"]}

    def drift(self) -> dict[str, Any]:
        """Conforms to its schema, and its exit code says whether there is any."""
        ran = self.watchbill("drift", "--json")
        assert ran.code in {0, 10}, ran.err
        Draft202012Validator(dict(OUTPUTS)["drift.schema.json"].model_json_schema()).validate(ran.json)
        assert ran.code == (10 if ran.json["changes"] else 0), ran.err
        drift: dict[str, Any] = ran.json
        return drift

    def apply(self, *words: str) -> str:
        ran = self.watchbill("apply", "--yes", "--waive", "imminent=it is meant", *words)
        assert ran.code == 0, ran.out + ran.err
        return ran.out


@pytest.fixture
def story(person: Person, sandbox: Sandbox) -> Iterator[Story]:
    repo = Repo.new(person.folder)
    for path in person.policies.glob("*"):
        path.unlink()
    repo.write("policies/base.yaml", LAYERS + PEOPLE)
    repo.write("policies/rotations.yaml", FIRST)
    repo.commit(START)
    names = ("ana", "ben", "cleo", "dan")
    zone = "Europe/Bucharest"
    ensure_users(
        sandbox.store, [{"name": n.title(), "email": f"{n}@x.example", "time_zone": zone} for n in names]
    )
    yield Story(replace(person.at(sandbox)), repo, sandbox)
    contract = Contract(openapi_path(), read_deviations())
    seen = [e for e in sandbox.exchanges() if "/audit/records" in e.path]
    problems = []
    for e in seen:
        problems += [str(p) for p in contract.request_problems(e.method, e.path, e.query, e.headers, e.body)]
        problems += [str(p) for p in contract.response_problems(e.method, e.path, e.status, e.answer)]
    assert seen
    assert not problems


def test_twelve_steps(story: Story) -> None:
    # 1. Nothing is there yet: everything is pending, and nobody edited anything.
    assert story.classes() == {"rotation/first": "pending", "ladder/api": "pending"}
    assert not story.drift()["changes"]

    # 2. Applied: in sync.
    story.apply()
    assert (story.classes(), story.drift()["attributions"]) == ({}, [])

    # 3. The policy moves on: pending, no drift.
    story.says(FIRST.replace("repeat: 0", "repeat: 1"))
    assert story.classes() == {"ladder/api": "pending"}
    assert not story.drift()["changes"]
    story.apply()

    # 4. Somebody edits by hand: drift, with who, when, how, which field, before and after.
    story.passes("2026-11-24T10:30:00Z")
    story.by_hand("escalation_policy", "API", {"num_loops": 4}, by="Cleo")
    assert story.classes() == {"ladder/api": "drift"}
    (edit,) = story.drift()["attributions"]
    told = {key: edit[key] for key in ("key", "who", "how", "when")}
    assert told == {"key": "ladder/api", "who": "Cleo", "how": "browser", "when": story.now}
    assert [(f["before"], f["after"]) for f in edit["fields"]] == [("1", "4")]
    shown = story.watchbill("drift")
    assert shown.code == 10
    assert "- 4 times, 30 min after the last level" in shown.out
    assert "+ 1 time" in shown.out
    assert "by Cleo in the browser, Tue 2026-11-24 12:30" in shown.out
    assert "1 → 4" in shown.out
    assert "`watchbill apply` puts the policy back, `watchbill adopt` writes it into the YAML" in " ".join(
        shown.out.split()
    )

    # 5. Apply reverts it, and says so.
    assert "edited in the account" in story.apply()
    assert (story.classes(), story.drift()["changes"]) == ({}, [])

    # 6. Both sides move: conflict.  Adopting everything leaves it alone; by its name the account wins.
    story.by_hand("escalation_policy", "API", {"num_loops": 4}, by="Cleo")
    story.says(FIRST.replace("repeat: 0", "repeat: 2"))
    assert story.classes() == {"ladder/api": "conflict"}
    assert [e["who"] for e in story.drift()["attributions"]] == ["Cleo"]
    refused = story.watchbill("adopt")
    assert (refused.code, "the policy was changed too" in refused.out) == (10, True)
    assert story.watchbill("adopt", "api").code == 0
    assert story.text == FIRST.replace("repeat: 0", "repeat: 4")
    assert (story.classes(), story.drift()["changes"]) == ({}, [])

    # 7. A crew edited by hand, told in people and hours.
    story.passes("2026-11-25T08:15:00Z")
    story.by_hand("schedule", "First", {"layers": {"turns": {"users": ["Ben", "Dan"]}}}, by="Ben")
    assert story.classes() == {"rotation/first": "drift"}
    shown = story.watchbill("drift")
    assert "by Ben in the browser, Wed 2026-11-25 10:15" in shown.out
    assert "Hours until" in shown.out
    assert "first: Ben" not in shown.out, "ids are told as names, not as a mapping"

    # 8. Adopted: a crew from the instant of the edit on, every other line as it was, and nothing to do.
    before = story.text
    assert story.watchbill("adopt").code == 0
    assert "- from: 2026-11-25 10:15" in story.text
    kept = [line for line in before.splitlines() if "crew:" not in line and "from:" not in line]
    assert all(line in story.text.splitlines() for line in kept)
    assert (story.classes(), story.drift()["changes"]) == ({}, [])
    story.repo.commit(story.now, "adopted")

    # 9. Crews to come are pending, like any other edit of the files.
    adopted = story.text
    end = adopted.index("ladders:")
    story.says(adopted[:end].rstrip("\n") + LATER + adopted[end:])
    assert set(story.classes()) == {"rotation/first"}
    story.apply()

    # 10. Time passes: a crew that was more than a year away has to be written.  That is upkeep.
    story.passes("2026-12-16T08:00:00Z")
    assert story.classes() == {"rotation/first": "upkeep"}
    assert not story.drift()["changes"]

    # 11. An edit by hand in the same schedule is drift all the same; apply does away with both.
    story.by_hand("schedule", "First", {"time_zone": "Europe/London"}, by="Dan")
    assert story.classes() == {"rotation/first": "drift"}
    assert [e["who"] for e in story.drift()["attributions"]] == ["Dan"]
    story.apply()
    assert (story.classes(), story.drift()["changes"]) == ({}, [])

    # 12. The way back to an earlier policy is a plan like any other.
    back = story.watchbill("plan", "--to", "HEAD~1", "--json")
    assert back.code == 0, back.err
    assert back.json["policy"]["commit"] == story.repo.git("rev-parse", "HEAD~1")
    assert [c["key"] for c in back.json["changes"]] == ["rotation/first"]
    assert back.json["effects"]["people"]
    story.apply("--to", "HEAD~1")
    assert story.classes("--to", "HEAD~1") == {}
    assert story.classes() == {"rotation/first": "pending"}


def test_a_plan_to_a_commit_that_is_none(story: Story) -> None:
    ran = story.watchbill("plan", "--to", "no-such")
    assert (ran.code, "no-such" in ran.err) == (2, True)
    story.apply()
    story.by_hand("schedule", "First", {"name": "Second"}, by="Ana")
    assert story.drift()["changes"]


def test_a_long_way_back_reads_the_trail_to_the_last_write(story: Story) -> None:
    """Longer than one request may span."""
    story.apply()
    story.passes("2026-12-01T12:00:00Z")
    story.by_hand("escalation_policy", "API", {"num_loops": 5}, by="Ana")
    story.passes(iso(parse_instant(START) + 100 * 86_400))
    (edit,) = story.drift()["attributions"]
    assert (edit["who"], edit["when"]) == ("Ana", "2026-12-01T12:00:00Z")


def test_an_adopted_edit_is_no_conflict_when_the_policy_moves_again(story: Story) -> None:
    story.apply()
    story.passes("2026-11-24T10:30:00Z")
    story.by_hand("escalation_policy", "API", {"num_loops": 4}, by="Cleo")
    assert story.watchbill("adopt").code == 0
    adopted = story.text
    story.repo.commit(story.now, "adopted")
    story.passes("2026-11-25T10:30:00Z")
    story.says(adopted.replace("title: API", "title: Interface"))
    assert story.classes() == {"ladder/api": "pending"}
    assert not story.drift()["changes"]
    story.by_hand("escalation_policy", "API", {"num_loops": 5}, by="Cleo")
    assert story.classes() == {"ladder/api": "conflict"}


def acknowledge(story: Story, drift: str, expires: str) -> None:
    known = f"acknowledged: [{{drift: {drift}, reason: the vendor looks into it, expires: {expires}}}]"
    settings = SETTINGS.rstrip().removesuffix("}") + f", {known}}}\n"
    story.repo.write("policies/base.yaml", settings + PEOPLE)
    story.repo.commit(story.now)


@pytest.mark.long
def test_acknowledged_drift_is_left_until_its_day(story: Story) -> None:
    story.apply()
    story.passes("2026-11-24T10:30:00Z")
    story.by_hand("escalation_policy", "API", {"num_loops": 4}, by="Cleo")
    (change,) = story.drift()["changes"]
    acknowledge(story, change["drift_id"], "2026-12-01")

    # It is told, does not count, and apply leaves it.
    drift = story.drift()
    assert not drift["changes"]
    (known,) = drift["acknowledged"]
    assert (known["key"], known["expires"]) == ("ladder/api", "2026-12-01")
    shown = story.watchbill("drift")
    assert (shown.code, "until 2026-12-01: the vendor looks into it" in shown.out) == (0, True)
    assert "left as it is" in story.watchbill("plan").out
    assert story.classes() == {}
    story.apply()
    assert len(story.drift()["acknowledged"]) == 1

    # The same edit keeps its id as time passes; another edit of the same object is drift.
    story.passes("2026-11-30T10:30:00Z")
    assert len(story.drift()["acknowledged"]) == 1
    story.by_hand("escalation_policy", "API", {"num_loops": 5}, by="Cleo")
    drift = story.drift()
    assert (len(drift["changes"]), drift["acknowledged"]) == (1, [])
    assert "acknowledged-gone" in {n["rule"] for n in drift["notices"]}
    story.by_hand("escalation_policy", "API", {"num_loops": 4}, by="Cleo")
    assert len(story.drift()["acknowledged"]) == 1

    # A change of the policy to the object is a conflict that nobody acknowledged.
    story.says(FIRST.replace("repeat: 0", "repeat: 2"))
    assert story.classes() == {"ladder/api": "conflict"}
    story.says(FIRST)

    # After its day it counts, check says so, and apply reverts it.
    story.passes("2026-12-01T21:59:00Z")
    assert not story.drift()["changes"]
    story.passes("2026-12-01T22:00:00Z")
    assert len(story.drift()["changes"]) == 1
    assert "acknowledgement-expired" in story.watchbill("check").out
    story.apply()
    assert story.drift()["changes"] == []


@pytest.mark.long
def test_known_drift_does_not_hold_up_the_rest(story: Story) -> None:
    story.apply()
    story.passes("2026-11-24T10:30:00Z")
    story.by_hand("schedule", "First", {"time_zone": "Europe/London"}, by="Ben")
    (change,) = story.drift()["changes"]
    acknowledge(story, change["drift_id"], "2026-12-31")
    story.apply()
    story.says(FIRST.replace("repeat: 0", "repeat: 3"))
    assert story.classes() == {"ladder/api": "pending"}
    plan = story.watchbill("plan", "--json").json
    assert plan["effects"]["shifts"] == []
    story.apply()
    assert len(story.drift()["acknowledged"]) == 1
    # A crew to come is more to write than what was acknowledged: it stands again before that crew begins.
    story.says(
        FIRST.replace(
            "    from: 2026-01-05\n    crew: [ana, ben, cleo]",
            "    crews:\n      - {from: 2026-01-05, order: [ana, ben, cleo]}\n      - {from: 2026-12-07, order: [dan]}",
        ).replace("repeat: 0", "repeat: 3")
    )
    assert story.classes() == {"rotation/first": "conflict"}


@pytest.mark.long
def test_drift_that_the_last_run_told_is_known(story: Story) -> None:
    story.apply()
    story.passes("2026-11-24T10:30:00Z")
    story.by_hand("escalation_policy", "API", {"num_loops": 4}, by="Cleo")
    last = story.person.folder / "last.json"
    first = story.watchbill("drift", "--json", "--seen", str(last))
    assert (first.code, first.json["known"]) == (10, [])
    last.write_text(first.out)
    story.passes("2026-11-25T10:30:00Z")
    story.by_hand("schedule", "First", {"time_zone": "Europe/London"}, by="Ben")
    second = story.watchbill("drift", "--json", "--seen", str(last))
    ids = {change["key"]: change["drift_id"] for change in second.json["changes"]}
    assert second.json["known"] == [ids["ladder/api"]]
    assert ", known" in story.watchbill("drift", "--seen", str(last)).out
    story.by_hand("escalation_policy", "API", {"num_loops": 0}, by="Cleo")
    third = story.watchbill("drift", "--json", "--seen", str(last))
    assert (third.json["known"], third.json["gone"]) == ([], [ids["ladder/api"]])
    last.write_text("{}")
    assert story.watchbill("drift", "--seen", str(last)).code == 2
