"""The way in for events: a new service gets one, else no alert can ever reach it.

Later that is nobody's business here, unless a run was killed before its key was handed over.
"""

from __future__ import annotations

from watchbill.account.objects import ManagedObject, Ref, Service
from watchbill.model.settings import PagerDuty
from watchbill.plan.document import INTEGRATION, KEY_PENDING, Change, FieldChange, IntegrationWrite


def integration_changes(want: Service, current: ManagedObject | None, settings: PagerDuty) -> list[Change]:
    """None for a service that was there before (`want` is pinned): it keeps the ways in that it has, or lacks."""
    there = current.integrations if isinstance(current, Service) else ()
    if there is None or (want.id and KEY_PENDING not in there):
        return []
    if there and KEY_PENDING not in there:
        return []
    keys = settings.integration_keys
    goes = "stays in PagerDuty" if keys is None else f"goes to {keys.words}"
    service = Ref(kind="service", key=want.key, id=current.id if current else "")
    change = {
        "action": "update" if KEY_PENDING in there else "create",
        "class": "pending",
        "kind": "integration",
        "key": f"integration/{want.key.partition('/')[2]}",
        "name": want.name,
        "fields": (FieldChange(path="for events", after=f"{INTEGRATION}; its key {goes}"),),
        "want": IntegrationWrite(service=service, hands_over=keys is not None),
    }
    return [Change.model_validate(change)]
