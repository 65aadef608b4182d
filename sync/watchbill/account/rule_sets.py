"""The normal form of severity routing: our run of rules in the rule set of one service's event orchestration.

The rule set is one document for everybody.  Ours are the rules whose label begins with `watchbill:`, and the
catch-all where nobody else had one; everything else is carried through as it is and only told of here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from watchbill.account.refs import Marker, Ref
from watchbill.model.base import Model

KEPT_WORD = "sender_severity"
"""The custom detail that keeps the severity the sender gave."""


class RuleActions(Model):
    priority: str = ""
    """Vendor id; "" = none is set."""
    severity: str = ""
    """critical, error, warning or info; "" = the sender's stays."""
    policy: Ref | None = None
    keeps_word: bool = False
    """The sender's severity is copied into a custom detail before it is replaced."""
    other: dict[str, Any] = {}
    """Actions that watchbill never writes, as PagerDuty has them."""

    @property
    def is_empty(self) -> bool:
        return self == RuleActions()


class RoutingRule(Model):
    name: str
    """Within the service: P1, security-P1."""
    conditions: tuple[str, ...]
    """PCL; any of them suffices."""
    actions: RuleActions
    disabled: bool = False


class ForeignRule(Model):
    label: str
    above: bool
    """Asked before ours."""
    always: bool
    """Without a condition: nothing below it is ever asked."""
    policies: tuple[str, ...] = ()
    """Vendor ids of the escalation policies it names."""


class ServiceRouting(Model):
    kind: Literal["routing"] = "routing"
    key: str = ""
    """`routing/medicalcor-database`"""
    id: str = ""
    """The service's: each has one rule set, made with it."""
    name: str
    """The service's."""
    service: Ref
    marker: Marker | None = None
    rules: tuple[RoutingRule, ...] = ()
    catch_all: RuleActions | None = None
    """None: somebody else's, which stays."""
    together: bool = True
    """Ours stand in one run, nobody else's between them."""
    active: bool = True
    foreign: tuple[ForeignRule, ...] = ()
    """Never compared, never written."""
    foreign_catch_all: RuleActions | None = None
    """What somebody else's catch-all does."""
    is_blank: bool = True
    """Nobody ever saved it."""
    edited_by: str = ""
    """Vendor id of who saved the rule set last."""
    edited_at: int | None = None


def with_refs(routing: ServiceRouting, swap: Callable[[Ref], Ref]) -> ServiceRouting:
    """The same with other references to the service and to escalation policies."""

    def swapped(actions: RuleActions) -> RuleActions:
        return (
            actions if actions.policy is None else actions.model_copy(update={"policy": swap(actions.policy)})
        )

    rules = tuple(rule.model_copy(update={"actions": swapped(rule.actions)}) for rule in routing.rules)
    catch_all = None if routing.catch_all is None else swapped(routing.catch_all)
    return routing.model_copy(
        update={"service": swap(routing.service), "rules": rules, "catch_all": catch_all}
    )


def policies_of(routing: ServiceRouting) -> tuple[Ref, ...]:
    """Of ours, each once."""
    actions = [rule.actions for rule in routing.rules]
    if routing.catch_all is not None:
        actions.append(routing.catch_all)
    return tuple(dict.fromkeys(a.policy for a in actions if a.policy is not None))
