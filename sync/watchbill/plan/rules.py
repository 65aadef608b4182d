"""The rules that judge a plan: those of the commit before the change, and the change's own where they are stricter.

A rule that a change loosens counts from the next change on; a rule that it tightens counts at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from watchbill.model.policy import Policy
from watchbill.model.settings import EVERYONE, ChatSettings, Guards, Scope, Waiver
from watchbill.plan.document import GuardResult, JudgedBy, RuleChange
from watchbill.plan.rule_changes import in_order, last_days, rule_changes

RULES = "rules"
"""The guard against an acknowledgement that comes together with other work."""
OWN_RULES = "the files' own rules"
ALONE = "merge the rule change first, alone; it counts from the next change on"
_SETTINGS = {
    "deletions": ("settings.guards.max_deletions",),
    "changed": ("settings.guards.max_changed",),
    "imminent": ("settings.guards.starts_within",),
    "scope": ("settings.guards.scope.kinds", "settings.guards.scope.teams", "settings.guards.scope.names"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    guards: Guards
    """Their `scope` is the policy's own; `scopes` counts."""
    scopes: tuple[Scope, ...]
    waivers: tuple[Waiver, ...]
    changes: tuple[RuleChange, ...] = ()
    fresh: frozenset[str] = frozenset()
    """Drift that only the change itself acknowledges."""
    judged_by: JudgedBy = field(default_factory=lambda: JudgedBy(reason=OWN_RULES))

    def held_back(self, guards: Sequence[GuardResult]) -> tuple[GuardResult, ...]:
        """With what to do where the change itself loosens the rule that refuses it."""
        return tuple(self._with_remedy(guard) for guard in guards)

    def _with_remedy(self, guard: GuardResult) -> GuardResult:
        paths = (*_SETTINGS.get(guard.guard, ()), f"settings.waivers.{guard.guard}")
        loosened = [c for c in self.changes if c.effect == "loosened" and c.path in paths]
        if guard.waived is not None or not loosened or guard.remedy.startswith(ALONE):
            return guard
        first = loosened[0]
        told = f"{ALONE} ({first.path}: {first.before}, then {first.after}); or {guard.remedy}"
        return guard.model_copy(update={"remedy": told})


def own_rules(policy: Policy, judged_by: JudgedBy, files: Sequence[RuleChange] = ()) -> Rules:
    """`files`: rules outside of the policy that changed."""
    settings = policy.settings
    return Rules(
        settings.guards,
        (settings.guards.scope,),
        settings.waivers,
        changes=in_order(files),
        judged_by=judged_by,
    )


def rules_between(
    before: Policy, policy: Policy, judged_by: JudgedBy, files: Sequence[RuleChange] = ()
) -> Rules:
    """What judges the change from `before` to `policy`."""
    changes = in_order([*rule_changes(before, policy), *files])
    acknowledged = "settings.acknowledged."
    old, new = before.settings.guards, policy.settings.guards
    mixed = not _is_alone(before, policy)
    return Rules(
        _stricter(old, new),
        (old.scope, new.scope),
        _in_both(before.settings.waivers, policy.settings.waivers),
        changes,
        frozenset(
            c.path.removeprefix(acknowledged)
            for c in changes
            if c.effect == "loosened" and c.path.startswith(acknowledged) and mixed
        ),
        judged_by,
    )


def _is_alone(before: Policy, policy: Policy) -> bool:
    """Nothing but acknowledgements changed: what else the plan writes was due before."""

    def rest(one: Policy) -> Policy:
        return one.model_copy(update={"settings": one.settings.model_copy(update={"acknowledged": ()})})

    return rest(before) == rest(policy)


def chat_of_both(before: Policy, policy: Policy) -> Policy:
    """`policy`, where only those may act or see phone numbers in chat who could before, and acts hold no longer."""
    old, new = before.settings.chat, policy.settings.chat
    may = {command: _names_in_both(old.may.get(command, ()), names) for command, names in new.may.items()}
    phones = _names_in_both(old.phones, new.phones)
    longest = min(old.longest, new.longest, key=lambda span: span.seconds)
    chat: ChatSettings = new.model_copy(update={"may": may, "phones": phones, "longest": longest})
    return policy.model_copy(update={"settings": policy.settings.model_copy(update={"chat": chat})})


def _names_in_both(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    if EVERYONE in old:
        return new
    return old if EVERYONE in new else tuple(name for name in new if name in old)


def _stricter(one: Guards, other: Guards) -> Guards:
    return other.model_copy(
        update={
            "max_deletions": min(one.max_deletions, other.max_deletions),
            "max_changed": min(one.max_changed, other.max_changed, key=lambda share: int(share[:-1])),
            "starts_within": max(one.starts_within, other.starts_within, key=lambda span: span.seconds),
        }
    )


def _in_both(old: Sequence[Waiver], new: Sequence[Waiver]) -> tuple[Waiver, ...]:
    """Each until the earlier of its two last days."""
    known = last_days(old)
    found = []
    for waiver in new:
        if waiver.guard in known:
            expires = min(waiver.expires, known[waiver.guard].expires, key=lambda day: day.value)
            found.append(waiver.model_copy(update={"expires": expires}))
    return tuple(found)
