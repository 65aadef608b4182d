"""What an apply stands on: the transport, the time, the ids of what was made, the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import SecretStr

from watchbill.account.objects import NamedObject
from watchbill.apply.journal import Journal
from watchbill.pagerduty.transport import Transport
from watchbill.plan.document import Change

TRIES = 8
"""Of one write whose answer gets lost again and again."""
READS = 4
"""Until a write that reads back wrong counts as wrong."""
_SETTLE = (0.25, 0.5, 1.0, 2.0)
RUN_AGAIN = "run it again: it looks first and goes on from there"


class Stale(Exception):
    """The object is not as the plan saw it."""


class Failed(Exception):
    """This change did not work; others may."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


def not_ours(want: NamedObject, there: str) -> Failed:
    """`there`: id of the object that has its name."""
    return Failed(
        f"the account has {want.name!r} already ({there}), and it is not ours",
        f"`watchbill claim {want.key.partition('/')[2]}` makes it ours; or rename one of the two",
    )


class Keys(Protocol):
    """Takes integration keys, by the service's handle.  Both raise Failed."""

    def check(self) -> None: ...
    def put(self, service: str, key: SecretStr) -> None: ...


@dataclass(slots=True)
class Ground:
    transport: Transport
    now: int
    planned_at: int
    """When the plan read the account: what had ended by then was not in the fingerprints either."""
    journal: Journal
    ids: dict[str, str]
    """Key of an object -> its vendor id, of those this run made."""
    allowed: Callable[[], None] = field(default=lambda: None)
    """Called right before each write; raises LeaseLost."""
    keys: Keys | None = None
    """Where the keys of integrations go."""

    def settle(self, attempt: int) -> None:
        """Reads may lag behind writes: waits a little, longer each time."""
        self.transport.clock.sleep(_SETTLE[min(attempt, len(_SETTLE) - 1)])


@dataclass(slots=True)
class Record:
    """Of one change under way."""

    change: Change
    journal: Journal
    wrote: bool = False
    id: str = ""
    notes: list[str] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)
    landed: bool = False
    """PagerDuty answered a write of this change with yes."""
    allowed: Callable[[], None] = field(default=lambda: None)
    """Raises where this run may write no more."""

    def about_to_write(self, id_: str = "", *, request: str = "", part: str = "") -> None:
        """`request` and `part`: which one of an object that takes several, and the id it is about."""
        self.allowed()
        self.wrote = True
        self.journal.write("writing", **self._facts(request, part), id=id_)

    def written(self, id_: str, request_ids: tuple[str, ...], *, request: str = "", part: str = "") -> None:
        self.id = id_
        self.landed = True
        self.request_ids.extend(r for r in request_ids if r)
        facts = self._facts(request, part)
        self.journal.write("written", **facts, id=id_, request_ids=list(request_ids))

    def _facts(self, request: str, part: str) -> Mapping[str, Any]:
        facts = {"change": self.change.ref, "action": self.change.action}
        return facts | {k: v for k, v in (("request", request), ("part", part)) if v}
