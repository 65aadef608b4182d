"""One user at a time, where reading all of them would be waste."""

from __future__ import annotations

from watchbill.account.objects import User
from watchbill.pagerduty import normal
from watchbill.pagerduty.problems import NotFound
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import WireUser

_RULES = {"include[]": ["notification_rules"]}


def user_by_email(transport: Transport, email: str) -> User | None:
    """With `loud` known.  PagerDuty's search also finds parts of names, so only the exact e-mail counts."""
    body = transport.get("/users", {"query": email, "limit": 25, **_RULES}).body
    found = body.get("users") if isinstance(body, dict) else None
    users = [normal.user(WireUser.model_validate(item)) for item in found or []]
    return next((user for user in users if user.email.lower() == email.lower()), None)


def user_by_id(transport: Transport, id_: str) -> User | None:
    """None for one who was deleted."""
    try:
        body = transport.get(f"/users/{id_}", _RULES).body
    except NotFound:
        return None
    return normal.user(WireUser.model_validate(body["user"]))
