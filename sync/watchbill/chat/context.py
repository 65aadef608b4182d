"""What a command knows when it runs: the policy as it is now, who asks, and how the outside is reached."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watchbill.incident.ports import Chat
from watchbill.model.policy import Policy
from watchbill.model.settings import EVERYONE
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import Zone, zone
from watchbill.rota.duty import Roster

if TYPE_CHECKING:
    from watchbill.forge.client import Forge


@dataclass(frozen=True, slots=True)
class Context:
    policies: Path
    policy: Policy
    now: int
    person: str | None
    """Handle of who asks; None for somebody whom the policy does not know."""
    asker: str
    """As chat calls them, for messages."""
    channel: str
    chat: Chat
    connect: Callable[[], AbstractContextManager[Transport]]
    """Opens PagerDuty.  Raises AccountError."""
    forge: Callable[[], AbstractContextManager[Forge]] | None = None
    """Opens GitHub; None where there is none: changes of the YAML are then only shown."""
    prefix: str = "policies/"
    """Where the policy folder is in the repository."""
    branch: str = "main"
    state: Path | None = None
    """Folder for journal and lock; None = the user's."""
    command: str = "/watchbill"
    account: str = "sandbox"
    is_served: bool = True
    """False: a sandbox without a server, whose state the verbs read themselves."""

    @property
    def roster(self) -> Roster:
        return Roster(self.policy)

    @property
    def zone(self) -> Zone:
        return zone(self.policy.settings.time_zone)

    @property
    def email(self) -> str:
        return self.policy.people[self.person].email if self.person else ""

    @property
    def me(self) -> str:
        """Handle of who asks, in a command that acts: strangers do not get there."""
        assert self.person is not None
        return self.person

    def name(self, handle: str) -> str:
        return self.policy.title_of(handle)


def may(policy: Policy, person: str | None, command: str) -> bool:
    """Deny by default: only who is named for it, in person, by role, or as one of a rotation's crew."""
    return person is not None and is_among(policy, person, policy.settings.chat.may.get(command, ()))


def may_see_phones(policy: Policy, person: str | None) -> bool:
    return person is not None and is_among(policy, person, policy.settings.chat.phones)


def is_among(policy: Policy, person: str, names: tuple[str, ...]) -> bool:
    return any(name == EVERYONE or person in people_behind(policy, name) for name in names)


def people_behind(policy: Policy, name: str) -> frozenset[str]:
    """A person alone, a role's holder, everybody who serves or will serve in a rotation."""
    if name in policy.people:
        return frozenset({name})
    if name in policy.roles:
        holder = policy.roles[name].holder
        return people_behind(policy, holder) if holder else frozenset()
    rotation = policy.rotations.get(name)
    if rotation is None:
        return frozenset()
    if rotation.covered_by:
        return people_behind(policy, rotation.covered_by)
    crews = [rotation.crew or (), *(dated.order for dated in rotation.crews or ())]
    crews += [layer.crew for layer in rotation.layers or ()]
    if rotation.same_crew is not None:
        return people_behind(policy, rotation.same_crew.as_)
    return frozenset(who for crew in crews for who in crew if who in policy.people)
