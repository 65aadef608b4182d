"""Which account a verb talks to: the one the environment names, the one the settings name, or the sandbox.

PAGERDUTY_URL with a token wins over the settings.  `account: sandbox` starts the embedded sandbox on a free
loopback port.  With a real account and no token the answer is exit 14, never the sandbox.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from watchbill.cli.options import Globals
from watchbill.errors import AccountUnauthorised, UsageError
from watchbill.model.settings import SANDBOX
from watchbill.rota.clock import iso

if TYPE_CHECKING:
    from watchbill.model.policy import Policy
    from watchbill.pagerduty.transport import Limits, Transport
    from watchbill.sandbox.server import Sandbox


@dataclass(frozen=True, slots=True)
class Opened:
    transport: Transport
    name: str
    """`sandbox` or the account as the settings write it."""
    what: str
    """For people: where this goes."""
    state: Path | None = None
    """Folder for journal and lock; None = the user's."""
    is_shared: bool = True
    """Others can reach it too; the embedded sandbox is this machine's own."""

    @property
    def is_sandbox(self) -> bool:
        return self.name == SANDBOX


def state_path(policies: Path) -> Path:
    """Where the embedded sandbox of this policy folder keeps its account, once it has one."""
    from platformdirs import user_data_path

    where = policies.resolve()
    digest = hashlib.sha256(str(where).encode()).hexdigest()[:12]
    folder = user_data_path("watchbill", appauthor=False) / "sandbox"
    return folder / f"{where.parent.name or 'root'}-{digest}.sqlite"


def state_file(policies: Path) -> Path:
    """The same; its folder is made."""
    from watchbill.local_files import private_folder

    file = state_path(policies)
    private_folder(file.parent)
    return file


def state_folder() -> Path:
    from platformdirs import user_state_path

    return user_state_path("watchbill", appauthor=False)


def named_by_environment(*, sandbox_named: bool) -> tuple[str, str]:
    """PAGERDUTY_URL and PAGERDUTY_TOKEN; "" unless both are there and may be used.

    With --sandbox only an address on this machine counts: it is a served sandbox.
    """
    from watchbill.pagerduty.address import is_loopback

    url, token = os.environ.get("PAGERDUTY_URL", ""), os.environ.get("PAGERDUTY_TOKEN", "")
    if not url or not token or (sandbox_named and not is_loopback(urlsplit(url).hostname or "")):
        return "", ""
    return url, token


def account_name(account: str, *, sandbox_named: bool) -> str:
    """`sandbox` only for one on this machine; elsewhere the account's own name, else the host's."""
    from watchbill.pagerduty.address import is_loopback

    url, _ = named_by_environment(sandbox_named=sandbox_named)
    host = urlsplit(url).hostname or ""
    if url and account == SANDBOX and not is_loopback(host):
        return host
    return SANDBOX if sandbox_named else account


@contextmanager
def open_account(
    options: Globals,
    policy: Policy,
    *,
    writes: bool = False,
    sandbox_named: bool = False,
    deadline: float | None = None,
) -> Iterator[Opened]:
    """`deadline`: seconds without any answer after which the account counts as dead."""
    from pydantic import SecretStr

    from watchbill.cli.credentials import credential
    from watchbill.pagerduty.address import base_url
    from watchbill.pagerduty.transport import Transport

    account = policy.settings.pagerduty.account
    name = account_name(account, sandbox_named=sandbox_named)
    limits = _limits(deadline)
    url, _ = named_by_environment(sandbox_named=sandbox_named)
    if url and (token := credential("PAGERDUTY_TOKEN")) is not None:
        with Transport(base_url(account, url), token, limits=limits) as transport:
            state = state_folder() / "".join(c if c.isalnum() else "-" for c in url)
            yield Opened(transport, name, f"the account at {url}", state)
        return
    if name == SANDBOX:
        if writes and os.environ.get("CI") == "true" and not sandbox_named:
            raise UsageError(
                "this would apply to the embedded sandbox, in CI",
                remedy="spell out --sandbox, or set PAGERDUTY_URL and PAGERDUTY_TOKEN",
            )
        with (
            embedded(options, policy) as sandbox,
            Transport(sandbox.url, SecretStr(sandbox.token)) as transport,
        ):
            file = state_file(options.policies)
            yield Opened(
                transport, SANDBOX, "the embedded sandbox", state_folder() / file.stem, is_shared=False
            )
        return
    token = credential("PAGERDUTY_TOKEN")
    if token is None:
        raise AccountUnauthorised(
            f"no token for the account {account}",
            remedy="set PAGERDUTY_TOKEN; --sandbox plans against the sandbox",
        )
    with Transport(base_url(account), token, limits=limits) as transport:
        yield Opened(transport, account, f"the account {account}")


def _limits(deadline: float | None) -> Limits:
    from watchbill.pagerduty.transport import Limits

    usual = Limits()
    if deadline is None:
        return usual
    most = {name: min(getattr(usual, name), deadline) for name in ("timeout", "patience", "first_contact")}
    return Limits(**most, silence=deadline)


@contextmanager
def embedded(options: Globals, policy: Policy) -> Iterator[Sandbox]:
    """The sandbox of this policy folder: its people as users, its teams and other teams' schedules there."""
    from watchbill.sandbox.load import ensure_schedules, ensure_teams, ensure_users
    from watchbill.sandbox.server import Sandbox

    clock = iso(options.now) if options.now_is_given else None
    with Sandbox(state_file(options.policies), clock) as sandbox:
        ensure_users(
            sandbox.store,
            (
                {
                    "name": handle if person.is_placeholder else person.name,
                    "email": person.email,
                    "time_zone": person.time_zone or policy.settings.time_zone,
                }
                for handle, person in policy.people.items()
            ),
        )
        ensure_teams(sandbox.store, (policy.team(handle).name for handle in policy.teams))
        ensure_schedules(sandbox.store, (e.schedule for e in policy.external.values() if e.schedule))
        yield sandbox
