"""People whom somebody put on call in the account, and whom the policy does not know yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from watchbill.account.objects import Account
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.drift_edit import Edit, Spoken, put
from watchbill.adopt.handles import Called, handles_for
from watchbill.adopt.names import person_data
from watchbill.adopt.rotation import zones
from watchbill.model.policy import NAMED, Policy


def with_newcomers(
    members: Sequence[str], account: Account, policy: Policy, spoken: Spoken
) -> tuple[Spoken, tuple[Edit, ...]]:
    """`members`: ids of users.  A handle for each of them, and the edits that add them to `people`.  Raises CannotSay."""
    users = {user.id: user for user in account.users}
    unknown = dict.fromkeys(u for u in members if u not in spoken.people)
    gone = next((id_ for id_ in unknown if id_ not in users), None)
    if gone is not None:
        raise CannotSay(f"user {gone} is no longer in the account")
    if not unknown:
        return spoken, ()
    called = [Called(u, (users[u].name, users[u].email.partition("@")[0])) for u in unknown]
    taken = [name for kind in NAMED for name in getattr(policy, kind)]
    handles = handles_for(called, "person", taken)
    edits = tuple(
        Edit(("people",), put(handles[u], value=person_data(users[u], policy.settings.time_zone, zones())))
        for u in unknown
    )
    return replace(spoken, people={**spoken.people, **handles}), edits
