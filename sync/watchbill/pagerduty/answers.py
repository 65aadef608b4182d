"""The answer to a request: of any status, or none; whether another try helps; and what a successful one holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError

from watchbill.errors import AccountUnfit
from watchbill.pagerduty.pacing import retry_after

_RETRY = frozenset({408, 500, 502, 503, 504})

Item = dict[str, Any]
T = TypeVar("T")


class AnswerUnusable(AccountUnfit):
    """A successful status with a body that is not whole.  Nothing follows from it, least of all an empty account."""


@dataclass(frozen=True, slots=True)
class Response:
    """Names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """None for an empty body; raises ValueError for a body that is not JSON or nested too deep."""
        if not self.content.strip():
            return None
        try:
            return json.loads(self.content, parse_constant=_no_number)
        except RecursionError:
            raise ValueError("nested too deep") from None

    @property
    def sent(self) -> bool:
        return True

    @property
    def limited(self) -> bool:
        return self.status == 429

    @property
    def slow(self) -> bool:
        return self.status == 504

    @property
    def trouble(self) -> str | None:
        """What is wrong with it, if it is worth another try."""
        if self.limited:
            return "too many requests (429)"
        return f"server error {self.status}" if self.status in _RETRY else None

    @property
    def wait(self) -> float:
        """Seconds that it tells to wait."""
        return retry_after(self.headers) or 0.0


class NoAnswer(Exception):
    """`sent`: the request may have reached the server.  `slow`: the server took too long."""

    status: int | None = None
    headers: Mapping[str, str] = {}
    limited = False
    wait = 0.0

    def __init__(self, what: str, *, sent: bool, slow: bool) -> None:
        super().__init__(what)
        self.sent = sent
        self.slow = slow

    @property
    def trouble(self) -> str | None:
        return str(self)


Outcome = Response | NoAnswer


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful one.  Every reader of `body` raises AnswerUnusable for what is missing or of another type."""

    status: int
    body: Any
    request_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    asked: str = ""
    """GET /users"""

    def document(self) -> Item:
        if isinstance(self.body, dict):
            if "error" in self.body:
                raise self.unusable("it holds an error under a successful status")
            return self.body
        raise self.unusable("it is empty" if self.body is None else "it is not a JSON object")

    def item(self, wrapper: str) -> Item:
        return self._inside(wrapper, dict, "an object")

    def items(self, wrapper: str) -> list[Item]:
        found = self._inside(wrapper, list, "a list")
        if not all(isinstance(item, dict) for item in found):
            raise self.unusable(f"an entry of `{wrapper}` is not an object")
        return found

    def texts(self, wrapper: str) -> list[str]:
        found = self._inside(wrapper, list, "a list")
        if not all(isinstance(item, str) for item in found):
            raise self.unusable(f"an entry of `{wrapper}` is not a text")
        return found

    def more(self) -> bool:
        """Whether another page follows.  Lists without pages do not have the field."""
        found = self.document().get("more")
        if found is None or isinstance(found, bool):
            return bool(found)
        raise self.unusable("`more` is not true or false")

    def total(self) -> int | None:
        found = self.document().get("total")
        if found is None or (isinstance(found, int) and not isinstance(found, bool) and found >= 0):
            return found
        raise self.unusable("`total` is not a count")

    def _inside(self, wrapper: str, kind: type[T], words: str) -> T:
        found = self.document().get(wrapper)
        if isinstance(found, kind):
            return found
        raise self.unusable(f"`{wrapper}` is {'not ' + words if found is not None else 'missing'}")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What is read in here belongs to this answer.  The error names the field, never its value."""
        try:
            yield
        except ValidationError as bad:
            first = bad.errors(include_input=False, include_url=False, include_context=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the body"
            raise self.unusable(f"`{where}` is not usable ({first['type']})") from None
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as bad:
            raise self.unusable(f"a part of it is not usable ({type(bad).__name__})") from None

    def unusable(self, why: str) -> AnswerUnusable:
        request = (
            f", request {self.request_id[:64]}" if self.request_id.isprintable() and self.request_id else ""
        )
        return AnswerUnusable(
            f"PagerDuty's answer to {self.asked} is not usable: {why} (status {self.status}{request})",
            remedy="run it again; if it stays so, check PAGERDUTY_URL: it may point at another server",
        )


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not JSON")
