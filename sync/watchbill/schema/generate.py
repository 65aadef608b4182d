"""Models to JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, TypeAdapter

from watchbill.model.described import descriptions
from watchbill.model.policy import KINDS, Policy, kind_model
from watchbill.schema.shared_texts import with_shared_texts
from watchbill.schema.tidy import tidied

Json = dict[str, Any]
Source = type[BaseModel] | TypeAdapter[Any] | Json
"""What a schema is made from: a model, an adapter of any type, or a schema written by hand."""

POLICY = "policy.schema.json"
_HOME = "https://raw.githubusercontent.com/medicalcor/watchbill/main/schema/"


def generate(outputs: Iterable[tuple[str, Source]] = ()) -> dict[str, Json]:
    """File name -> schema: every kind, a file of any kinds, and the given JSON outputs."""
    files = {f"{kind}.schema.json": _kind_schema(kind) for kind in KINDS}
    files[POLICY] = policy_schema()
    for name, source in outputs:
        files[name] = _headed(name, tidied(_raw(source)))
    return files


def policy_schema() -> Json:
    """For a file of any kinds."""
    schema = tidied(Policy.model_json_schema())
    schema.pop("required")
    for described in schema["properties"].values():
        described.pop("default", None)
    schema["minProperties"] = 1
    schema["description"] = "One policy file: any of the kinds, each under its own key."
    return _headed(POLICY, schema, title="watchbill policy")


def _kind_schema(kind: str) -> Json:
    schema = tidied(kind_model(kind).model_json_schema())
    schema["description"] = descriptions(Policy)[kind]
    return _headed(f"{kind}.schema.json", schema, title=f"watchbill {kind}")


def _raw(source: Source) -> Json:
    if isinstance(source, dict):
        return source
    if isinstance(source, TypeAdapter):
        return source.json_schema(mode="serialization")
    return source.model_json_schema(mode="serialization", by_alias=True)


def _headed(name: str, schema: Json, *, title: str = "") -> Json:
    head: Json = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": _HOME + name}
    if title:
        head["title"] = title
    schema = with_shared_texts(schema)
    body = {key: value for key, value in schema.items() if key not in head and key != "$defs"}
    tail = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    return {**head, **body, **tail}
