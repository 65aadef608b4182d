"""The same map, held against the policy as watchbill itself reads it from the files."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from runbook.places import deleted, leaves, read_policy
from runbook.runbook_map import misses
from shared import ROOT
from watchbill.config.load import load_policy
from watchbill.findings import has_errors


def test_every_place_of_the_loaded_policy_holds_what_the_map_says() -> None:
    loaded = load_policy(ROOT / "policies")
    assert not has_errors(loaded.findings)
    assert list(misses(loaded.policy)) == []


def _sample() -> list[str]:
    """Every twentieth leaf, so that all kinds are met."""
    return [place for place, _ in leaves(read_policy(ROOT / "policies"))][::20]


@pytest.mark.parametrize("place", _sample())
def test_a_file_without_one_leaf_is_refused_or_loads_as_something_else(place: str, tmp_path: Path) -> None:
    policy = read_policy(ROOT / "policies")
    with deleted(policy, place):
        YAML(typ="safe").dump(policy, tmp_path / "all.yaml")
    loaded = load_policy(tmp_path)
    refused = loaded.policy is None or has_errors(loaded.findings)
    assert refused or next(misses(loaded.policy), None) is not None
