"""One desk for each worker; each group of commands starts from what the README's first line left there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from documented.desk import Desk, new_desk, try_line
from documented.shell import Watchbill


@pytest.fixture(scope="session")
def desk() -> Iterator[Desk]:
    with _tried() as desk:
        yield desk


@pytest.fixture(scope="session")
def later_desk() -> Iterator[Desk]:
    """Where nothing that is near today is near."""
    with _tried(WATCHBILL_NOW="2027-09-01T08:00:00Z") as desk:
        yield desk


@contextmanager
def _tried(**env: str) -> Iterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="desk-") as folder, Watchbill() as watchbill:
        desk = new_desk(Path(folder) / "of", watchbill, **env)
        ran = desk.type(try_line().rpartition("&& ")[2])
        assert ran.code == 0, ran.err
        assert "in sync" in ran.out
        desk.save()
        yield desk
