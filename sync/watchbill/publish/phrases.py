"""Values of the policy in a reader's words: 30 min, 1 hour, Mon-Fri 09:00-18:00."""

from __future__ import annotations

from watchbill.model.policy import Policy
from watchbill.model.rotations import Counted, Rotation
from watchbill.model.settings import ALWAYS, as_hours
from watchbill.model.text import Turn, Window

_TURNS = {"1 week": "weekly", "1 day": "daily", "2 weeks": "two-weekly"}


def span(minutes: int) -> str:
    """15 min, 1 hour, 2 hours, 1 hour 30 min"""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    whole = "1 hour" if hours == 1 else f"{hours} hours"
    return f"{whole} {rest} min" if rest else whole


def rotates(counted: Counted) -> str:
    """weekly rotation; empty for a crew of one"""
    return f"{_adjective(counted.turn)} rotation" if counted.turn else ""


def _adjective(turn: Turn) -> str:
    return _TURNS.get(turn.text) or f"{turn.count}-{turn.unit[:-1]}"


def handoff(counted: Counted) -> str:
    return counted.handoff.text.title() if counted.handoff else "-"


def schedule(rotation: Rotation) -> str:
    """24/7, weekly rotation; the name of the hours; by whom it is covered."""
    if rotation.listed:
        return "Listed shifts"
    hours = rotation.hours
    if hours is None or ALWAYS in hours:
        dated = rotation.crews[-1] if rotation.crews else None
        turns = rotates(rotation) or (rotates(dated) if dated else "")
        return f"24/7, {turns}" if turns else "24/7"
    return ", ".join(_hours_name(item) for item in hours)


def _hours_name(item: Window | str) -> str:
    if isinstance(item, Window):
        return window(item)
    return f"{item.replace('-', ' ').capitalize()} hours"


def window(value: Window) -> str:
    """Mon-Fri 09:00-18:00"""
    days, space, rest = value.text.partition(" ")
    if value.is_stretch:
        return value.text.title()
    return f"{days.title()}{space}{rest}"


def named_hours(policy: Policy, name: str) -> str:
    hours = as_hours(policy.settings.hours[name])
    told = ", ".join(window(w) for w in hours.windows)
    return f"{told}, except holidays ({hours.except_holidays})" if hours.except_holidays else told
