"""The account's priorities, by name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from watchbill.pagerduty.lists import Listing, read_list
from watchbill.pagerduty.problems import Forbidden, NotEntitled, Refused
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import WireNamed


def priority_id(transport: Transport, name: str) -> str | None:
    """None where the account has no such priority, or no priorities at all (a feature of the plan)."""
    try:
        with ThreadPoolExecutor(2) as pool:
            items = read_list(transport, Listing("/priorities", "priorities", WireNamed.model_validate), pool)
    except (Forbidden, NotEntitled, Refused):
        return None
    return next((item.id for item in items if item.name == name), None)
