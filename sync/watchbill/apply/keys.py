"""Where integration keys go: a file that only its owner reads, or a program that gets the key on standard input.

No message here ever holds a key.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from watchbill.apply.ground import Failed, Keys
from watchbill.model.settings import IntegrationKeys

PATIENCE = 60
"""Seconds that the program may take."""
_NEXT = "mend it, then run the same command again: the key is handed over then"


def keys_of(settings: IntegrationKeys | None) -> Keys | None:
    if settings is None:
        return None
    if settings.command is not None:
        return KeysByProgram(settings.command)
    return KeysInFile(Path(settings.file or "").expanduser())


@dataclass(frozen=True, slots=True)
class KeysInFile:
    """JSON: the service's handle -> its key; other entries stay."""

    path: Path

    def check(self) -> None:
        self._read()
        if not os.access(self.path.parent, os.W_OK | os.X_OK):
            raise Failed(f"keys cannot go to {self.path}: its folder is missing or not yours to write", _NEXT)

    def put(self, service: str, key: SecretStr) -> None:
        text = json.dumps({**self._read(), service: key.get_secret_value()}, indent=2, sort_keys=True)
        try:
            self._replace(text.encode() + b"\n")
        except OSError as bad:
            raise Failed(f"keys cannot be written to {self.path}: {bad.strerror}", _NEXT) from None

    def _replace(self, content: bytes) -> None:
        """All of it or nothing; mode 600 from its first byte on."""
        descriptor, name = tempfile.mkstemp(prefix=".keys-", dir=self.path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _read(self) -> dict[str, object]:
        try:
            found = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as bad:
            raise Failed(f"{self.path} cannot be read: {bad.strerror}", _NEXT) from None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Failed(f"{self.path} holds something else than keys, and is left as it is", _NEXT)
        return found


@dataclass(frozen=True, slots=True)
class KeysByProgram:
    command: tuple[str, ...]

    def check(self) -> None:
        if shutil.which(self.command[0]) is None:
            raise Failed(f"keys cannot be handed over: there is no program {self.command[0]}", _NEXT)

    def put(self, service: str, key: SecretStr) -> None:
        """What the program says is not shown: it may repeat the key."""
        words = [word.replace("{service}", service) for word in self.command]
        try:
            done = subprocess.run(  # noqa: S603  the settings name it, no shell is involved
                words,
                input=key.get_secret_value().encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.command[0]} did not take the key within {PATIENCE} seconds", _NEXT) from None
        except OSError as bad:
            raise Failed(f"{self.command[0]} cannot be started: {bad.strerror}", _NEXT) from None
        if done.returncode:
            raise Failed(f"{self.command[0]} did not take the key: exit code {done.returncode}", _NEXT)
