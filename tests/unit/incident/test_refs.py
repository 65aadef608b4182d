from __future__ import annotations

import pytest

from watchbill.errors import UsageError
from watchbill.pagerduty.incidents import incident_ref


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("Q1ABC2DEF3GHI4", "Q1ABC2DEF3GHI4"),
        ("1234", "1234"),
        ("#1234", "1234"),
        ("INC-1234", "1234"),
        ("#INC-1234", "1234"),
        ("inc-7", "7"),
        (" 1234 ", "1234"),
        ("https://acme.pagerduty.com/incidents/Q1ABC2", "Q1ABC2"),
        ("https://acme.pagerduty.com/incidents/Q1ABC2/timeline?x=1", "Q1ABC2"),
        ("https://acme.eu.pagerduty.com/incidents/1234", "1234"),
    ],
)
def test_what_people_paste(text: str, ref: str) -> None:
    assert incident_ref(text) == ref


@pytest.mark.parametrize(
    "text", ["", "#", "a/b", "../users", "https://acme.pagerduty.com/", "1234; rm", "INC-XXX?"]
)
def test_what_is_no_incident(text: str) -> None:
    with pytest.raises(UsageError):
        incident_ref(text)
