"""Overrides, absences and listed shifts: spans that make sense."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from watchbill.checks.context import Context
from watchbill.checks.hours import zone_exists
from watchbill.checks.rule import Problem, Rule
from watchbill.model.policy import Policy
from watchbill.model.text import LocalTime
from watchbill.rota.clock import Instant, zone
from watchbill.rota.dated import is_repeated, override_span


def _empty_span(context: Context) -> Iterator[Problem]:
    for i, override in enumerate(context.policy.overrides):
        if override.until and not _in_order(override.from_, override.until):
            yield Problem(
                ("overrides", i, "until"),
                f"it ends at {override.until}, but begins at {override.from_}",
                _END,
            )
        if override.for_ and not override.for_.seconds:
            yield Problem(("overrides", i, "for"), "it lasts no time at all", "write how long, such as 2h")
    for i, shift in enumerate(context.policy.shifts):
        if not _in_order(shift.from_, shift.until):
            yield Problem(
                ("shifts", i, "until"), f"it ends at {shift.until}, but begins at {shift.from_}", _END
            )
    for i, absence in enumerate(context.policy.absences):
        if absence.last_day.text < absence.first_day.text:
            message = f"the last day {absence.last_day} is before the first, {absence.first_day}"
            yield Problem(("absences", i, "last_day"), message, "both days are included")
    for i, expectation in enumerate(context.policy.expectations):
        if expectation.between and expectation.between[1].text <= expectation.between[0].text:
            yield Problem(
                ("expectations", i, "between"), "it ends before it begins", "[from, until], until excluded"
            )


def _in_order(begin: LocalTime, end: LocalTime) -> bool:
    """By the wall clock; within a repeated hour the second time comes later, whatever its minute."""
    moments = [(m.value.replace(minute=0, fold=0), m.value.fold, m.value.minute) for m in (begin, end)]
    return moments[0] < moments[1]


def _not_repeated(context: Context) -> Iterator[Problem]:
    policy = context.policy
    dated = [("overrides", i, o.rotation, (o.from_, o.until)) for i, o in enumerate(policy.overrides)]
    dated += [("shifts", i, s.rotation, (s.from_, s.until)) for i, s in enumerate(policy.shifts)]
    for kind, i, rotation, moments in dated:
        if rotation not in policy.rotations or not zone_exists(policy.zone_of(rotation)):
            continue
        where = zone(policy.zone_of(rotation))
        for key, moment in zip(("from", "until"), moments, strict=True):
            if moment is not None and moment.value.fold and not is_repeated(moment, where):
                message = f"{moment.text[:16]} comes once in {where.name}, so it has no second time"
                yield Problem((kind, i, key), message, f"write {moment.text[:16]}")


_END = "`until` is the first moment after it"


def _overlap(context: Context) -> Iterator[Problem]:
    policy = context.policy
    spans: dict[str, list[tuple[Instant, Instant, int]]] = {}
    for i, override in enumerate(policy.overrides):
        if override.rotation in policy.rotations and not override.cancelled:
            zone_name = policy.zone_of(override.rotation)
            if zone_exists(zone_name):
                start, end = override_span(policy, override)
                spans.setdefault(override.rotation, []).append((start, end, i))
    for rotation, found in spans.items():
        for (_, end, first), (start, _, second) in pairwise(sorted(found)):
            if start < end:
                other = policy.overrides[first]
                message = f"in {rotation}, {other.person} already steps in from {other.from_}"
                yield Problem(
                    ("overrides", second),
                    message,
                    "shorten one of them: `until` of one is `from` of the next",
                )


def _no_schedule(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for i, override in enumerate(policy.overrides):
        rotation = policy.rotations.get(override.rotation)
        if rotation is not None and rotation.covered_by is not None:
            hint = f"write it for '{rotation.covered_by}'"
            message = f"'{override.rotation}' has no schedule of its own: '{rotation.covered_by}' covers it"
            yield Problem(("overrides", i, "rotation"), message, hint)


def _same_person(context: Context) -> Iterator[Problem]:
    for i, override in enumerate(context.policy.overrides):
        if override.instead_of == override.person:
            yield Problem(
                ("overrides", i, "instead_of"),
                f"'{override.person}' replaces themselves",
                "name somebody else",
            )
    for i, absence in enumerate(context.policy.absences):
        if absence.covered_by == absence.person:
            place = ("absences", i, "covered_by")
            yield Problem(place, f"'{absence.person}' is away and cannot cover that", "name somebody else")


def _one_file_each(context: Context) -> Iterator[Problem]:
    policy: Policy = context.policy
    for kind, count in (("overrides", len(policy.overrides)), ("absences", len(policy.absences))):
        homes = [context.loaded.locator.home((kind, i)) for i in range(count)]
        files = Counter(home[0].file for home in homes if home is not None)
        for i, home in enumerate(homes):
            if home is not None and files[home[0].file] > 1:
                files[home[0].file] = 0
                message = (
                    f"several {kind} in one file: two people who add some at once meet in a merge conflict"
                )
                yield Problem((kind, i), message, f"one file each: {_CONVENTION[kind]}")


_CONVENTION = {
    "overrides": "overrides/<rotation>/<date>-<hhmm>-<person>.yaml",
    "absences": "absences/<person>-<date>.yaml",
}

RULES = (
    Rule("empty-span", "error", "It ends before it begins", _empty_span),
    Rule("time-comes-once", "error", "A second time of a moment that comes once", _not_repeated),
    Rule("override-overlap", "error", "Two overrides at once in one rotation", _overlap),
    Rule("override-on-cover", "error", "An override where there is no schedule", _no_schedule),
    Rule("own-replacement", "error", "Somebody who replaces themselves", _same_person),
    Rule("one-file-each", "note", "Several overrides in one file", _one_file_each),
)
