"""Who is paged at which minute, before and after a change of a ladder."""

from __future__ import annotations

import pytest

from ladder_policies import matrices
from watchbill.model.ladders import Severity
from watchbill.model.policy import Policy
from watchbill.plan.paging import paging_between
from watchbill.report.affected import paging_words
from watchbill.rota.clock import parse_instant

NOW = parse_instant("2026-11-23T14:00:00Z")


def with_steps(steps: dict[str, str]) -> Policy:
    policy = matrices()
    p1 = Severity.model_validate({"urgency": "high", "repeat": 2, "steps": steps})
    return policy.model_copy(update={"severities": {**policy.severities, "P1": p1}})


def told(before: Policy, after: Policy) -> list[str]:
    return [paging_words(effect, after) for effect in paging_between(before, after, NOW)]


START = {"0m": "domain.primary"}
FOR_P1 = "for a P1 in 5 domains, from the merge"


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (
            {"15m": "eng-manager", "60m": "eng-manager"},
            {"60m": "eng-manager"},
            [f"eng-manager (the-eng-manager) is no longer paged (after 15 min until now) {FOR_P1}"],
        ),
        (
            {"60m": "eng-manager"},
            {"15m": "eng-manager", "60m": "eng-manager"},
            [f"eng-manager (the-eng-manager) is paged too, after 15 min, {FOR_P1}"],
        ),
        (
            {"15m": "eng-manager", "60m": "eng-manager"},
            {"15m": "eng-manager", "45m": "eng-manager"},
            [f"eng-manager (the-eng-manager) is paged 15 minutes earlier (45 instead of 60 min) {FOR_P1}"],
        ),
        (
            {"15m": "eng-manager", "30m": "cto"},
            {"15m": "cto", "30m": "eng-manager"},
            [
                f"eng-manager (the-eng-manager) is paged 15 minutes later (30 instead of 15 min) {FOR_P1}",
                f"cto (the-cto) is paged 15 minutes earlier (15 instead of 30 min) {FOR_P1}",
            ],
        ),
        ({"15m": "eng-manager"}, {"15m": "eng-manager"}, []),
    ],
)
def test_a_page_is_compared_with_the_page_at_its_own_minute(
    before: dict[str, str], after: dict[str, str], lines: list[str]
) -> None:
    assert sorted(told(with_steps({**START, **before}), with_steps({**START, **after}))) == sorted(lines)
