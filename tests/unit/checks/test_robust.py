"""Whatever a policy says, the rules answer with findings and never break.

Policies are put together from the examples, right and wrong ones, and then values of one key are put where another
object has that key: mostly of the right form, hardly ever of sense.
"""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from examples.harness import HERE, NOW, STRUCTURAL, examples, files_of
from watchbill.checks.registry import READING, RULES, run_checks
from watchbill.config.load import assemble
from watchbill.config.yaml_reader import read_yaml

BASE = read_yaml((HERE / "base.yaml").read_text("utf-8"), "base.yaml").data
UNFIT = {*STRUCTURAL, *(rule.id for rule in READING)}
PARTS = [
    read_yaml(path.read_text("utf-8"), path.name).data
    for verdict in ("valid", "invalid")
    for example in examples(verdict)
    if verdict == "valid" or example.parent.name not in UNFIT
    for path in files_of(example)
]
ROUNDS = 40
SEEDS = range(8)


def spots(data: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) below."""
    found: list[tuple[Any, Any]] = []
    for key, value in (
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    ):
        found += [(data, key), *spots(value)]
    return found


POOL: dict[Any, list[Any]] = {}
for part in [BASE, *PARTS]:
    for holder, name in spots(part):
        POOL.setdefault(name, []).append(holder[name])
HANDLES = sorted(
    {handle for part in [BASE, *PARTS] for kind in part.values() if isinstance(kind, dict) for handle in kind}
)


def put_together(chance: random.Random) -> dict[str, Any]:
    policy: dict[str, Any] = copy.deepcopy(BASE)
    for chosen in chance.sample(PARTS, chance.randint(1, 6)):
        for kind, value in copy.deepcopy(chosen).items():
            if isinstance(value, list):
                policy.setdefault(kind, []).extend(value)
            else:
                policy.setdefault(kind, {}).update(value)
    return policy


def confuse(policy: dict[str, Any], chance: random.Random) -> None:
    holder, key = chance.choice(spots(policy))
    value = holder[key]
    if value in HANDLES or isinstance(key, int):
        holder[key] = chance.choice(HANDLES) if isinstance(value, str) else value
    elif chance.random() < 0.1:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(chance.choice(POOL.get(key, [value])))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_policy_breaks_the_rules(seed: int) -> None:
    chance = random.Random(seed)
    seen: set[str] = set()
    for _ in range(ROUNDS):
        policy = put_together(chance)
        for _ in range(chance.randint(0, 4)):
            confuse(policy, chance)
        document = read_yaml(json.dumps(policy), "policy.yaml")
        loaded = assemble(Path(), [document], document.findings)
        for finding in run_checks(loaded, account_is_real=chance.random() < 0.5, now=NOW):
            assert finding.hint, finding
            assert finding.line, finding
            seen.add(finding.rule)
    assert len(seen) > sum(rule.check is not None for rule in RULES) / 3, sorted(seen)
