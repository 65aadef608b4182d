"""PCL, the condition language of event orchestrations: read once, evaluated per event.

Precedence: parentheses, operators, not, and, or.  A missing path is nothing; a comparison of unlike types is
false, never an error.  Text comparisons ignore case unless they say `exactly`; `==` heeds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from watchbill.regex import BadPattern, Pattern
from watchbill.rota.clock import HOUR, MINUTE, Instant, day_number, weekday
from watchbill.sandbox.wire import zone_info

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<time>\d\d:\d\d(?::\d\d)?)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<op>==|!=|>=|<=|[><()\[\],.])|(?P<word>[A-Za-z_][\w/+-]*))"
)
_DAYS = {name: place for place, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_UNITS = {"second": 1, "minute": MINUTE, "hour": HOUR}


class PclError(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class Context:
    """`count(seconds)`: how often the rule was asked in that time, this one included; `reset` starts it over."""

    event: Mapping[str, Any]
    raw_event: Any
    now: Instant
    count: Callable[[int], int] = lambda seconds: 1
    reset: Callable[[], None] = lambda: None


Condition = Callable[[Context], bool]


@lru_cache(maxsize=2048)
def parse(text: str) -> Condition:
    """Raises PclError."""
    reader = _Reader(text)
    condition = _either(reader)
    if reader.peek() is not None:
        raise PclError(f"unexpected {reader.peek()!r} in {text!r}")
    return condition


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.at, place = 0, 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                raise PclError(f"can't read {text[place:]!r}")
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            place = found.end()

    def peek(self, ahead: int = 0) -> str | None:
        place = self.at + ahead
        return self.tokens[place][1] if place < len(self.tokens) else None

    def take(self, *words: str) -> bool:
        """These words next, letter case aside."""
        upcoming = [token[1].lower() for token in self.tokens[self.at : self.at + len(words)]]
        if upcoming != [word.lower() for word in words]:
            return False
        self.at += len(words)
        return True

    def next(self, *kinds: str) -> str:
        if self.at >= len(self.tokens) or (kinds and self.tokens[self.at][0] not in kinds):
            raise PclError(f"expected {' or '.join(kinds) or 'more'}, found {self.peek() or 'the end'}")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def need(self, word: str) -> None:
        if not self.take(word):
            raise PclError(f"expected {word!r}, found {self.peek() or 'the end'}")


def _either(reader: _Reader) -> Condition:
    parts = [_both(reader)]
    while reader.take("or"):
        parts.append(_both(reader))
    return parts[0] if len(parts) == 1 else lambda context: any(part(context) for part in parts)


def _both(reader: _Reader) -> Condition:
    parts = [_negated(reader)]
    while reader.take("and"):
        parts.append(_negated(reader))
    return parts[0] if len(parts) == 1 else lambda context: all(part(context) for part in parts)


def _negated(reader: _Reader) -> Condition:
    if reader.take("not"):
        inner = _negated(reader)
        return lambda context: not inner(context)
    if reader.take("("):
        condition = _either(reader)
        reader.need(")")
        return condition
    if reader.take("now", "in"):
        return _now_in(reader)
    for name, resetting in (("trigger_count", False), ("resetting_trigger_count", True)):
        if reader.take(name):
            return _trigger_count(reader, resetting)
    return _comparison(reader)


Path = tuple[str | int, ...]


def _comparison(reader: _Reader) -> Condition:
    path = _path(reader)
    if reader.take("exists"):
        return lambda context: _value(context, path) is not None
    if reader.take("matches"):
        kind = "part" if reader.take("part") else "regex" if reader.take("regex") else "whole"
        exactly = reader.take("exactly")
        return _matches(path, kind, _text(reader), exactly)
    if reader.take("in"):
        wanted = _list(reader)
        return lambda context: any(_same(_value(context, path), item) for item in wanted)
    for sign in ("==", "!=", ">=", "<=", ">", "<"):
        if reader.take(sign):
            literal = _literal(reader)
            return _ordered(path, sign, literal)
    raise PclError(f"expected an operator, found {reader.peek() or 'the end'}")


def _path(reader: _Reader) -> Path:
    root = reader.next("word")
    if root not in {"event", "raw_event"}:
        raise PclError(f"a path begins with event or raw_event, not {root!r}")
    path: list[str | int] = [root]
    while True:
        if reader.take("."):
            path.append(reader.next("word"))
        elif reader.peek() == "[":
            reader.next()
            kind = reader.tokens[reader.at][0] if reader.at < len(reader.tokens) else ""
            path.append(int(reader.next("number")) if kind == "number" else _text(reader))
            reader.need("]")
        else:
            return tuple(path)


def value_at(context: Context, path: str) -> Any:
    """What stands at a path like `event.custom_details['odd key']`; None when nothing does."""
    return _value(context, _path(_Reader(path)))


def _value(context: Context, path: Path) -> Any:
    value: Any = context.event if path[0] == "event" else context.raw_event
    for step in path[1:]:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and -len(value) <= step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is None:
            return None
    return value


def _matches(path: Path, kind: str, wanted: str, exactly: bool) -> Condition:
    pattern = None
    if kind == "regex":
        try:
            pattern = Pattern(wanted, ignore_case=not exactly)
        except BadPattern as bad:
            raise PclError(f"{wanted!r} is no regular expression: {bad}") from bad

    def holds(context: Context) -> bool:
        value = _value(context, path)
        if value is None or isinstance(value, Mapping | list):
            return False
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if pattern is not None:
            return pattern.is_in(text)
        ours, theirs = (text, wanted) if exactly else (text.lower(), wanted.lower())
        return theirs in ours if kind == "part" else theirs == ours

    return holds


def _same(value: object, literal: object) -> bool:
    if isinstance(value, bool) or isinstance(literal, bool):
        return value is literal
    if isinstance(value, int | float) and isinstance(literal, int | float):
        return value == literal
    return type(value) is type(literal) and value == literal


def _ordered(path: Path, sign: str, literal: Any) -> Condition:
    def holds(context: Context) -> bool:
        value = _value(context, path)
        if sign in {"==", "!="}:
            return _same(value, literal) is (sign == "==")
        numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (value, literal))
        if not numbers and not (isinstance(value, str) and isinstance(literal, str)):
            return False
        return bool(
            {">": value > literal, "<": value < literal, ">=": value >= literal, "<=": value <= literal}[sign]
        )

    return holds


def _literal(reader: _Reader) -> Any:
    if reader.at < len(reader.tokens) and reader.tokens[reader.at][0] == "number":
        text = reader.next("number")
        return float(text) if "." in text else int(text)
    for word, value in (("true", True), ("false", False)):
        if reader.take(word):
            return value
    return _text(reader)


def _list(reader: _Reader) -> list[Any]:
    bracket = next((close for open_, close in (("[", "]"), ("(", ")")) if reader.take(open_)), "")
    items = [_literal(reader)]
    while reader.take(","):
        items.append(_literal(reader))
    if bracket:
        reader.need(bracket)
    return items


def _text(reader: _Reader) -> str:
    return re.sub(r"\\(['\\])", r"\1", reader.next("text")[1:-1])


def _now_in(reader: _Reader) -> Condition:
    """`now in Mon,Tue 09:00:00 to 17:00:00 America/New_York`: wall clock; ends the next day if not after its start."""
    days = [_day(reader)]
    while reader.take(","):
        days.append(_day(reader))
    start = _seconds(reader)
    reader.need("to")
    end = _seconds(reader)
    name = reader.next("word")
    info = zone_info(name)
    if info is None:
        raise PclError(f"{name!r} is no time zone")

    def holds(context: Context) -> bool:
        local = datetime.fromtimestamp(context.now, info)
        second = local.hour * HOUR + local.minute * MINUTE + local.second
        day = weekday(day_number(date(local.year, local.month, local.day)))
        if start < end:
            return day in days and start <= second < end
        return (day in days and second >= start) or ((day - 1) % 7 in days and second < end)

    return holds


def _day(reader: _Reader) -> int:
    name = reader.next("word").lower()[:3]
    if name not in _DAYS:
        raise PclError(f"{name!r} is no day")
    return _DAYS[name]


def _seconds(reader: _Reader) -> int:
    parts = [*map(int, reader.next("time").split(":")), 0]
    return parts[0] * HOUR + parts[1] * MINUTE + parts[2]


def _trigger_count(reader: _Reader, resetting: bool) -> Condition:
    """`trigger_count over 5 minutes > 3`"""
    reader.need("over")
    number, unit = int(reader.next("number")), reader.next("word").lower().rstrip("s")
    if unit not in _UNITS:
        raise PclError(f"{unit!r} is no unit of time")
    sign = reader.next("op")
    limit = int(reader.next("number"))
    if sign not in {">", ">=", "=="}:
        raise PclError(f"a trigger count is compared with >, >= or ==, not {sign!r}")

    def holds(context: Context) -> bool:
        count = context.count(number * _UNITS[unit])
        reached = count > limit if sign == ">" else count >= limit if sign == ">=" else count == limit
        if reached and resetting:
            context.reset()
        return reached

    return holds
