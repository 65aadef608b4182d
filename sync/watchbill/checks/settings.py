"""Settings and messages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from watchbill.checks.context import Context
from watchbill.checks.hours import zone_exists
from watchbill.checks.rule import Problem, Rule
from watchbill.config.suggest import did_you_mean
from watchbill.model.base import SecretRef
from watchbill.model.directory import SLOT, unused_and_unknown
from watchbill.model.settings import GUARDS, is_withheld
from watchbill.rota.clock import day_number, zone


def _unknown_guard(context: Context) -> Iterator[Problem]:
    for i, waiver in enumerate(context.policy.settings.waivers):
        if waiver.guard not in GUARDS:
            hint = did_you_mean(waiver.guard, GUARDS) or f"the guards are {', '.join(GUARDS)}"
            yield Problem(("settings", "waivers", i, "guard"), f"there is no guard '{waiver.guard}'", hint)


def _waiver_expired(context: Context) -> Iterator[Problem]:
    settings = context.policy.settings
    if not zone_exists(settings.time_zone):
        return
    today = zone(settings.time_zone).day_of(context.now)
    for i, waiver in enumerate(settings.waivers):
        if day_number(waiver.expires.value) < today:
            message = f"this waiver held until {waiver.expires}; the guard stands again"
            yield Problem(("settings", "waivers", i, "expires"), message, "delete it")


def _acknowledgement_expired(context: Context) -> Iterator[Problem]:
    settings = context.policy.settings
    if not zone_exists(settings.time_zone):
        return
    today = zone(settings.time_zone).day_of(context.now)
    for i, known in enumerate(settings.acknowledged):
        if day_number(known.expires.value) < today:
            message = f"drift {known.drift} was acknowledged until {known.expires}; it counts again"
            hint = "adopt the edit, let apply revert it, or name a later day"
            yield Problem(("settings", "acknowledged", i, "expires"), message, hint)


def _message_fields(context: Context) -> Iterator[Problem]:
    for handle, message in context.policy.messages.items():
        unused, unknown = unused_and_unknown(message)
        for name in sorted(unused):
            hint = f"write {{{{ {name} }}}} where it belongs, or delete the field"
            yield Problem(("messages", handle, "fields", name), f"the text never uses '{name}'", hint)
        for name in sorted(unknown):
            hint = did_you_mean(name, message.fields) or f"add it to the fields: `{name}: {{type: line}}`"
            yield Problem(
                ("messages", handle, "text"), f"the text uses {{{{ {name} }}}}, which is no field", hint
            )
        if "{{" in SLOT.sub("", message.text):
            hint = "a slot is {{ name }}, small letters, digits and _ only"
            yield Problem(("messages", handle, "text"), "the text has {{ that begins no slot", hint)


def _key_command(context: Context) -> Iterator[Problem]:
    keys = context.policy.settings.pagerduty.integration_keys
    if keys is None or keys.command is None:
        return
    at = ("settings", "pagerduty", "integration_keys")
    program = PurePath(keys.command[0])
    if program.name != str(program) and not program.is_absolute():
        hint = "install the program on the machine that applies, and write its name or its absolute path"
        yield Problem(
            (*at, "command", 0), f"{program} is a relative path: it may be a file of the checkout", hint
        )
    phones = {p.phone.secret for p in context.policy.people.values() if isinstance(p.phone, SecretRef)}
    for i, name in enumerate(keys.env):
        if is_withheld(name) or name in phones:
            hint = "name only variables that the program needs, such as VAULT_ADDR"
            yield Problem((*at, "env", i), f"the program may not get {name}", hint)


MESSAGE_FIELDS = Rule(
    "message-fields", "error", "Fields and text of a message that do not fit", _message_fields
)

RULES = (
    Rule("unknown-guard", "error", "A waiver for a guard that does not exist", _unknown_guard),
    Rule("waiver-expired", "warning", "A waiver that has run out", _waiver_expired),
    Rule(
        "acknowledgement-expired",
        "warning",
        "Acknowledged drift whose time has run out",
        _acknowledgement_expired,
    ),
    MESSAGE_FIELDS,
    Rule("key-command", "error", "A command for integration keys that gets too much", _key_command),
)
