"""Instants as people read them."""

from __future__ import annotations

from watchbill.rota.clock import HOUR, MINUTE, Instant, Zone


def full(at: Instant, zone: Zone) -> str:
    """Mon 2026-11-30 09:00"""
    return zone.at(at).strftime("%a %Y-%m-%d %H:%M")


def short(at: Instant, zone: Zone, near: Instant) -> str:
    """Mon 30 Nov 09:00, with the year only where it is another one."""
    moment = zone.at(at)
    year = "" if moment.year == zone.at(near).year else f" {moment.year}"
    return moment.strftime(f"%a %d %b{year} %H:%M")


def length(seconds: int) -> str:
    """2 h, 90 min as 1 h 30, 3 d 2 h"""
    days, rest = divmod(seconds, 24 * HOUR)
    if not days:
        return minutes(rest // MINUTE)
    return f"{days} d {minutes(rest // MINUTE)}" if rest // MINUTE else f"{days} d"


def minutes(count: int) -> str:
    """15 min, 1 h, 2 h 30"""
    hours, rest = divmod(count, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"
