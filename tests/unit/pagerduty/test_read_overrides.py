"""Against a server that cuts what sticks out of the window asked for, as PagerDuty does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from watchbill.account.objects import OverrideSlot
from watchbill.pagerduty.lists import LONGEST_RANGE
from watchbill.pagerduty.read import read_overrides
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.write import create_override
from watchbill.rota.clock import DAY, HOUR, iso, parse_instant
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

NOW = parse_instant("2026-11-23T14:00:00Z")


@pytest.fixture
def account() -> Iterator[tuple[Transport, str, str]]:
    """Transport, a schedule, a user."""
    with (
        Sandbox(clock=iso(NOW), options=SandboxOptions(rate_limit=0)) as sandbox,
        Transport(sandbox.url, SecretStr(sandbox.token)) as transport,
    ):
        user = sandbox.store.all("user")[0]["id"]
        layer = {
            "start": iso(NOW),
            "rotation_virtual_start": iso(NOW),
            "rotation_turn_length_seconds": DAY,
            "users": [{"user": {"id": user, "type": "user_reference"}}],
        }
        body = {"name": "Web", "time_zone": "UTC", "schedule_layers": [layer]}
        made = transport.post("/schedules", {"schedule": body})
        yield transport, made.body["schedule"]["id"], user


@pytest.mark.parametrize("until", [LONGEST_RANGE - HOUR, LONGEST_RANGE + HOUR, 2 * LONGEST_RANGE])
def test_one_across_the_end_of_what_is_asked_for_comes_back_whole(
    account: tuple[Transport, str, str], until: int
) -> None:
    transport, schedule, user = account
    slot = OverrideSlot(user=user, start=NOW + LONGEST_RANGE - 2 * HOUR, end=NOW + LONGEST_RANGE + 2 * HOUR)
    create_override(transport, schedule, slot)
    found = read_overrides(transport, schedule, NOW, NOW + until)
    assert [(one.start, one.end) for one in found] == [(slot.start, slot.end)]


def test_a_longer_one_of_the_same_person_is_not_taken_for_a_part_of_it(
    account: tuple[Transport, str, str],
) -> None:
    transport, schedule, user = account
    create_override(transport, schedule, OverrideSlot(user=user, start=NOW + DAY, end=NOW + 3 * DAY))
    found = read_overrides(transport, schedule, NOW + DAY, NOW + 2 * DAY)
    assert [(one.start, one.end) for one in found] == [(NOW + DAY, NOW + 3 * DAY)]
