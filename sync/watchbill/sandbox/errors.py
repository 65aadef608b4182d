"""PagerDuty's error envelope, and every text and code the sandbox answers with.

Texts marked "verbatim" are recorded from the real service; the others are worded after them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ErrorDetails = Sequence[str] | Mapping[str, Sequence[str]] | None

# verbatim
SCHEDULE_IN_POLICY = "Schedule can't be deleted if it's being used by escalation policies"
SCHEDULE_IN_SNAPSHOT = (
    "Schedule can't be deleted if it's being used by an escalation policy snapshot with open incidents"
)
USER_IN_TEAM_POLICY = "User cannot be removed as they belong to an escalation policy on this team"
POLICY_TAKEN = "Escalation Policy has already been taken"
TEAM_IN_USE = (
    "Cannot delete team with existing associations; "
    "associations could be Escalation Policies, Services, Schedules or Subteams"
)
OVERRIDE_ENDS_FIRST = "Override must end after its start"
IS_LAYER_SCHEDULE = "This is a layer-based schedule. Use the v2 Schedules API to access it."
V3_ZONE_EMPTY = "Time zone cannot be empty."
# worded after them
IS_SHIFT_SCHEDULE = "This is a shift-based schedule. Use the v3 Schedules API (/v3/schedules) to access it."
POLICY_IN_USE = "Escalation policy can't be deleted if it's being used by services"
OVERRIDE_PAST = "Override has already ended and can't be removed"


class ApiError(Exception):
    """Raised by a handler; the transaction is rolled back and the envelope answered."""

    def __init__(
        self,
        status: int,
        message: str,
        code: int,
        errors: ErrorDetails = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] | None = envelope(message, code, errors, extra)
        self._details = errors

    def told(self) -> str:
        """The particulars in one line."""
        if isinstance(self._details, Mapping):
            return "; ".join(f"{at}: {text}" for at, texts in self._details.items() for text in texts)
        return "; ".join(self._details or ()) or str(self)


def envelope(
    message: str, code: int, errors: ErrorDetails = None, extra: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    error: dict[str, Any] = {"message": message, "code": code}
    if errors is not None:
        error["errors"] = dict(errors) if isinstance(errors, Mapping) else list(errors)
    return {"error": {**error, **(extra or {})}}


def has_v3_errors(path: str) -> bool:
    """Audit records have the old shape everywhere."""
    return path.startswith("/v3/") and not path.endswith("/audit/records")


def in_v3_shape(body: dict[str, Any] | None) -> dict[str, Any] | None:
    """Under /v3 `errors` is always a map; what concerns no field goes under `base`."""
    errors = body["error"].get("errors") if body else None
    if body is None or not isinstance(errors, list):
        return body
    return {"error": {**body["error"], "errors": {"base": errors}}}


def invalid(*errors: str, code: int = 2001, message: str = "Invalid Input Provided") -> ApiError:
    return ApiError(400, message, code, errors)


def invalid_fields(errors: Mapping[str, Sequence[str]]) -> ApiError:
    """The v3 shape: dotted path -> messages."""
    return ApiError(400, "Invalid Input Provided", 2001, errors)


def max_targets(limit: int) -> str:
    """Verbatim with 5 (terraform-provider-pagerduty#344)."""
    return f"Escalation rules base May have at most {limit} escalation targets"


_NOT_FOUND = {
    "schedule": ("Schedule Not Found", 3004),
    "escalation_policy": ("Escalation Policy Not Found", 5001),
    "service": ("Service Not Found", 5002),
    "team": ("Team Not Found", 6001),
    "user": ("User Not Found", 2013),
    "incident": ("Incident Not Found", 5001),
}


def not_found(kind: str = "") -> ApiError:
    message, code = _NOT_FOUND.get(kind, ("Not Found", 2100))
    return ApiError(404, message, code)


def unauthorised() -> ApiError:
    return ApiError(401, "Authentication failed", 2006)


def denied(*errors: str) -> ApiError:
    return ApiError(403, "Access Denied", 2010, errors or None)


def missing_ability(ability: str) -> ApiError:
    return ApiError(402, "Account does not have the abilities to perform the action", 2014, [ability])


def requester_missing() -> ApiError:
    return ApiError(
        400,
        "You must specify a requester_id, or a From header with the email address of a valid user",
        2011,
        ["From header is missing"],
    )


def requester_unknown(email: str) -> ApiError:
    return ApiError(400, "Requester User Not Found", 1008, [f"{email} is no user of this account"])


def rate_limited() -> ApiError:
    return ApiError(429, "Rate Limit Exceeded", 2020)


def broken(status: int) -> ApiError:
    return ApiError(status, "Internal Server Error", 2000)


def bare(status: int) -> ApiError:
    """Without a body."""
    error = ApiError(status, "", 0)
    error.body = None
    return error
