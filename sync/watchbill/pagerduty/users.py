"""One user at a time, where reading all of them would be waste."""

from __future__ import annotations

from watchbill.account.objects import User
from watchbill.pagerduty import normal
from watchbill.pagerduty.problems import NotFound
from watchbill.pagerduty.transport import Transport

_RULES = {"include[]": ["notification_rules"]}


def user_by_email(transport: Transport, email: str) -> User | None:
    """With `loud` known.  PagerDuty's search also finds parts of names, so only the exact e-mail counts."""
    answer = transport.get("/users", {"query": email, "limit": 25, **_RULES})
    with answer.reading():
        users = [normal.read_user(item) for item in answer.items("users")]
    return next((user for user in users if user.email.lower() == email.lower()), None)


def user_by_id(transport: Transport, id_: str) -> User | None:
    """None for one who was deleted."""
    try:
        answer = transport.get(f"/users/{id_}", _RULES)
    except NotFound:
        return None
    with answer.reading():
        return normal.read_user(answer.item("user"))
