from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.config.suggest import did_you_mean, nearest

NAMES = [
    *("eng-manager", "vp-engineering", "cto", "ceo", "ciso", "backend-1", "backend-2", "backend-3"),
    *("primary", "backend", "database", "dba", "database-lead", "security", "security-lead", "legal"),
]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("eng-mangaer", "did you mean 'eng-manager'?"),
        ("Eng_Manager", "did you mean 'eng-manager'?"),
        ("engmanager", "did you mean 'eng-manager'?"),
        ("manager-eng", "did you mean 'eng-manager'?"),
        ("cot", "did you mean 'cto'?"),
        ("ceoo", "did you mean 'ceo'?"),
        ("databse", "did you mean 'database'?"),
        ("sceurity", "did you mean 'security'?"),
        ("backend-4", "did you mean 'backend', 'backend-1' or 'backend-2'?"),
        ("vp-eng", "did you mean 'vp-engineering'?"),
        ("manager", "did you mean 'eng-manager'?"),
        ("xyz", ""),
        ("marketing", ""),
        ("", ""),
        ("c", ""),
        ("x" * 5000, ""),
    ],
)
def test_what_was_meant(word: str, meant: str) -> None:
    assert did_you_mean(word, NAMES) == meant


@given(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=8))
def test_order_does_not_matter(word: str, names: list[str]) -> None:
    mixed = names * 2
    random.Random(1).shuffle(mixed)
    assert nearest(word, names) == nearest(word, mixed)


@given(st.text(alphabet="abcdefgh", min_size=4, max_size=20), st.data())
def test_one_slip_is_found(name: str, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(name) - 2))
    slips = [
        name[:i] + name[i + 1] + name[i] + name[i + 2 :],
        name[:i] + name[i + 1 :],
        name[:i] + "x" + name[i:],
        name[:i] + "x" + name[i + 1 :],
    ]
    for slip in slips:
        assert nearest(slip, [name, "yyyyyyyyyyyyyyyyyyyyyyyyyyyy"]) == [name]
