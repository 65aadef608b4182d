"""Between Slack's users and the policy's people: by e-mail, remembered for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from watchbill.model.policy import Policy

REMEMBERED = 600
"""Seconds."""
_OUTSIDE = ("deleted", "is_bot", "is_stranger", "is_restricted", "is_ultra_restricted")
"""Flags of a user who is not a full member: https://api.slack.com/types/user."""
_MISSING = frozenset({"users_not_found", "user_not_found", "account_inactive", "user_not_visible"})


class SlackPeople:
    """Thread-safe."""

    def __init__(self, client: WebClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock
        self._emails: dict[str, tuple[float, str, str]] = {}
        self._users: dict[str, tuple[float, str]] = {}
        self._ours: Mapping[str, Any] | None = None
        self._lock = threading.Lock()

    def person(self, policy: Policy, user: str, *, fresh: bool = False) -> tuple[str | None, str]:
        """(handle or None, how Slack calls them).  A bot, a guest, a user of another workspace and a deactivated
        user have no handle.  `fresh`: ask Slack now, for somebody who acts."""
        email, name = self._email(user, fresh=fresh)
        return policy.person_by_email(email), name

    def user(self, email: str) -> str | None:
        """None for somebody who is not in Slack, or not any more."""
        wanted = email.lower()
        with self._lock:
            known = self._users.get(wanted)
        if known is not None and self._clock() - known[0] < REMEMBERED:
            return known[1] or None
        try:
            found = self._client.users_lookupByEmail(email=wanted)["user"]
            user = "" if found.get("deleted") or found.get("is_bot") else str(found["id"])
        except SlackApiError as refused:
            if refused.response.get("error") not in _MISSING:
                raise
            user = ""
        with self._lock:
            self._users[wanted] = (self._clock(), user)
        return user or None

    def _email(self, user: str, *, fresh: bool) -> tuple[str, str]:
        with self._lock:
            known = None if fresh else self._emails.get(user)
        if known is not None and self._clock() - known[0] < REMEMBERED:
            return known[1], known[2]
        try:
            found = self._client.users_info(user=user)["user"]
        except SlackApiError as refused:
            if refused.response.get("error") not in _MISSING:
                raise
            return "", user
        is_outside = any(found.get(flag) for flag in _OUTSIDE) or not self._is_ours(found)
        email = "" if is_outside else str(found.get("profile", {}).get("email") or "").lower()
        name = str(found.get("real_name") or found.get("name") or user)
        with self._lock:
            self._emails[user] = (self._clock(), email, name)
        return email, name

    def _is_ours(self, user: Mapping[str, Any]) -> bool:
        """Of this workspace, or of its Enterprise organisation."""
        ours = self._home()
        if user.get("team_id") in (None, ours.get("team_id")):
            return True
        enterprise = ours.get("enterprise_id")
        return bool(enterprise) and (user.get("enterprise_user") or {}).get("enterprise_id") == enterprise

    def _home(self) -> Mapping[str, Any]:
        """The workspace of the app; asked once."""
        if self._ours is None:
            answer = self._client.auth_test()
            self._ours = {name: answer.get(name) for name in ("team_id", "enterprise_id")}
        return self._ours
