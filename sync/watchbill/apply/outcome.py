"""What became of a plan."""

from __future__ import annotations

from typing import Literal

from watchbill.errors import EXIT_OK, AccountError, AppliedInPart, StalePlan
from watchbill.model.base import Model
from watchbill.plan.document import Action, ChangeKind, RuleChange

Status = Literal["applied", "already", "failed", "stale", "blocked", "deferred", "not started"]
"""deferred: PagerDuty keeps the object for incidents that are open, so it goes with a later run."""

FORMAT: Literal["watchbill.outcome/1"] = "watchbill.outcome/1"


class Step(Model):
    """What became of one change."""

    ref: str
    """`kind:key` of the change."""
    action: Action
    kind: ChangeKind
    key: str
    name: str
    status: Status
    """`already`: the account was as wanted, nothing had to be written."""
    wrote: bool = False
    """A write went out.  True also where it failed or nobody knows whether it happened."""
    id: str = ""
    """Vendor id."""
    reason: str = ""
    remedy: str = ""
    notes: tuple[str, ...] = ()
    request_ids: tuple[str, ...] = ()
    """PagerDuty's ids of the writes, by which its audit trail knows them."""

    @property
    def is_done(self) -> bool:
        return self.status in ("applied", "already")


class Outcome(Model):
    format: Literal["watchbill.outcome/1"] = FORMAT
    account: str
    plan_digest: str
    steps: tuple[Step, ...] = ()
    """One for each change of the plan, in the order of their turn."""
    interrupted: bool = False
    fatal: str = ""
    """Why the whole run ended early: the account does not answer, or takes the token no more."""
    fatal_remedy: str = ""
    journal: str = ""
    """Path of the file with a line before and after each write."""
    requests: int = 0
    """Reads and writes for the plan; those for the lease are apart."""
    writes: int = 0
    lease_requests: int = 0
    """To take, keep and give back the lease, reads and writes."""
    lease_writes: int = 0
    waited: bool = False
    """Another apply came first, or died: the account was compared with the plan once more."""
    rules: tuple[RuleChange, ...] = ()
    """Rules that the applied change changed."""
    lease_left: str = ""
    """Why the lease could not be taken away; it is stale soon."""

    @property
    def applied(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.is_done)

    @property
    def failed(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.status in ("failed", "stale"))

    @property
    def blocked(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.status == "blocked")

    @property
    def not_started(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.status == "not started")

    @property
    def wrote(self) -> bool:
        return any(step.wrote for step in self.steps)

    @property
    def complete(self) -> bool:
        return all(step.is_done for step in self.steps)

    @property
    def exit_code(self) -> int:
        if self.complete:
            return EXIT_OK
        if self.wrote or self.interrupted:
            return AppliedInPart.exit_code
        if any(step.status == "stale" for step in self.steps):
            return StalePlan.exit_code
        return AccountError.exit_code
