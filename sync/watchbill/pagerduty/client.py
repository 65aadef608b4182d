"""PagerDuty's official client, set up to send each request once: trying again is `transport`'s decision.

It retries 429 for ever and a broken connection three times, POST included; it also refuses http addresses,
which are fine on loopback.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import httpx2
from pagerduty import Error, HttpError, RestApiV2Client, ServerHttpError
from pydantic import SecretStr

from watchbill.pagerduty.address import is_loopback
from watchbill.pagerduty.answers import NoAnswer, Response
from watchbill.pagerduty.deadline import Deadline

_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)


_UNREADABLE = b"compressed by other rules than its header names"


class _Client(RestApiV2Client):
    max_network_attempts = 0
    max_http_attempts = -1

    @property
    def url(self) -> str:
        return str(self._url)

    @url.setter
    def url(self, address: str) -> None:
        self._url = address


class OfficialClient:
    """Thread-safe; one for all threads."""

    def __init__(self, base_url: str, token: SecretStr, *, timeout: float, connections: int = 32) -> None:
        address = httpx2.URL(base_url)
        in_the_clear = address.scheme == "http"
        assert not in_the_clear or is_loopback(address.host), "the token would be readable on the way"
        self._client = _Client(
            token.get_secret_value(),
            base_url=base_url,
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
            trust_env=not in_the_clear,  # no proxy for loopback; with TLS, SSL_CERT_FILE may name its authority
        )
        self._client.timeout = timeout  # type: ignore[assignment]  # httpx2 takes fractions of a second
        self._deadline = Deadline(timeout)
        self._deadline.bind(self._client)
        # Any number above the attempts already made means "return it"; 0 would mean for ever.
        self._client.retry = {429: 1}
        self._client.log = logging.getLogger(__name__)
        self._client.log.disabled = True  # `transport` tells what happens

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        body: Any | None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Any status is an answer.  Raises NoAnswer."""
        options: dict[str, Any] = {"params": dict(params)} if params else {}
        if headers:
            options["headers"] = dict(headers)
        if body is not None:
            options["json"] = body
        response: httpx2.Response
        try:
            with self._deadline.running():
                response = self._client.request(method, path, **options)
        except (HttpError, ServerHttpError) as told:
            response = _received(told)
        except httpx2.DecodingError:
            return Response(200, {}, _UNREADABLE)  # it came whole: another try brings the same
        except Error as failed:
            if isinstance(failed.__cause__, httpx2.DecodingError):
                return Response(200, {}, _UNREADABLE)
            raise _no_answer(failed.__cause__ or failed) from failed
        except httpx2.HTTPError as failed:
            raise _no_answer(failed) from failed
        return Response(response.status_code, response.headers, response.content)

    def close(self) -> None:
        self._client.close()


def _received(told: Error) -> httpx2.Response:
    response: httpx2.Response | None = told.response
    assert response is not None, "these two are raised for answers only"
    return response


def _no_answer(cause: BaseException) -> NoAnswer:
    what = str(cause).strip() or type(cause).__name__
    slow = isinstance(cause, httpx2.TimeoutException) and not isinstance(cause, httpx2.ConnectTimeout)
    return NoAnswer(what, sent=not isinstance(cause, _NEVER_SENT), slow=slow)
