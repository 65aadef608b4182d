"""One verdict: the models, the published schema in jsonschema, and in jsonschema-rs (another regex engine)."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from examples.harness import STRUCTURAL, examples, files_of, text_of
from shared import shared
from watchbill.checks.registry import READING, STRUCTURE
from watchbill.config.collect import Collected
from watchbill.config.yaml_reader import Document, read_yaml
from watchbill.schema import POLICY, generate

SCHEMAS = generate()
PYTHON = Draft202012Validator(SCHEMAS[POLICY])
RUST = jsonschema_rs.Draft202012Validator(SCHEMAS[POLICY])


def by_models(data: Any) -> bool:
    return not Collected({}).add(Document("x.yaml", "", data))


def agreed(data: Any) -> bool:
    verdicts = {"models": by_models(data), "jsonschema": PYTHON.is_valid(data), "rust": RUST.is_valid(data)}
    assert len(set(verdicts.values())) == 1, f"{verdicts} on {json.dumps(data)[:600]}"
    return verdicts["models"]


FILES = [
    (path, example) for v in ("valid", "invalid") for example in examples(v) for path in files_of(example)
]


@pytest.mark.parametrize(("path", "example"), FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_they_agree_on_every_example(path: Path, example: Path) -> None:
    read = read_yaml(path.read_text("utf-8"), path.name)
    rule = example.parent.name
    if rule in {r.id for r in READING} and example.parts[-3] == "invalid":
        return
    faulty = example.parts[-3] == "invalid" and rule in STRUCTURAL
    assert agreed(read.data) is not faulty, text_of(example)


def test_the_structural_rules_are_those_of_the_registry() -> None:
    assert {rule.id for rule in STRUCTURE} == set(STRUCTURAL)


def test_they_agree_on_the_format_description() -> None:
    text = shared("policy-format.yaml").read_text("utf-8")
    for i, part in enumerate(text.split("\n---\n")):
        read = read_yaml(part, f"document {i}")
        assert not read.broken, read.findings
        assert agreed(read.data), part


def test_a_file_of_one_kind_has_the_same_verdict_by_its_own_schema() -> None:
    for path, _ in FILES:
        data = read_yaml(path.read_text("utf-8"), path.name).data
        kinds = list(data) if isinstance(data, dict) else []
        if len(kinds) == 1 and f"{kinds[0]}.schema.json" in SCHEMAS:
            own = Draft202012Validator(SCHEMAS[f"{kinds[0]}.schema.json"])
            assert own.is_valid(data) is PYTHON.is_valid(data), path


VALID = [
    read_yaml(path.read_text("utf-8"), path.name).data
    for path in (p for p, e in FILES if e.parts[-3] == "valid")
]
TEXTS = ["", "x", "P1", "ana", "Ana", "ana\n", "no", "1h", "1 h", "0m", "9:00", "mon 09:00", "24:00", "2026-02-29", "2024-02-29", "2026-01-05",
         "2026-01-05 09:00", "2026-01-05T09:00:00Z", "a@b.c", "30%", "always", "sat,sun", "n/a", "unset", "nobody", "٣m", "１h", "é", "a" * 64, "x" * 256, "domain.primary", "a\u2028b"]  # fmt: skip
ODD = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from([None, True, False, 0, 1, -1, 2, 9, 10, 10**20]),
    st.sampled_from(
        [[], {}, ["ana"], [None], [1], [[]], {"x": 1}, {"title": "x"}, {"": ""}, {"page": "ana"}]
    ),
    st.text(max_size=8),
)


def spots(data: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) below."""
    found: list[tuple[Any, Any]] = []
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        found.append((data, key))
        found += spots(value)
    return found


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_they_agree_on_whatever_is_done_to_a_valid_file(data: st.DataObject) -> None:
    mutant = copy.deepcopy(data.draw(st.sampled_from(VALID)))
    for _ in range(data.draw(st.integers(1, 3))):
        places = spots(mutant)
        if not places:
            break
        container, key = places[data.draw(st.integers(0, len(places) - 1))]
        how = data.draw(st.sampled_from(["replace", "delete", "add", "rename"]))
        if how == "replace":
            container[key] = copy.deepcopy(data.draw(ODD))
        elif how == "delete":
            del container[key]
        elif isinstance(container, list):
            container.append(copy.deepcopy(data.draw(ODD)))
        elif how == "rename":
            container[data.draw(st.sampled_from(TEXTS))] = container.pop(key)
        else:
            container[data.draw(st.sampled_from(["x", "until", "for", "crew", "page", "title", "steps"]))] = (
                copy.deepcopy(data.draw(ODD))
            )
    agreed(mutant)


def used_keys(data: Any, schema: dict[str, Any], found: set[str]) -> None:
    """Names as `Definition.key`; alternatives of one place are all followed."""
    for option in [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]:
        ref = option.get("$ref", "").removeprefix("#/$defs/")
        target = SCHEMAS[POLICY]["$defs"][ref] if ref else option
        if ref:
            used_keys(data, {**target, "anyOf": [], "oneOf": []} if "properties" in target else target, found)
            continue
        if isinstance(data, dict):
            for key, value in data.items():
                if key in target.get("properties", {}):
                    found.add(f"{target.get('title', 'policy')}.{key}")
                    used_keys(value, target["properties"][key], found)
                for pattern in target.get("patternProperties", {}).values():
                    used_keys(value, pattern, found)
        if isinstance(data, list) and isinstance(target.get("items"), dict):
            for item in data:
                used_keys(item, target["items"], found)


def test_every_key_of_the_format_is_in_a_valid_example() -> None:
    found: set[str] = set()
    for data in VALID:
        used_keys(data, {**SCHEMAS[POLICY], "title": "policy"}, found)
    wanted = {
        f"{d['title']}.{key}" for d in SCHEMAS[POLICY]["$defs"].values() for key in d.get("properties", {})
    }
    wanted |= {f"policy.{key}" for key in SCHEMAS[POLICY]["properties"]}
    assert not wanted - found, sorted(wanted - found)
