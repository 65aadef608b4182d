"""Everything the sandbox offers, driven through Prism: requests and answers as PagerDuty's document says.

What is not, stands in `tests/contract/deviations.toml` with its source.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import test_sandbox_contract as journey
from contract.client import Client
from contract.openapi import Contract, Problem, read_deviations
from journeys.conftest import Person, clean_environment
from judges.conftest import NOW
from judges.document import cleaned, template
from judges.prism import Watched, prism, problems
from shared import ROOT, openapi_path
from watchbill.config.load import load_valid
from watchbill.sandbox.load import ensure_users
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
    left = sorted({str(ps[0]) for ps in api.problems if not any(is_explained(contract, p) for p in ps)})
    assert not left, "\n".join(left)
    assert api.judged > len(API_ROUTES)


def test_what_watchbill_sends_is_documented_to_the_letter(
    contract: Contract, npm: Path, clean: Path, tmp_path: Path
) -> None:
    """The whole shipped policy, planned, applied and planned again; no deviation is allowed for."""
    with Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0), record=True) as account:
        repository = tmp_path / "repository"
        repository.mkdir()
        shutil.copytree(ROOT / "policies", repository / "policies")
        policy = load_valid(repository / "policies").policy
        assert policy is not None
        ensure_users(account.store, ({"name": h, "email": p.email} for h, p in policy.people.items()))
        us = Person(repository, clean_environment(tmp_path / "home")).at(account)
        applied = us.watchbill("apply", "--yes", "--sandbox")
        assert applied.code == 0, applied.err
        assert us.watchbill("plan", "--exit-code", "--sandbox").code == 0
        sent = account.exchanges()
    assert sum(exchange.method != "GET" for exchange in sent) > 30
    left = set()
    with prism(npm, clean) as mock, Client(mock) as api:
        for exchange in sent:
            answer = api.request(
                exchange.method, exchange.path, exchange.body, exchange.query, {"Accept": "application/json"}
            )
            operation = contract.operation(exchange.method, exchange.path) or exchange.path
            assert answer.status < 400, (operation, answer.body)
            left |= {str(p) for p in problems(operation, exchange.body, answer) if p.side == "request"}
    assert not left, "\n".join(sorted(left))


def test_prism_is_awake(contract: Contract, npm: Path, clean: Path, sandbox: Sandbox, proxy: str) -> None:
    body = {"schedule": {"type": "schedule", "name": "No zone", "schedule_layers": []}}
    with Client(proxy) as api:
        found = problems("post /schedules", body, api.post("/schedules", body))
    assert Problem("request", "post /schedules", "schedule", '"time_zone" is a required property') in found
    with prism(npm, clean, sandbox.url, "--errors") as strict, Client(strict) as api:
        assert api.post("/schedules", body).status == 422
        assert api.get("/abilities").status == 200
