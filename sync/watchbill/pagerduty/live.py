"""PagerDuty's present word laid over the policy, in two steps: who is on call, then why."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from watchbill.errors import AccountError
from watchbill.ladder.live import Live, lay_over
from watchbill.pagerduty.oncalls import OnCalls
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import Instant
from watchbill.rota.duty import Roster


def read_live(
    transport: Transport,
    roster: Roster,
    since: Instant,
    until: Instant,
    rotations: Collection[str] | None = None,
    *,
    overrides_only: bool = False,
) -> Iterator[Live]:
    """One or two answers, each better than the one before: the second one has read the overrides of what differs.

    `roster`: of the files; `overrides_only`: they are not applied yet.  `until`: at most 90 days from the account's present.  `rotations`: default all.
    Raises AccountError instead of the first answer.
    """
    asked = list(roster.policy.rotations) if rotations is None else list(rotations)
    read = OnCalls(transport, roster.policy, since, until)
    reading = read.of(asked)
    first = lay_over(roster, reading, asked, overrides_only=overrides_only)
    yield first
    differing = dict.fromkeys(each.rotation for each in first.differences)
    if differing:
        try:
            overrides = read.overrides_of(differing)
        except AccountError:
            return
        reading = replace(reading, overrides=overrides)
        yield lay_over(roster, reading, asked, overrides_only=overrides_only)
