"""Guards on the command line: each says what it saw, what to do, and how to let it pass; none passes by force."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.small import Small, applied

OFFICE = ("first: {title: First,", "first: {title: First, hours: mon-fri 09:00-18:00,")
MAILBOX = ("cleo@example.com}", "cleo@example.com, human: false}")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    with applied(tmp_path) as made:
        yield made


def writes(small: Small) -> int:
    return sum(r.method != "GET" for r in small.sandbox.requests())


def test_a_gap_is_refused_until_each_guard_has_its_own_waiver(small: Small) -> None:
    text = small.text
    may_be_empty = ("0m: first,", "0m: {page: first, may_be_empty: nights are level two's},")
    small.change(OFFICE, may_be_empty)
    before = writes(small)
    refused = small.apply(11)
    assert writes(small) == before
    assert "guard imminent" in refused.err
    assert "(and 1 more)" in refused.err
    assert max(map(len, refused.out.splitlines())) <= 80
    out = " ".join(refused.out.split())
    assert (
        "coverage-gap: first has somebody at all hours, and would have nobody from Mon 2026-11-23 18:00"
        in out
    )
    one = small.apply(11, "--waive", "imminent=agreed")
    assert "guard coverage-gap" in one.err
    small.apply(2, "--waive", "everything=please")
    small.apply(2, "--waive", "coverage-gap=")

    waiver = "  waivers: [{guard: coverage-gap, reason: level two has the nights, expires: 2026-11-20}]\n"
    small.say(text.replace("people:\n", f"{waiver}people:\n"))
    small.apply()  # the waiver alone: it counts from the next change on
    small.change(OFFICE, may_be_empty)
    late = small.apply(11, "--waive", "imminent=agreed")
    assert "the waiver 'level two has the nights' ran out on 2026-11-20" in " ".join(late.err.split())
    longer = ("expires: 2026-11-20", "expires: 2026-12-31")
    small.change(longer)
    held = small.apply(11, "--waive", "imminent=agreed")
    assert "merge the rule change first, alone" in " ".join(held.err.split())
    small.say(text.replace("people:\n", f"{waiver}people:\n").replace(*longer))
    small.apply()
    small.change(OFFICE, may_be_empty)
    passed = small.apply(0, "--waive", "imminent=agreed:2026-11-23")
    assert "waived: level two has the nights" in " ".join(passed.out.split())
    small.say(text)


@pytest.mark.long
def test_a_ladder_to_a_mailbox_and_a_scope(small: Small) -> None:
    text = small.text
    small.change(MAILBOX, ("crew: [ana, ben]", "crew: [cleo]"), (", 15m: second", ""))
    refused = small.apply(11, "--waive", "imminent=agreed")
    assert "no level would reach a human from now" in " ".join(refused.err.split())
    small.text = text
    small.change(
        ("15m: second", "15m: second, 30m: cleo"),
        ("people:\n", "  guards: {scope: {kinds: rotations}}\npeople:\n"),
    )
    refused = small.apply(11)
    assert "settings.guards.scope.kinds are rotations, and the plan touches API" in refused.err
    small.apply(0, "--waive", "scope=once")
