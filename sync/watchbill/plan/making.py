"""Object by object: what the account needs to become what is wanted, and what stands in the way."""

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
from watchbill.plan.acknowledged import drift_id
from watchbill.plan.document import (
    DRIFT_CLASSES,
    Action,
    Change,
    Class,
    Notice,
)
from watchbill.plan.fields import Names, changes_between
from watchbill.plan.integrations import integration_changes
from watchbill.plan.linked import Links
from watchbill.plan.names import chain, name_kept, name_like
from watchbill.plan.order import points_at
from watchbill.plan.orphans import orphaned
from watchbill.plan.ours import first_write, is_unrecorded, marker_fields, other_shape, told_apart, unrecorded
from watchbill.plan.override_changes import override_changes
from watchbill.plan.overrides import OverridePlan
from watchbill.plan.overrides_on import overrides_on, too_many
from watchbill.plan.routing import fitted, fresh_class, id_to_be
from watchbill.plan.shift_state import Turned, takes_effect, turned
from watchbill.plan.sides import side, with_ids
from watchbill.plan.taken_away import told
from watchbill.plan.unfit import unfit
from watchbill.plan.waivers import Raised


@dataclass(slots=True)
class Making:
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
            class_ = side(item, want, current, self.wanted) if moved and not is_claim else class_
            if not moved and overrides.create:
                class_ = overrides.create[0][1]
        unchanged = ""
        of_marker = [f"{field.path} {field.after}" for field in fields]
        if differs:
            seen = None if current is None else settled(want, current, now=self.now)
            found = changes_between(seen, want, names, now=self.now)
            unchanged = found.unchanged
            fields = (*found.fields, *fields, *first_write(item, current))
            fields += takes_effect(self.turned.get(want.key), self.now)
        if class_ == "drift" and action == "update" and current is not None and is_unrecorded(item, current):
            self.notices.append(unrecorded(item))
        is_drift = class_ in DRIFT_CLASSES and current is not None
        return Change(
            action=action,
            class_=class_,
            kind=want.kind,
            key=want.key,
            name=want.name,
            id=want.id,
            fields=fields,
            unchanged=unchanged,
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
