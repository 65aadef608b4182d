"""Who is on duty right now: by the files, except where the account has somebody else.

An override made in PagerDuty, or taken in chat a minute ago, is in no file yet; whoever has the pager is paged.
"""

from __future__ import annotations

from watchbill.errors import AccountError, AccountUnauthorised, AccountUnreachable
from watchbill.model.policy import Policy
from watchbill.pagerduty.oncalls import OnCall, on_call_now
from watchbill.pagerduty.transport import Transport
from watchbill.rota.duty import LiveOverride, Roster


def live_roster(policy: Policy, transport: Transport, now: int) -> Roster:
    """By the files alone where the account does not tell.  Raises AccountUnreachable, AccountUnauthorised."""
    try:
        found = on_call_now(transport)
    except (AccountUnreachable, AccountUnauthorised):
        raise
    except AccountError:
        return Roster(policy)
    plain = Roster(policy)
    live: dict[str, list[LiveOverride]] = {}
    for rotation, spec in policy.rotations.items():
        if not spec.has_schedule:
            continue
        here = [
            one
            for one in found
            if one.start <= now < one.end and _is_of(one, spec.pagerduty.id, spec.vendor_name)
        ]
        people = {policy.person_by_email(one.email) for one in here}
        if len(people) != 1:
            continue
        (person,) = people
        by_files = {shift.person for shift in plain.shifts(rotation, now, now + 1)}
        if person is not None and by_files != {person}:
            live[rotation] = [LiveOverride(person, one.start, one.end) for one in here]
    return Roster(policy, live) if live else plain


def _is_of(one: OnCall, pinned: str | None, name: str) -> bool:
    return one.schedule == pinned if pinned else one.name == name
