"""Prism, Stoplight's validating proxy, between a client and the sandbox.

It passes everything on and reports what violates the document in the header `sl-violations`; with its `--errors` it
would stop at the first, and a journey would end where the document contradicts itself.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contract.client import Answer, Client
from contract.openapi import Contract, Problem

_START_DEADLINE = 120.0
_TRUNCATED = "Too many violations! "


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def prism(npm: Path, document: Path, upstream: str = "", *options: str) -> Iterator[str]:
    """Its address.  Without an upstream it answers by the document's examples."""
    port = free_port()
    program, mode = str(npm / "node_modules/.bin/prism"), "proxy" if upstream else "mock"
    command = [program, mode, "-h", "127.0.0.1", "-p", str(port), *options, str(document)]
    command += [upstream] if upstream else []
    with (document.parent / "prism.log").open("w") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            _await(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_DEADLINE
    while time.monotonic() < deadline:
        assert process.poll() is None, "Prism ended by itself; see prism.log"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("Prism did not start in time; see prism.log")


class Watched(Client):
    """Collects what Prism has to say about each exchange."""

    def __init__(self, url: str, contract: Contract, **more: str) -> None:
        super().__init__(url, **more)
        self._contract = contract
        self.problems: list[tuple[Problem, ...]] = []
        """Each with what it may be an alternative of."""
        self.judged = 0

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        answer = super().request(method, path, body, query, headers)
        self.judged += 1
        operation = self._contract.operation(method, path) or f"{method.lower()} {path}"
        found = problems(operation, body, answer)
        refused = answer.status >= 400 or (
            isinstance(answer.body, list) and any(item.get("status", 0) >= 400 for item in answer.body)
        )
        self.problems += [
            (p, *perhaps_of(p, body, answer)) for p in found if not (refused and p.side == "request")
        ]
        return answer


def problems(operation: str, sent: Any, answer: Answer) -> list[Problem]:
    """Prism's violations in the words of `contract.openapi`, so that one table of deviations serves both."""
    told = _read(answer.headers.get("sl-violations", "[]"))
    # A place that fails several enumerations at once fails those of its parent's alternatives; the parent itself is
    # reported last, and may have been cut off.
    failed = Counter(tuple(v["location"]) for v in told if "allowed values" in v["message"])
    told += [
        {"location": list(place[:-1]), "message": "must match exactly one schema in oneOf"}
        for place, times in failed.items()
        if times > 1
    ]
    found = list(dict.fromkeys(_problem(operation, v, sent, answer) for v in told))
    alternatives = {p.at for p in found if "oneOf" in p.message}
    return [
        p for p in found if "oneOf" in p.message or not any(_within(p.at, place) for place in alternatives)
    ]


def _within(at: str, place: str) -> bool:
    return at == place or at.startswith(f"{place}/")


def perhaps_of(problem: Problem, sent: Any, answer: Answer) -> Iterator[Problem]:
    """What it may be one alternative of: a report that was cut off lacks the whole, which comes last."""
    if answer.headers.get("sl-violations", "").startswith(_TRUNCATED):
        steps = problem.at.split("/")
        body = sent if problem.side == "request" else answer.body
        for count in range(1, len(steps)):
            told = _worded(_at(body, steps[:count]), "oneOf")
            yield Problem(problem.side, problem.operation, "/".join(steps[:count]), told)


def _read(text: str) -> list[dict[str, Any]]:
    """The header is cut at 8 kB; what is whole is used."""
    if not text.startswith(_TRUNCATED):
        return list(json.loads(text))
    whole = text.removeprefix(_TRUNCATED)
    decoder, at, items = json.JSONDecoder(), 1, []
    while at < len(whole):
        try:
            item, at = decoder.raw_decode(whole, at)
        except ValueError:
            break
        items.append(item)
        at += 1
    return items


def _problem(operation: str, violation: dict[str, Any], sent: Any, answer: Answer) -> Problem:
    side, *place = violation["location"]
    message = violation["message"]
    if not place:
        status = side == "response" and "status code" in message
        told = f"{answer.status} is not documented" if status else message
        return Problem(side, operation, "status" if status else "path", told)
    part, *steps = place
    if part != "body":
        return Problem(side, operation, ":".join([part, *steps]), message)
    node = _at(sent if side == "request" else answer.body, steps)
    return Problem(side, operation, "/".join(map(str, steps)), _worded(node, message))


def _at(node: Any, steps: list[str]) -> Any:
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    return node


def _worded(value: Any, message: str) -> str:
    shown = json.dumps(value, separators=(",", ":"))
    if found := re.search(r"must be (string|number|integer|boolean|object|array)$", message):
        return f'{shown} is not of type "{found[1]}"'
    if found := re.search(r"allowed values: (.*)$", message):
        return f"{shown} is not one of " + " or ".join(f'"{word}"' for word in found[1].split(", "))
    if found := re.search(r"must have required property '(.*)'$", message):
        return f'"{found[1]}" is a required property'
    if found := re.search(r'must match format "(.*)"$', message):
        return f'{shown} is not a "{found[1]}"'
    if "must NOT have duplicate items" in message:
        return f"{shown} has non-unique elements"
    if message.endswith("oneOf"):
        return f"{shown} is not valid under any of the schemas listed in the 'oneOf' keyword"
    return message
