"""The account's priorities, by name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from watchbill.errors import AccountUnauthorised, AccountUnfit
from watchbill.pagerduty.lists import Listing, read_list
from watchbill.pagerduty.problems import Refused
from watchbill.pagerduty.transport import Transport


def priority_id(transport: Transport, name: str) -> str | None:
    """None where the account has no such priority, or no priorities at all (a feature of the plan)."""
    try:
        with ThreadPoolExecutor(2) as pool:
            items = read_list(transport, Listing("/priorities", "priorities"), pool)
    except AccountUnauthorised:
        raise
    except (AccountUnfit, Refused):
        return None
    return next((str(item["id"]) for item in items if item.get("name") == name), None)
