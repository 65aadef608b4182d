"""The guard `scope`: settings may say which objects a run touches, by kind, team and name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from watchbill.account.ladders import ladder_key
from watchbill.account.objects import (
    Account,
    AnySchedule,
    EscalationPolicy,
    ManagedObject,
    Service,
)
from watchbill.ladder.compose import compose, default_ladder_key
from watchbill.ladder.routing import domain_of_service
from watchbill.model.policy import Policy
from watchbill.model.settings import Scope
from watchbill.plan.document import Change, OverrideWrite
from watchbill.plan.waivers import Raised

SCOPE = "scope"

_SAID = {
    "schedule": "rotations",
    "override": "rotations",
    "escalation_policy": "ladders",
    "service": "services",
    "routing": "services",
    "integration": "services",
}
_MOST_NAMED = 5


def out_of_scope(
    changes: Sequence[Change], account: Account, policy: Policy, scope: Scope
) -> Iterator[Raised]:
    teams = _Teams(account, policy)
    why: dict[str, list[str]] = {}
    for change in changes:
        if scope.kinds and _SAID[change.kind] not in scope.kinds:
            why.setdefault(f"scope.kinds are {', '.join(scope.kinds)}", []).append(change.name)
        elif scope.names and not any(fnmatchcase(_name(change, policy), name) for name in scope.names):
            why.setdefault(f"scope.names are {', '.join(scope.names)}", []).append(change.name)
        elif scope.teams and not teams.of(change) & set(scope.teams):
            why.setdefault(f"scope.teams are {', '.join(scope.teams)}", []).append(change.name)
    for limit, names in why.items():
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        told = f"{', '.join(names[:_MOST_NAMED])}{more}"
        yield (
            SCOPE,
            f"settings.guards.{limit}, and the plan touches {told}",
            "leave them out, or widen the scope",
        )


def _name(change: Change, policy: Policy) -> str:
    """An override counts as its schedule."""
    if not isinstance(change.want, OverrideWrite):
        return change.name
    return policy.rotations[change.want.schedule_key.partition("/")[2]].vendor_name


class _Teams:
    """Handles of an object's teams, by the policy where it has the object, else by the account."""

    def __init__(self, account: Account, policy: Policy) -> None:
        self._policy = policy
        names = {policy.team(handle).name: handle for handle in policy.teams}
        self._handles = {team.id: names[team.name] for team in account.teams if team.name in names}
        self._ladders = {ladder_key(ladder.key): ladder.teams for ladder in compose(policy).values()}
        self._there: dict[str, ManagedObject] = {obj.id: obj for obj in account.objects()}

    def of(self, change: Change) -> set[str]:
        key = change.want.schedule_key if isinstance(change.want, OverrideWrite) else change.key
        handle = key.partition("/")[2]
        if change.kind in ("schedule", "override") and handle in self._policy.rotations:
            return set(self._policy.rotations[handle].team)
        if change.kind in ("routing", "integration"):
            return self._of_service(handle, change.id)
        if key in self._ladders:
            return set(self._ladders[key])
        return self._by_object(self._there.get(change.id) if change.want is None else change.want)

    def _of_service(self, handle: str, service_id: str) -> set[str]:
        """Rules and ways in are their service's."""
        spec, domain = self._policy.services.get(handle), domain_of_service(self._policy, handle)
        if spec is None or (spec.ladder is None and domain is None):
            return self._by_object(self._there.get(service_id))
        ladder = spec.ladder or default_ladder_key(self._policy, domain or "")
        return set(self._ladders.get(ladder_key(ladder), ()))

    def _by_object(self, obj: object) -> set[str]:
        if isinstance(obj, AnySchedule):
            return {self._handles[team] for team in obj.teams if team in self._handles}
        if isinstance(obj, EscalationPolicy):
            return {self._handles[obj.team]} if obj.team in self._handles else set()
        if isinstance(obj, Service):
            if obj.policy.key in self._ladders:
                return set(self._ladders[obj.policy.key])
            return self._by_object(self._there.get(obj.policy.id))
        return set()
