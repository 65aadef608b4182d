"""One apply at a time per account, wherever it runs: a lease in the account itself.

The API has no compare-and-swap.  What keeps two applies apart:
- Names are unique, so of two that make the lease at once PagerDuty refuses one; and ids are never used again, so
  whoever deletes a stale lease deletes that one and no later one.
- Should both be made after all, each reads back after it claimed.  Whoever sees a held lease gives way; of claims
  alone the smallest run goes on, after the others are gone.  Whoever claims last sees all that claimed before, and
  a claim becomes held only by one that saw no other: so never two.
A holder counts up its beat.  A lease is stale when its process is known to be dead, when its last beat is too long
ago on PagerDuty's clock, or when its beat stood still for as long as somebody watched.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from watchbill.account.lease import LEASE_NAME, Lease
from watchbill.apply.ground import READS
from watchbill.apply.holder import is_dead, this_process
from watchbill.errors import AccountError, AccountUnfit, GuardRefused
from watchbill.pagerduty.leases import Found, drop_lease, make_lease, read_leases, write_lease
from watchbill.pagerduty.problems import AmbiguousWrite, Forbidden, NotEntitled, NotFound, Refused
from watchbill.pagerduty.tally import Tally, counted
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import iso


class LeaseLost(AccountError):
    """Another apply took the lease over; what is not written yet is left to it."""


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """Seconds.  `wait`: how long at most for another's lease; 0 = not at all."""

    holder: str
    wait: float = 600.0
    beat: float = 15.0
    limit: float = 90.0
    """Without a beat for so long it is stale."""
    poll: float = 3.0
    name: str = LEASE_NAME
    on_wait: Callable[[Lease], None] = field(default=lambda lease: None)
    """Called at each look while another holds it."""
    on_takeover: Callable[[Lease], None] = field(default=lambda lease: None)


@contextmanager
def leased(transport: Transport, terms: LeaseTerms, tally: Tally | None = None) -> Iterator[HeldLease]:
    """`tally` counts the requests for the lease.

    Raises GuardRefused when another keeps it, Hurried when asked to stop while waiting.
    """
    held = HeldLease(transport, terms, tally)
    try:
        held.acquire()
        yield held
    finally:
        held.release()


class HeldLease:
    """`waited`: another had it first, so the account may have changed.  `left`: why it could not be taken away."""

    def __init__(self, transport: Transport, terms: LeaseTerms, tally: Tally | None = None) -> None:
        self._transport = transport
        self._tally = tally or Tally()
        self._terms = terms
        self._mine = Lease(secrets.token_hex(6), terms.holder, 0, 0, 0, this_process(), name=terms.name)
        self._seen: dict[tuple[str, int], float] = {}
        self._guard = threading.Lock()
        self._over = threading.Event()
        self._beating = threading.Thread(target=self._beat_on, name="watchbill-lease", daemon=True)
        self.waited = False
        self.lost = False
        self.left = ""

    def acquire(self) -> None:
        with counted(self._tally):
            self._acquire()

    def _acquire(self) -> None:
        deadline = self._transport.clock.monotonic() + self._terms.wait
        unseen = 0
        while True:
            other = self._in_the_way()
            if other is None and self._claimed():
                break
            other = other or self._in_the_way()
            if other is None:
                unseen += 1
                self._look_again(unseen)
                continue
            self.waited = True
            self._terms.on_wait(other)
            if self._transport.clock.monotonic() >= deadline:
                raise GuardRefused(
                    f"another apply is running: {other.holder}, since {iso(other.since)}",
                    remedy="wait until it has ended; --wait says for how long",
                )
            self._transport.pause(self._terms.poll)
        self._beating.start()

    def clear(self) -> None:
        """Takes away what applies left that died, where there is nothing to apply."""
        self._others(read_leases(self._transport, self._terms.name))

    def check(self) -> None:
        """Before a write.  Raises LeaseLost."""
        now = self._transport.server_time
        if not self.lost and now is not None and now - self._mine.at > self._terms.limit / 2:
            self._beat()  # this process slept, or the account did not answer for long
        if self.lost:
            raise LeaseLost(
                "the lease is gone: another apply took over after no sign of this one, or somebody deleted it",
                remedy="see that no other apply is running, then run this again",
            )

    def release(self) -> None:
        """What cannot be taken away is stale soon."""
        self._over.set()
        if self._beating.is_alive():
            self._beating.join(timeout=5)
        if not self._mine.id or self.lost:
            return
        self._transport.take_time()
        try:
            with counted(self._tally):
                drop_lease(self._transport, self._mine.id)
        except AccountError as problem:
            self.left = problem.message

    def _in_the_way(self) -> Lease | None:
        """Another's lease that is not stale; the stale ones are gone after this."""
        return _first(self._others(self._look()))

    def _others(self, found: Found) -> list[Lease]:
        live = []
        for lease in found.leases:
            if lease.run == self._mine.run:
                continue
            if not self._is_stale(lease):
                live.append(lease)
            elif drop_lease(self._transport, lease.id):
                self.waited = True
                self._terms.on_takeover(lease)
        return live

    def _look(self) -> Found:
        found = read_leases(self._transport, self._terms.name)
        if found.taken:
            raise AccountUnfit(
                f"the schedule {self._terms.name!r} ({found.taken[0]}) is in the way: it is no lease",
                remedy="rename it in PagerDuty; watchbill needs the name while an apply runs",
            )
        return found

    def _is_stale(self, lease: Lease) -> bool:
        if is_dead(lease.process):
            return True
        server, watched = self._transport.server_time, self._transport.clock.monotonic()
        if server is not None and server - lease.at > self._terms.limit + _WHOLE_SECONDS:
            return True
        return watched - self._seen.setdefault((lease.id, lease.beat), watched) > self._terms.limit

    def _claimed(self) -> bool:
        now = self._transport.server_time or 0
        self._mine = replace(self._mine, since=now, at=now, id="")
        self._mine = replace(self._mine, id=self._make())
        while self._mine.id:
            others = self._read_back()
            if not others:
                self._put(replace(self._mine, state="held"))
                return True
            if any(other.state == "held" or other.run < self._mine.run for other in others):
                drop_lease(self._transport, self._mine.id)
                self._mine = replace(self._mine, id="")
            else:
                self._transport.pause(self._terms.poll / 10)
        return False

    def _make(self) -> str:
        """ "" when somebody else was quicker, or nobody knows."""
        try:
            return make_lease(self._transport, self._terms.name, self._mine)
        except (AmbiguousWrite, Refused) as problem:
            self._transport.pause(self._terms.poll / 10)
            found = self._look().leases
            made = next((lease.id for lease in found if lease.run == self._mine.run), "")
            if made or found or isinstance(problem, AmbiguousWrite) or "taken" in problem.said:
                return made
            raise AccountUnfit(f"no lease can be made: {problem.message}", remedy=_CI) from problem
        except (Forbidden, NotEntitled) as weak:
            raise AccountUnfit(f"no lease can be made: {weak.message}", remedy=_CI) from weak

    def _look_again(self, times: int) -> None:
        if times > _MOST_LOOKS:
            raise AccountUnfit(
                f"PagerDuty says that {self._terms.name!r} exists, and does not list it",
                remedy="run it again in a minute",
            )
        self._transport.pause(self._terms.poll / 10)

    def _read_back(self) -> list[Lease]:
        """The others that are there beside ours."""
        for attempt in range(READS):
            found = self._look()
            if any(lease.run == self._mine.run for lease in found.leases):
                return self._others(found)
            self._transport.pause(0.25 * 2**attempt)
        raise AccountUnfit("PagerDuty took the lease and does not list it", remedy="run it again")

    def _put(self, lease: Lease) -> None:
        write_lease(self._transport, self._terms.name, lease)
        self._mine = lease

    def _beat(self) -> None:
        with self._guard, counted(self._tally):
            now = self._transport.server_time or self._mine.at
            try:
                self._put(replace(self._mine, beat=self._mine.beat + 1, at=now))
            except NotFound:
                self.lost = True
            except AccountError:
                return  # the next beat tries again; the limit allows for several

    def _beat_on(self) -> None:
        while not self.lost and not self._over.wait(self._terms.beat):
            self._beat()


_MOST_LOOKS = 30
_WHOLE_SECONDS = 2
"""`Date` has no fractions, at either end of a comparison."""
_CI = "a token that may make schedules; or leave it to CI's concurrency group: `pagerduty: {lease: ci}`"


def _first(leases: Sequence[Lease]) -> Lease | None:
    return min(leases, key=lambda lease: (lease.state != "held", lease.run), default=None)
