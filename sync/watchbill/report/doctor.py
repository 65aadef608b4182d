"""The doctor's answer as text."""

from __future__ import annotations

import textwrap

from watchbill.doctor.diagnosis import Diagnosis, Line, Probed
from watchbill.report.paint import Paint
from watchbill.report.safe import count, plain


def doctor_text(diagnosis: Diagnosis, *, color: bool, width: int) -> str:
    paint = Paint(color)
    shades = {"ok": paint.green, "warn": paint.yellow, "fail": paint.red}
    lines: list[str] = []
    for line in diagnosis.lines:
        lines += _line(line, shades[line.level](f"{line.level:<4}"), width, paint)
    for probed in diagnosis.probes:
        lines += _probed(probed, width, paint)
    return "\n".join([*lines, "", _verdict(diagnosis, paint)])


def _line(line: Line, level: str, width: int, paint: Paint) -> list[str]:
    said = _wrapped(f"{line.about}: {line.says}", width - 5)
    found = [f"{level} {said[0]}", *(f"     {text}" for text in said[1:])]
    if line.level != "ok":
        found += [paint.dim(f"     {text}") for text in _wrapped(line.means, width - 5)]
        found += [paint.blue(f"     {text}") for text in _wrapped(_arrow(line.remedy), width - 5)]
    return found


def _probed(probed: Probed, width: int, paint: Paint) -> list[str]:
    head = paint.bold(f"{probed.about}") + paint.dim(f"  (fact {probed.fact})")
    shade = paint.green if probed.settled else paint.yellow
    found = [head, *(f"     {text}" for text in _wrapped(probed.question, width - 5))]
    found += [shade(f"     {text}") for text in _wrapped(_arrow(probed.answer), width - 5)]
    return found + [paint.dim(f"     {text}") for text in _wrapped(probed.means, width - 5)]


def _arrow(text: str) -> str:
    return f"→ {text}" if text else ""


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(plain(text), max(width, 40), break_on_hyphens=False) if text else []


def _verdict(diagnosis: Diagnosis, paint: Paint) -> str:
    levels = [line.level for line in diagnosis.lines]
    told = f"{count(levels.count('fail'), 'failure')}, {count(levels.count('warn'), 'warning')}"
    asked = f"; {count(diagnosis.requests, 'request')}" if diagnosis.requests else "; no account was asked"
    if not diagnosis.fit:
        return paint.red(f"unfit: {told}{asked}")
    return (paint.yellow if "warn" in levels else paint.green)(f"fit: {told}{asked}")
