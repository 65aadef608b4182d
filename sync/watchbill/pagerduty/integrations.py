"""Ways in for events.  Whoever has the key of one can send, so keys never leave here as plain text."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from watchbill.pagerduty.lists import Item, unwrapped
from watchbill.pagerduty.transport import Transport

_TYPE = "events_api_v2_inbound_integration"


@dataclass(frozen=True, slots=True)
class Integration:
    id: str
    name: str
    key: SecretStr | None = None
    """Not told in a list."""
    request_id: str = ""


def integrations_of(transport: Transport, service_id: str) -> tuple[Integration, ...]:
    """Raises NotFound."""
    service = unwrapped(transport.get(f"/services/{service_id}").body, "service")
    return tuple(
        Integration(str(one.get("id")), str(one.get("summary") or one.get("name") or ""))
        for one in service.get("integrations") or ()
    )


def read_integration(transport: Transport, service_id: str, id_: str) -> Integration:
    return _integration(transport.get(f"/services/{service_id}/integrations/{id_}").body)


def create_integration(transport: Transport, service_id: str, name: str) -> Integration:
    body = {"type": _TYPE, "name": name, "service": {"id": service_id, "type": "service_reference"}}
    answer = transport.post(f"/services/{service_id}/integrations", {"integration": body})
    return _integration(answer.body, answer.request_id)


def rename_integration(transport: Transport, service_id: str, id_: str, name: str) -> Integration:
    answer = transport.put(
        f"/services/{service_id}/integrations/{id_}", {"integration": {"type": _TYPE, "name": name}}
    )
    return _integration(answer.body, answer.request_id)


def _integration(body: object, request_id: str = "") -> Integration:
    found: Item = unwrapped(body, "integration")
    return Integration(
        id=str(found.get("id")),
        name=str(found.get("name") or found.get("summary") or ""),
        key=SecretStr(str(found["integration_key"])) if found.get("integration_key") else None,
        request_id=request_id,
    )
