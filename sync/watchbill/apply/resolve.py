"""The wanted object as it will be written: references by id, and its marker."""

from __future__ import annotations

from collections.abc import Mapping

from watchbill.account.digest import marker_for
from watchbill.account.objects import AnySchedule, EscalationPolicy, ManagedObject, Ref, ServiceRouting
from watchbill.account.rule_sets import with_refs
from watchbill.rota.clock import MINUTE


class NotYetMade(Exception):
    """Something it points at has no id."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def with_ids(want: ManagedObject, ids: Mapping[str, str]) -> ManagedObject:
    """Raises NotYetMade."""
    if isinstance(want, AnySchedule):
        return want
    if isinstance(want, EscalationPolicy):
        rules = tuple(
            rule.model_copy(update={"targets": tuple(_resolved(ref, ids) for ref in rule.targets)})
            for rule in want.rules
        )
        return want.model_copy(update={"rules": rules})
    if isinstance(want, ServiceRouting):
        return with_refs(want, lambda ref: _resolved(ref, ids))
    return want.model_copy(update={"policy": _resolved(want.policy, ids)})


def marked(want: ManagedObject, now: int) -> ManagedObject:
    """With the marker of a write at `now`, where it shall have one; every reference has its id by now.

    The marker shows the minute that is not over yet, so that a layer ended by this very write has ended by then.
    """
    if want.marker is None:
        return want
    return want.model_copy(update={"marker": marker_for(want, now + -now % MINUTE, want.marker.derived)})


def _resolved(ref: Ref, ids: Mapping[str, str]) -> Ref:
    if ref.id or ref.kind == "user":
        return ref
    id_ = ids.get(ref.key, "")
    if not id_:
        raise NotYetMade(ref.key)
    return ref.model_copy(update={"id": id_})
