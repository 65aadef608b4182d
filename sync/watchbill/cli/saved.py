"""A plan from a file: it is believed only as far as nobody touched it, and its guards are asked again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from watchbill import __version__
from watchbill.cli.options import Globals
from watchbill.errors import StalePlan, UsageError

if TYPE_CHECKING:
    from watchbill.cli.account import Opened
    from watchbill.cli.planning import Wishes
    from watchbill.config.load import Loaded
    from watchbill.model.policy import Policy
    from watchbill.plan.document import Plan

_AGAIN = "make a new one with `watchbill plan --out`"


def read_saved(path: Path) -> Plan:
    """Raises UsageError for a file that is no plan, StalePlan for one that was edited."""
    from pydantic import ValidationError

    from watchbill.local_files import read_bounded
    from watchbill.plan.document import Plan, plan_digest, seal_of

    try:
        plan = Plan.model_validate_json(read_bounded(path))
    except OSError as bad:
        raise UsageError(f"{path} cannot be read: {bad.strerror}", remedy=_AGAIN) from None
    except ValidationError:
        raise UsageError(f"{path} is no plan of this format", remedy=_AGAIN) from None
    if plan.digest != plan_digest(plan) or plan.seal != seal_of(plan):
        raise StalePlan(f"{path} was edited after it was made", remedy=_AGAIN)
    return plan


def saved_plan(
    options: Globals,
    path: Path,
    loaded: Loaded,
    policy: Policy,
    opened: Opened,
    wishes: Wishes,
    commit: str,
) -> Plan:
    """With the guards of today.  Raises UsageError for no plan, StalePlan for one that is not for here and now."""
    plan = read_saved(path)
    if plan.tool != __version__:
        raise StalePlan(f"{path} was made by watchbill {plan.tool}, this is {__version__}", remedy=_AGAIN)
    if plan.account != opened.name:
        raise StalePlan(f"{path} is for the account {plan.account}, this is {opened.name}", remedy=_AGAIN)
    if plan.policy.digest != loaded.digest:
        raise StalePlan(f"the policy has changed since {path} was made", remedy=_AGAIN)
    if plan.is_empty:
        return plan
    return _as_of_today(options, plan, path, loaded, policy, opened, wishes, commit)


def _as_of_today(
    options: Globals,
    plan: Plan,
    path: Path,
    loaded: Loaded,
    policy: Policy,
    opened: Opened,
    wishes: Wishes,
    commit: str,
) -> Plan:
    from watchbill.cli.planning import Reading
    from watchbill.plan.anew import gone_astray, with_guards_of
    from watchbill.plan.waivers import waived_too

    reading = Reading.of(options, policy, opened, options.now)
    since = wishes.since or (plan.judged_by.commit or "" if plan.judged_by is not None else "")
    fresh = reading.plan(loaded, policy, replace(wishes, since=since), commit)
    standing = {obj.id for obj in reading.account.objects()}
    astray = gone_astray(plan, fresh, standing=standing)
    if astray:
        names = ", ".join(change.name for change in astray[:5])
        raise StalePlan(f"{path} would do what the policy does not ask for now: {names}", remedy=_AGAIN)
    rules = reading.rules(policy, since, commit)
    return waived_too(
        with_guards_of(plan, fresh),
        (*rules.waivers, *wishes.waivers),
        now=options.now,
        zone_name=policy.settings.time_zone,
    )
