"""Wanted objects and the account's -> a plan.  Pure: the same inputs give the same plan, digest included."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from watchbill.account.digest import same
from watchbill.account.objects import Account, AnySchedule, ManagedObject
from watchbill.account.wanted import Wanted
from watchbill.model.policy import Policy
from watchbill.model.settings import Waiver
from watchbill.plan.acknowledged import deleted_by_hand, mixed, set_aside
from watchbill.plan.document import Change, JudgedBy, Plan, PolicyIdentity, plan_digest
from watchbill.plan.effects import effects_of
from watchbill.plan.fields import Names
from watchbill.plan.forgotten import Forgotten, forgotten_notices
from watchbill.plan.goes_with import deleted_with, leaving_schedules
from watchbill.plan.guards import judge
from watchbill.plan.later_work import later_notices, other_changes
from watchbill.plan.leftovers import forget_changes, leftover_changes
from watchbill.plan.link import link
from watchbill.plan.making import Making
from watchbill.plan.order import ordered, swapped_names, upkeep_of
from watchbill.plan.preflight import preflight
from watchbill.plan.routing import released_with, routing_notices
from watchbill.plan.rules import OWN_RULES, Rules, own_rules
from watchbill.rota.clock import iso


def build(
    wanted: Wanted,
    account: Account,
    policy: Policy,
    *,
    identity: PolicyIdentity,
    now: int,
    tool: str,
    rules: Rules | None = None,
    history: Collection[str] | None = None,
    history_is_cut: bool = False,
    waivers: Sequence[Waiver] = (),
    claims: Collection[str] = (),
    forgets: Collection[str] = (),
    forgotten: Sequence[Forgotten] = (),
    deleted: Collection[str] = (),
    only_upkeep: bool = False,
) -> Plan:
    """`rules`: what judges; the policy's own by default.  `history`: keys of every earlier version of the policy, None = unknown; `history_is_cut` in a clone that
    lacks the older ones.  `waivers`: the command line's, beside those of the settings.  `claims`, `forgets`: keys to
    take over or to release in this plan.  `forgotten`: overrides of earlier versions of the policy.
    `deleted`: refs of what somebody deleted in the account.  `only_upkeep`: the rest is left for another plan."""
    rules = rules or own_rules(policy, JudgedBy(reason=OWN_RULES))
    forgets = released_with(forgets)
    making = Making(wanted, account, policy, link(wanted, account, claims), now, forgets)
    making.objects()
    made = [deleted_by_hand(c) if c.action == "create" and c.ref in deleted else c for c in making.changes]
    aside = set_aside(made, making.notices, policy, now)
    making.leave({change.ref for change in made} - {change.ref for change in aside.changes})
    released, unreleased = forget_changes(making.links, forgets)
    making.notices = [*aside.notices, *unreleased]
    changes = _in_order(making, [*aside.changes, *released], history, is_cut=history_is_cut)
    if only_upkeep:
        upkeep = upkeep_of(changes)
        making.notices += other_changes(len(changes) - len(upkeep))
        changes = upkeep
    effects = effects_of(
        policy, account, wanted, making.links, making.overrides, changes, now=now, turned=making.turned
    )
    plan = Plan(
        tool=tool,
        account=account.name,
        at=iso(account.at),
        policy=identity,
        changes=tuple(changes),
        effects=effects.effects,
        guards=judge(
            changes,
            effects,
            wanted,
            making.links,
            account,
            policy,
            rules,
            now=now,
            waivers=waivers,
            more=[*making.orphaned(changes), *mixed(aside.known, changes, rules.fresh)],
        ),
        rules=rules.changes,
        judged_by=rules.judged_by,
        acknowledged=aside.known,
        notices=(
            *making.notices,
            *later_notices(wanted, policy),
            *preflight(wanted, account, policy, changes),
            *routing_notices(wanted, making.links, changes, account),
            *deleted_with(changes, making.links, account, Names(account, wanted), now),
            *forgotten_notices(forgotten, making.overrides, wanted, policy, now),
        ),
    )
    return plan.model_copy(update={"digest": plan_digest(plan)})


def _in_order(
    making: Making, changes: Sequence[Change], history: Collection[str] | None, *, is_cut: bool
) -> list[Change]:
    """With what to do about leftovers, as they are to be done."""
    unrouted = not making.policy.settings.pagerduty.event_rules
    created = [c.want for c in changes if c.action == "create" and isinstance(c.want, ManagedObject)]
    gone, notices = leftover_changes(
        making.links,
        making.account,
        history,
        making.becomes,
        created=created,
        is_cut=is_cut,
        unrouted=unrouted,
    )
    gone = [change for change in gone if change.key not in making.forgets]
    leaving = {f"{o.kind}:{o.marker.key}": o for o in making.links.leftovers if o.marker is not None}
    in_order, stuck = ordered([*changes, *gone], {**leaving, **making.before})
    making.notices += [*notices, *([swapped_names(stuck)] if stuck else [])]
    return list(in_order)


def overrides_to_read(
    wanted: Wanted,
    account: Account,
    *,
    now: int,
    also: Collection[str] = (),
    history: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Ids of the schedules whose overrides decide the plan: those that declare or derive some, change, or go.

    `also`: keys of others.  `history`: as `build` takes it.
    """
    links = link(wanted, account)
    found = [*leaving_schedules(links, history)]
    for item in wanted.objects:
        current = links.current.get(item.want.key)
        if not isinstance(current, AnySchedule):
            continue
        asks = item.want.key in wanted.overrides or item.want.key in wanted.cancelled
        derived = current.marker is not None and bool(current.marker.derived)
        if asks or derived or item.want.key in also or not same(item.want, current, now=now):
            found.append(current.id)
    return tuple(found)
