"""Everything the sandbox offers, driven through Prism: requests and answers as PagerDuty's document says.

What is not, stands in `tests/contract/deviations.toml` with its source.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import test_sandbox_contract as journey
from contract.client import Client
from contract.openapi import Contract, Problem, read_deviations
from judges.conftest import NOW
from judges.document import cleaned, template
from judges.prism import Watched, prism, problems
from shared import openapi_path
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.routes import API_ROUTES
from watchbill.sandbox.server import Sandbox

HERS = {
    # Prism's `url` is that of ajv: a public host name with a top-level domain.  The journey's receiver is on loopback.
    ("delivery_method/url", 'is not a "url"'),
}


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(openapi_path(), read_deviations())


@pytest.fixture(scope="module")
def clean(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Path:
    paths = {template(contract.document, route.path) for route in API_ROUTES}
    file = tmp_path_factory.mktemp("prism") / "clean.json"
    file.write_text(json.dumps(cleaned(contract.document, paths - {None})))  # type: ignore[arg-type]
    return file


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0, shuffle=False)) as running:
        yield running


@pytest.fixture(scope="module")
def proxy(npm: Path, clean: Path, sandbox: Sandbox) -> Iterator[str]:
    with prism(npm, clean, sandbox.url) as url:
        yield url


def is_explained(contract: Contract, problem: Problem) -> bool:
    if any(problem.at.endswith(at) and text in problem.message for at, text in HERS):
        return True
    if problem.at == "path":
        method, path = problem.operation.split(" ", 1)
        return any(
            method == m.lower() and journey.contract_match(known, path) for m, known in journey.UNDOCUMENTED
        )
    return any(deviation.explains(problem) for deviation in contract.deviations)


def test_prism_agrees_with_every_exchange(contract: Contract, proxy: str) -> None:
    with Watched(proxy, contract) as api:
        journey.drive_everything(api)
    left = sorted({str(p) for p in api.problems if not is_explained(contract, p)})
    assert not left, "\n".join(left)
    assert api.judged > len(API_ROUTES)


def test_prism_is_awake(contract: Contract, npm: Path, clean: Path, sandbox: Sandbox, proxy: str) -> None:
    body = {"schedule": {"type": "schedule", "name": "No zone", "schedule_layers": []}}
    with Client(proxy) as api:
        found = problems("post /schedules", body, api.post("/schedules", body))
    assert Problem("request", "post /schedules", "schedule", '"time_zone" is a required property') in found
    with prism(npm, clean, sandbox.url, "--errors") as strict, Client(strict) as api:
        assert api.post("/schedules", body).status == 422
        assert api.get("/abilities").status == 200
