"""Applies as they go wrong in practice: odd names, trades, clocks that differ, clones that lack their history."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from inprocess import START, WAIVED, Desk, desk
from policy_text import NAMES, PEOPLE
from repositories import Repo
from watchbill.rota.clock import MINUTE, iso, parse_instant
from watchbill.sandbox.tamper import tamper

SETTINGS = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  hours: {office: mon-fri 09:00-18:00}
  pagerduty: {new_schedules: layers}
"""
WEEKLY = "turn: 1 week, handoff: mon 09:00, from: 2026-01-05"


def policy(rotations: dict[str, str], ladders: str = "", more: str = "") -> str:
    """Rotations by key, as what stands between the braces after `turn: 1 week` and so on."""
    told = "".join(f"  {key}: {{{WEEKLY}, {words}}}\n" for key, words in rotations.items())
    return SETTINGS + PEOPLE + f"rotations:\n{told}" + (f"ladders:\n  {ladders}\n" if ladders else "") + more


def by_hand(at: Desk, kind: str, name: str, change: dict[str, object]) -> None:
    tamper(at.sandbox.store, kind, name, change, clock=at.sandbox.world.clock)


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, *NAMES) as made:
        yield made


ODD_NAMES = [
    "🚨 on-call",
    unicodedata.normalize("NFD", "Équipe Ünï"),
    "עברית (rtl)",
    "zero\u200bwidth",
    "two  blanks",
    "'quoted' \"twice\"",
    "a: colon # no comment",
    "%20 + & = ?",
    "x" * 255,
]


def test_names_of_any_letters_are_found_again(at: Desk) -> None:
    def said(crew: str) -> str:
        names = [name.replace("'", "''") for name in ODD_NAMES]
        return policy({f"r{i}": f"title: '{name}', crew: {crew}" for i, name in enumerate(names)})

    at.says(said("[ana, ben]"))
    assert at.applies().code == 0
    assert at.names("schedule") == sorted(ODD_NAMES)
    ids = {doc["id"] for doc in at.sandbox.store.all("schedule")}
    assert at.in_sync
    at.says(said("[ana, cleo]"))
    assert at.applies().code == 0
    assert {doc["id"] for doc in at.sandbox.store.all("schedule")} == ids
    assert at.in_sync


def test_blanks_around_a_name_are_no_difference(at: Desk) -> None:
    at.says(policy({"a": "title: ' Alpha ', crew: [ana, ben]"}))
    assert at.applies().code == 0
    by_hand(at, "schedule", at.doc("schedule", "Alpha")["id"], {"name": "Alpha  "})
    assert at.in_sync
    at.says(policy({"a": "title: ' Alpha ', crew: [ana, cleo]"}))
    assert at.applies().code == 0
    assert len(at.names("schedule")) == 1


def test_two_that_trade_names_are_left_alone_and_the_rest_goes_on(at: Desk) -> None:
    rest = {"c": "title: Gamma, crew: [ana, ben]"}
    at.says(policy({"a": "title: Alpha, crew: [ana]", "b": "title: Beta, crew: [ben]", **rest}))
    assert at.applies().code == 0
    traded = {"a": "title: Beta, crew: [ana]", "b": "title: Alpha, crew: [ben]"}
    at.says(policy({**traded, "c": "title: Gamma, crew: [cleo, dan]"}))
    ran = at.applies()
    assert ran.code == 14
    assert "rotation/a, rotation/b" in ran.out
    assert "give one of them another name first" in ran.out
    users = {at.doc("user", name)["id"] for name in ("Cleo", "Dan")}
    assert set(at.doc("schedule", "Gamma")["layers"][-1]["users"]) == users
    at.says(policy({**traded, "a": "title: Between, crew: [ana]"}))
    assert at.applies().code == 0
    at.says(policy(traded))
    assert at.applies().code == 0
    assert at.names("schedule") == ["Alpha", "Beta"]


def test_a_name_that_its_holder_does_not_give_up_after_all(at: Desk) -> None:
    at.says(policy({"a": "title: Alpha, crew: [ana]"}))
    assert at.applies().code == 0
    with at.sandbox.store.transaction():
        other = {**at.doc("schedule", "Alpha"), "id": "POTHER", "name": "Beta", "description": ""}
        at.sandbox.store.put("schedule", other)
    chain = {
        "a": "title: Beta, crew: [ana]",
        "b": "title: Alpha, crew: [ben]",
        "c": "title: Gamma, crew: [cleo]",
    }
    at.says(policy(chain, "l: {title: L, steps: {0m: b}, repeat: 0}"))
    ran = at.applies()
    assert ran.code == 14
    assert at.names("schedule") == ["Alpha", "Beta", "Gamma"]
    assert not at.names("escalation_policy")
    assert not [x for x in at.sandbox.requests() if x.status == 400]


def test_what_left_the_policy_stays_where_a_new_ladder_looks_it_up(at: Desk) -> None:
    at.says(policy({"a": "title: Alpha, crew: [ana]", "b": "title: Beta, crew: [ben]"}))
    assert at.applies().code == 0
    looked_up = "external: {theirs: {schedule: Alpha}}\n"
    at.says(
        policy({"b": "title: Beta, crew: [ben]"}, "l: {title: L, steps: {0m: theirs}, repeat: 0}", looked_up)
    )
    ran = at.applies()
    assert ran.code == 0, ran.out
    assert "schedule 'Alpha' cannot be deleted: escalation policy 'L' uses it" in " ".join(ran.out.split())
    assert at.names("schedule") == ["Alpha", "Beta"]
    assert at.names("escalation_policy") == ["L"]
    assert at.in_sync


def test_two_that_say_to_be_the_same_object(at: Desk) -> None:
    at.says(policy({"a": "title: Alpha, crew: [ana, ben]"}))
    assert at.applies().code == 0
    before = at.doc("schedule", "Alpha")
    both = {"b": "title: Beta, previously: a, crew: [ana]", "c": "title: Gamma, previously: a, crew: [ben]"}
    for said in (
        both,
        {
            key: words.replace("previously: a", f"pagerduty: {{id: {before['id']}}}")
            for key, words in both.items()
        },
    ):
        at.says(policy(said))
        ran = at.applies()
        assert ran.code == 14
        assert "rotation/b and rotation/c would all be schedule 'Alpha'" in " ".join(ran.out.split())
        assert at.doc("schedule", "Alpha") == before
        assert at.names("schedule") == ["Alpha"]
    at.says(policy({"a": "title: Alpha, crew: [ana, ben]", "b": both["b"]}))
    assert at.applies().code == 0
    assert at.doc("schedule", "Alpha") == before
    assert at.names("schedule") == ["Alpha", "Beta"]


def test_a_name_of_other_letter_case_is_taken(at: Desk) -> None:
    both = policy({"a": "title: Alpha, crew: [ana]", "b": "title: Beta, crew: [ben]"})
    at.says(policy({"a": "title: Alpha, crew: [ana]"}))
    assert at.applies().code == 0
    by_hand(at, "schedule", "Alpha", {"name": "BETA", "description": ""})
    at.says(both)
    ran = at.applies()
    assert ran.code == 14
    assert "there is a schedule named 'BETA'" in " ".join(ran.out.split())
    assert at.names("schedule") == ["Alpha", "BETA"]
    assert at.watchbill("claim", "b", "--yes", *WAIVED).code == 0
    assert at.applies().code == 0
    assert at.names("schedule") == ["Alpha", "Beta"]


@pytest.mark.parametrize("mine", ["Alpha", "Alpha "])
def test_two_that_stand_there_with_other_letter_case_block_only_a_change(at: Desk, mine: str) -> None:
    at.says(policy({"a": "title: Alpha, crew: [ana]"}))
    assert at.applies().code == 0
    doc = at.doc("schedule", "Alpha")
    with at.sandbox.store.transaction():
        at.sandbox.store.put("schedule", {**doc, "name": mine})
        at.sandbox.store.put("schedule", {**doc, "id": "PTWIN", "name": "ALPHA", "description": ""})
    assert at.in_sync
    at.says(policy({"a": "title: Alpha, crew: [ben]"}))
    ran = at.applies()
    assert ran.code == 14
    assert "'Alpha' and 'ALPHA' (PTWIN) for one name" in " ".join(ran.out.split())
    assert not [x for x in at.sandbox.requests() if x.status == 400]
    at.says(policy({"a": "title: Other, crew: [ben]"}))
    assert at.applies().code == 0


def test_copies_of_a_marker_that_left_the_policy_are_not_touched(at: Desk) -> None:
    both = {"a": "title: Alpha, crew: [ana]", "b": "title: Beta, crew: [ben]"}
    at.says(policy(both))
    assert at.applies().code == 0
    copy = {**at.doc("schedule", "Alpha"), "id": "PCOPY", "name": "Alpha (copy)"}
    with at.sandbox.store.transaction():
        at.sandbox.store.put("schedule", copy)
    at.says(policy({"b": both["b"]}))
    ran = at.applies()
    assert "carries a copy of the marker of rotation/a" in " ".join(ran.out.split())
    assert at.names("schedule") == ["Alpha (copy)", "Beta"]
    assert at.doc("schedule", "Alpha (copy)")["description"] == copy["description"]


def test_a_new_key_a_new_title_and_a_new_crew_in_one_run(at: Desk) -> None:
    at.says(policy({"a": "title: Alpha, crew: [ana, ben]"}, "l: {title: L, steps: {0m: a}, repeat: 1}"))
    assert at.applies().code == 0
    ids = [at.doc("schedule", "Alpha")["id"], at.doc("escalation_policy", "L")["id"]]
    at.says(
        policy(
            {"z": "title: Omega, previously: a, crew: [cleo, ben, ana]"},
            "l: {title: Ladder, steps: {0m: z, 5m: ana}, repeat: 2}",
        )
    )
    assert at.applies().code == 0
    assert [at.doc("schedule", "Omega")["id"], at.doc("escalation_policy", "Ladder")["id"]] == ids
    assert len(at.names("schedule")) == 1
    assert at.in_sync


def test_deleted_by_hand_between_plan_and_apply(at: Desk) -> None:
    both = {"a": "title: Alpha, crew: [ana, ben]", "b": "title: Beta, crew: [ana, ben]"}
    at.says(policy(both))
    assert at.applies().code == 0
    at.says(policy({**both, "a": "title: Alpha, crew: [ana, dan]", "b": "title: Beta, crew: [cleo]"}))
    saved = str(at.home / "plan.json")
    assert at.watchbill("plan", "--out", saved, *WAIVED).code == 0
    by_hand(at, "schedule", "Beta", {"delete": True})
    before = at.doc("schedule", "Alpha")
    assert at.watchbill("apply", saved, "--yes", *WAIVED).code == 12
    assert at.doc("schedule", "Alpha") == before
    assert at.applies().code == 0
    assert at.names("schedule") == ["Alpha", "Beta"]
    assert at.in_sync


def test_an_account_without_users(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        at.says(policy({"a": "title: Alpha, crew: [ana, ben]"}, "l: {title: L, steps: {0m: a}, repeat: 1}"))
        ran = at.applies()
        assert ran.code == 14
        assert "ana@x.example" in ran.out
        assert "never created" in ran.out
        assert at.names("schedule") == []
        assert not [r for r in at.sandbox.requests() if r.method != "GET"]


@pytest.mark.parametrize(
    ("kind", "minutes"), [*(("layers", m) for m in (7, -7, 40, -40)), ("shifts", 1.5), ("shifts", -40)]
)
def test_clocks_that_differ_by_minutes(at: Desk, minutes: float, kind: str) -> None:
    """`minutes`: how far the account's clock is ahead of ours.  Events of shift-based schedules are fitted to within
    two minutes of it."""
    late = parse_instant(START)
    at.sandbox.move(iso(late))
    at.now = iso(late - int(minutes * MINUTE))

    def said(crew: str) -> str:
        text = policy(
            {
                "a": f"title: Alpha, crew: {crew}, hours: office, otherwise: b",
                "b": f"title: Beta, crew: {crew}",
            },
            "l: {title: L, steps: {0m: a}, repeat: 1}",
        )
        return text.replace("new_schedules: layers", f"new_schedules: {kind}")

    for crew in ("[ana, ben]", "[cleo, ben, dan]", "[cleo, dan]"):
        at.says(said(crew))
        ran = at.applies()
        assert ran.code == 0, ran.out
        assert at.in_sync, at.watchbill("plan").out


def test_an_account_in_another_zone(at: Desk) -> None:
    at.sandbox.world.account_zone = "America/Los_Angeles"
    for user in at.sandbox.store.all("user"):
        at.sandbox.store.put("user", {**user, "time_zone": "Pacific/Kiritimati"})
    override = (
        "overrides:\n  - {rotation: b, person: cleo, from: 2026-12-01 10:00, until: 2026-12-01 16:00}\n"
    )
    rotations = {
        "a": "title: A, crew: [ana, ben], hours: office, otherwise: b",
        "b": "title: B, crew: [ben, dan]",
    }
    at.says(policy(rotations, more=override))
    assert at.applies().code == 0
    assert at.in_sync
    (slot,) = at.sandbox.store.all("override")
    assert iso(slot["start"]) == "2026-12-01T08:00:00Z"


def removed(at: Desk) -> None:
    """Two rotations were applied, and the policy says one now."""
    kept = {"a": "title: Alpha, crew: [ana, ben]"}
    at.says(policy({**kept, "b": "title: Beta, crew: [ana, ben]"}))
    assert at.applies().code == 0
    at.says(policy(kept))


def test_a_policy_below_a_folder_of_a_larger_repository(at: Desk) -> None:
    at.below = "teams/sre"
    removed(at)
    at.repo.write("elsewhere/policies/policy.yaml", "not: ours")
    at.repo.commit(START)
    assert at.applies().code == 0
    assert at.names("schedule") == ["Alpha"]


def test_a_detached_head(at: Desk) -> None:
    removed(at)
    at.repo.git("checkout", "--quiet", "--detach")
    assert at.applies().code == 0
    assert at.names("schedule") == ["Alpha"]


def test_what_left_the_policy_long_ago_is_found_in_its_history(at: Desk) -> None:
    removed(at)
    for number in range(25):
        at.says(policy({"a": "title: Alpha, crew: [ana, ben]"}, more=f"# {number}\n"))
    assert at.applies().code == 0
    assert at.names("schedule") == ["Alpha"]


def test_a_shallow_clone_does_not_pass_for_in_sync(at: Desk) -> None:
    removed(at)
    whole = at.repo
    at.repo = Repo(at.home / "shallow")
    whole.git("clone", "--quiet", "--depth", "1", f"file://{whole.folder}", str(at.repo.folder))
    ran = at.applies()
    assert ran.code == 14
    assert "fetch-depth: 0" in ran.out
    assert at.names("schedule") == ["Alpha", "Beta"]
    at.repo.git("fetch", "--quiet", "--unshallow")
    assert at.applies().code == 0
    assert at.names("schedule") == ["Alpha"]


def test_another_repository_with_the_same_account_is_left_alone(at: Desk, tmp_path: Path) -> None:
    at.says(policy({"a": "title: Alpha, crew: [ana, ben]"}))
    assert at.applies().code == 0
    other = Desk(tmp_path / "other", at.sandbox)
    other.says(policy({"z": "title: Omega, crew: [cleo, dan]"}))
    ran = other.applies()
    assert ran.code == 0
    assert "rotation/a" in ran.out
    assert at.names("schedule") == ["Alpha", "Omega"]
    assert at.in_sync
