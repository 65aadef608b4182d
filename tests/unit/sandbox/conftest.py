from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contract.client import Client
from unit.sandbox.world import NOW, Account
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox


@pytest.fixture
def start() -> Iterator[Callable[..., Account]]:
    """Starts a sandbox whose clock stands at NOW; the options given win over a quiet default."""
    running: list[tuple[Sandbox, Client]] = []

    def start_one(load: dict[str, Any] | None = None, **options: Any) -> Account:
        settings = {"rate_limit": 0, "shuffle": False, **options}
        sandbox = Sandbox(clock=NOW, load=load, options=SandboxOptions(**settings)).__enter__()
        client = Client(sandbox.url, sandbox.token)
        running.append((sandbox, client))
        return Account(sandbox, client)

    yield start_one
    for sandbox, client in running:
        client.close()
        sandbox.close()


@pytest.fixture
def account(start: Callable[..., Account]) -> Account:
    return start()
