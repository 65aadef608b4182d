"""A valid policy of a few lines of YAML: settings and people are added where they are not given."""

from __future__ import annotations

from pathlib import Path

from watchbill.config.load import Loaded, assemble
from watchbill.config.yaml_reader import read_yaml
from watchbill.model.policy import Policy
from watchbill.rota.clock import Instant, day_number, zone

SETTINGS = "settings: {format: 1, organization: Example, time_zone: Europe/Bucharest, hours: {business: {windows: mon-fri 09:00-18:00, except_holidays: RO}}}\n"
NAMES = ("ana", "ben", "cleo", "dan", "eve", "fay", "gil")
PEOPLE = "people:\n" + "".join(
    f"  {name}: {{name: {name.title()}, email: {name}@x.example}}\n" for name in NAMES
)


def loaded_of(text: str) -> Loaded:
    text = (SETTINGS if "settings:" not in text else "") + (PEOPLE if "\npeople:" not in text else "") + text
    document = read_yaml(text, "policy.yaml")
    loaded = assemble(Path(), [document], document.findings)
    assert loaded.valid, [f.message for f in loaded.findings]
    return loaded


def policy_of(text: str) -> Policy:
    policy = loaded_of(text).policy
    assert policy is not None
    return policy


def at(text: str, zone_name: str = "Europe/Bucharest") -> Instant:
    """2026-11-23 09:00"""
    from datetime import date

    day, _, clock = text.partition(" ")
    hours, minutes = clock.split(":") if clock else ("0", "0")
    return zone(zone_name).instant(day_number(date.fromisoformat(day)), int(hours) * 3600 + int(minutes) * 60)
