"""Between the policy's people and the account's users, one look at a time: an incident needs only a few."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from watchbill.account.objects import User
from watchbill.errors import UsageError
from watchbill.model.policy import Policy
from watchbill.pagerduty.incidents import Acting
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.users import user_by_email, user_by_id


@dataclass(frozen=True, slots=True)
class Actor:
    """The human who acts, known to the policy and to the account."""

    handle: str
    name: str
    acting: Acting


class People:
    """Remembers what it asked.  Handles on one side, ids of users on the other."""

    def __init__(self, policy: Policy, transport: Transport) -> None:
        self.policy, self.transport = policy, transport
        self._users: dict[str, User | None] = {}
        self._handles: dict[str, str | None] = {}

    def user(self, handle: str) -> User | None:
        """None when the account has nobody with that person's e-mail."""
        if handle not in self._users:
            person = self.policy.people.get(handle)
            found = user_by_email(self.transport, person.email) if person is not None else None
            self._users[handle] = found
            if found is not None:
                self._handles[found.id] = handle
        return self._users[handle]

    def ids(self, handles: Iterable[str]) -> tuple[str, ...]:
        """Of those the account has."""
        return tuple(user.id for handle in handles if (user := self.user(handle)) is not None)

    def robots(self) -> frozenset[str]:
        """Ids of the users that are no humans."""
        people = self.policy.people.items()
        return frozenset(self.ids(handle for handle, person in people if not person.human))

    def handle(self, user_id: str) -> str | None:
        """None for a user whom the policy does not know."""
        if user_id not in self._handles:
            found = user_by_id(self.transport, user_id)
            self._handles[user_id] = self.policy.person_by_email(found.email) if found is not None else None
        return self._handles[user_id]

    def name(self, user_id: str, known: str = "") -> str:
        handle = self.handle(user_id)
        return self.policy.title_of(handle) if handle else known or user_id

    def actor(self, email: str, *, how: str = "") -> Actor:
        """Whoever acts must be a person of the policy and a user of the account: PagerDuty writes down who it
        was, and an acknowledgement would go to the wrong one.  Raises UsageError."""
        source = f" (from {how})" if how else ""
        handle = self.policy.person_by_email(email)
        if handle is None:
            raise UsageError(
                f"{email}{source} is nobody in the policy's people",
                remedy="say who acts with --as EMAIL, or add the person to people.yaml",
            )
        user = self.user(handle)
        if user is None:
            raise UsageError(
                f"the account has no user with the e-mail {email}{source}",
                remedy="say who acts with --as EMAIL; it is the e-mail that PagerDuty knows",
            )
        return Actor(handle, self.policy.title_of(handle), Acting(user.id, user.email))
