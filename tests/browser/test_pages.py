"""Every page, from disk and over HTTP: whole, quiet, accessible, usable without a mouse and without scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser_tools import page_names
from publish_policies import HOSTILE

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from browser_tools import Open


def test_each_page_is_quiet_and_asks_nobody_outside(site: Path, served: str, open_page: Open) -> None:
    assert len(page_names(site)) == 9
    for home in (site.as_uri(), served):
        with open_page() as watched:
            for name in page_names(site):
                watched.page.goto(f"{home}/{name}")
                watched.page.get_by_role("main").wait_for()
                watched.page.fill("#search", "stripe")
                watched.page.locator("#found li").first.wait_for()
            assert watched.said == []
            assert len(watched.asked) > 40
            assert watched.outside(home) == []


def test_pages_hold_without_scripts_and_say_the_same(site: Path, open_page: Open) -> None:
    def told(*, script: bool) -> list[str]:
        with open_page(script=script) as watched:
            watched.page.goto(f"{site.as_uri()}/index.html")
            texts: list[str] = watched.page.locator(".card, td").all_inner_texts()
        return texts

    with_script = told(script=True)
    assert len(with_script) > 20
    assert with_script == told(script=False)


def axe(page: Page, packages: Path) -> list[str]:
    """Whatever axe finds, small things too, such as headings that skip a level."""
    page.evaluate((packages / "axe-core" / "axe.min.js").read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url.rsplit('/', 1)[-1]} {v['impact']} {v['id']}: {v['nodes'][0]['html'][:160]}"
        for v in found["violations"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(
    width: int, dark: bool, site: Path, hostile_site: Path, packages: Path, open_page: Open
) -> None:
    found = []
    with open_page(width=width, dark=dark) as watched:
        for folder in (site, hostile_site):
            for name in page_names(folder):
                watched.page.goto(f"{folder.as_uri()}/{name}")
                if name == "calendar.html":
                    watched.page.locator(".chart").first.focus()
                    watched.page.keyboard.press("ArrowRight")
                    watched.page.locator("summary").first.click()
                if name == "index.html":
                    watched.page.fill("#search", "a")
                    watched.page.locator("#found li").first.wait_for()
                found += axe(watched.page, packages)
    assert found == []


def focused(page: Page) -> dict[str, Any]:
    """What has the focus, and whether one can see it."""
    seen: dict[str, Any] = page.evaluate(
        """() => {
            const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
            return {tag: e.tagName, text: e.innerText ?? "", id: e.id, name: e.className,
                    outline: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2,
                    inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth};
        }"""
    )
    return seen


def test_every_page_can_be_walked_by_keyboard_alone(site: Path, open_page: Open) -> None:
    with open_page() as watched:
        page = watched.page
        for name in page_names(site):
            page.goto(f"{site.as_uri()}/{name}")
            count = page.evaluate(
                "[...document.querySelectorAll('a[href], input, select, summary, [tabindex=\"0\"]')]"
                ".filter((e) => e.checkVisibility()).length"
            )
            page.keyboard.press("Tab")
            assert focused(page)["text"] == "Skip to content"
            order = []
            for _ in range(count + 30):
                at = focused(page)
                if at["tag"] == "BODY":
                    break
                assert at["outline"], f"{name}: no focus to be seen on {at}"
                assert at["inView"], f"{name}: focus out of sight on {at}"
                order.append(at["text"])
                page.keyboard.press("Tab")
            assert focused(page)["tag"] == "BODY", f"{name} holds the focus"
            assert len(order) >= count, name
            assert order[2:11] or order[1:10]
        assert watched.said == []


def test_the_ways_of_the_keyboard(site: Path, open_page: Open) -> None:
    with open_page() as watched:
        page = watched.page
        page.goto(f"{site.as_uri()}/index.html")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert focused(page)["id"] == "main"

        page.keyboard.press("/")
        page.keyboard.type("stripe sup")
        page.locator("#found li").first.wait_for()
        page.keyboard.press("ArrowDown")
        assert page.get_attribute("#search", "aria-activedescendant") == "found-0"
        page.keyboard.press("Enter")
        page.wait_for_url("**/directory.html#stripe-support")

        page.goto(f"{site.as_uri()}/calendar.html")
        page.locator(".chart").nth(1).focus()
        detail = page.locator(".detail").nth(1)
        assert "backend-2 Mon 23 Nov 09:00 to Mon 23 Nov 18:00, 9 h, turn" in detail.inner_text()
        page.keyboard.press("ArrowRight")
        assert (
            "primary-3 Mon 23 Nov 18:00 to Tue 24 Nov 09:00, 15 h, fallback to Primary On-Call"
            in detail.inner_text()
        )
        page.keyboard.press("End")
        assert "fallback to Primary On-Call" in detail.inner_text()
        page.keyboard.press("Escape")
        assert detail.inner_text() == ""

        page.goto(f"{site.as_uri()}/what-if.html")
        page.locator("#severity").focus()
        page.keyboard.press("ArrowDown")
        assert page.locator("#answer h2").inner_text() == "API-Backend P2"
        page.keyboard.press("Tab")
        page.keyboard.type("Sec")
        assert page.locator("#answer h2").inner_text() == "Security"
        assert page.locator(".ladder > li").count() == 5
        assert "severity=P2" in page.url
        page.reload()
        assert page.locator("#answer h2").inner_text() == "Security"


def test_the_mouse_tells_a_shift_too(site: Path, open_page: Open) -> None:
    with open_page() as watched:
        page = watched.page
        page.goto(f"{site.as_uri()}/calendar.html")
        box = page.locator(".chart").first.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 1.5 / 8, box["y"] + box["height"] / 2)
        assert (
            "primary-4 Mon 30 Nov 09:00 to Mon 07 Dec 09:00, 7 d, turn"
            in page.locator(".detail").first.inner_text()
        )
        page.mouse.move(0, 0)
        assert page.locator(".detail").first.inner_text() == ""


def test_hostile_text_is_text_in_the_browser(hostile_site: Path, open_page: Open) -> None:
    shown = ["".join("·" if ord(c) in (0x202E, 0x200F, 0x2066) else c for c in text) for text in HOSTILE]
    folded = [" ".join(text.split()) for text in shown]
    with open_page(width=390) as watched:
        page = watched.page
        for name in page_names(hostile_site):
            page.goto(f"{hostile_site.as_uri()}/{name}")
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
            assert page.evaluate("document.querySelectorAll('main script, img, b').length") == 0, name
        for name in ("index.html", "directory.html", "calendar.html", "paths.html", "procedures.html"):
            page.goto(f"{hostile_site.as_uri()}/{name}")
            told = " ".join(page.evaluate("document.body.textContent").split())
            assert [text for text in folded if text not in told] == [], name
        page.goto(f"{hostile_site.as_uri()}/calendar.html")
        page.locator(".chart").first.focus()
        seen = set()
        for _ in range(60):
            seen.add(page.locator(".detail .name").first.text_content())
            page.keyboard.press("ArrowRight")
        assert {text for text in seen if text} <= set(shown)
        assert len(seen) > 5
        page.goto(f"{hostile_site.as_uri()}/what-if.html")
        assert page.locator(".ladder .name").all_text_contents()[-len(shown) :] == shown
        page.fill("#search", "<script>")
        page.locator("#found li").first.wait_for()
        assert HOSTILE[0] in page.locator("#found").inner_text()
        assert watched.said == []
        assert watched.outside(hostile_site.as_uri()) == []
