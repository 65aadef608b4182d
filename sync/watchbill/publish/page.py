"""The frame of every page: head, navigation, search, foot."""

from __future__ import annotations

from dataclasses import dataclass

from watchbill.publish.safe_html import EMPTY, Html, joined, tag

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
"""Nothing from elsewhere, nothing inline: what the policy says can never run."""

PAGES = (
    ("index", "Now"),
    ("calendar", "Calendar"),
    ("what-if", "What if"),
    ("matrices", "Matrices"),
    ("paths", "Paths"),
    ("directory", "Directory"),
    ("procedures", "Procedures"),
    ("load", "Load"),
    ("history", "History"),
)


@dataclass(frozen=True, slots=True)
class Frame:
    organization: str
    made: str
    """When and from which commit, in words."""


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    """File name without its ending."""
    title: str
    lead: Html
    """The sentence below the title."""
    body: Html
    under: str = ""
    """The navigation's entry that it belongs to; default: its own."""


def page_html(page: Page, frame: Frame) -> str:
    made = tag("html", _head(page, frame), _body(page, frame), lang="en")
    return f"<!doctype html>\n{made}\n"


def _head(page: Page, frame: Frame) -> Html:
    return tag(
        "head",
        joined(
            (
                tag("meta", charset="utf-8"),
                tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
                tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
                tag("meta", name="color-scheme", content="light dark"),
                tag("meta", name="referrer", content="no-referrer"),
                tag("title", f"{page.title} · {frame.organization} on call"),
                tag("link", rel="icon", href="icon.svg", type="image/svg+xml"),
                tag("link", rel="stylesheet", href="style.css"),
                *(tag("script", src=f"{name}.js", defer="") for name in ("data", "duty", "site")),
            ),
            "\n",
        ),
    )


def _body(page: Page, frame: Frame) -> Html:
    links = (
        tag(
            "a",
            title,
            href=f"{name}.html",
            aria_current="page" if name == page.name else "true" if name == page.under else None,
        )
        for name, title in PAGES
    )
    header = tag(
        "header",
        tag(
            "div",
            tag(
                "a",
                tag("strong", frame.organization),
                tag("span", " on call", class_="tail"),
                href="index.html",
                class_="brand",
            ),
            _search(),
            class_="top",
        ),
        tag("nav", joined(links, "\n"), aria_label="Pages"),
    )
    main = tag(
        "main",
        tag("h1", page.title),
        tag("p", page.lead, class_="lead") if page.lead else EMPTY,
        page.body,
        id="main",
        tabindex="-1",
    )
    foot = tag("footer", tag("p", frame.made, " ", tag("a", "The runbook as Markdown", href="runbook.md")))
    return tag(
        "body",
        joined((tag("a", "Skip to content", href="#main", class_="skip"), header, main, foot), "\n"),
        data_page=page.under or page.name,
    )


def _search() -> Html:
    return tag(
        "form",
        tag("label", "Search", for_="search", class_="hidden"),
        tag(
            "input",
            id="search",
            type="search",
            placeholder="Search",
            autocomplete="off",
            maxlength="80",
            role="combobox",
            aria_expanded="false",
            aria_controls="found",
            aria_autocomplete="list",
        ),
        tag("ul", id="found", role="listbox", aria_label="Found", hidden=""),
        role="search",
        class_="search",
    )


def empty(words: str, hint: str = "") -> Html:
    """Where there is nothing to show yet: what would stand here, and who puts it."""
    return tag("p", words, tag("span", f" {hint}") if hint else EMPTY, class_="empty")


def person_html(shown: str, *, shade: int | None, placeholder: bool) -> Html:
    """With their colour; whoever is not named yet is marked so."""
    dot = tag("span", class_=f"dot p{shade}", aria_hidden="true") if shade is not None else EMPTY
    mark = joined((" ", tag("span", "placeholder", class_="mark"))) if placeholder else EMPTY
    tied = tag("span", dot, tag("span", shown, class_="name"), class_="tied")
    return tag("span", tied, mark, class_="person")
