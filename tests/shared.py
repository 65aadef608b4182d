"""Where tests find material that is not part of this repository, and what they say when it is absent.

See tests/README.md for where anyone gets these files.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_SHARED = Path(os.environ.get("WATCHBILL_SHARED", ROOT.parent / "shared"))


def shared(name: str) -> Path:
    """A file or folder below $WATCHBILL_SHARED (default: `shared` beside the checkout), or a loud skip."""
    path = _SHARED / name
    if not path.exists():
        pytest.skip(f"NOT CHECKED: {path} is absent; tests/README.md says where it comes from")
    return path


def estate_names() -> list[str]:
    """Every account document there is; names that lead to a loud skip where the folder is absent."""
    found = sorted(path.stem for path in (_SHARED / "estates").glob("*.json"))
    return found or ["chicago-bratislava", "cloud-team-weekday-weekend"]


def openapi_path() -> Path:
    """PagerDuty's official OpenAPI document: $PAGERDUTY_OPENAPI, else `shared/pagerduty/openapi.json`."""
    named = os.environ.get("PAGERDUTY_OPENAPI")
    if named:
        path = Path(named)
        if not path.exists():
            pytest.skip(f"NOT CHECKED: $PAGERDUTY_OPENAPI names {path}, which does not exist")
        return path
    return shared("pagerduty/openapi.json")
