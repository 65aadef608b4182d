"""The part of `gh` that our documents use: `gh api`, `gh secret set`, `gh variable set`; anything else fails loudly.

https://cli.github.com/manual/gh_api
"""

from __future__ import annotations

import base64
import re
import shlex
from dataclasses import dataclass
from typing import Any

import requests

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}


class Unknown(Exception):
    pass


@dataclass(frozen=True)
class Gh:
    """As somebody who is signed in, in a clone of that repository."""

    url: str
    token: str
    repository: str

    def run(self, line: str) -> Any:
        """Fails for an answer that gh would call an error."""
        words = shlex.split(line)
        if words[:2] == ["gh", "api"]:
            return self._api(words[2:])
        if words[:3] == ["gh", "secret", "set"]:
            return self._secret(words[3:])
        if words[:3] == ["gh", "variable", "set"] and words[4] == "--body":
            return self._ask("POST", self._at("actions/variables"), {"name": words[3], "value": words[5]})
        raise Unknown(line)

    def _at(self, path: str) -> str:
        return f"repos/{self.repository}/{path}"

    def _api(self, words: list[str]) -> Any:
        method, path, body = "", "", dict[str, Any]()
        while words:
            word = words.pop(0)
            if word in {"-X", "--method"}:
                method = words.pop(0)
            elif word in {"-f", "-F", "--raw-field", "--field"}:
                name, _, value = words.pop(0).partition("=")
                _put(body, name, _typed(value) if word in {"-F", "--field"} else value)
            elif word.startswith("-") or path:
                raise Unknown(word)
            else:
                path = word
        owner, _, name = self.repository.partition("/")
        path = path.replace("{owner}", owner).replace("{repo}", name)
        return self._ask(method or ("POST" if body else "GET"), path, body)

    def _secret(self, words: list[str]) -> Any:
        """What gh encrypts with the repository's key before it sends it."""
        name, *rest = words
        if rest and (len(rest) != 2 or rest[0] != "--env"):
            raise Unknown(" ".join(rest))
        at = self._at(f"environments/{rest[1]}/secrets" if rest else "actions/secrets")
        key = self._ask("GET", f"{at}/public-key", None)
        sealed = base64.b64encode(f"sealed {name}".encode()).decode()
        return self._ask("PUT", f"{at}/{name}", {"encrypted_value": sealed, "key_id": key["key_id"]})

    def _ask(self, method: str, path: str, body: Any) -> Any:
        answer = requests.request(
            method,
            f"{self.url}/{path}",
            json=body or None,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )
        assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


def _typed(value: str) -> Any:
    if re.fullmatch(r"-?\d+", value):
        return int(value)
    if value.startswith("@"):
        raise Unknown(value)
    return _LITERALS.get(value, value)


def _put(body: dict[str, Any], name: str, value: Any) -> None:
    """`a[b]` is a field of an object, `a[]` one more item of a list."""
    found = _KEY.match(name)
    if found is None:
        raise Unknown(name)
    keys = [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]
    at: Any = body
    for key, following in zip(keys, [*keys[1:], None], strict=True):
        if following is None:
            at.append(value) if key == "" else at.__setitem__(key, value)
        elif key == "":
            raise Unknown(name)
        else:
            at = at.setdefault(key, [] if following == "" else {})
