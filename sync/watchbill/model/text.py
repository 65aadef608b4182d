"""Values that people write as text: durations, turns, handoffs, windows, dates.

Each type is one pattern, used by pydantic and by the published JSON Schema alike, so that both give the same
verdict: a text that matches parses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, ClassVar, Literal, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticSerializationUnexpectedValue, core_schema

AGAIN = "2nd"
"""Marks the second of two equal wall-clock times: 2027-10-31 03:30 2nd."""

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_DATE = (
    "(?:[12][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|(?:[12][0-9](?:0[48]|[2468][048]|[13579][26])|(?:1[26]|2[048])00)-02-29)"
)


@dataclass(frozen=True, slots=True)
class TextValue:
    """`text` is what the file says; equality is by text, meaning is in the derived properties."""

    text: str

    pattern: ClassVar[str]
    meaning: ClassVar[str]
    examples: ClassVar[tuple[str, ...]]

    @classmethod
    def parse(cls, text: str) -> Self:
        if not re.fullmatch(cls.pattern, text):
            raise ValueError(f"{text!r} is no {cls.meaning}; write it like {cls.examples[0]!r}")
        return cls(text)

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(
            lambda value, parse: value if isinstance(value, cls) else parse(value),
            core_schema.no_info_after_validator_function(cls.parse, core_schema.str_schema(strict=True)),
            serialization=core_schema.plain_serializer_function_ser_schema(
                _as_text, return_schema=core_schema.str_schema()
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        result = handler(schema)
        return {
            **result,
            "pattern": f"^(?:{cls.pattern})$",
            "description": cls.meaning,
            "examples": list(cls.examples),
        }


def _as_text(value: object) -> str:
    if isinstance(value, TextValue):
        return value.text
    raise PydanticSerializationUnexpectedValue(f"{value!r} is no text")  # lets a union try its next member


_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, slots=True)
class Duration(TextValue):
    pattern = r"[0-9]{1,6} ?(?:m|h|min|minutes?|hours?|days?|weeks?)"
    meaning = "duration: a number and a unit (m, h, minutes, hours, days, weeks)"
    examples = ("15m", "1h", "3 days", "1 week")

    @property
    def seconds(self) -> int:
        number, unit = self._parts
        return number * _UNITS[unit]

    @property
    def days(self) -> int | None:
        """Calendar days of a length in days or weeks; None: hours and minutes, which are real time."""
        number, unit = self._parts
        return number * _UNITS[unit] // _UNITS["d"] if unit in "dw" else None

    @property
    def _parts(self) -> tuple[int, str]:
        number, unit = re.fullmatch(r"([0-9]+) ?([a-z]+)", self.text).groups()  # type: ignore[union-attr]
        return int(number), unit[0]

    @property
    def minutes(self) -> int:
        return self.seconds // 60


@dataclass(frozen=True, slots=True)
class ReadRecord(TextValue):
    pattern = rf"[0-9a-f]{{6}}(?:=[0-9a-f]{{6}})?@{_DATE}T{_CLOCK}Z"
    meaning = "record of what was read from the account: a digest and a time; `import` and `adopt` write it"
    examples = ("3f9c2a@2026-11-23T14:00Z",)

    @property
    def account(self) -> str:
        """Digest of the object as it was read."""
        return self.text[:6]

    @property
    def policy(self) -> str:
        """Digest of what the policy made of it then; another one where other events gave the same duty."""
        return self.text.partition("@")[0][-6:]

    @property
    def when(self) -> str:
        return self.text.partition("@")[2]


@dataclass(frozen=True, slots=True)
class Turn(TextValue):
    pattern = r"[1-9][0-9]{0,3} (?:hours?|days?|weeks?|shifts?)"
    meaning = "turn length: a number of hours, days, weeks or shifts"
    examples = ("1 week", "1 day", "12 hours", "5 shifts")

    @property
    def count(self) -> int:
        return int(self.text.split()[0])

    @property
    def unit(self) -> Literal["hours", "days", "weeks", "shifts"]:
        name = self.text.split()[1]
        return name if name.endswith("s") else name + "s"  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Clock(TextValue):
    pattern = _CLOCK
    meaning = "time of day, 24-hour clock"
    examples = ("09:00",)

    @property
    def second(self) -> int:
        return clock_seconds(self.text)


@dataclass(frozen=True, slots=True)
class Handoff(TextValue):
    pattern = f"(?:{_DAY}|daily) {_CLOCK}"
    meaning = "handoff: a day name (for weeks) or `daily` (for days) and a time"
    examples = ("mon 09:00", "daily 09:00")

    @property
    def weekday(self) -> int | None:
        """Monday is 0; None means every day."""
        name = self.text.split()[0]
        return None if name == "daily" else DAY_NAMES.index(name)

    @property
    def second(self) -> int:
        return clock_seconds(self.text.split()[1])


@dataclass(frozen=True, slots=True)
class Date(TextValue):
    pattern = _DATE
    meaning = "date"
    examples = ("2026-12-24",)

    @property
    def value(self) -> date:
        return date.fromisoformat(self.text)


@dataclass(frozen=True, slots=True)
class LocalTime(TextValue):
    pattern = f"{_DATE} {_CLOCK}(?: {AGAIN})?"
    meaning = (
        "local time in the zone it belongs to; no offset, no seconds; `2nd` where a clock change repeats it"
    )
    examples = ("2026-12-24 09:00",)

    @property
    def value(self) -> datetime:
        """Without a zone, on purpose; `fold` is 1 for the second of two equal times."""
        return datetime.fromisoformat(self.text[:16]).replace(fold=int(self.text.endswith(AGAIN)))


@dataclass(frozen=True, slots=True)
class DateOrTime(TextValue):
    pattern = f"{_DATE}(?: {_CLOCK})?"
    meaning = "date, or date and local time; no offset, no seconds"
    examples = ("2026-01-05", "2026-01-07 15:00")

    @property
    def day(self) -> date:
        return date.fromisoformat(self.text[:10])

    @property
    def time(self) -> time | None:
        return time.fromisoformat(self.text[11:]) if len(self.text) > 10 else None


@dataclass(frozen=True, slots=True)
class Month(TextValue):
    pattern = r"[0-9]{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?"
    meaning = "month or date"
    examples = ("2024-12", "2024-12-01")


_DAYS = f"(?:{_DAY}-{_DAY}|{_DAY}(?:,{_DAY}){{0,6}})"


@dataclass(frozen=True, slots=True)
class Window(TextValue):
    """Weekly stretches of wall-clock time.  An end not after the start falls on the next day."""

    pattern = f"daily {_CLOCK}-{_CLOCK}|{_DAYS}(?: {_CLOCK}-{_CLOCK})?|{_DAY} {_CLOCK} ?- ?{_DAY} {_CLOCK}"
    meaning = "window: days and hours, or one stretch from a day and time to a day and time"
    examples = ("mon-fri 09:00-18:00", "daily 21:00-01:00", "sat,sun", "fri 18:00 - mon 08:00")

    @property
    def is_stretch(self) -> bool:
        """`fri 18:00 - mon 08:00`: one stretch, not the same hours on several days."""
        return bool(re.fullmatch(f"{_DAY} {_CLOCK} ?- ?{_DAY} {_CLOCK}", self.text))

    @property
    def occurrences(self) -> tuple[tuple[int, int, int], ...]:
        """(weekday of the start, clock second of the start, clock seconds it lasts), Monday is 0."""
        if self.is_stretch:
            first, last = re.split(r" ?- ?", self.text)
            start_day, start = _day_and_second(first)
            end_day, end = _day_and_second(last)
            length = ((end_day - start_day) % 7) * 86_400 + end - start
            return ((start_day, start, length if length > 0 else length + 7 * 86_400),)
        days, _, hours = self.text.partition(" ")
        if not hours:
            return tuple((day, 0, 86_400) for day in _days(days))
        start_text, end_text = hours.split("-")
        start, end = clock_seconds(start_text), clock_seconds(end_text)
        length = end - start if end > start else end - start + 86_400
        return tuple((day, start, length) for day in _days(days))


def clock_seconds(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def _day_and_second(text: str) -> tuple[int, int]:
    name, clock = text.split()
    return DAY_NAMES.index(name), clock_seconds(clock)


def _days(text: str) -> list[int]:
    if text == "daily":
        return list(range(7))
    if "-" in text:
        first, last = (DAY_NAMES.index(name) for name in text.split("-"))
        return [(first + i) % 7 for i in range((last - first) % 7 + 1)]
    return sorted({DAY_NAMES.index(name) for name in text.split(",")})
