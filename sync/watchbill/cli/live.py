"""Who answers a question about duty: PagerDuty laid over the policy where it can be asked, else the files.

It has two seconds in all.  The account is asked in a thread that nobody waits for longer, whatever it hangs in.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from watchbill.cli.options import Globals
from watchbill.errors import AccountError, AccountUnauthorised, AccountUnreachable, UsageError, WatchbillError

if TYPE_CHECKING:
    from pathlib import Path

    from watchbill.ladder.live import Live
    from watchbill.model.policy import Policy
    from watchbill.pagerduty.answers import Response
    from watchbill.pagerduty.transport import Transport
    from watchbill.plan.document import Plan
    from watchbill.report.source import Source
    from watchbill.rota.duty import Roster
    from watchbill.sandbox.peek import Peek

_SECONDS = 2.0
FORCED_SECONDS = 10.0
"""With --live, and where nobody waits for the answer."""
_FIRST_CONTACT = 0.2
"""Seconds for which a refused connection is tried again."""
_DAYS, _DAYS_OF_ROTATIONS = 8, 2000
"""How far to look; and how many days of one rotation PagerDuty is asked for at most."""


@dataclass(frozen=True, slots=True)
class Answered:
    roster: Roster
    source: Source


class _NotAsked(Exception):
    """`args[0]`: a key of REASONS."""


def answered(
    options: Globals,
    policy: Policy,
    at: int,
    rotations: Collection[str] | None = None,
    *,
    until: int | None = None,
    seconds: float = _SECONDS,
) -> Answered:
    """The roster for `at` and a while after it (at least to `until`, where PagerDuty can answer that).

    `rotations`: those that the answer is about; default: all.  `seconds`: for PagerDuty to answer.  Raises UsageError, and AccountError with --live.
    """
    from watchbill.report.source import REASONS, Source
    from watchbill.rota.duty import Roster

    roster = Roster(policy)
    if options.live and options.offline:
        raise UsageError("--live and --offline exclude each other", remedy="leave one of them out")
    try:
        high = _end(options, policy, at, rotations, until)
        limit = FORCED_SECONDS if options.live else seconds
        live, name = _read(options, roster, (at, high), rotations, limit)
    except _NotAsked as why:
        reason = str(why)
        if not options.live:
            return Answered(roster, Source(reason))
        if reason in ("past", "far"):
            raise UsageError(f"--live: {REASONS[reason]}", remedy="leave --live out") from why
        raise AccountUnauthorised(f"--live: {REASONS[reason]}", remedy=_SET) from why
    except WatchbillError as failed:
        if options.live:
            raise
        return Answered(roster, _failed(failed, seconds))
    return Answered(
        live.roster, Source(account=name, live=live, until=high if until and high < until else None)
    )


_SET = "set PAGERDUTY_TOKEN, or PAGERDUTY_URL and PAGERDUTY_TOKEN; without --live the policy files answer"


def _failed(failed: WatchbillError, seconds: float) -> Source:
    from watchbill.report.source import Source

    if isinstance(failed, AccountUnreachable):
        return Source("no-answer", seconds=round(seconds))
    return Source("refused", failed.message)


def _end(
    options: Globals, policy: Policy, at: int, rotations: Collection[str] | None, until: int | None
) -> int:
    """Raises _NotAsked."""
    from watchbill.rota.clock import DAY

    if options.offline:
        raise _NotAsked("offline")
    if at < options.now:
        raise _NotAsked("past")
    farthest = options.now + 90 * DAY
    if at > farthest:
        raise _NotAsked("far")
    days = _days(len(policy.rotations if rotations is None else rotations))
    wished = at + min(_DAYS, days) * DAY if until is None else min(until, at + days * DAY)
    return max(at, min(wished, farthest - DAY))


def _days(rotations: int) -> int:
    return _DAYS_OF_ROTATIONS // max(1, rotations)


def with_manual_overrides(plan: Plan, policy: Policy, transport: Transport, options: Globals) -> Plan:
    """The plan with a note on each override that people made in PagerDuty, now and for the next days."""
    from watchbill.cli.rejected import rejected_notices
    from watchbill.pagerduty.live import read_live
    from watchbill.plan.document import Notice
    from watchbill.plan.manual_overrides import manual_override_notices
    from watchbill.rota.clock import DAY
    from watchbill.rota.duty import Roster

    now = options.now
    until = now + min(_DAYS, _days(len(policy.rotations))) * DAY
    try:
        *_, live = read_live(transport, Roster(policy), now, until, overrides_only=True)
    except AccountError as failed:
        message = f"the overrides in PagerDuty could not be read: {failed.message}"
        found = [Notice(rule="overrides-unread", severity="note", message=message)]
    else:
        found = list(manual_override_notices(live.differences, policy, now))
        if found:
            found += rejected_notices(options, policy, live.differences)
    return plan.model_copy(update={"notices": (*plan.notices, *found)})


def _read(
    options: Globals,
    roster: Roster,
    span: tuple[int, int],
    rotations: Collection[str] | None,
    seconds: float,
) -> tuple[Live, str]:
    """Raises WatchbillError, _NotAsked."""
    with _reach(options, roster.policy, seconds) as (transport, name):
        from watchbill.pagerduty.live import read_live

        found: list[Live] = []
        failures: list[Exception] = []
        done = threading.Event()

        def ask() -> None:
            try:
                for live in read_live(transport, roster, *span, rotations, overrides_only=options.proposed):
                    found.append(live)  # noqa: PERF402  each one counts as soon as it is there
            except Exception as failed:  # noqa: BLE001  what comes from outside ends no answer
                failures.append(failed)
            finally:
                done.set()

        threading.Thread(target=ask, name="watchbill-live", daemon=True).start()
        done.wait(seconds)
        transport.hurry()
    return _best(found, failures, seconds), name


def _best(found: list[Live], failures: list[Exception], seconds: float) -> Live:
    if found:
        return found[-1]
    for failed in failures:
        if isinstance(failed, WatchbillError):
            raise failed
        raise AccountError(
            f"PagerDuty's answer cannot be read: {failed!r}", remedy="--offline answers from the policy files"
        ) from failed
    raise AccountUnreachable(
        f"PagerDuty did not answer within {seconds} s", remedy="--offline answers from the policy files"
    )


@contextmanager
def _reach(options: Globals, policy: Policy, seconds: float) -> Iterator[tuple[Transport, str]]:
    """What asks the account, and the account's name.  Raises WatchbillError, _NotAsked."""
    from watchbill.cli.account import named_by_environment, open_account
    from watchbill.model.settings import SANDBOX

    is_named = any(named_by_environment(sandbox_named=options.sandbox))
    if not is_named and (options.sandbox or policy.settings.pagerduty.account == SANDBOX):
        with _embedded(options) as transport:
            yield transport, SANDBOX
        return
    if not os.environ.get("PAGERDUTY_TOKEN"):
        raise _NotAsked("no-token")
    with open_account(options, policy, sandbox_named=options.sandbox, deadline=seconds) as opened:
        limits = opened.transport.limits
        opened.transport.limits = replace(limits, first_contact=_FIRST_CONTACT)
        yield opened.transport, opened.name


@contextmanager
def _embedded(options: Globals) -> Iterator[Transport]:
    """The sandbox of this policy folder, if something was applied to it; a question leaves no trace there."""
    state = _state_of(options)
    from pydantic import SecretStr

    from watchbill.pagerduty.transport import Transport
    from watchbill.sandbox.peek import Peek

    with closing(Peek(state, options.now)) as peek:
        if not peek.was_applied_to:
            raise _NotAsked("no-account")
        yield Transport("http://localhost", SecretStr("sandbox"), wire=_PeekWire(peek))


def _state_of(options: Globals) -> Path:
    from watchbill.cli.account import state_path

    state = state_path(options.policies)
    if not state.is_file():
        raise _NotAsked("no-account")
    return state


@dataclass(frozen=True)
class _PeekWire:
    """Carries requests to a sandbox that has no server."""

    peek: Peek

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        body: Any | None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        from watchbill.pagerduty.answers import Response

        assert method == "GET", "a question writes nothing"
        query = {key: value if isinstance(value, list) else [str(value)] for key, value in params.items()}
        status, found = self.peek.get(path, query)
        return Response(status, {}, json.dumps(found).encode())

    def close(self) -> None:
        """The state is closed by the block that opened it."""
