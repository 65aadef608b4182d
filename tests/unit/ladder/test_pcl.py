from __future__ import annotations

from typing import Any

import pytest

from watchbill.ladder.pcl import NotUnderstood, condition, quoted

EVENT: dict[str, Any] = {
    "summary": "Disk full",
    "severity": "critical",
    "count": 3,
    "flag": True,
    "custom_details": {"severity": "p1", "tags": ["db", "security"], "odd key": "it's", "nested": {"a": 1}},
}


@pytest.mark.parametrize(
    "text",
    [
        "event.severity matches 'CRITICAL'",
        "event.severity matches exactly 'critical'",
        "event.summary matches part 'disk'",
        "event.summary matches regex '^disk (full|slow)$'",
        "event.custom_details.severity matches 'P1'",
        "event.custom_details.tags[1] matches 'security'",
        "event.custom_details['odd key'] matches 'it\\'s'",
        "event.custom_details.nested.a == 1",
        "event.count == 3",
        "event.count matches '3'",
        "event.flag == true",
        "event.flag matches 'true'",
        "event.severity in ['error', 'critical']",
        "event.custom_details.tags exists",
        "not event.nothing exists",
        "event.severity == 'critical' and not event.count == 4",
        "event.nothing exists or event.severity matches 'critical'",
        # and before or, not before and
        "event.severity matches 'critical' or event.count == 3 and event.nothing exists",
        "not event.nothing exists and event.count == 3",
        "(event.nothing exists or event.flag == true) and event.count == 3",
    ],
)
def test_what_holds(text: str) -> None:
    assert condition(text)(EVENT)


@pytest.mark.parametrize(
    "text",
    [
        "event.severity matches exactly 'Critical'",
        "event.severity matches 'critica'",
        "event.severity == 'CRITICAL'",
        "event.nothing matches ''",
        "event.nothing.deeper == 1",
        "event.custom_details.tags matches 'db'",
        "event.custom_details.tags[7] matches 'db'",
        "event.custom_details.nested matches part 'a'",
        "event.summary[0] matches 'D'",
        "event.count == '3'",
        "event.flag == 1",
        "event.severity in ['error']",
        "not event.count exists",
        "event.nothing exists and event.count == 3 or event.nothing exists",
        "not (event.count == 3 or event.nothing exists)",
    ],
)
def test_what_does_not(text: str) -> None:
    assert not condition(text)(EVENT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "event.severity",
        "severity matches 'critical'",
        "raw_event.x exists",
        "event.severity matches critical",
        "event.severity matches 'critical",
        "event.severity matches 'a' 'b'",
        "event.severity matches 'a' or",
        "(event.severity exists",
        "event.severity matches regex '('",
        "event.count == maybe",
        "event.x in ['a'",
        "event.x == 1.2.3",
        "now in Mon,Tue 09:00:00 to 17:00:00 America/New_York",
        "trigger_count over 5 minutes > 3",
        "event.x § 1",
        "not " * 100_000 + "event.x exists",
    ],
)
def test_what_is_not_understood_says_so(text: str) -> None:
    with pytest.raises(NotUnderstood):
        condition(text)


@pytest.mark.parametrize("text", ["plain", "it's", "back\\slash", "\\'", ""])
def test_a_quoted_text_is_itself(text: str) -> None:
    assert condition(f"event.x matches exactly {quoted(text)}")({"x": text})
