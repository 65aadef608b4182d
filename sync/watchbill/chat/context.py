"""What a command knows when it runs: the policy as it is now, who asks, and how the outside is reached."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_state_path

from watchbill.chat.offer_book import OfferBook
from watchbill.incident.ports import Chat
from watchbill.model.policy import Policy
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import Zone, zone
from watchbill.rota.duty import Roster

if TYPE_CHECKING:
    from watchbill.forge.port import Forge


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

    @property
    def offers(self) -> OfferBook:
        return OfferBook(self.state or user_state_path("watchbill") / "chat")

    def name(self, handle: str) -> str:
        return self.policy.title_of(handle)
