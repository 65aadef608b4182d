"""What the generated schemas need so that every validator reads them as pydantic reads the models."""

from __future__ import annotations

from typing import Any

_MAPS_OF_SCHEMAS = ("$defs", "properties", "patternProperties")
_LISTS_OF_SCHEMAS = ("anyOf", "allOf", "oneOf", "prefixItems")
_SCHEMAS = ("items", "not", "if", "then", "additionalProperties", "propertyNames")


def tidied(schema: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _MAPS_OF_SCHEMAS:
            inner = {name: tidied(item) for name, item in value.items()}
            result[key] = {closed(name): item for name, item in inner.items()} if key[1:2] == "a" else inner
        elif key in _LISTS_OF_SCHEMAS:
            result[key] = [tidied(item) for item in value]
        elif key in _SCHEMAS and isinstance(value, dict):
            result[key] = tidied(value)
        elif key == "pattern":
            result[key] = closed(value)
        elif key == "default":
            result[key] = _plain(value)
        else:
            result[key] = value
    return _without_noise(result)


def closed(pattern: str) -> str:
    """`$` also matches before a last line break in Python's `re`, which jsonschema uses, but not elsewhere."""
    return pattern[:-1] + r"(?!\n)$" if pattern.endswith("$") else pattern


def _plain(value: Any) -> Any:
    """pydantic writes a default that is a value of text as {"text": ...}."""
    if isinstance(value, dict):
        return value["text"] if value.keys() == {"text"} else {k: _plain(v) for k, v in value.items()}
    return value


def _without_noise(schema: dict[str, Any]) -> dict[str, Any]:
    if "patternProperties" in schema:
        schema["additionalProperties"] = False
    if schema.get("default", ...) is None:
        del schema["default"]
    for described in schema.get("properties", {}).values():
        described.pop("title", None)
    if "pattern" in schema and schema.get("examples"):
        schema["patternErrorMessage"] = f"write it like {schema['examples'][0]}"
    return schema
