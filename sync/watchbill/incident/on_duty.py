"""Who is on duty now: by the files, except where PagerDuty has somebody else on call.

An override made in PagerDuty, or taken in chat a minute ago, is in no file yet; PagerDuty pages by it.
"""

from __future__ import annotations

from watchbill.errors import AccountError, AccountUnauthorised, AccountUnreachable
from watchbill.model.policy import Policy
from watchbill.pagerduty.live import read_live
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import HOUR
from watchbill.rota.duty import Roster

_WINDOW = 12 * HOUR
"""Longer than a ladder takes."""


def live_roster(policy: Policy, transport: Transport, now: int) -> Roster:
    """By the files alone where the account refuses.  Raises AccountUnreachable, AccountUnauthorised."""
    plain = Roster(policy)
    try:
        return list(read_live(transport, plain, now, now + _WINDOW))[-1].roster
    except (AccountUnreachable, AccountUnauthorised):
        raise
    except AccountError:
        return plain
