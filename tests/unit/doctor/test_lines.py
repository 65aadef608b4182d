"""What the doctor makes of facts: pure, one fact at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watchbill.account.objects import Team, User
from watchbill.doctor.account_lines import account_lines
from watchbill.doctor.diagnosis import Line
from watchbill.doctor.facts import Clocks, Facts, License, RateLimit, Reply
from watchbill.doctor.policy_lines import fit_lines, on_duty
from watchbill.model.policy import Policy

ALL = (
    "users",
    "teams",
    "priorities",
    "layer-based schedules",
    "shift-based schedules",
    "escalation policies",
    "services",
    "on-calls",
    "incidents",
    "writing",
    "audit",
    "orchestrations",
    "round robin",
    "webhooks",
)
HEALTHY = Facts(
    "https://api.pagerduty.com",
    clocks=Clocks(1_000_000, 1_000_000, 0.1),
    rate=RateLimit(960, 950, 40),
    me=User(id="P1", name="Bot", email="bot@acme.example", role="admin"),
    subdomain="acme",
    replies={name: Reply("yes") for name in ALL},
    counts={"services": 3, "users": 4},
)


def of(facts: Facts, about: str) -> list[Line]:
    return [line for line in account_lines(facts) if line.about == about]


def level(facts: Facts, about: str) -> str:
    return ", ".join(line.level for line in of(facts, about))


def refused(subject: str, verdict: str) -> Facts:
    reply = Reply(verdict, "no")  # type: ignore[arg-type]
    return replace(HEALTHY, replies={**HEALTHY.replies, subject: reply})


def test_a_healthy_account_has_no_complaint() -> None:
    assert [line for line in account_lines(HEALTHY) if line.level != "ok"] == []


@pytest.mark.parametrize(
    ("facts", "about", "expected"),
    [
        (replace(HEALTHY, base_url="https://api.eu.pagerduty.com"), "address", "ok"),
        (replace(HEALTHY, base_url="https://proxy.acme.example"), "address", "warn"),
        (replace(HEALTHY, me=None), "token", "ok"),
        (replace(HEALTHY, me=User(id="P1", name="S", email="s@x", role="read_only_user")), "token", "warn"),
        (replace(HEALTHY, me=User(id="P1", name="S", email="s@x", role="observer")), "token", "warn"),
        (refused("writing", "forbidden"), "writing", "warn"),
        (refused("writing", "no"), "writing", "warn"),
        (refused("users", "forbidden"), "reading", "fail"),
        (refused("incidents", "forbidden"), "reading", "warn"),
        (replace(HEALTHY, clocks=Clocks(1_000_055, 1_000_000, 2.0)), "clock", "ok"),
        (replace(HEALTHY, clocks=Clocks(1_000_300, 1_000_000, 0.1)), "clock", "warn"),
        (replace(HEALTHY, clocks=Clocks(1_000_000, 1_003_000, 0.1)), "clock", "fail"),
        (replace(HEALTHY, rate=RateLimit(960, 40, 30)), "budget", "warn"),
        (replace(HEALTHY, rate=None), "budget", "warn"),
        (replace(HEALTHY, counts={"services": 9_000}), "size", "ok"),
        (replace(HEALTHY, counts={"users": 8_500}), "size", "ok, warn"),
        (replace(HEALTHY, counts={"users": 10_001}), "size", "ok, fail"),
        (replace(HEALTHY, licenses=(License("Full", 98, 2),)), "licenses", "warn"),
        (replace(HEALTHY, licenses=(License("Full", 8, 92),)), "licenses", ""),
        (refused("audit", "no-plan"), "audit trail", "warn"),
        (refused("audit", "forbidden"), "audit trail", "warn"),
        (refused("orchestrations", "no-plan"), "orchestration", "warn"),
        (refused("priorities", "no-plan"), "priorities", "warn"),
    ],
)
def test_each_fact_is_judged(facts: Facts, about: str, expected: str) -> None:
    assert level(facts, about) == expected
    assert all(line.means for line in account_lines(facts) if line.level == "fail")


def test_a_clock_that_is_behind_is_told_from_one_ahead() -> None:
    behind = of(replace(HEALTHY, clocks=Clocks(1_000_300, 1_000_000, 0.1)), "clock")[0]
    ahead = of(replace(HEALTHY, clocks=Clocks(1_000_000, 1_000_300, 0.1)), "clock")[0]
    assert "299 s behind" in behind.says
    assert "299 s ahead of" in ahead.says


POLICY = Policy.model_validate(
    {
        "settings": {
            "format": 1,
            "organization": "Acme",
            "time_zone": "Etc/UTC",
            "pagerduty": {"account": "acme"},
        },
        "people": {
            "ana": {"name": "Ana", "email": "Ana@acme.example"},
            "ben": {"name": "Ben", "email": "ben@acme.example"},
            "idle": {"name": "Idle", "email": "idle@acme.example"},
            "cover": {"name": "Cover", "email": "cover@acme.example"},
        },
        "teams": {"ops": "Operations"},
        "roles": {"lead": {"title": "Lead", "held_by": "ben"}},
        "rotations": {
            "nights": {"title": "Nights", "crew": ["ana"], "hours": "daily 20:00-08:00", "otherwise": "cover"}
        },
        "ladders": {
            "main": {
                "title": "Main",
                "repeat": 0,
                "steps": {"0m": "nights", "5m": {"page": "lead", "round_robin": True}},
            }
        },
        "severities": {"P1": {"urgency": "high", "repeat": 0, "steps": {"0m": "nights"}}},
    }
)


def user(handle: str, role: str = "user", *, loud: bool | None = True) -> User:
    return User(id=f"P{handle}", name=handle, email=f"{handle}@acme.example", role=role, loud=loud)


def fit(facts: Facts) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in fit_lines(POLICY, facts, sandbox=False):
        if line.level != "ok":
            found.setdefault(line.about, []).append(line)
    return found


PEOPLE = replace(
    HEALTHY,
    users=(user("ana"), user("ben"), user("cover"), user("idle")),
    teams=(Team(id="PT", name="Operations"),),
    priorities=(),
)


def test_everybody_who_may_be_paged_is_on_duty() -> None:
    assert on_duty(POLICY) == {"ana", "ben", "cover"}


def test_people_missing_quiet_or_without_the_right_to_serve() -> None:
    assert set(fit(PEOPLE)) == {"priorities"}
    lost = fit(replace(PEOPLE, users=(user("ana"), user("cover"))))["people"]
    assert [(line.level, "ben" in line.says, "idle" in line.says) for line in lost] == [
        ("fail", True, False),
        ("warn", False, True),
    ]
    people = (user("ana", "read_only_user"), user("ben", loud=False), user("cover"), user("idle", loud=False))
    found = fit(replace(PEOPLE, users=people))
    assert [line.level for line in found["roles"]] == ["fail"]
    assert "ana" in found["roles"][0].says
    assert [line.says for line in found["contacts"]] == ["not loud at once: ben"]


def test_people_on_call_whom_the_policy_does_not_have() -> None:
    found = fit(replace(PEOPLE, on_call={"PX": "Stranger", "Pana": "Ana"}))
    assert [line.says for line in found["people"]] == ["on call now and not in the policy: Stranger"]


def test_another_accounts_token_is_unfit() -> None:
    assert fit(replace(PEOPLE, subdomain="other"))["account"][0].level == "fail"


def test_what_the_policy_asks_and_the_account_lacks() -> None:
    assert fit(replace(PEOPLE, teams=()))["teams"][0].level == "fail"
    lacks = {**HEALTHY.replies, "round robin": Reply("forbidden"), "shift-based schedules": Reply("no")}
    found = fit(replace(PEOPLE, replies=lacks))
    assert [line.level for line in (*found["round robin"], *found["kinds"])] == ["fail", "fail"]
