"""Terminal colours, or none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paint:
    on: bool

    def _code(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text

    def bold(self, text: str) -> str:
        return self._code("1", text)

    def dim(self, text: str) -> str:
        return self._code("2", text)

    def red(self, text: str) -> str:
        return self._code("31", text)

    def green(self, text: str) -> str:
        return self._code("32", text)

    def yellow(self, text: str) -> str:
        return self._code("33", text)

    def blue(self, text: str) -> str:
        return self._code("36", text)

    def of(self, severity: str, text: str) -> str:
        """The colour of a finding's severity."""
        return {"error": self.red, "warning": self.yellow}.get(severity, self.blue)(text)
