"""Where integration keys go: a file that only its owner reads, or a program that gets the key on standard input.

No message here ever holds a key.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from watchbill.apply.ground import Failed, Keys
from watchbill.local_files import json_of, read_bounded
from watchbill.model.settings import IntegrationKeys, is_withheld

PATIENCE = 60
"""Seconds that the program may take."""
PATH = os.pathsep.join(
    (
        *("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/opt/homebrew/bin"),
        *(("C:\\Windows\\System32",) if os.name == "nt" else ()),
    )
)
"""Where the program is looked for, and what it gets as PATH: never a folder that the user or a checkout names."""
_NEXT = "mend it, then run the same command again: the key is handed over then"


def keys_of(
    settings: IntegrationKeys | None, environment: Mapping[str, str], checkout: Path | None = None
) -> Keys | None:
    """`environment`: where the variables named in `env` are looked up.  `checkout`: a folder that no word of the
    command may name."""
    if settings is None:
        return None
    if settings.command is not None:
        return KeysByProgram(settings.command, settings.env, environment, checkout)
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
            found = json_of(read_bounded(self.path))
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
    named: tuple[str, ...]
    """Variables that the program gets."""
    environment: Mapping[str, str]
    checkout: Path | None = None

    def check(self) -> None:
        program = self.command[0]
        if Path(program).name != program and not Path(program).is_absolute():
            raise Failed(f"keys cannot be handed over: {program} is a relative path", _NEXT)
        inside = [word for word in self.command if self.checkout is not None and str(self.checkout) in word]
        if inside:
            raise Failed(f"keys cannot be handed over: {inside[0]} is in the checkout", _NEXT)
        if shutil.which(program, path=PATH) is None:
            raise Failed(f"keys cannot be handed over: there is no program {program} in {PATH}", _NEXT)
        self._variables()

    def put(self, service: str, key: SecretStr) -> None:
        """What the program says is not shown: it may repeat the key.  It starts in an empty folder: `python -c`, for
        one, looks for modules in the working folder."""
        words = [word.replace("{service}", service) for word in self.command]
        words[0] = shutil.which(words[0], path=PATH) or words[0]
        try:
            with tempfile.TemporaryDirectory(prefix="watchbill-", ignore_cleanup_errors=True) as folder:
                done = subprocess.run(  # noqa: S603  the settings name it, no shell is involved
                    words,
                    cwd=folder,
                    env=self._variables(),
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

    def _variables(self) -> dict[str, str]:
        """The whole environment of the program."""
        for name in self.named:
            if is_withheld(name):
                raise Failed(f"keys cannot be handed over: env may not name {name}", _NEXT)
            if name not in self.environment:
                raise Failed(f"keys cannot be handed over: env names {name}, which is not set", _NEXT)
        return {"PATH": PATH, "LANG": "C.UTF-8", **{name: self.environment[name] for name in self.named}}
