"""An override that holds at once: written to PagerDuty by the same plan and apply as everything else, but alone."""

from __future__ import annotations

from pathlib import Path

from watchbill import __version__
from watchbill.account.objects import OverrideSlot, ShiftOverrideSlot
from watchbill.account.wanted import wanted
from watchbill.apply.execute import execute
from watchbill.chat.context import Context
from watchbill.config.load import load_valid
from watchbill.errors import AccountError
from watchbill.pagerduty.override_read import OverridesRead
from watchbill.pagerduty.read import read_account
from watchbill.pagerduty.transport import Transport
from watchbill.plan.build import build, overrides_to_read
from watchbill.plan.document import Change, OverrideWrite, Plan, PolicyIdentity, plan_digest
from watchbill.plan.link import link
from watchbill.rota.clock import DAY
from watchbill.rota.duty import Roster

AHEAD = 400 * DAY


def write_overrides(context: Context, transport: Transport, policies: Path, rotation: str) -> bool:
    """What the edited policy declares for this rotation; False when there is nothing to write.

    Raises AccountError when not all of it could be written."""
    plan = _changes(context, transport, policies, rotation)
    if not plan.changes:
        return False
    outcome = execute(plan, transport, now=context.now, state=context.state)
    if outcome.exit_code:
        why = next((step.reason for step in outcome.steps if step.reason), "PagerDuty did not take it")
        raise AccountError(why, remedy="`watchbill plan` shows how it stands")
    return True


def _changes(context: Context, transport: Transport, policies: Path, rotation: str) -> Plan:
    """What of the edited policy concerns this rotation's declared overrides, and nothing else."""
    loaded = load_valid(policies)
    policy = loaded.policy
    assert policy is not None
    now = context.now
    account = read_account(transport, name=context.account, now=now, since=now, until=now + AHEAD)
    want = wanted(policy, account, roster=Roster(policy), now=now)
    ids = overrides_to_read(want, account, now=now)
    account = OverridesRead().laid_on(account, ids, transport, now + AHEAD)
    identity = PolicyIdentity(commit=None, digest=loaded.digest)
    plan = build(want, account, policy, identity=identity, now=now, tool=__version__)
    alone = tuple(
        change.model_copy(update={"depends_on": ()}) for change in plan.changes if _concerns(change, rotation)
    )
    only = plan.model_copy(update={"changes": alone})
    return only.model_copy(update={"digest": plan_digest(only)})


def standing(context: Context, transport: Transport, rotation: str, start: int, end: int) -> tuple[str, ...]:
    """Ids of the users whose overrides meet that span of the rotation's schedule now."""
    account = read_account(transport, name=context.account, now=context.now, since=context.now, until=end)
    want = wanted(context.policy, account, roster=context.roster, now=context.now)
    links = link(want, account)
    current = links.current.get(f"rotation/{rotation}")
    if current is None:
        return ()
    read = OverridesRead().laid_on(account, (current.id,), transport, context.now + AHEAD)
    slots: list[OverrideSlot | ShiftOverrideSlot] = [
        *read.overrides.get(current.id, ()),
        *read.shift_overrides.get(current.id, ()),
    ]
    return tuple(slot.user for slot in slots if slot.start < end and slot.end > start)


def _concerns(change: Change, rotation: str) -> bool:
    want = change.want
    return (
        isinstance(want, OverrideWrite) and want.schedule_key == f"rotation/{rotation}" and not want.derived
    )
