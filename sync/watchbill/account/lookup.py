"""From the policy's names to the account's ids: people by e-mail, teams and other teams' objects by exact name.

Nothing is created here, and nothing guessed: what is missing or there twice becomes a finding, once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from watchbill.account.objects import Account, Ref
from watchbill.findings import Finding, Place
from watchbill.model.policy import Policy
from watchbill.model.settings import SANDBOX


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


class Lookup:
    """Remembers its findings; a name that cannot be found answers None."""

    def __init__(self, policy: Policy, account: Account) -> None:
        self.policy = policy
        self.account = account
        self.is_sandbox = account.name == SANDBOX
        self.findings: list[Finding] = []
        self._users: dict[str, list[str]] = {}
        for user in account.users:
            self._users.setdefault(user.email.lower(), []).append(user.id)
        self._handles: dict[str, str | None] = {}
        self.people = {
            users[0]: handle
            for handle, person in policy.people.items()
            if len(users := self._users.get(person.email.lower(), [])) == 1
        }
        """Vendor id of a user -> handle, of everybody whom both sides know."""

    def report(self, rule: str, message: str, hint: str, place: Place, *, note: bool = False) -> None:
        self.add(Finding(rule, "note" if note else "error", message, hint, place))

    def add(self, finding: Finding) -> None:
        if finding not in self.findings:
            self.findings.append(finding)

    def user(self, handle: str) -> str | None:
        if handle not in self._handles:
            self._handles[handle] = self._find_user(handle)
        return self._handles[handle]

    def users(self, handles: Sequence[str]) -> dict[str, str]:
        """Of those that are found."""
        found = {handle: self.user(handle) for handle in handles if handle in self.policy.people}
        return {handle: user for handle, user in found.items() if user is not None}

    def team(self, handle: str, place: Place) -> str | None:
        """A sandbox need not have it: there the object is made without, and a note tells."""
        team = self.policy.team(handle)
        if team.id is not None:
            if any(t.id == team.id for t in self.account.teams):
                return team.id
            self.report(
                "team-missing",
                f"team {handle} is pinned to {team.id}, which is not in account {self.account.name}",
                "correct the id, or leave it out to find the team by its name",
                ("teams", handle, "id"),
            )
            return None
        return self._by_name("team", self.account.teams, team.name, "", ("teams", handle))

    def external(self, handle: str) -> Ref | None:
        """Another team's schedule or escalation policy."""
        external = self.policy.external[handle]
        place = ("external", handle)
        if external.schedule is not None:
            name, found = external.schedule, self.account.schedules
            known = self._by_name("schedule", found, name, external.id or "", place)
            return None if known is None else Ref(kind="schedule", id=known)
        name = external.ladder or ""
        known = self._by_name("escalation policy", self.account.policies, name, external.id or "", place)
        return None if known is None else Ref(kind="escalation_policy", id=known)

    def service(self, name: str, pinned: str, place: Place) -> str | None:
        return self._by_name("service", self.account.services, name, pinned, place)

    def _find_user(self, handle: str) -> str | None:
        person = self.policy.people[handle]
        place = ("people", handle, "email")
        if person.is_placeholder and not self.is_sandbox:
            self.report(
                "placeholder-person",
                f"{handle} is a placeholder, and account {self.account.name} is real",
                "put in the name and the e-mail that PagerDuty knows; placeholders are for the sandbox only",
                ("people", handle, "name"),
            )
            return None
        found = self._users.get(person.email.lower(), [])
        if len(found) == 1:
            return found[0]
        self.report(
            "user-missing" if not found else "user-ambiguous",
            f"{handle}: {_count(len(found), 'user')} in account {self.account.name} with the e-mail {person.email}",
            "users are never created here: invite the person in PagerDuty, or correct the e-mail",
            place,
        )
        return None

    def _by_name(
        self, what: str, among: Sequence[_Named], name: str, pinned: str, place: Place
    ) -> str | None:
        matches: Callable[[_Named], bool] = (
            (lambda o: o.id == pinned) if pinned else (lambda o: o.name == name)
        )
        found = [o.id for o in among if matches(o)]
        if len(found) == 1:
            return found[0]
        kind = what.replace("escalation policy", "policy")
        if not found:
            called = f"with the id {pinned}" if pinned else f"named {name!r}"
            self.report(
                f"{kind}-missing",
                f"account {self.account.name} has no {what} {called}",
                f"it is looked up, never made: make it in PagerDuty, or correct the {'id' if pinned else 'name'}",
                place,
                note=what == "team" and self.is_sandbox,
            )
        else:
            self.report(
                f"{kind}-ambiguous",
                f"account {self.account.name} has {_count(len(found), what)} named {name!r}: {', '.join(found)}",
                "say which one with `id:`, or rename the others",
                place,
            )
        return None


def _count(number: int, what: str) -> str:
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"no {what}" if number == 0 else f"one {what}" if number == 1 else f"{number} {plural}"
