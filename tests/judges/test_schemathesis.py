"""Requests made up by schemathesis from the official document, right ones and wrong ones, for every route.

None may get a server error or an answer that is not documented (`tests/contract/deviations.toml` aside).
$WATCHBILL_EXAMPLES says how many of each kind (10).
"""

from __future__ import annotations

import json
import os
import random
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contract.client import Client
from contract.openapi import Contract, read_deviations
from contract.test_sandbox_contract import UNDOCUMENTED, without_channels
from judges.conftest import NOW
from judges.document import cleaned, template
from judges.made_up import ZONES, brought_near, pairs, populate, target, with_bodies
from shared import openapi_path
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.routes import API_ROUTES
from watchbill.sandbox.server import Sandbox

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    schemathesis = pytest.importorskip(
        "schemathesis", reason="NOT CHECKED: schemathesis is not installed; `nox -s judges` installs it"
    )

EXAMPLES = int(os.environ.get("WATCHBILL_EXAMPLES", "10"))
ROUTES = sorted(
    {(route.method, route.path) for route in API_ROUTES} - set(UNDOCUMENTED),
    key=lambda route: (route[0] == "DELETE", -route[1].count("/"), route),
)
"""Deletions come last, children before parents, so that there is something to work on."""


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(openapi_path(), read_deviations())


@pytest.fixture(scope="module")
def schema(contract: Contract) -> Any:
    for name in ("activesupport-time-zone", "tzinfo"):
        schemathesis.openapi.format(name, st.sampled_from(ZONES))
    schemathesis.openapi.format("url", st.just("https://example.invalid/"))
    schemathesis.openapi.format("time", st.sampled_from(("09:00:00", "00:00:00", "23:59:59")))
    paths = {template(contract.document, path) for _, path in ROUTES} - {None}
    return schemathesis.openapi.from_dict(with_bodies(cleaned(contract.document, paths)))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def populated() -> Iterator[tuple[Sandbox, Client, dict[str, str]]]:
    with (
        Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0)) as sandbox,
        Client(sandbox.url, sandbox.token) as api,
    ):
        yield sandbox, api, populate(api)


@pytest.fixture(scope="module")
def statuses() -> Counter[int]:
    return Counter()


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_made_up_requests(
    contract: Contract,
    schema: Any,
    populated: tuple[Sandbox, Client, dict[str, str]],
    statuses: Counter[int],
    method: str,
    path: str,
) -> None:
    sandbox, api, held = populated
    known = template(contract.document, path)
    operation = schema[known][method]
    dice = random.Random(f"{method} {path}")
    problems: set[str] = set()

    def judge(case: Any) -> None:
        body = case.body if isinstance(case.body, dict | list | str | int | float | bool) else None
        at = target(path, case.path_parameters or {}, held, sandbox.store, dice)
        answer = api.request(
            method, at, brought_near(body, sandbox.store, dice), list(pairs(case.query or {}))
        )
        statuses[answer.status] += 1
        if answer.status >= 500:
            problems.add(f"{method} {at} {json.dumps(body)}: {answer.status}")
        elif contract.operation(method, at) == f"{method.lower()} {known}":
            found = contract.response_problems(method, at, answer.status, without_channels(answer.body))
            problems.update(map(str, found))

    for mode in schemathesis.GenerationMode:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = given(operation.as_strategy(generation_mode=mode))(judge)
            settings(
                max_examples=EXAMPLES,
                derandomize=True,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(run)()
    assert not problems, "\n".join(sorted(problems))


def test_some_were_right_and_some_were_wrong(statuses: Counter[int]) -> None:
    """Else the requests above would say little."""
    if sum(statuses.values()) < EXAMPLES * len(ROUTES):
        pytest.skip("NOT CHECKED: not every route got its made-up requests in this run")
    done = sum(n for status, n in statuses.items() if status < 300)
    wrong = sum(n for status, n in statuses.items() if 400 <= status < 500)
    assert done > 100, statuses
    assert wrong > 100, statuses
