"""Each type of text (window, date, ...) is written once under `$defs`, not at every place that uses it."""

from __future__ import annotations

from typing import Any

from watchbill.model.text import TextValue
from watchbill.schema.tidy import closed

_NAMES = {closed(f"^(?:{kind.pattern})$"): kind.__name__ for kind in TextValue.__subclasses__()}
_OWN = ("description", "examples", "pattern", "patternErrorMessage", "type")


def with_shared_texts(schema: dict[str, Any]) -> dict[str, Any]:
    texts: dict[str, Any] = {}
    result: dict[str, Any] = _shared(schema, texts)
    if texts:
        result["$defs"] = dict(sorted({**result.get("$defs", {}), **texts}.items()))
    return result


def _shared(value: Any, texts: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_shared(item, texts) for item in value]
    if not isinstance(value, dict):
        return value
    name = _NAMES.get(value.get("pattern", "")) if isinstance(value.get("pattern"), str) else None
    if name is None:
        return {key: _shared(item, texts) for key, item in value.items()}
    kind = next(kind for kind in TextValue.__subclasses__() if kind.__name__ == name)
    texts[name] = {**{key: value[key] for key in _OWN if key in value}, "description": kind.meaning}
    beside = {key: item for key, item in value.items() if key not in _OWN}
    if value.get("description") not in (None, kind.meaning):
        beside["description"] = value["description"]
    return {"$ref": f"#/$defs/{name}", **beside}
