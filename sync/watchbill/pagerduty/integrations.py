"""Ways in for events.  Whoever has the key of one can send, so keys never leave here as plain text."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from watchbill.pagerduty.answers import Answer
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
    answer = transport.get(f"/services/{service_id}")
    with answer.reading():
        return tuple(
            Integration(str(one["id"]), str(one.get("summary") or one.get("name") or ""))
            for one in answer.item("service")["integrations"]
        )


def read_integration(transport: Transport, service_id: str, id_: str) -> Integration:
    return _integration(transport.get(f"/services/{service_id}/integrations/{id_}"))


def create_integration(transport: Transport, service_id: str, name: str) -> Integration:
    body = {"type": _TYPE, "name": name, "service": {"id": service_id, "type": "service_reference"}}
    answer = transport.post(f"/services/{service_id}/integrations", {"integration": body})
    return _integration(answer)


def rename_integration(transport: Transport, service_id: str, id_: str, name: str) -> Integration:
    answer = transport.put(
        f"/services/{service_id}/integrations/{id_}", {"integration": {"type": _TYPE, "name": name}}
    )
    return _integration(answer)


def _integration(answer: Answer) -> Integration:
    found = answer.item("integration")
    with answer.reading():
        return Integration(
            id=str(found["id"]),
            name=str(found.get("name") or found.get("summary") or ""),
            key=SecretStr(str(found["integration_key"])) if found.get("integration_key") else None,
            request_id=answer.request_id,
        )
