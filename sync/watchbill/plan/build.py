"""Wanted objects and the account's -> a plan.  Pure: the same inputs give the same plan, digest included."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from watchbill.account.digest import became_shift_based, fingerprint_of, same
from watchbill.account.objects import (
    Account,
    AnySchedule,
    ManagedObject,
    Marker,
    Service,
    ServiceRouting,
    ShiftSchedule,
)
from watchbill.account.parts import CannotExpress
from watchbill.account.settling import settled
from watchbill.account.wanted import Wanted, WantedObject
from watchbill.findings import sort_findings
from watchbill.model.policy import Policy
from watchbill.model.settings import Waiver
from watchbill.plan.acknowledged import deleted_by_hand, drift_id, set_aside
from watchbill.plan.document import (
    DRIFT_CLASSES,
    Action,
    Change,
    Class,
    Notice,
    Plan,
    PolicyIdentity,
    plan_digest,
)
from watchbill.plan.effects import effects_of
from watchbill.plan.fields import Names, changes_between
from watchbill.plan.forgotten import Forgotten, forgotten_notices
from watchbill.plan.guards import judge
from watchbill.plan.integrations import integration_changes
from watchbill.plan.leftovers import forget_changes, leftover_changes
from watchbill.plan.link import link
from watchbill.plan.linked import Links
from watchbill.plan.names import chain, name_kept, name_like
from watchbill.plan.order import ordered, points_at, swapped_names
from watchbill.plan.orphans import orphaned
from watchbill.plan.ours import marker_fields, other_shape, told_apart
from watchbill.plan.override_changes import override_changes
from watchbill.plan.overrides import OverridePlan
from watchbill.plan.overrides_on import overrides_on, too_many
from watchbill.plan.preflight import preflight
from watchbill.plan.routing import fitted, fresh_class, id_to_be, released_with, routing_notices
from watchbill.plan.shift_state import Turned, takes_effect, turned
from watchbill.plan.sides import side, with_ids
from watchbill.plan.taken_away import told
from watchbill.plan.unfit import unfit
from watchbill.plan.waivers import Raised
from watchbill.rota.clock import iso


def build(
    wanted: Wanted,
    account: Account,
    policy: Policy,
    *,
    identity: PolicyIdentity,
    now: int,
    tool: str,
    history: Collection[str] | None = None,
    history_is_cut: bool = False,
    waivers: Sequence[Waiver] = (),
    claims: Collection[str] = (),
    forgets: Collection[str] = (),
    forgotten: Sequence[Forgotten] = (),
    deleted: Collection[str] = (),
) -> Plan:
    """`history`: keys of every earlier version of the policy, None = unknown; `history_is_cut` in a clone that
    lacks the older ones.  `waivers`: the command line's, beside those of the settings.  `claims`, `forgets`: keys to
    take over or to release in this plan.  `forgotten`: overrides of earlier versions of the policy.
    `deleted`: refs of what somebody deleted in the account."""
    forgets = released_with(forgets)
    making = _Making(wanted, account, policy, link(wanted, account, claims), now, forgets)
    making.objects()
    made = [deleted_by_hand(c) if c.action == "create" and c.ref in deleted else c for c in making.changes]
    aside = set_aside(made, making.notices, policy, now)
    making.leave({change.ref for change in made} - {change.ref for change in aside.changes})
    making.notices = list(aside.notices)
    changes = [*aside.changes, *forget_changes(making.links, forgets)]
    unrouted = not policy.settings.pagerduty.event_rules
    gone, notices = leftover_changes(
        making.links, account, history, making.becomes, is_cut=history_is_cut, unrouted=unrouted
    )
    making.notices += notices
    leaving = {f"{o.kind}:{o.marker.key}": o for o in making.links.leftovers if o.marker is not None}
    in_order, stuck = ordered(
        [*changes, *(c for c in gone if c.key not in forgets)], {**leaving, **making.before}
    )
    changes = list(in_order)
    making.notices += [swapped_names(stuck)] if stuck else []
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
            now=now,
            waivers=waivers,
            orphaned=making.orphaned(changes),
        ),
        acknowledged=aside.known,
        notices=(
            *making.notices,
            *preflight(wanted, account, policy, changes),
            *routing_notices(wanted, making.links, changes, account),
            *forgotten_notices(forgotten, making.overrides, wanted, policy, now),
        ),
    )
    return plan.model_copy(update={"digest": plan_digest(plan)})


def overrides_to_read(
    wanted: Wanted, account: Account, *, now: int, also: Collection[str] = ()
) -> tuple[str, ...]:
    """Ids of the schedules whose overrides decide the plan: those that declare or derive some, or change.

    `also`: keys of others.
    """
    links = link(wanted, account)
    found = []
    for item in wanted.objects:
        current = links.current.get(item.want.key)
        if not isinstance(current, AnySchedule):
            continue
        asks = item.want.key in wanted.overrides or item.want.key in wanted.cancelled
        derived = current.marker is not None and bool(current.marker.derived)
        if asks or derived or item.want.key in also or not same(item.want, current, now=now):
            found.append(current.id)
    return tuple(found)


@dataclass(slots=True)
class _Making:
    wanted: Wanted
    account: Account
    policy: Policy
    links: Links
    now: int
    forgets: frozenset[str]
    changes: list[Change] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    before: dict[str, ManagedObject] = field(default_factory=dict)
    """By ref of the change."""
    becomes: dict[tuple[str, str], ManagedObject] = field(default_factory=dict)
    """By kind and id."""
    overrides: dict[str, OverridePlan] = field(default_factory=dict)
    turned: dict[str, Turned] = field(default_factory=dict)
    """Shift-based schedules by key."""
    unmarked: set[str] = field(default_factory=set)
    """Keys of objects that others of ours still point at, and that carry no marker any more."""

    def leave(self, refs: Collection[str]) -> None:
        """These changes are not made after all."""
        for ref in refs:
            left = self.before.pop(ref, None)
            if left is not None:
                self.becomes.pop((left.kind, left.id), None)

    def objects(self) -> None:
        self.notices += [
            Notice(rule=f.rule, severity=f.severity, message=f.message, hint=f.hint)
            for f in sort_findings(self.wanted.findings)
        ]
        self.notices += self.links.notices
        names = Names(self.account, self.wanted)
        for item in self._in_order_of_pointing():
            key = item.want.key
            if (
                key in self.links.blocked
                or key in self.forgets
                or self._waits_for_blocked(item)
                or self._name_kept(item)
            ):
                continue
            want = with_ids(item.want, self.links)
            current = self.links.current.get(key)
            if current is not None and other_shape(want, current):
                self._block(key, "other-kind", *told_apart(want))
                continue
            if isinstance(want, ShiftSchedule) and not self._turns(want, current):
                continue
            self._object(item, want, current, names)
        self.notices = [
            told(notice, self.wanted, self.account, self.links, self.unmarked, self.now)
            for notice in self.notices
        ]

    def _turns(self, want: ShiftSchedule, current: ManagedObject | None) -> bool:
        """Whether the events can be changed to the wanted ones."""
        stored = current if isinstance(current, ShiftSchedule) else None
        try:
            self.turned[want.key] = turned(want, stored, self.now)
        except CannotExpress as cannot:
            message = f"{want.name!r} cannot be changed: {cannot.reason}"
            self._block(want.key, "cannot-change", message, cannot.nearest)
            return False
        return True

    def orphaned(self, changes: Sequence[Change]) -> list[Raised]:
        names = Names(self.account, self.wanted)
        return orphaned(changes, self.turned, self.overrides, names, self.now)

    def _in_order_of_pointing(self) -> list[WantedObject]:
        rank = {"schedule": 0, "escalation_policy": 1, "service": 2, "routing": 3}
        gives = self.links.gives_name
        return sorted(
            self.wanted.objects, key=lambda item: (rank[item.want.kind], len(chain(gives, item.want.key)))
        )

    def _waits_for_blocked(self, item: WantedObject) -> bool:
        for ref in points_at(item.want):
            if ref.key in self.links.blocked and not self.links.id_of(ref.key):
                if self._points_there_already(item):
                    if self.links.holders[ref.key].marker is None:
                        self.unmarked.add(ref.key)
                    return True
                message = f"{item.want.key} is left as it is: it needs {ref.key}, which cannot be made"
                self._block(item.want.key, "waits-for", message, "")
                return True
        return False

    def _name_kept(self, item: WantedObject) -> bool:
        kept = name_kept(item, self.links, self.changes)
        if kept is not None:
            self._block(item.want.key, kept.rule, kept.message, kept.hint)
        return kept is not None

    def _points_there_already(self, item: WantedObject) -> bool:
        """An object lost its marker, and this one still points at it: nothing to write, nothing to complain."""
        current = self.links.current.get(item.want.key)
        if current is None or not self.links.holders:
            return False
        lost = replace(self.links, standing={**self.links.standing, **self.links.holders})
        return same(with_ids(item.want, lost), current, now=self.now)

    def _block(self, key: str, rule: str, message: str, hint: str) -> None:
        self.links.blocked[key] = message
        self.notices.append(Notice(rule=rule, severity="error", message=message, hint=hint))

    def _object(
        self, item: WantedObject, want: ManagedObject, current: ManagedObject | None, names: Names
    ) -> None:
        overrides = OverridePlan()
        if isinstance(want, AnySchedule):
            overrides = self._overrides_of(want, current)
        if isinstance(want, ServiceRouting):
            want = fitted(want, current if isinstance(current, ServiceRouting) else None)
        if item.policy_only and isinstance(want, Service) and isinstance(current, Service):
            want = current.model_copy(update={"key": want.key, "policy": want.policy})
        marker = Marker(key=want.key, digest="", at=0, derived=overrides.listed)
        want = want.model_copy(
            update={"id": id_to_be(want, current), "marker": None if item.policy_only else marker}
        )
        change = self._change(item, want, current, names, overrides)
        refused = None
        if change is not None:
            refused = unfit(want, current, self.account, self.wanted.people) or name_like(want, self.links)
        if refused is not None:
            self.links.blocked[want.key] = refused.message
            self.notices.append(refused)
            return
        if change is not None:
            self.changes.append(change)
            if current is not None:
                self.before[change.ref] = current
                self.becomes[want.kind, current.id] = want
        if isinstance(item.want, Service) and not item.policy_only:
            self.changes += integration_changes(item.want, current, self.policy.settings.pagerduty)
        if isinstance(want, AnySchedule):
            self.changes += override_changes(want, overrides, names)

    def _change(
        self,
        item: WantedObject,
        want: ManagedObject,
        current: ManagedObject | None,
        names: Names,
        overrides: OverridePlan,
    ) -> Change | None:
        fields = () if current is None else marker_fields(item, current, overrides)
        differs = current is None or not same(want, current, now=self.now)
        if not differs and not fields:
            return None
        action: Action = "create" if current is None else "update"
        class_: Class = "pending"
        if isinstance(current, ServiceRouting) and current.marker is None:
            action, class_ = "create", fresh_class(current, self.links.current)
        elif current is not None:
            is_claim = current.marker is None and not item.want.id and not item.policy_only
            action = "claim" if is_claim else "update"
            moved = differs or became_shift_based(current)
            class_ = side(want, current, self.wanted) if moved and not is_claim else class_
            if not moved and overrides.create:
                class_ = overrides.create[0][1]
        of_marker = [f"{field.path} {field.after}" for field in fields]
        if differs:
            seen = None if current is None else settled(want, current, now=self.now)
            fields = (*changes_between(seen, want, names, now=self.now), *fields)
            fields += takes_effect(self.turned.get(want.key), self.now)
        is_drift = class_ in DRIFT_CLASSES and current is not None
        return Change(
            action=action,
            class_=class_,
            kind=want.kind,
            key=want.key,
            name=want.name,
            id=want.id,
            fields=fields,
            want=want,
            fingerprint=fingerprint_of(current) if current is not None else "",
            drift_id=drift_id(want, current, of_marker, self.now) if is_drift and current else "",
        )

    def _overrides_of(self, want: AnySchedule, current: ManagedObject | None) -> OverridePlan:
        schedule = current if isinstance(current, AnySchedule) else None
        found = overrides_on(want, schedule, self.account, self.turned.get(want.key), self.wanted, self.now)
        self.overrides[want.key] = found
        self.notices += too_many(want, found)
        return found
