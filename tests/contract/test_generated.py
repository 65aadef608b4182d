"""Requests made up by schemathesis from the official document: never a server error, never an undocumented answer."""

from __future__ import annotations

import json
import random
import re
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from contract.client import Client
from contract.openapi import Contract, read_deviations
from shared import openapi_path, shared
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.routes import API_ROUTES
from watchbill.sandbox.server import Sandbox

schemathesis = pytest.importorskip("schemathesis", reason="NOT CHECKED: schemathesis is not installed")
EXAMPLES = 6
_HEADER = re.compile(r"^[\x20-\x7e]*$")


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(openapi_path(), read_deviations())


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    document = json.loads(shared("estates/cloud-team-weekday-weekend.json").read_text(encoding="utf-8"))
    with Sandbox(
        clock="2026-11-23T14:00:00Z", load=document, options=SandboxOptions(rate_limit=0)
    ) as running:
        yield running


@pytest.fixture(scope="module")
def schema() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return schemathesis.openapi.from_path(str(openapi_path()))


KINDS = {
    "users": "user",
    "teams": "team",
    "schedules": "schedule",
    "escalation_policies": "escalation_policy",
    "services": "service",
    "incidents": "incident",
}


def path_of(sandbox: Sandbox, template: str, values: dict[str, Any], dice: random.Random) -> str:
    """Half of the ids are those of objects that are there."""
    first = template.strip("/").split("/")[0]
    known = sandbox.store.all(KINDS[first]) if first in KINDS else []

    def value(match: re.Match[str]) -> str:
        if known and dice.random() < 0.5:
            return str(dice.choice(known)["id"])
        return quote(str(values.get(match[1], "X")), safe="") or "X"

    return re.sub(r"\{(\w+)\}", value, template)


def documented_routes() -> list[tuple[str, str]]:
    return sorted({(route.method, route.path) for route in API_ROUTES})


def pairs_of(query: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, item if isinstance(item, str) else json.dumps(item))
        for name, value in query.items()
        for item in (value if isinstance(value, list) else [value])
    ]


@pytest.mark.parametrize(("method", "path"), documented_routes())
def test_generated_requests(
    contract: Contract, sandbox: Sandbox, schema: Any, method: str, path: str
) -> None:
    operation = contract.operation(method, path.replace("{", "").replace("}", ""))
    if operation is None:
        pytest.skip(f"{method} {path} is not in the document; see UNDOCUMENTED")
    template = operation.split(" ", 1)[1]
    dice = random.Random(path)

    @seed(20261123)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def run(data: st.DataObject) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case = data.draw(schema[template][method].as_strategy())
        body = case.body if isinstance(case.body, dict | list | str | int | float | bool) else None
        target = path_of(sandbox, path, case.path_parameters or {}, dice)
        with Client(sandbox.url, sandbox.token) as api:
            answer = api.request(method, target, body, pairs_of(dict(case.query or {})))
        assert answer.status < 500, f"{method} {target} {body}"
        problems = contract.response_problems(method, target, answer.status, answer.body)
        assert not problems, "\n".join(map(str, problems))

    run()
