from __future__ import annotations

from typing import Any

import pytest

from policy_text import at as instant
from policy_text import policy_of
from pretend import empty_account, plan_for, shipped_policy
from watchbill.account.ladders import MOST_TARGETS
from watchbill.account.objects import Account, EscalationPolicy, Schedule, Service, Team
from watchbill.account.serving import serving_people
from watchbill.account.wanted import Wanted, wanted
from watchbill.model.people import External, Person, Role
from watchbill.model.policy import Policy
from watchbill.model.rotations import Override, Rotation
from watchbill.rota.clock import parse_instant
from watchbill.rota.duty import Roster

NOW = parse_instant("2026-11-23T14:00:00Z")


def ask(policy: Policy, account: Account | None = None) -> Wanted:
    account = account or empty_account(policy, NOW)
    return wanted(policy, account, roster=Roster(policy), now=NOW)


def with_(policy: Policy, kind: str, **entries: Any) -> Policy:
    return policy.model_copy(update={kind: {**getattr(policy, kind), **entries}})


def by_key(found: Wanted) -> dict[str, Any]:
    return {item.want.key: item.want for item in found.objects}


def rules(found: Wanted) -> set[str]:
    return {finding.rule for finding in found.findings}


def test_the_runbook_becomes_4_schedules_21_policies_and_7_routed_services() -> None:
    found = ask(shipped_policy())
    kinds = [item.want.kind for item in found.objects]
    assert [kinds.count(k) for k in ("schedule", "escalation_policy", "service", "routing")] == [4, 21, 7, 7]
    assert not found.findings
    assert not found.refused


@pytest.mark.parametrize(("routing", "policies"), [("severity", 4), ("domain", 6)])
def test_small_accounts_get_fewer_policies_and_every_service_keeps_one(routing: str, policies: int) -> None:
    shipped = shipped_policy()
    pagerduty = shipped.settings.pagerduty.model_copy(update={"routing": routing})
    policy = shipped.model_copy(
        update={"settings": shipped.settings.model_copy(update={"pagerduty": pagerduty})}
    )
    objects = by_key(ask(policy))
    made = {key for key, want in objects.items() if isinstance(want, EscalationPolicy)}
    assert len(made) == policies
    services = [want for want in objects.values() if isinstance(want, Service)]
    assert len(services) == 7
    assert {service.policy.key for service in services} <= made


def test_a_ladder_has_its_minutes_its_people_and_its_schedules() -> None:
    policy, account = shipped_policy(), empty_account(shipped_policy(), NOW)
    emails = {user.id: user.email for user in account.users}
    ladder = by_key(ask(policy, account))["ladder/database-P1"]
    assert ladder.name == "Database P1"
    assert [rule.delay_minutes for rule in ladder.rules] == [15, 15, 30, 60, 30]
    assert ladder.loops == 2
    first = ladder.rules[0].targets
    assert [(ref.kind, ref.key) for ref in first] == [("schedule", "rotation/primary")], (
        "dba is covered by primary"
    )
    assert emails[ladder.rules[1].targets[0].id] == "eng-manager@medicalcor.example"


def test_services_send_their_timeouts_explicitly() -> None:
    service = by_key(ask(shipped_policy()))["service/medicalcor-payments"]
    assert (service.ack_timeout, service.resolve_timeout) == (3600, None)
    assert service.urgency.urgency == "severity_based"
    assert service.policy.key == "ladder/integrations-P2"


def test_two_names_of_one_rotation_on_one_level_are_one_target() -> None:
    policy = shipped_policy()
    role = Role(title="Whoever", held_by="primary")
    domain = policy.domains["database"].model_copy(update={"also": {}})
    severity = policy.severities["P1"].model_copy(
        update={
            "steps": {
                **policy.severities["P1"].steps,
                next(iter(policy.severities["P1"].steps)): ("domain.primary", "whoever", "primary"),
            }
        }
    )
    policy = with_(policy, "roles", whoever=role)
    policy = with_(with_(policy, "domains", database=domain), "severities", P1=severity)
    assert len(by_key(ask(policy))["ladder/database-P1"].rules[0].targets) == 1


def test_a_missing_user_is_one_finding_and_stops_only_what_needs_them() -> None:
    policy = shipped_policy()
    account = empty_account(policy, NOW)
    users = tuple(user for user in account.users if user.email != "infra-2@medicalcor.example")
    found = ask(policy, account.model_copy(update={"users": users}))
    assert [(f.rule, f.place) for f in found.findings] == [("user-missing", ("people", "infra-2", "email"))]
    assert set(found.refused) == {"rotation/infra"}
    assert "rotation/primary" in by_key(found)


def test_history_needs_no_user() -> None:
    """A leaver in a crew that is over, or in a past override, may be gone from PagerDuty."""
    policy = shipped_policy()
    left = Person(name="Left", email="left@medicalcor.example")
    rotation = policy.rotations["infra"].model_dump(by_alias=True, exclude_defaults=True)
    del rotation["crew"], rotation["from"]
    rotation["crews"] = [
        {"from": "2025-01-06", "order": ["left", "infra-1"]},
        {"from": "2026-01-05", "order": ["infra-1", "infra-2"]},
    ]
    override = Override.model_validate(
        {"rotation": "infra", "person": "left", "from": "2026-01-10 09:00", "until": "2026-01-11 09:00"}
    )
    policy = with_(with_(policy, "people", left=left), "rotations", infra=Rotation.model_validate(rotation))
    policy = policy.model_copy(update={"overrides": (override,)})
    account = empty_account(shipped_policy(), NOW)
    found = ask(policy, account)
    assert not found.findings
    assert found.overrides.get("rotation/infra") is None


def unset_ceo() -> Policy:
    policy = shipped_policy()
    return with_(policy, "roles", ceo=policy.roles["ceo"].model_copy(update={"held_by": "unset"}))


def test_an_unset_holder_on_the_sandbox_drops_the_level_and_keeps_the_clock() -> None:
    found = ask(unset_ceo())
    delays = [rule.delay_minutes for rule in by_key(found)["ladder/database-P1"].rules]
    assert delays == [15, 15, 30, 30]
    assert rules(found) == {"unset-holder", "level-dropped"}
    assert not any(finding.is_error for finding in found.findings)


def test_a_dropped_level_in_the_middle_leaves_the_later_minutes_alone() -> None:
    policy = shipped_policy()
    vp = policy.roles["vp-engineering"].model_copy(update={"held_by": "unset"})
    found = ask(with_(policy, "roles", **{"vp-engineering": vp}))
    delays = [rule.delay_minutes for rule in by_key(found)["ladder/database-P1"].rules]
    assert delays == [15, 45, 60, 30], "levels at 0, 15, 60 and 120 minutes"


def real(policy: Policy) -> Policy:
    people = {
        handle: person.model_copy(update={"name": handle.title()}) for handle, person in policy.people.items()
    }
    return policy.model_copy(update={"people": people})


def test_an_unset_holder_on_a_real_account_refuses_the_ladder() -> None:
    policy = real(unset_ceo())
    found = ask(policy, empty_account(policy, NOW, name="acme"))
    assert "ladder/database-P1" in found.refused
    assert "ladder/database-P2" in by_key(found)
    assert any(f.rule == "unset-holder" and f.is_error for f in found.findings)


def test_placeholders_are_refused_on_a_real_account() -> None:
    policy = shipped_policy()
    found = ask(policy, empty_account(policy, NOW, name="acme"))
    assert rules(found) == {"placeholder-person"}
    assert not any(isinstance(want, Schedule) for want in by_key(found).values())
    assert not plan_for(policy, empty_account(policy, NOW, name="acme"), NOW).changes
    assert not ask(real(policy), empty_account(real(policy), NOW, name="acme")).findings


def test_other_teams_objects_are_found_by_exact_name_or_reported() -> None:
    policy = with_(shipped_policy(), "external", ic=External(schedule="Incident Commander - schedule"))
    severity = policy.severities["P4"].model_copy(
        update={"steps": dict.fromkeys(policy.severities["P4"].steps, "ic")}
    )
    policy = with_(policy, "severities", P4=severity)
    account = empty_account(policy, NOW)
    theirs = Schedule(id="PEXT", name="Incident Commander - schedule", time_zone="Etc/UTC")
    found = ask(policy, account.model_copy(update={"schedules": (theirs,)}))
    assert by_key(found)["ladder/database-P4"].rules[0].targets[0].id == "PEXT"
    twice = (theirs, theirs.model_copy(update={"id": "PEXT2"}))
    found = ask(policy, account.model_copy(update={"schedules": twice}))
    message = next(f.message for f in found.findings if f.rule == "schedule-ambiguous")
    assert "PEXT" in message
    assert "PEXT2" in message
    assert "schedule-missing" in rules(ask(policy, account))


def test_a_service_that_is_not_managed_changes_nothing_but_its_policy() -> None:
    policy = shipped_policy()
    spec = policy.services["medicalcor-api"].model_copy(update={"manage": False, "urgency": "low"})
    policy = with_(policy, "services", **{"medicalcor-api": spec})
    account = empty_account(policy, NOW)
    assert "service-missing" in rules(ask(policy, account))
    theirs = Service(
        id="PSV",
        name="MedicalCor API",
        description="mine",
        ack_timeout=60,
        policy={"kind": "escalation_policy"},
    )
    found = ask(policy, account.model_copy(update={"services": (theirs,)}))
    item = next(i for i in found.objects if i.want.key == "service/medicalcor-api")
    assert item.policy_only
    assert isinstance(item.want, Service)
    assert item.want.policy.key == "ladder/api-backend-P2"
    assert (item.want.ack_timeout, item.want.description) == (60, "mine")


def test_two_objects_of_one_name_are_refused() -> None:
    policy = shipped_policy()
    twin = policy.rotations["infra"].model_copy(update={"pagerduty": policy.rotations["primary"].pagerduty})
    found = ask(with_(policy, "rotations", infra=twin))
    assert rules(found) == {"name-collision"}
    assert "rotation/infra" in found.refused


def test_a_description_leaves_room_for_the_marker() -> None:
    policy = shipped_policy()
    wordy = policy.rotations["infra"].model_copy(update={"description": "x" * 1020})
    assert rules(ask(with_(policy, "rotations", infra=wordy))) == {"description-too-long"}


def test_more_targets_than_a_level_takes() -> None:
    policy = shipped_policy()
    crowd = tuple(list(policy.people)[: MOST_TARGETS + 1])
    domain = policy.domains["security"]
    assert domain.steps is not None
    steps = {**domain.steps, list(domain.steps)[1]: crowd}
    found = ask(with_(policy, "domains", security=domain.model_copy(update={"steps": steps})))
    assert "too-many-targets" in rules(found)
    assert "ladder/security" in found.refused
    assert "service/medicalcor-security" in by_key(found)


def test_teams_by_name() -> None:
    policy = with_(shipped_policy(), "teams", core="Core Team")
    tagged = policy.rotations["infra"].model_copy(update={"team": ("core",)})
    policy = with_(policy, "rotations", infra=tagged)
    account = empty_account(policy, NOW)
    assert "team-missing" in rules(ask(policy, account))
    teams = (Team(id="PT1", name="Core Team"),)
    found = ask(policy, account.model_copy(update={"teams": teams}))
    assert by_key(found)["rotation/infra"].teams == ("PT1",)


LEAVERS = """
rotations:
  first:
    title: First
    turn: 1 week
    handoff: mon 09:00
    crews:
      - {from: 2026-01-05, order: [ana, ben, cleo]}
      - {from: 2026-11-23, order: [dan, eve]}
      - {from: 2026-11-30, order: [eve, fay]}
      - {from: 2026-12-07, order: [fay, gil]}
  second: {title: Second, same_crew: {as: first, turns_later: 2}}
"""


@pytest.mark.parametrize(
    ("now", "first", "second"),
    [
        ("2026-11-23 08:59", "abcdefg", "abcdefg"),  # a crew that is dated today serves from the handoff on
        ("2026-11-23 09:00", "defg", "abcdefg"),
        ("2026-12-07 08:59", "efg", "abcdefg"),
        ("2026-12-07 09:00", "fg", "defg"),
        ("2026-12-14 09:00", "fg", "efg"),
        ("2026-12-21 09:00", "fg", "fg"),  # those who left long ago need no user
    ],
)
def test_who_needs_a_user_is_who_may_serve_yet(now: str, first: str, second: str) -> None:
    policy = policy_of(LEAVERS)
    found = [serving_people(policy, name, instant(now)) for name in ("first", "second")]
    assert ["".join(name[0] for name in people) for people in found] == [first, second]
