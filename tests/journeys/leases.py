"""Short terms for leases, and ways to look at them in a served sandbox."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from unit.apply.plans import NOW
from watchbill.account.lease import Lease, parse_lease
from watchbill.apply.lease import LeaseTerms
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import iso
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

PEOPLE = ("ana", "bogdan", "carmen", "dan")


@contextmanager
def account(options: SandboxOptions | None = None) -> Iterator[Sandbox]:
    with Sandbox(clock=iso(NOW), options=options or SandboxOptions(rate_limit=0)) as sandbox:
        ensure_users(sandbox.store, [{"name": p.title(), "email": f"{p}@example.com"} for p in PEOPLE])
        yield sandbox


def connect(sandbox: Sandbox, token: str = "") -> Transport:
    return Transport(sandbox.url, SecretStr(token or sandbox.token), jitter=random.Random(3))


def terms(holder: str = "ana on here", **given: Any) -> LeaseTerms:
    return LeaseTerms(**{"holder": holder, "wait": 0.0, "beat": 0.05, "limit": 1.5, "poll": 0.02, **given})


def leases(sandbox: Sandbox) -> list[Lease]:
    found = [parse_lease(s["description"] or "", s["id"], s["name"]) for s in sandbox.store.all("schedule")]
    return [lease for lease in found if lease is not None]


def put_lease(sandbox: Sandbox, lease: Lease, name: str = "watchbill lease") -> str:
    """As another machine would have left it."""
    with connect(sandbox) as transport:
        from watchbill.pagerduty.leases import make_lease, write_lease

        made = make_lease(transport, name, replace(lease, state="claimed"))
        if lease.state == "held":
            write_lease(transport, name, replace(lease, id=made))
        return made
