"""The policy's own tests, run by every check."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.checks.context import Context
from watchbill.checks.rule import Problem, Rule
from watchbill.checks.when import first_and_total
from watchbill.ladder.expect import Broken, Outcome, Rung, expectations
from watchbill.model.base import NOBODY


def _expectation(context: Context) -> Iterator[Problem]:
    for outcome in expectations(context.outlook.roster):
        if outcome.holds:
            continue
        place = ("expectations", outcome.index)
        if outcome.rungs:
            yield Problem(
                place,
                f"{outcome.name}: {_differences(outcome)}",
                "change the policy, or what is expected of it",
                details=_side_by_side(outcome),
            )
        for broken in outcome.broken:
            yield Problem(
                place,
                f"{outcome.name}: {_told(context, broken)}",
                "change the policy, or what is expected of it",
            )


def _differences(outcome: Outcome) -> str:
    return "; ".join(_difference(rung) for rung in outcome.rungs if not rung.holds)


def _difference(rung: Rung) -> str:
    at = f"at {rung.minute}m"
    if rung.vacuous and rung.expected == rung.actual:
        return f"{at} {', '.join(rung.vacuous)} reaches nobody (say `{NOBODY}` if that is meant)"
    actual = f"it pages {_people(rung.actual)}"
    return f"{at} expected {_wanted(rung)}, but {actual}"


def _wanted(rung: Rung) -> str:
    names = ", ".join(rung.wanted)
    people = _people(rung.expected or frozenset())
    return names if names in (people, NOBODY) else f"{names} ({people})"


def _people(people: frozenset[str]) -> str:
    return ", ".join(sorted(people)) or NOBODY


def _side_by_side(outcome: Outcome) -> tuple[str, ...]:
    """minute, expected, actual; a minute of which the expectation says nothing has a dash."""
    rows = [("", "", "expected", "actual")]
    for rung in outcome.rungs:
        expected = "-" if rung.expected is None else _wanted(rung)
        ways = [way for way in rung.how if way not in rung.actual]
        actual = _people(rung.actual) + (f" ({', '.join(ways)})" if ways else "")
        rows.append((" " if rung.holds else "✗", f"{rung.minute}m", expected, actual))
    minute, width = (max(len(row[i]) for row in rows) for i in (1, 2))
    return tuple(f"{m:1} {at:>{minute}}  {e:<{width}}  {a}".rstrip() for m, at, e, a in rows)


def _told(context: Context, broken: Broken) -> str:
    names = broken.where
    shown = first_and_total(broken.spans, context.policy.settings.time_zone)
    if not broken.people:
        return f"nobody is on duty in {names[0]}: {shown}"
    who = ", ".join(broken.people)
    if broken.at_once:
        return f"{who} is in {' and '.join(names)} at once: {shown}"
    return f"{who} is on duty in {', '.join(names)}: {shown}"


RULES = (Rule("expectation", "error", "Something that the policy says of itself is not so", _expectation),)
