"""Requests to PagerDuty: paced, tried again where that is safe, counted, with errors in words.

GET, PUT and DELETE are tried again after 5xx, timeouts and broken connections; a POST, or a PUT that adds
something without an id, is not: its answer lost, it raises AmbiguousWrite and the caller looks first.  A 429
was never acted on, so everything is tried again after it.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self

from pydantic import SecretStr

from watchbill.errors import AccountError, AccountUnauthorised, AccountUnreachable
from watchbill.pagerduty.answers import Answer, NoAnswer, Outcome, Response
from watchbill.pagerduty.pacing import LONGEST_WINDOW, Budget, Clock, RealClock, backoff
from watchbill.pagerduty.problems import AmbiguousWrite, Hurried, TooSlow, problem_of
from watchbill.pagerduty.server_clock import ServerClock
from watchbill.pagerduty.tally import Tally, counted_also

Method = Literal["GET", "POST", "PUT", "DELETE"]
_SLICE = 0.5


class Wire(Protocol):
    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        body: Any | None,
        headers: Mapping[str, str] | None = None,
    ) -> Response: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds.  `patience` is for one request, waits for the budget aside; `first_contact` replaces it until
    the account has answered anything; `silence` is how long nothing at all may succeed."""

    timeout: float = 30.0
    patience: float = 120.0
    first_contact: float = 10.0
    silence: float = 240.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that went out, for whoever watches; `status` is None when no answer came."""

    method: Method
    path: str
    status: int | None
    seconds: float
    request_id: str


class Transport:
    """Thread-safe.  Use it as a context manager, or call `close`.

    `on_exchange` is called in the thread that sent the request.
    """

    def __init__(
        self,
        base_url: str,
        token: SecretStr,
        *,
        limits: Limits = Limits(),
        clock: Clock | None = None,
        jitter: random.Random | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
        wire: Wire | None = None,
    ) -> None:
        self.base_url = base_url
        self.limits = limits
        self.token = token
        self.token_tail = token.get_secret_value()[-4:]
        """As the audit trail shows tokens."""
        self.clock: Clock = clock or RealClock()
        self.tally = Tally()
        self.refused_includes: set[str] = set()
        """`include[]` values this account answers with 403."""
        self.on_exchange = on_exchange
        self._jitter = jitter or random.Random()  # noqa: S311  spreads retries, guards nothing
        self.budget = Budget(self.clock, self._jitter)
        self._wire: Wire = wire or _official_client(base_url, token, limits)
        self._lock = threading.Lock()
        self._answered = False
        self._last_success = self.clock.monotonic()
        self._dead: AccountError | None = None
        self._server_clock = ServerClock(self.clock)
        self._hurry = threading.Event()

    def __repr__(self) -> str:
        return f"Transport({self.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._wire.close()

    @property
    def server_time(self) -> int | None:
        """None before the first answer that tells it."""
        return self._server_clock.now

    def pause(self, seconds: float) -> None:
        """Raises Hurried once the run was asked to stop."""
        self._wait(seconds)

    def hurry(self) -> None:
        """From now on nothing is waited for: what would need a wait raises Hurried."""
        self._hurry.set()

    def take_time(self) -> None:
        """Ends the hurry."""
        self._hurry.clear()

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, patient: bool = True) -> Answer:
        """Not `patient`: a slow answer raises TooSlow at once."""
        return self._request("GET", path, params or {}, None, patient=patient)

    def post(self, path: str, body: Any, *, sender: str = "") -> Answer:
        """`sender`: e-mail of the PagerDuty user who acts, for what is done in somebody's name."""
        return self._request("POST", path, {}, body, sender=sender)

    def put(self, path: str, body: Any, *, repeatable: bool = True, sender: str = "") -> Answer:
        """`repeatable` is False when doing it twice would add something twice."""
        return self._request("PUT", path, {}, body, repeatable=repeatable, sender=sender)

    def delete(self, path: str) -> Answer:
        """A 404 after an earlier try counts as done."""
        return self._request("DELETE", path, {}, None)

    def _request(
        self,
        method: Method,
        path: str,
        params: Mapping[str, Any],
        body: Any | None,
        *,
        repeatable: bool = True,
        patient: bool = True,
        sender: str = "",
    ) -> Answer:
        repeatable = repeatable and method != "POST"
        spent, tries, started = 0.0, 0, self.clock.monotonic()
        while True:
            if self._dead is not None:
                raise self._dead
            self.budget.take(self._wait)
            began = self.clock.monotonic()
            outcome = self._once(method, path, params, body, sender)
            spent += self.clock.monotonic() - began
            if isinstance(outcome, Response) and outcome.trouble is None:
                return self._settled(method, path, outcome, tries)
            self._retry_or_raise(
                method,
                path,
                outcome,
                spent=spent,
                started=started,
                repeatable=repeatable,
                patient=patient,
            )
            with self._lock:
                self.tally.retries += 1
            if outcome.limited:
                continue
            tries += 1
            pause = max(backoff(tries, self._jitter), min(outcome.wait, LONGEST_WINDOW))
            spent += pause
            self._wait(pause)

    def _once(
        self, method: Method, path: str, params: Mapping[str, Any], body: Any | None, sender: str
    ) -> Outcome:
        began = self.clock.monotonic()
        outcome: Outcome
        try:
            outcome = self._wire.send(method, path, params, body, {"From": sender} if sender else None)
        except NoAnswer as failed:
            outcome = failed
        status, headers = outcome.status, outcome.headers
        self.budget.settle(status, headers)
        self._server_clock.learn(headers)
        with self._lock:
            for tally in (self.tally, *counted_also()):
                tally.requests[method] += 1
            self.tally.limited += outcome.limited
            self._answered = self._answered or status is not None
        if self.on_exchange is not None:
            seconds = self.clock.monotonic() - began
            self.on_exchange(Exchange(method, path, status, seconds, headers.get("x-request-id", "")))
        return outcome

    def _retry_or_raise(
        self,
        method: Method,
        path: str,
        outcome: Outcome,
        *,
        spent: float,
        started: float,
        repeatable: bool,
        patient: bool,
    ) -> None:
        if outcome.sent and not outcome.limited and not repeatable:
            raise AmbiguousWrite(
                f"{method} {path} was sent and its answer lost: {outcome.trouble}",
                remedy="it may have happened; run the same command again, it looks first",
            )
        if outcome.slow and not patient and self._answered:  # else it is not the size of what was asked for
            raise TooSlow(f"{path} is slow: {outcome.trouble}")
        if self._hurry.is_set():
            raise Hurried(f"stopped while {method} {path} was failing: {outcome.trouble}")
        patience = self.limits.patience if self._answered else self.limits.first_contact
        silent = self.clock.monotonic() - max(self._last_success, started)
        if (not outcome.limited and spent >= patience) or (self._answered and silent >= self.limits.silence):
            raise self._give_up(f"{method} {path}: {outcome.trouble}")

    def _give_up(self, trouble: str) -> AccountUnreachable:
        dead = AccountUnreachable(
            f"PagerDuty at {self.base_url} does not answer: {trouble}",
            remedy="check the network, PAGERDUTY_URL and https://status.pagerduty.com, then run it again",
        )
        self._dead = dead
        return dead

    def _settled(self, method: Method, path: str, response: Response, tries: int) -> Answer:
        with self._lock:
            self._last_success = self.clock.monotonic()
        request_id = response.headers.get("x-request-id", "")
        gone_already = method == "DELETE" and response.status == 404 and tries > 0
        try:
            body = response.json()
        except ValueError as bad:
            body = None
            if 200 <= response.status < 300 and method == "POST":
                raise AmbiguousWrite(
                    f"{method} {path} was sent and its answer is not JSON",
                    remedy="it may have happened; run the same command again, it looks first",
                ) from bad
            if 200 <= response.status < 300:
                raise AccountUnreachable(
                    f"{self.base_url} answered {method} {path} with a body that is not JSON",
                    remedy="check PAGERDUTY_URL: it may point at another server",
                ) from bad
        if 200 <= response.status < 300 or gone_already:
            return Answer(response.status, body, request_id, response.headers, f"{method} {path}")
        problem = problem_of(response.status, body, method=method, path=path)
        if isinstance(problem, AccountUnauthorised):
            self._dead = problem
        raise problem

    def _wait(self, seconds: float) -> None:
        while seconds > 0:
            if self._hurry.is_set():
                raise Hurried("stopped while waiting for PagerDuty")
            self.clock.sleep(min(_SLICE, seconds))
            seconds -= _SLICE


def _official_client(base_url: str, token: SecretStr, limits: Limits) -> Wire:
    from watchbill.pagerduty.client import OfficialClient  # noqa: PLC0415  slow to import, not always needed

    return OfficialClient(base_url, token, timeout=limits.timeout)
