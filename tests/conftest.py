"""One profile for all properties: the same examples on every run, so that CI fails only for what changed.

WATCHBILL_RANDOM=1 draws new ones, to search further.
"""

from __future__ import annotations

import os
import tempfile

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("random", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("random" if os.environ.get("WATCHBILL_RANDOM") else "steady")

_KEPT = tempfile.TemporaryDirectory(prefix="watchbill-tests-")
"""What a command keeps for its user: no test reads or writes that of the person who runs it."""
for what in ("CACHE", "STATE"):
    os.environ[f"XDG_{what}_HOME"] = f"{_KEPT.name}/{what.lower()}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many documented commands were run, also where workers ran them."""
    ran = [
        int(str(value))
        for report in terminalreporter.stats.get("passed", ())
        for name, value in report.user_properties
        if name == "documented commands"
    ]
    if ran:
        terminalreporter.write_line(f"documented commands: {sum(ran)} ran, in {len(ran)} groups")


def pytest_unconfigure() -> None:
    _KEPT.cleanup()
