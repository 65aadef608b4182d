"""Which objects are imported: all, or those of a team or of a name."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from watchbill.account.objects import Account, AnySchedule, EscalationPolicy, NamedObject
from watchbill.adopt.handles import slug
from watchbill.errors import UsageError


@dataclass(frozen=True, slots=True)
class Choice:
    team: str = ""
    """Exact name, or its handle."""
    names: tuple[str, ...] = ()
    """Globs, letter case ignored; any one suffices."""
    everyone: bool = False
    """People too whom nothing names."""


def chosen(account: Account, choice: Choice) -> set[tuple[str, str]]:
    """(kind, id).  A service belongs to its policy's team.  Raises UsageError where nothing fits."""
    team = _team(account, choice.team) if choice.team else ""
    of_policy = {policy.id: policy.team for policy in account.policies}

    def fits(obj: NamedObject) -> bool:
        if isinstance(obj, AnySchedule):
            teams = obj.teams
        else:
            teams = (obj.team if isinstance(obj, EscalationPolicy) else of_policy.get(obj.policy.id, ""),)
        if team and team not in teams:
            return False
        name = obj.name.casefold()
        return not choice.names or any(fnmatchcase(name, glob.casefold()) for glob in choice.names)

    found: set[tuple[str, str]] = {(obj.kind, obj.id) for obj in account.objects() if fits(obj)}
    if not found and (choice.team or choice.names):
        raise UsageError(
            "no schedule, escalation policy or service fits that",
            remedy="globs match whole names: --name '*backend*'",
        )
    return found


def _team(account: Account, name: str) -> str:
    found = [t.id for t in account.teams if t.name == name] or [
        t.id for t in account.teams if slug(t.name) == slug(name)
    ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(sorted(t.name for t in account.teams)) or "none"
    what = "no team" if not found else f"{len(found)} teams"
    raise UsageError(f"the account has {what} named {name!r}", remedy=f"its teams are: {known}")
