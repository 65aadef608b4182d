"""The literal transcription dangles exactly where its list says, so that the reference check has a truth to meet."""

from __future__ import annotations

import json
from typing import Any

from runbook.places import leaves, read_policy
from shared import ROOT
from watchbill.model.policy import NAMED, Policy

FOLDER = ROOT / "tests" / "fixtures" / "literal"
MISSING: list[dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))["missing"]
POLICY = read_policy(FOLDER)


def test_it_has_the_right_shape_so_that_only_names_are_wrong() -> None:
    Policy.model_validate(POLICY)


def test_the_fourteen_are_used_where_the_list_says_and_defined_nowhere() -> None:
    defined = {handle for kind in NAMED for handle in POLICY.get(kind, {})}
    titles = {role["title"] for kind in ("roles", "rotations") for role in POLICY[kind].values()}
    assert len(MISSING) == 14
    for missing in MISSING:
        assert missing["used_at"] == [place for place, value in leaves(POLICY) if value == missing["handle"]]
        assert missing["used_at"]
        assert missing["handle"] not in defined
        assert missing["name"] not in titles


def test_whatever_else_it_pages_is_defined() -> None:
    defined = {handle for kind in NAMED for handle in POLICY.get(kind, {})}
    known = defined | {missing["handle"] for missing in MISSING}
    targets = {
        value
        for place, value in leaves(
            {kind: POLICY[kind] for kind in ("severities", "domains", "triggers", "paths")}
        )
        if {"steps", "page", "then", "primary", "secondary", "tertiary", "or"} & set(place.split("."))
        and place.rsplit(".", 1)[-1] not in {"title", "note", "only_if", "event", "levels"}
        and not value.startswith(("domain.", "rotation."))
    }
    assert targets - known == set()
    assert targets > {missing["handle"] for missing in MISSING}
