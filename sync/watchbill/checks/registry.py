"""All rules, and running them."""

from __future__ import annotations

from watchbill.checks import (
    duty,
    expectations,
    handoffs,
    hours,
    ladders,
    leave,
    names,
    outlook,
    people,
    references,
    relations,
    rotations,
    services,
    settings,
    shifts,
    sound,
    texts,
)
from watchbill.checks.context import Context
from watchbill.checks.rule import Rule
from watchbill.config.discreet import discreet
from watchbill.config.load import Loaded
from watchbill.config.suggest import did_you_mean
from watchbill.errors import UsageError
from watchbill.findings import Finding, located, sort_findings
from watchbill.model.policy import Policy
from watchbill.rota.clock import Instant

READING = (
    Rule("yaml-syntax", "error", "The file is no YAML"),
    Rule("yaml-trap", "warning", "YAML that says something else than it seems to"),
    Rule("yaml-key", "error", "A key that is no word"),
    Rule("yaml-alias", "error", "An anchor or alias that cannot be followed"),
    Rule("yaml-tag", "error", "A YAML tag"),
    Rule("yaml-documents", "error", "Several documents in one file"),
    Rule("yaml-limits", "error", "YAML too deep or too large"),
    Rule("duplicate-key", "error", "One key twice in a mapping"),
    Rule("file-text", "error", "The file is no UTF-8 text"),
    Rule("file-unreadable", "error", "The file cannot be read"),
    Rule("file-limits", "error", "The file is too large"),
    Rule("file-link", "error", "A link that leads astray"),
    Rule("no-policy-files", "error", "No policy in the folder"),
)
"""Found while files are read: what is in them hardly matters."""

STRUCTURE = (
    Rule("structure", "error", "A value of the wrong form"),
    Rule("unknown-key", "error", "A key that the format does not have"),
    Rule("missing-key", "error", "A key that is needed and absent"),
    Rule("secret-in-file", "error", "A number where only its secret's name belongs"),
)
"""Found by the models and by the published JSON Schema alike."""

LOADING = (
    Rule("duplicate-handle", "error", "One handle for two things"),
    Rule("settings-missing", "error", "No settings"),
    Rule("schema-verdict", "error", "Schema files of another version"),
)

FORESIGHT = (*outlook.RULES, *leave.RULES, *expectations.RULES, *shifts.RULES)
"""Look at who is on duty when, so they need a policy whose duty can be rendered."""

_CALENDAR = frozenset(
    rule.id
    for rule in (
        *READING,
        *STRUCTURE,
        *LOADING,
        *sound.RULES,
    )
)
"""An error of these may keep duty from being rendered."""

RULES: tuple[Rule, ...] = (
    *READING,
    *STRUCTURE,
    *LOADING,
    *references.RULES,
    *people.RULES,
    *names.RULES,
    *settings.RULES,
    *hours.RULES,
    *rotations.RULES,
    *handoffs.RULES,
    *relations.RULES,
    *duty.RULES,
    *ladders.RULES,
    *services.RULES,
    *texts.RULES,
    *FORESIGHT,
)

BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}


def run_checks(
    loaded: Loaded, *, account_is_real: bool, now: Instant, before: Policy | None = None
) -> list[Finding]:
    """What the rules say about the policy; the findings of loading it are not repeated.  Located and sorted.

    `before`: the version that this one replaces, for what a change does to running crews.
    """
    if loaded.policy is None:
        return []
    context = Context(loaded, loaded.policy, account_is_real, now, before)
    found = [finding for rule in RULES if rule not in FORESIGHT for finding in rule.findings(context)]
    if not any(f.is_error and f.rule in _CALENDAR for f in (*loaded.findings, *found)):
        found += [finding for rule in FORESIGHT for finding in rule.findings(context)]
    return sort_findings(discreet(located(finding, loaded.locator)) for finding in found)


def explain(rule_id: str) -> Rule:
    """Raises UsageError for a rule that does not exist."""
    if rule_id not in BY_ID:
        near = did_you_mean(rule_id, BY_ID)
        raise UsageError(f"there is no rule '{rule_id}'", remedy=near or f"the rules are: {', '.join(BY_ID)}")
    return BY_ID[rule_id]
