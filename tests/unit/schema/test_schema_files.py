"""The published schemas: what the models say, complete, and good for editors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from watchbill.model.policy import KINDS
from watchbill.schema import POLICY, as_text, generate, stale, write

SCHEMAS = generate()
FOLDER = Path(__file__).resolve().parents[3] / "schema"


def objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema of an object inside a schema."""
    for value in schema.values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from objects(item)
    if schema.get("type") == "object":
        yield schema


def test_there_is_one_for_each_kind_and_one_for_all() -> None:
    assert set(SCHEMAS) == {f"{kind}.schema.json" for kind in KINDS} | {POLICY}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_committed_file_is_what_the_models_say(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == as_text(SCHEMAS[name]), "run `watchbill schema`"


@pytest.mark.parametrize("name", SCHEMAS)
def test_it_is_a_schema_by_the_metaschema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"].endswith(f"/{name}")


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_is_described_and_no_other_is_allowed(name: str) -> None:
    for found in objects(SCHEMAS[name]):
        assert found.get("additionalProperties") is False, found
        for key, value in found.get("properties", {}).items():
            assert len(value.get("description", "")) > 10, f"{name}: {found.get('title')}.{key}"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_reference_leads_somewhere(name: str) -> None:
    text = json.dumps(SCHEMAS[name])
    for part in text.split('"$ref": "#/$defs/')[1:]:
        assert part.partition('"')[0] in SCHEMAS[name]["$defs"]


def test_stale_files_are_named_and_written(tmp_path: Path) -> None:
    files = {"a.schema.json": {"type": "object"}, "b.schema.json": {"type": "array"}}
    assert write(tmp_path, files) == ["a.schema.json", "b.schema.json"]
    assert stale(tmp_path, files) == []
    (tmp_path / "a.schema.json").write_text("{}")
    (tmp_path / "old.schema.json").write_text("{}")
    assert stale(tmp_path, files) == ["a.schema.json", "old.schema.json"]
    assert write(tmp_path, files) == ["a.schema.json", "old.schema.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.schema.json", "b.schema.json"]


def test_an_output_joins_by_its_model() -> None:
    schema = generate([("who.schema.json", {"type": "object", "properties": {"at": {"type": "string"}}})])
    assert schema["who.schema.json"]["properties"] == {"at": {"type": "string"}}
