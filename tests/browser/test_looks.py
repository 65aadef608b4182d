"""Pictures of every page, for eyes; and what a machine can say of looks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser_tools import page_names
from shared import ROOT

if TYPE_CHECKING:
    from browser_tools import Open

LOOKS = Path(os.environ.get("WATCHBILL_LOOKS", ROOT / "build" / "looks"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_every_page_fits_and_is_pictured(width: int, dark: bool, site: Path, open_page: Open) -> None:
    LOOKS.mkdir(parents=True, exist_ok=True)
    with open_page(width=width, dark=dark) as watched:
        for name in page_names(site):
            watched.page.goto(f"{site.as_uri()}/{name}")
            assert watched.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
            paper = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert paper == ("rgb(17, 21, 28)" if dark else "rgb(252, 252, 253)")
            if width == 390:
                cut_off = "[...document.querySelectorAll('.few')].filter((e) => e.scrollWidth > e.clientWidth).length"
                assert watched.page.evaluate(cut_off) == 0, f"{name}: a small table does not fit a phone"
            shade = "dark" if dark else "light"
            picture = watched.page.screenshot(
                path=LOOKS / f"{name.removesuffix('.html')}-{width}-{shade}.png", full_page=True
            )
            assert len(picture) > 10_000


def test_print_leaves_out_what_paper_cannot_do(site: Path, open_page: Open) -> None:
    with open_page() as watched:
        watched.page.emulate_media(media="print")
        for name in page_names(site):
            watched.page.goto(f"{site.as_uri()}/{name}")
            assert not watched.page.locator("header nav").is_visible()
            assert not watched.page.locator("#search").is_visible()
            assert watched.page.locator("h1").is_visible()
        assert watched.page.pdf(format="A4").startswith(b"%PDF")
