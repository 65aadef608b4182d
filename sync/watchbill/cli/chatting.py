"""What both chat transports need: a context for each command, from files, environment and git."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watchbill.cli.options import Globals
from watchbill.errors import AccountError

if TYPE_CHECKING:
    from watchbill.chat.context import Context
    from watchbill.forge.port import Forge
    from watchbill.incident.ports import Chat
    from watchbill.model.policy import Policy
    from watchbill.pagerduty.transport import Transport
    from watchbill.rota.duty import Roster


@dataclass(frozen=True)
class Grounds:
    """Makes contexts.  The policy is read anew each time, so a merge takes effect at once."""

    options: Globals
    sandbox: bool = False

    def policy(self) -> Policy:
        from watchbill.cli.judging import with_chat_of_base
        from watchbill.cli.load import valid_policy

        return with_chat_of_base(self.options.policies, valid_policy(self.options)[1])

    def context(
        self, chat: Chat, person: str | None, asker: str, channel: str, policy: Policy | None = None
    ) -> Context:
        from watchbill.chat.context import Context
        from watchbill.cli.account import account_name, named_by_environment, state_folder
        from watchbill.model.settings import SANDBOX

        policy = policy or self.policy()
        account = account_name(policy.settings.pagerduty.account, sandbox_named=self.sandbox)
        return Context(
            policies=self.options.policies,
            policy=policy,
            now=self.options.later(),
            person=person,
            asker=asker,
            channel=channel,
            chat=chat,
            connect=lambda: self._connect(policy),
            forge=_forge(),
            prefix=self._prefix(),
            branch=os.environ.get("WATCHBILL_BRANCH", "main"),
            state=state_folder() / "chat",
            command=policy.settings.chat.command,
            account=account,
            is_served=account != SANDBOX or any(named_by_environment(sandbox_named=self.sandbox)),
        )

    def on_duty(self, policy: Policy, now: int) -> Roster:
        """Also by overrides that are in the account alone; by the files while PagerDuty is away."""
        from watchbill.incident.on_duty import live_roster
        from watchbill.rota.duty import Roster

        try:
            with self._connect(policy) as transport:
                return live_roster(policy, transport, now)
        except AccountError:
            return Roster(policy)

    @contextmanager
    def _connect(self, policy: Policy) -> Iterator[Transport]:
        from watchbill.cli.account import open_account

        with open_account(self.options, policy, writes=True, sandbox_named=self.sandbox) as opened:
            yield opened.transport

    def _prefix(self) -> str:
        """Of the policy folder in its repository; "policies/" outside of one."""
        from watchbill.history.git import repository

        found = repository(self.options.policies)
        return found.prefix if found is not None else "policies/"


def _forge() -> Callable[[], AbstractContextManager[Forge]] | None:
    """None without GITHUB_TOKEN and GITHUB_REPOSITORY."""
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    if not os.environ.get("GITHUB_TOKEN") or not repository:
        return None

    def opened() -> AbstractContextManager[Forge]:
        from watchbill.cli.forging import connected

        return connected(repository)

    return opened
