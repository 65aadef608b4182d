"""Whether a policy can be answered from at all: the rules that every verb asks before it does.

A message with a hole keeps nobody from knowing who is on duty, nor from being paged: only who prints it asks for that.

They need neither `account/` nor an outlook, so that `who` starts as quickly as before.
"""

from __future__ import annotations

from watchbill.checks import duty, handoffs, hours, references, relations, rotations, settings, texts
from watchbill.checks.context import Context
from watchbill.config.discreet import discreet
from watchbill.config.load import Loaded
from watchbill.errors import PolicyInvalid
from watchbill.findings import Finding, located, sort_findings
from watchbill.rota.clock import Instant

RULES = (
    *references.RULES,
    *hours.RULES,
    *rotations.RULES,
    *handoffs.RULES,
    *relations.RULES,
    *duty.RULES,
)
"""An error of these may keep duty from being rendered, or leads a name nowhere."""


def broken(loaded: Loaded, *, now: Instant, messages: bool = False) -> list[Finding]:
    """Only the errors; located and sorted.  `messages`: also those of texts that people read."""
    if loaded.policy is None:
        return []
    context = Context(loaded, loaded.policy, account_is_real=False, now=now)
    rules = (*RULES, settings.MESSAGE_FIELDS, texts.PRIVATE_TEXT) if messages else RULES
    found = [f for rule in rules for f in rule.findings(context) if f.is_error]
    return sort_findings(discreet(located(finding, loaded.locator)) for finding in found)


_DUTY = frozenset({"settings", "rotations", "overrides", "absences", "shifts"})
"""Kinds that who is on duty comes from."""


def require_sound(
    loaded: Loaded,
    *,
    now: Instant,
    what: str = "the policy",
    remedy: str = "",
    mending: bool = False,
    messages: bool = False,
) -> Loaded:
    """Raises PolicyInvalid with the findings.

    `mending`: for edits, which may well come before or mend what is wrong elsewhere; only what keeps duty from being
    rendered stands in their way.
    """
    errors = broken(loaded, now=now, messages=messages)
    if mending:
        errors = [f for f in errors if f.place and f.place[0] in _DUTY]
    if errors:
        count = f"{len(errors)} error{'' if len(errors) == 1 else 's'}"
        raise PolicyInvalid(
            f"{what} has {count}", errors, remedy=remedy or "mend them; `watchbill check` shows all findings"
        )
    return loaded
