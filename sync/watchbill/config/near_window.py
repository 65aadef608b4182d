"""What is wrong with hours that are no window, and the nearest windows."""

from __future__ import annotations

import re
from typing import NamedTuple

from watchbill.model.text import DAY_NAMES, Window

_WORDS = {
    r"every ?day|each day|all days|everyday": "daily",
    r"(?:on )?(?:weekdays?|workdays?|working days|business days)": "mon-fri",
    r"(?:on )?weekends?": "sat,sun",
}
_ALWAYS = re.compile(r"24\s*[/x]\s*7|24 ?h(?:ours)?|all day|all the time|always|00:00|24:00")
_TIME = r"(?:[0-9]{1,2}[:.h][0-9]{2}|[0-9]{4}|[0-9]{1,2})(?:\s*[ap]m)?h?"
_RANGE = re.compile(rf"({_TIME})\s*-\s*({_TIME})(?![0-9a-z])")
_NAMES_OF_DAYS = "days are named mon, tue, wed, thu, fri, sat, sun"
_SPELLING = (
    (r"[A-Z]", "days are written in small letters"),
    (r"^\s*[0-9]", "days come before hours"),
    (r"\b(?:from|to|until|till|through|between)\b|[–—]", "a range is written with a hyphen"),
    (r"^\s|\s$|\s[-,]|[-,]\s|/", "days are written mon-fri or mon,tue"),
    (r"[a-z]{4}", _NAMES_OF_DAYS),
)
"""What may be wrong with how it is written, where its days and hours are known."""


class Near(NamedTuple):
    wrong: str
    """What is wrong; "" where it cannot be said."""
    windows: tuple[str, ...]
    """At least one; `always` alone is the whole week."""

    @property
    def as_windows(self) -> Near:
        """Where names of hours cannot stand."""
        return self._replace(windows=tuple(w.replace("always", "daily 00:00-00:00") for w in self.windows))

    @property
    def as_yaml(self) -> str:
        if len(self.windows) == 1:
            return f"'{self.windows[0]}'"
        return "[" + ", ".join(f'"{window}"' for window in self.windows) + "]"


def near_window(value: str) -> Near | None:
    """None where nothing is near."""
    text = _plain(value)
    if _ALWAYS.fullmatch(text):
        return Near("the whole week is written always", ("always",))
    if re.fullmatch(r"(?:at )?nights?|over ?night", text):
        return Near("it has no hours", ("daily 18:00-09:00",))
    stretch = re.fullmatch(rf"([a-z]+) ({_TIME}) ?- ?([a-z]+) ({_TIME})", text)
    if stretch is not None:
        return _stretch(*stretch.groups())
    pieces = [piece.strip() for piece in re.split(r"[,;]", text) if piece.strip()]
    found: list[tuple[str, str]] = []
    wrong: dict[str, None] = {}
    days = ""
    for piece in pieces:
        ranges = list(_RANGE.finditer(piece))
        named = _days(_RANGE.sub(" ", piece), wrong)
        if named is None:
            return None
        if not ranges and named:
            days = _both(days, named) if not found or not found[-1][1] else named
            continue
        days = _both(days, named) if named and days and not found else named or days
        if not ranges:
            return None
        if not days:
            wrong["it names no days"] = None
        for one in ranges:
            hours = _hours(one, wrong)
            if hours is None:
                return None
            found.append((days or "daily", hours))
    if len(found) > 1:
        wrong["it is more than one window"] = None
    if not found:
        return _without_hours(days, value, wrong)
    windows = tuple(dict.fromkeys(_joined(days, hours) for days, hours in found))
    if not all(re.fullmatch(Window.pattern, window) or window == "always" for window in windows):
        return None
    return Near("; ".join(wrong) or _spelling(value), windows)


def _spelling(value: str) -> str:
    return next((told for sign, told in _SPELLING if re.search(sign, value)), "")


def _stretch(first: str, begin: str, last: str, end: str) -> Near | None:
    days, minutes = (_day(first), _day(last)), (_minute(begin), _minute(end))
    if None in days or None in minutes:
        return None
    clocks = [f"{(minute or 0) // 60 % 24:02d}:{(minute or 0) % 60:02d}" for minute in minutes]
    return Near("times are written HH:MM", (f"{days[0]} {clocks[0]} - {days[1]} {clocks[1]}",))


def _plain(value: str) -> str:
    text = re.sub(r"\s+", " ", value.strip().lower()).replace("–", "-").replace("—", "-")
    text = re.sub(r"\bfrom\b|\bbetween\b|\bat\b", " ", text)
    text = re.sub(r"\s*(?:\bto\b|\buntil\b|\btill\b|\bthrough\b)\s*", "-", text)
    for words, day in _WORDS.items():
        text = re.sub(rf"\b(?:{words})\b", day, text)
    return re.sub(r"\s+", " ", text).strip()


def _days(text: str, wrong: dict[str, None]) -> str | None:
    """mon-fri, mon,tue, daily; "" for none, None for what is no day."""
    found: list[str] = []
    for word in re.split(r"[\s/&+]+|\band\b", re.sub(r"\s*-\s*", "-", text.strip())):
        if not word or word == "-":
            continue
        ends = [_day(part) for part in word.split("-")]
        if word == "daily":
            return "daily"
        if None in ends or len(ends) > 2:
            return None
        if word != "-".join(str(end) for end in ends):
            wrong[_NAMES_OF_DAYS] = None
        found.append("-".join(str(end) for end in ends))
    days = found[0] if found else ""
    for more in found[1:]:
        days = _both(days, more)
    return days


def _day(word: str) -> str | None:
    """mo, mon, mons, monday, mondays"""
    return next((day for day in DAY_NAMES if len(word) > 1 and word[:3] in (day, day[:2])), None)


def _both(one: str, other: str) -> str:
    """One list of days; days of a range are written out."""
    if not one or not other or "daily" in (one, other):
        return other or one
    listed: list[str] = []
    for part in (*one.split(","), *other.split(",")):
        first, _, last = part.partition("-")
        begin = DAY_NAMES.index(first)
        length = (DAY_NAMES.index(last) - begin) % 7 + 1 if last else 1
        listed += [DAY_NAMES[(begin + i) % 7] for i in range(length)]
    return ",".join(day for day in DAY_NAMES if day in listed)


def _hours(found: re.Match[str], wrong: dict[str, None]) -> str | None:
    made = []
    for text, minute in zip(found.groups(), _from_to(*found.groups()), strict=True):
        if minute is None:
            wrong[f"there is no time {text}"] = None
            return "09:00-18:00"
        clock = f"{minute // 60 % 24:02d}:{minute % 60:02d}"
        if minute == 24 * 60:
            wrong["24:00 is written 00:00"] = None
        elif text != clock:
            wrong["times are written HH:MM"] = None
        made.append(clock)
    if " " in found[0]:
        wrong.setdefault("hours are written without blanks", None)
    return "-".join(made)


def _from_to(begin: str, end: str) -> tuple[int | None, int | None]:
    """9-5 ends in the afternoon."""
    first, last = _minute(begin), _minute(end)
    if first and last and begin.isdigit() and end.isdigit() and last < first < 12 * 60:
        last += 12 * 60
    return first, last


def _minute(text: str) -> int | None:
    """Of the day; None for what is no time."""
    half = re.search(r"[ap]m", text)
    digits = re.sub(r"[^0-9]", " ", text).split()
    if len(digits) == 1 and len(digits[0]) == 4:
        digits = [digits[0][:2], digits[0][2:]]
    hour, minute = int(digits[0]), int(digits[1]) if len(digits) > 1 else 0
    if half:
        hour = hour % 12 + (12 if half[0] == "pm" else 0)
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= 24 * 60 else None


def _without_hours(days: str, value: str, wrong: dict[str, None]) -> Near | None:
    if not days:
        return None
    if re.search(_TIME, value):
        return Near("it has a start and no end", (f"{days} 09:00-18:00",))
    if "-" in days or days == "daily":
        return Near("; ".join(wrong) or "it has no hours", (f"{days} 09:00-18:00",))
    return Near("; ".join(wrong) or _spelling(value), (days,))


def _joined(days: str, hours: str) -> str:
    if hours == "00:00-00:00":
        return "always" if days == "daily" else days
    return f"{days} {hours}"


__all__ = ["Near", "near_window"]
