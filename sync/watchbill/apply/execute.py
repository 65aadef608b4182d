"""A plan, carried out.

Every object is compared with the plan before the first write, and again right before its own.  What fails takes
only its dependants with it.
"""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_state_path

from watchbill import __version__
from watchbill.apply.events import Event, OnEvent, ignore
from watchbill.apply.ground import RUN_AGAIN, Failed, Ground, Keys, Record, Stale
from watchbill.apply.integrations import carry_out_integration
from watchbill.apply.interrupt import Interrupt
from watchbill.apply.journal import Journal
from watchbill.apply.lease import LeaseLost, LeaseTerms, leased
from watchbill.apply.lock import one_at_a_time
from watchbill.apply.objects import carry_out
from watchbill.apply.order import in_order
from watchbill.apply.outcome import Outcome, Status, Step
from watchbill.apply.overrides import carry_out_override
from watchbill.apply.precheck import stale_changes
from watchbill.apply.resolve import NotYetMade
from watchbill.apply.routing import carry_out_routing
from watchbill.errors import AccountError, AccountUnauthorised, AccountUnfit, AccountUnreachable
from watchbill.pagerduty.problems import AmbiguousWrite, Hurried, Refused
from watchbill.pagerduty.tally import Tally
from watchbill.pagerduty.transport import Transport
from watchbill.plan.document import Change, Plan
from watchbill.rota.clock import iso, parse_instant


def execute(
    plan: Plan,
    transport: Transport,
    *,
    now: int,
    on_event: OnEvent = ignore,
    state: Path | None = None,
    lease: LeaseTerms | None = None,
    keys: Keys | None = None,
) -> Outcome:
    """`state`: folder for the journal and the lock, by default the user's.  `lease`: None where nobody elsewhere
    can reach the account, or something else keeps applies apart.  `keys`: where those of integrations go.

    Raises GuardRefused while another apply to this account runs.
    """
    folder = state or user_state_path("watchbill")
    with (
        one_at_a_time(folder / "locks", plan.account),
        Journal(folder / "journal", plan.account, now, plan.digest) as journal,
    ):
        ground = Ground(transport, now, parse_instant(plan.at), journal, {}, keys=keys)
        run = _Run(plan, ground, on_event, lease)
        journal.write("begin", plan=plan.digest, account=plan.account, now=iso(now), tool=__version__)
        with Interrupt(transport.hurry) as interrupt:
            run.all(interrupt)
        transport.take_time()
        outcome = run.outcome(interrupted=interrupt.asked)
        journal.write("end", exit=outcome.exit_code, interrupted=outcome.interrupted)
    return outcome


class _Run:
    def __init__(self, plan: Plan, ground: Ground, on_event: OnEvent, lease: LeaseTerms | None) -> None:
        self.plan = plan
        self.ground = ground
        self.on_event = on_event
        self.lease = lease
        self.waited = False
        self.lease_left = ""
        self.changes = in_order(plan.changes)
        self.steps: dict[str, Step] = {}
        self.fatal: AccountError | None = None
        self.requests_before = ground.transport.tally.total
        self.writes_before = ground.transport.tally.writes
        self.for_lease = Tally()

    def all(self, interrupt: Interrupt) -> None:
        """What does not fit any more is found before anything is written, the lease included."""
        self.on_event(Event("checking", len(self.changes)))
        try:
            if self._compare():
                return
            if self.lease is None:
                self._changes(interrupt)
            else:
                self._under_lease(self.lease, interrupt)
        except Hurried:
            return
        except AccountError as problem:
            self.fatal = problem

    def _under_lease(self, terms: LeaseTerms, interrupt: Interrupt) -> None:
        with leased(self.ground.transport, terms, self.for_lease) as held:
            self.ground.allowed = held.check
            self.ground.journal.write("lease", waited=held.waited)
            self.waited = held.waited
            if not held.waited or not self._compare():
                self._changes(interrupt)
        self.lease_left = held.left

    def _compare(self) -> bool:
        """Whether the plan does not fit the account any more."""
        stale = stale_changes(self.changes, self.ground)
        for change in self.changes:
            if change.ref in stale:
                self.steps[change.ref] = _step(change, "stale", stale[change.ref], _PLAN_AGAIN)
        return bool(stale)

    def _changes(self, interrupt: Interrupt) -> None:
        total = len(self.changes)
        for place, change in enumerate(self.changes, start=1):
            if interrupt.asked or self.fatal is not None:
                break
            self.on_event(Event("started", total, place, change))
            step = self.steps[change.ref] = self._one(change)
            if step.is_done and step.id and change.kind != "override":
                self.ground.ids[change.key] = step.id
            self.on_event(Event("finished", total, place, change, step))

    def outcome(self, *, interrupted: bool) -> Outcome:
        why = "stopped before its turn" if interrupted else "nothing was written" if self._stale else ""
        if self.fatal is not None:
            why = "the run ended before its turn"
        tally = self.ground.transport.tally
        return Outcome(
            account=self.plan.account,
            plan_digest=self.plan.digest,
            steps=tuple(self.steps.get(c.ref) or _step(c, "not started", why) for c in self.changes),
            interrupted=interrupted,
            fatal=self.fatal.message if self.fatal else "",
            fatal_remedy=self.fatal.remedy if self.fatal else "",
            journal=str(self.ground.journal.path),
            requests=tally.total - self.requests_before - self.for_lease.total,
            writes=tally.writes - self.writes_before - self.for_lease.writes,
            lease_requests=self.for_lease.total,
            lease_writes=self.for_lease.writes,
            waited=self.waited,
            lease_left=self.lease_left,
            rules=self.plan.rules,
        )

    @property
    def _stale(self) -> bool:
        return any(step.status == "stale" for step in self.steps.values())

    def _one(self, change: Change) -> Step:
        waits_for = [ref for ref in change.depends_on if ref in self.steps and not self.steps[ref].is_done]
        if waits_for:
            return _step(change, "blocked", f"it needs {', '.join(waits_for)}, which did not work")
        record = Record(change, self.ground.journal, allowed=self.ground.allowed)
        try:
            if change.kind == "override":
                carry_out_override(change, self.ground, record)
            elif change.kind == "routing":
                carry_out_routing(change, self.ground, record)
            elif change.kind == "integration":
                carry_out_integration(change, self.ground, record)
            else:
                carry_out(change, self.ground, record)
        except Stale as stale:
            return self._ended(record, "stale", str(stale), _PLAN_AGAIN)
        except NotYetMade as missing:
            return self._ended(record, "blocked", f"it needs {missing.key}, which is not there")
        except Failed as failed:
            return self._ended(record, "failed", failed.reason, failed.remedy)
        except Hurried:
            reason = "stopped before it was read back" if record.wrote else "stopped before its turn"
            return self._ended(record, "failed" if record.wrote else "not started", reason, RUN_AGAIN)
        except AmbiguousWrite as lost:
            return self._ended(record, "failed", lost.message, RUN_AGAIN)
        except AccountError as problem:
            if isinstance(problem, AccountUnreachable | AccountUnauthorised | LeaseLost):
                self.fatal = problem
            if isinstance(problem, AccountUnauthorised | AccountUnfit):  # 401, 402, 403: nothing happened
                record.wrote = record.landed
            status: Status = "deferred" if _waits_for_incidents(problem) else "failed"
            return self._ended(record, status, problem.message, problem.remedy)
        return self._ended(record, "applied" if record.wrote else "already")

    def _ended(self, record: Record, status: Status, reason: str = "", remedy: str = "") -> Step:
        step = _step(record.change, status, reason, remedy).model_copy(
            update={
                "wrote": record.wrote,
                "id": record.id or record.change.id,
                "notes": tuple(record.notes),
                "request_ids": tuple(record.request_ids),
            }
        )
        self.ground.journal.write("done", change=step.ref, status=step.status, id=step.id, reason=step.reason)
        return step


def _waits_for_incidents(problem: AccountError) -> bool:
    return isinstance(problem, Refused) and "snapshot with open incidents" in problem.said.casefold()


_PLAN_AGAIN = "make a new plan: `watchbill plan`"


def _step(change: Change, status: Status, reason: str = "", remedy: str = "") -> Step:
    return Step(
        ref=change.ref,
        action=change.action,
        kind=change.kind,
        key=change.key,
        name=change.name,
        status=status,
        id=change.id,
        reason=reason,
        remedy=remedy,
    )
