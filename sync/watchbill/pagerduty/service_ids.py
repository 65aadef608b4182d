"""Ids of services by their exact names."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from watchbill.pagerduty.lists import Listing, read_list
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import WireNamed


def service_ids(transport: Transport, names: Iterable[str]) -> dict[str, str]:
    """Name -> id, of those that are there."""
    wanted = set(names)
    with ThreadPoolExecutor(4) as pool:
        items = read_list(transport, Listing("/services", "services", WireNamed.model_validate), pool)
    return {item.name: item.id for item in items if item.name in wanted}
