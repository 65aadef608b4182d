"""PagerDuty's official OpenAPI document as a judge of requests and responses.

The document is OpenAPI 3.0; `_fixed` turns its dialect into JSON Schema 2020-12.  Where it contradicts itself or the
service, and where released clients send something else, `deviations.toml` says so with a source; every entry there
has to be met by some test, or it is stale.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jsonschema_rs

Side = Literal["request", "response"]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OWN_PARAMETERS = frozenset({"accept", "content-type", "authorization"})


@dataclass(frozen=True)
class Problem:
    """`at` is the place in the body, `schedule/schedule_layers/0/end`, or `query:limit`, `status`, `path`."""

    side: Side
    operation: str
    at: str
    message: str

    def __str__(self) -> str:
        return f"{self.side} of {self.operation}, {self.at or 'body'}: {self.message}"


@dataclass(frozen=True)
class Deviation:
    id: str
    side: Side
    operations: re.Pattern[str]
    at: re.Pattern[str]
    message: re.Pattern[str]
    about: Literal["document", "service", "client"]
    why: str
    source: str

    def explains(self, problem: Problem) -> bool:
        return (
            problem.side == self.side
            and self.operations.fullmatch(problem.operation) is not None
            and self.at.fullmatch(problem.at) is not None
            and self.message.search(problem.message) is not None
        )


_TABLE = Path(__file__).with_name("deviations.toml")


def read_deviations(path: Path = _TABLE) -> list[Deviation]:
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["deviation"]
    return [
        Deviation(
            id=row["id"],
            side=row["side"],
            operations=re.compile(row["operations"]),
            at=re.compile(row["at"]),
            message=re.compile(row.get("message", "")),
            about=row["about"],
            why=row["why"],
            source=row["source"],
        )
        for row in rows
    ]


class Contract:
    def __init__(self, document: Path, deviations: Sequence[Deviation] = ()) -> None:
        self.document: dict[str, Any] = json.loads(document.read_text(encoding="utf-8"))
        self.deviations = deviations
        self.met: set[str] = set()
        """Ids of the deviations that explained something."""
        self.covered: set[str] = set()
        """Operations whose responses were judged."""
        self._registry = jsonschema_rs.Registry([("pd:spec", {**_fixed(self.document), "$schema": _DIALECT})])
        self._validators: dict[str, Any] = {}
        self._routes = sorted(
            (
                (path.count("{"), re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path))), path)
                for path in self.document["paths"]
            ),
            key=lambda route: route[0],
        )

    def operation(self, method: str, path: str) -> str | None:
        """`get /schedules/{id}`; None for what the document does not have."""
        for _, pattern, template in self._routes:
            if pattern.fullmatch(path) and method.lower() in self.document["paths"][template]:
                return f"{method.lower()} {template}"
        return None

    def request_problems(
        self, method: str, path: str, query: Iterable[tuple[str, str]], headers: Mapping[str, str], body: Any
    ) -> list[Problem]:
        operation = self.operation(method, path)
        if operation is None:
            return self._left([Problem("request", f"{method.lower()} {path}", "path", "is not documented")])
        found = list(self._parameter_problems(operation, list(query), headers))
        node, at = self._resolve(self._pointer(operation, "requestBody"))
        if node is None:
            if body is not None:
                found.append(Problem("request", operation, "", "a body where none is documented"))
        elif body is not None or node.get("required"):
            found += self._body_problems("request", operation, at, node, body)
        return self._left(found)

    def response_problems(self, method: str, path: str, status: int, body: Any) -> list[Problem]:
        operation = self.operation(method, path)
        if operation is None:
            return self._left([Problem("response", f"{method.lower()} {path}", "path", "is not documented")])
        self.covered.add(operation)
        node, at = self._resolve(self._pointer(operation, "responses", str(status)))
        if node is None:
            return self._left([Problem("response", operation, "status", f"{status} is not documented")])
        return self._left(self._body_problems("response", operation, at, node, body))

    def _left(self, problems: Iterable[Problem]) -> list[Problem]:
        left = []
        for problem in problems:
            explained = next((d for d in self.deviations if d.explains(problem)), None)
            if explained is None:
                left.append(problem)
            else:
                self.met.add(explained.id)
        return left

    def _parameter_problems(
        self, operation: str, query: list[tuple[str, str]], headers: Mapping[str, str]
    ) -> Iterable[Problem]:
        method, template = operation.split(" ", 1)
        item = self.document["paths"][template]
        known: dict[tuple[str, str], dict[str, Any]] = {}
        for raw in [*item.get("parameters", ()), *item[method].get("parameters", ())]:
            parameter = self._dereferenced(raw)
            known[parameter["in"], parameter["name"].lower()] = parameter
        sent_headers = {name.lower(): value for name, value in headers.items()}
        for (where, name), parameter in known.items():
            if where == "path" or name in _OWN_PARAMETERS:
                continue
            given = [v for k, v in query if k.lower() == name] if where == "query" else []
            if where == "header" and name in sent_headers:
                given = [sent_headers[name]]
            if not given and parameter.get("required"):
                yield Problem("request", operation, f"{where}:{name}", "is required")
            for value in given:
                yield from self._value_problems(operation, f"{where}:{name}", parameter["schema"], value)
        for name, _ in query:
            if ("query", name.lower()) not in known:
                yield Problem("request", operation, f"query:{name}", "is not documented")

    def _value_problems(
        self, operation: str, at: str, schema: dict[str, Any], value: str
    ) -> Iterable[Problem]:
        schema = self._dereferenced(schema)
        if schema.get("type") == "array":
            schema = self._dereferenced(schema["items"])
        typed: Any = value
        if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", value):
            typed = int(value)
        elif schema.get("type") == "boolean" and value in {"true", "false"}:
            typed = value == "true"
        for error in _validator(json.dumps(_fixed(schema), sort_keys=True)).iter_errors(typed):
            yield Problem("request", operation, at, error.message)

    def _body_problems(
        self, side: Side, operation: str, at: str, node: dict[str, Any], body: Any
    ) -> list[Problem]:
        content = node.get("content")
        if not content:
            return [] if body is None else [Problem(side, operation, "", "a body where none is documented")]
        if body is None:
            return [Problem(side, operation, "", "no body where one is documented")]
        media = next(iter(content))
        if "schema" not in content[media]:
            return []
        pointer = f"{at}/content/{media.replace('/', '~1')}/schema"
        return [
            Problem(side, operation, "/".join(map(str, error.instance_path)), error.message)
            for error in self._validator_at(pointer).iter_errors(body)
        ]

    def _validator_at(self, pointer: str) -> Any:
        if pointer not in self._validators:
            reference = "pd:spec" + pointer.replace("{", "%7B").replace("}", "%7D")
            self._validators[pointer] = jsonschema_rs.Draft202012Validator(
                {"$ref": reference},
                registry=self._registry,
                validate_formats=True,
                formats={"time": lambda _: True},  # "09:00:00" has no offset and is no RFC 3339 time
            )
        return self._validators[pointer]

    def _pointer(self, operation: str, *parts: str) -> str:
        method, template = operation.split(" ", 1)
        steps = ["paths", template, method, *parts]
        return "#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)

    def _resolve(self, pointer: str) -> tuple[dict[str, Any] | None, str]:
        """The node and where it really stands, references followed."""
        while True:
            node: Any = self.document
            for step in pointer.removeprefix("#/").split("/"):
                key = step.replace("~1", "/").replace("~0", "~")
                node = node[int(key)] if isinstance(node, list) else node.get(key)
                if node is None:
                    return None, pointer
            if "$ref" not in node:
                return node, pointer
            pointer = node["$ref"]

    def _dereferenced(self, node: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in node:
            return node
        found, _ = self._resolve(node["$ref"])
        assert found is not None
        return found


def _fixed(node: Any) -> Any:
    """OpenAPI 3.0 -> JSON Schema 2020-12."""
    if isinstance(node, list):
        return [_fixed(item) for item in node]
    if not isinstance(node, dict):
        return node
    fixed = {key: _fixed(value) for key, value in node.items()}
    for bound in ("Minimum", "Maximum"):  # a flag beside the bound in 3.0, the bound itself in 2020-12
        if fixed.get(f"exclusive{bound}") is True:
            fixed[f"exclusive{bound}"] = fixed.pop(bound.lower())
        elif fixed.get(f"exclusive{bound}") is False:
            del fixed[f"exclusive{bound}"]
    if fixed.get("nullable") is True:
        return {"anyOf": [{"type": "null"}, {k: v for k, v in fixed.items() if k != "nullable"}]}
    return fixed


@cache
def _validator(schema: str) -> Any:
    return jsonschema_rs.Draft202012Validator(json.loads(schema), validate_formats=True)
