"""What the tests of the site in a browser share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from watchbill.rota.clock import parse_instant

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOW_TEXT = "2026-11-23T14:00:00Z"
NOW = parse_instant(NOW_TEXT)


@dataclass
class Watched:
    """A page, and what it should not have done."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def outside(self, home: str) -> list[str]:
        return [address for address in self.asked if not address.startswith(home)]


Open = Callable[..., AbstractContextManager[Watched]]


def page_names(site: Path) -> list[str]:
    return sorted(path.name for path in site.glob("*.html"))
