"""What keeps two applies to one account apart, and who waits for whom."""

from __future__ import annotations

import getpass
import os
import platform
from typing import TYPE_CHECKING

from watchbill.cli.options import Globals
from watchbill.errors import GuardRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchbill.account.lease import Lease
    from watchbill.apply.lease import LeaseTerms
    from watchbill.cli.account import Opened
    from watchbill.model.policy import Policy
    from watchbill.model.settings import Waiver


def lease_terms(
    options: Globals, policy: Policy, opened: Opened, wait: float, waivers: Sequence[Waiver]
) -> LeaseTerms | None:
    """None where no lease is needed.  `wait`: seconds.  Raises GuardRefused for `lease: ci` outside of CI."""
    from watchbill.apply.lease import LeaseTerms
    from watchbill.rota.clock import zone

    if not opened.is_shared:
        return None
    if policy.settings.pagerduty.lease == "ci":
        _in_ci(options, policy, waivers)
        return None
    where = zone(policy.settings.time_zone)
    told: set[str] = set()

    def on_wait(lease: Lease) -> None:
        if wait and lease.run not in told:
            told.add(lease.run)
            options.say(f"waiting: another apply is running, {_told(lease)}; at most {_minutes(wait)}")

    def on_takeover(lease: Lease) -> None:
        options.say(f"taking over from an apply that died: {_told(lease)}")

    def _told(lease: Lease) -> str:
        return f"{lease.holder}, since {where.at(lease.since).strftime('%a %Y-%m-%d %H:%M:%S')}"

    return LeaseTerms(holder(), wait=wait, on_wait=on_wait, on_takeover=on_takeover)


def clear_leases(options: Globals, policy: Policy, opened: Opened) -> None:
    """A killed apply may have had nothing left to do but to give up its lease.  What may not be taken away stays."""
    from watchbill.apply.lease import HeldLease
    from watchbill.errors import AccountError

    if policy.settings.pagerduty.lease == "ci":
        return
    terms = lease_terms(options, policy, opened, 0.0, ())
    if terms is not None:
        try:
            HeldLease(opened.transport, terms).clear()
        except AccountError as problem:
            options.say(f"the lease of an apply that died is still there: {problem.message}")


def holder() -> str:
    """Who runs this, and where."""
    run = os.environ.get("GITHUB_RUN_ID")
    if run:
        actor, repository = os.environ.get("GITHUB_ACTOR", "CI"), os.environ.get("GITHUB_REPOSITORY", "")
        return f"{actor} in run {run} of {repository}".removesuffix(" of ")
    return f"{_user()} on {platform.node() or 'an unnamed machine'}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "somebody"


def _in_ci(options: Globals, policy: Policy, waivers: Sequence[Waiver]) -> None:
    from watchbill.plan.waivers import OUTSIDE_CI, judged

    if os.environ.get("CI") == "true":
        return
    settings = policy.settings
    raised = (
        OUTSIDE_CI,
        "settings leave it to CI's concurrency group to keep applies apart, and this one is outside of CI",
        "run it in CI, or write `pagerduty: {lease: account}`",
    )
    (guard,) = judged([raised], (*settings.waivers, *waivers), now=options.now, zone_name=settings.time_zone)
    if guard.waived is None:
        raise GuardRefused(f"guard {guard.guard}: {guard.message}; nothing was written", remedy=guard.remedy)
    options.say(f"guard {guard.guard} waived: {guard.waived}")


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"
