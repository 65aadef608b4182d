"""The doctor's answer, `watchbill.doctor/1`."""

from __future__ import annotations

from typing import Literal

from watchbill.model.base import Model

Level = Literal["ok", "warn", "fail"]


class Line(Model):
    """One thing that was looked at."""

    about: str
    """Stable name: token, writing, clock ..."""
    level: Level
    """warn: something works less well or not at all.  fail: the account does not fit what the policy asks."""
    says: str
    """What was found."""
    means: str = ""
    """What follows from it."""
    remedy: str = ""


class Probed(Model):
    """What a real account was seen to do where its documents leave it open."""

    about: str
    """Stable name of the question: layer-order, omitted-layer ..."""
    fact: str
    """Where the question stands in the fact sheet: 2.4."""
    question: str
    answer: str
    """In words; `not settled: ...` where the account did not let it be seen."""
    settled: bool
    means: str = ""
    """What follows for watchbill."""


class Diagnosis(Model):
    format: Literal["watchbill.doctor/1"] = "watchbill.doctor/1"
    account: str
    """As the settings name it; "" where nothing names one."""
    url: str
    """Where it answers; "" where none was asked."""
    at: str
    """ISO, UTC."""
    fit: bool
    """False when a line says fail."""
    requests: int
    lines: tuple[Line, ...] = ()
    probes: tuple[Probed, ...] = ()


def ok(about: str, says: str, means: str = "") -> Line:
    return Line(about=about, level="ok", says=says, means=means)


def warn(about: str, says: str, means: str = "", remedy: str = "") -> Line:
    return Line(about=about, level="warn", says=says, means=means, remedy=remedy)


def fail(about: str, says: str, means: str = "", remedy: str = "") -> Line:
    return Line(about=about, level="fail", says=says, means=means, remedy=remedy)
