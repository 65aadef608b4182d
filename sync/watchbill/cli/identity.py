"""Who asks: --as, WATCHBILL_AS, then git's user.email in the policy repository."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from watchbill.cli.options import Globals
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.model.policy import Policy


def email_of_asker(options: Globals, given: str | None) -> tuple[str, str]:
    """The e-mail ("" where there is none), and where it is from."""
    if given:
        return given, "--as"
    if named := os.environ.get("WATCHBILL_AS", ""):
        return named, "WATCHBILL_AS"
    from watchbill.cli.incident_live import git_email

    return git_email(options.policies), "git config user.email"


def asker(options: Globals, policy: Policy, given: str | None = None) -> str:
    """Their handle.  Raises UsageError."""
    from watchbill.chat.verbs import STRANGER

    email, source = email_of_asker(options, given)
    remedy = "use --as EMAIL with an e-mail of people.yaml, or add the person to people.yaml"
    if not email or email == STRANGER:
        raise UsageError("it is not known who asks: there is no e-mail", remedy=remedy)
    person = policy.person_by_email(email)
    if person is None:
        raise UsageError(f"no person of the policy has the e-mail {email} (from {source})", remedy=remedy)
    return person


def phones_for_asker(
    options: Globals, policy: Policy, given: str | None = None
) -> Callable[[str], str | None] | None:
    """Looks a phone number up by the name of its secret; None where the asker may not see it, and in CI, whose
    logs many people read."""
    from watchbill.ladder.allowed import may_see_phones

    if os.environ.get("CI") or os.environ.get("GITHUB_ACTIONS") or not policy.settings.chat.phones:
        return None
    email, _ = email_of_asker(options, given)
    person = policy.person_by_email(email) if email else None
    return os.environ.get if may_see_phones(policy, person) else None
