"""What PagerDuty's refusals become.

AccountUnauthorised (401) and AccountUnreachable end a run; the others concern one request and are caught
where the request was one of many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.errors import AccountError, AccountUnauthorised, AccountUnfit, AccountUnreachable


class Refused(AccountError):
    """PagerDuty said no to this request and will say no again: 4xx."""

    def __init__(
        self, status: int, code: int | None, message: str, errors: Sequence[str] = (), *, remedy: str = ""
    ) -> None:
        said = "; ".join(dict.fromkeys(text for text in (message, *errors) if text))
        super().__init__(f"PagerDuty refused ({status}): {said or 'no reason given'}", remedy=remedy)
        self.status = status
        self.code = code
        self.said = said
        self.errors = tuple(errors)


class NotFound(Refused):
    pass


class OtherKind(Refused):
    """400: the schedule is of the other kind, layer-based or shift-based, than the path that was asked."""


class NotEntitled(AccountUnfit):
    """402: the account's plan lacks it."""


class Forbidden(AccountUnfit):
    """403: the token is valid and may not do this, or the plan lacks the feature."""


class TooSlow(AccountUnreachable):
    """One answer did not come in time; only for callers that would rather ask for less."""


class Hurried(AccountUnreachable):
    """The run was asked to stop, so nothing is waited for any more."""


class AmbiguousWrite(AccountError):
    """A write was sent and its answer lost.  It may have happened: look before sending it again."""


_KNOWN_REMEDIES: tuple[tuple[str, str], ...] = (
    (
        "snapshot with open incidents",
        "resolve the open incidents that were triggered on the old escalation policy, then apply again",
    ),
    (
        "being used by escalation policies",
        "take the schedule out of every escalation policy that still targets it first",
    ),
    ("has already been taken", "another object of the account has this name; rename it or `claim` it"),
    ("must be unique", "another object of the account has this name; rename it or `claim` it"),
    ("at most 5 escalation targets", "this account allows five targets per step; use fewer"),
    ("layer-based schedule", "the schedule is layer-based; make a new plan"),
    ("shift-based", "the schedule was upgraded to shift-based; make a new plan"),
)


def problem_of(status: int, body: object, *, method: str, path: str) -> AccountError:
    """For any status outside 2xx that is not worth a retry."""
    code, message, errors = _envelope(body)
    said = "; ".join(dict.fromkeys(text for text in (message, *errors) if text))
    what = f"{method} {path}"
    if status < 400:
        return AccountUnfit(
            f"PagerDuty answers {what} with {status} instead of what was asked for",
            remedy="check PAGERDUTY_URL: it may point at another server, or at a proxy",
        )
    if status == 401:
        return AccountUnauthorised(
            "PagerDuty does not accept the token",
            remedy="check PAGERDUTY_TOKEN, and the region: a token of an EU account needs `eu/` before the "
            "account's name in settings (a wrong region answers just like a wrong token)",
        )
    if status == 402:
        return NotEntitled(
            f"the account's plan does not include {what}{_because(said)}",
            remedy="upgrade the plan, or take what needs this out of the policy",
        )
    if status == 403:
        return Forbidden(
            f"the token may not {what}{_because(said)}",
            remedy="use a token of an admin, or one with write scope; on some plans the feature is missing",
        )
    kind = NotFound if status == 404 else OtherKind if status == 400 and _tells_kind(said) else Refused
    return kind(status, code, message, errors, remedy=_remedy(said))


def _envelope(body: object) -> tuple[int | None, str, tuple[str, ...]]:
    """Code, message and reasons.  `errors` is a list, in v3 answers also a map of dot path -> messages."""
    error = body.get("error", body) if isinstance(body, Mapping) else None
    if isinstance(error, str):
        return None, error, ()
    if not isinstance(error, Mapping):
        return None, "", ()
    code = error.get("code")
    message = error.get("message")
    return (
        code if isinstance(code, int) else None,
        message if isinstance(message, str) else "",
        tuple(_reasons(error.get("errors"))),
    )


def _reasons(errors: Any) -> list[str]:
    if isinstance(errors, Mapping):
        return [f"{path}: {reason}" for path, found in errors.items() for reason in _reasons(found)]
    if isinstance(errors, str):
        return [errors]
    if isinstance(errors, list):
        return [reason for found in errors for reason in _reasons(found)]
    return []


def _tells_kind(said: str) -> bool:
    """A genuine bad request has none of these words."""
    folded = said.casefold()
    return any(text in folded for text in ("shift-based", "layer-based", "v3 schedules api", "/v3/schedules"))


def _because(said: str) -> str:
    return f": {said}" if said else ""


def _remedy(said: str) -> str:
    folded = said.casefold()
    return next((remedy for text, remedy in _KNOWN_REMEDIES if text.casefold() in folded), "")
