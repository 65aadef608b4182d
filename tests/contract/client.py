"""A plain HTTP client for tests: no retries, no opinion, JSON in and out."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def errors(self) -> Any:
        return self.body["error"].get("errors")

    @property
    def code(self) -> int:
        return int(self.body["error"]["code"])


class Client:
    def __init__(
        self, url: str, token: str = "sandbox-token-000001", sender: str = "owner@sandbox.invalid"
    ) -> None:
        parts = urlsplit(url)
        self._http = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        self.headers = {
            "Authorization": f"Token token={token}",
            "Accept": "application/vnd.pagerduty+json;version=2",
        }
        if sender:
            self.headers["From"] = sender

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        pairs = list(query)
        target = f"{path}?{urlencode(pairs)}" if pairs else path
        sent = {**self.headers, **(headers or {})}
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        try:
            self._http.request(method, target, body=data, headers=sent)
            response = self._http.getresponse()
            raw = response.read()
        except BaseException:
            self._http.close()
            raise
        return Answer(
            response.status,
            json.loads(raw) if raw else None,
            {k.lower(): v for k, v in response.getheaders()},
        )

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, *query: tuple[str, str], **more: str) -> Answer:
        return self.request("GET", path, query=[*query, *more.items()])

    def post(self, path: str, body: Any = None, **query: str) -> Answer:
        return self.request("POST", path, body, query=query.items())

    def put(self, path: str, body: Any = None, **query: str) -> Answer:
        return self.request("PUT", path, body, query=query.items())

    def delete(self, path: str, **query: str) -> Answer:
        return self.request("DELETE", path, query=query.items())
