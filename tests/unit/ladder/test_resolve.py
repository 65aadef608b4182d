"""From names to people."""

from __future__ import annotations

from ladder_policies import matrices
from rota_stories import local
from watchbill.ladder.resolve import OnDuty, Paged, domain_of, reached, resolve
from watchbill.rota.duty import Roster

AT = local("2026-01-05 12:00")
COVERED = {"covered_by": "legal", "until": "2027-01-01", "reason": "no rota yet"}


def test_what_names_stand_for() -> None:
    policy = matrices(
        roles={"legal": "database-primary", "cto": "unset"},
        rotations={"dba": COVERED, "ml": {**COVERED, "covered_by": "dba"}},
        external={"commander": {"schedule": "Incident Commander"}},
    )
    assert resolve(policy, "the-ceo") == Paged(person="the-ceo")
    assert resolve(policy, "ceo") == Paged("ceo", person="the-ceo")
    assert resolve(policy, "database-primary") == Paged(rotation="database-primary")
    assert resolve(policy, "ml") == Paged("legal", rotation="database-primary", via=("ml", "dba"))
    assert resolve(policy, "commander") == Paged(external="commander")
    assert resolve(policy, "cto") is None
    assert resolve(policy, "nobody-knows") is None


def test_a_circle_of_covers_ends() -> None:
    policy = matrices(
        rotations={"dba": {**COVERED, "covered_by": "ml"}, "ml": {**COVERED, "covered_by": "dba"}}
    )
    assert resolve(policy, "dba") is None


def test_who_is_reached_and_why() -> None:
    day = {"crew": ["on-database"], "hours": "mon-fri 09:00-13:00", "otherwise": "ceo"}
    override = {"rotation": "late", "person": "the-cto", "from": "2026-01-05 12:00", "for": "1h"}
    policy = matrices(
        roles={"legal": "late"},
        rotations={"late": day, "dba": {**COVERED, "covered_by": "late"}},
        overrides=[override],
    )
    roster = Roster(policy)
    assert reached(roster, "late", AT - 3600) == [OnDuty(None, "late", "on-database", "turn")]
    assert reached(roster, "legal", AT) == [OnDuty("legal", "late", "the-cto", "override")]
    (fallback,) = reached(roster, "dba", AT + 3600)
    assert fallback == OnDuty(None, "late", "the-ceo", "fallback", ("dba",), "the-ceo")
    assert reached(roster, "ceo", AT) == [OnDuty("ceo", None, "the-ceo", "role")]
    assert reached(roster, "the-ceo", AT) == [OnDuty(None, None, "the-ceo", "person")]


def test_nobody_is_reached_on_a_vacant_turn_or_by_an_unset_role() -> None:
    policy = matrices(rotations={"late": {"crew": ["nobody"]}}, roles={"cto": "placeholder"})
    roster = Roster(policy)
    assert reached(roster, "late", AT) == []
    assert reached(roster, "cto", AT) == []


def test_all_who_serve_together_are_reached() -> None:
    policy = matrices(rotations={"late": {"crew": ["the-cto", "the-ceo"], "together": True}})
    assert {duty.person for duty in reached(Roster(policy), "late", AT)} == {"the-cto", "the-ceo"}


def test_tags_beat_the_services_domain() -> None:
    policy = matrices()
    assert domain_of(policy, "database", ()) == "database"
    assert domain_of(policy, "database", ("x", "security")) == "security"
