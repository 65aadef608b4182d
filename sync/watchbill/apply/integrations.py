"""The way in for a new service's events, and its key to where the settings want it.

Until the key is there the integration's name says so.  A run that was killed in between is finished by the next
one, which hands the key over again.
"""

from __future__ import annotations

from pydantic import SecretStr

from watchbill.apply.ground import Failed, Ground, Record, Stale
from watchbill.apply.once import once
from watchbill.apply.resolve import NotYetMade
from watchbill.pagerduty.integrations import (
    Integration,
    create_integration,
    integrations_of,
    read_integration,
    rename_integration,
)
from watchbill.pagerduty.problems import NotFound
from watchbill.plan.document import INTEGRATION, KEY_PENDING, Change, IntegrationWrite


def carry_out_integration(change: Change, ground: Ground, record: Record) -> None:
    """Raises Stale, Failed, NotYetMade, or what the transport raises."""
    assert isinstance(change.want, IntegrationWrite)
    service_id = change.want.service.id or ground.ids.get(change.want.service.key, "")
    if not service_id:
        raise NotYetMade(change.want.service.key)
    keys = ground.keys if change.want.hands_over else None
    if change.want.hands_over:
        if keys is None:
            raise Failed("the settings no longer say where its key goes", "make a new plan: `watchbill plan`")
        keys.check()
    there = _there(service_id, ground)
    made = next((one for one in there if one.name == KEY_PENDING), None)
    if there and made is None:
        record.id = there[0].id
        return
    made = made or _make(service_id, KEY_PENDING if keys is not None else INTEGRATION, ground, record)
    record.id = made.id
    if keys is not None:
        keys.put(change.key.partition("/")[2], _key(made, service_id, ground))
    if made.name == KEY_PENDING:
        record.about_to_write(made.id)
        renamed = rename_integration(ground.transport, service_id, made.id, INTEGRATION)
        record.written(made.id, (renamed.request_id,))
    if INTEGRATION not in {one.name for one in _there(service_id, ground)}:
        raise Failed("PagerDuty took the integration and does not list it", "run `watchbill plan` to see")


def _there(service_id: str, ground: Ground) -> tuple[Integration, ...]:
    try:
        return integrations_of(ground.transport, service_id)
    except NotFound as gone:
        raise Stale("its service is gone from the account") from gone


def _make(service_id: str, name: str, ground: Ground, record: Record) -> Integration:
    def look() -> Integration | None:
        return next((one for one in _there(service_id, ground) if one.name == name), None)

    made = once(
        "integration",
        ground,
        before=record.about_to_write,
        send=lambda: create_integration(ground.transport, service_id, name),
        look=look,
    )
    record.written(made.id, (made.request_id,))
    return made


def _key(made: Integration, service_id: str, ground: Ground) -> SecretStr:
    key = made.key or read_integration(ground.transport, service_id, made.id).key
    if key is None:
        raise Failed("PagerDuty does not tell the integration's key", "look it up in PagerDuty, Integrations")
    return key
