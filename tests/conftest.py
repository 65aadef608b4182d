"""One profile for all properties: the same examples on every run, so that CI fails only for what changed.

WATCHBILL_RANDOM=1 draws new ones, to search further.
"""

from __future__ import annotations

import os
import tempfile

from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("random", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("random" if os.environ.get("WATCHBILL_RANDOM") else "steady")

_CACHE = tempfile.TemporaryDirectory(prefix="watchbill-tests-")
os.environ["XDG_CACHE_HOME"] = _CACHE.name


def pytest_unconfigure() -> None:
    _CACHE.cleanup()
