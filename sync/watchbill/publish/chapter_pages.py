"""Chapters of the runbook as pages, and the form of What if."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watchbill.model.policy import Policy
from watchbill.publish.blocks import Block, Drawing, Heading, slug
from watchbill.publish.colours import colours
from watchbill.publish.directory import contact_directory
from watchbill.publish.html import blocks_html, table_region
from watchbill.publish.matrix import assumptions, escalation_matrix, when_to_escalate
from watchbill.publish.names import Names
from watchbill.publish.page import Page, empty, person_html
from watchbill.publish.procedures import (
    escalation_paths,
    escalation_procedures,
    external_escalations,
    guidance,
    metrics,
    standing_down,
)
from watchbill.publish.safe_html import EMPTY, Html, joined, tag


def chapter_pages(policy: Policy) -> list[tuple[Page, list[Block]]]:
    """Each with its blocks, for the search."""
    names = Names(policy)
    unknown = assumptions(policy)
    directory = [*contact_directory(policy, names), *external_escalations(policy)]
    return [
        _page(
            "matrices",
            "Escalation Matrix",
            "Who is paged for which severity, and who stands for each domain.",
            list(escalation_matrix(policy, names)),
            "The policy has no severities and no domains yet.",
        ),
        _page(
            "paths",
            "Escalation Paths",
            "The ways up that people follow by hand.",
            list(escalation_paths(policy, names)),
            "The policy has no paths yet.",
        ),
        _page(
            "directory",
            "Directory",
            "Rotations, roles, experts, vendors and their checklists.",
            [*([unknown] if unknown and directory else []), *directory],
            "The policy names no contacts yet.",
            _calendars(policy),
        ),
        _page(
            "procedures",
            "Procedures",
            "When to escalate, how, with which words, and how to stand down.",
            [
                *when_to_escalate(policy, names),
                *escalation_procedures(policy),
                *standing_down(policy),
                *guidance(policy),
                *metrics(policy),
            ],
            "The policy has no procedures yet.",
        ),
    ]


def _page(
    name: str, title: str, lead: str, blocks: Sequence[Block], nothing: str, more: Html = EMPTY
) -> tuple[Page, list[Block]]:
    """A heading that says what the title says already is left out."""
    shown = [block for block in blocks if not (isinstance(block, Heading) and block.text == title)]
    one_chapter = sum(isinstance(block, Heading) and block.level == 2 for block in shown) == 0
    drawn = any(isinstance(block, Drawing) for block in shown)
    body = _columns(shown) if drawn else blocks_html(shown, raised=1 if one_chapter else 0)
    if not shown:
        body = empty(nothing)
    return Page(name, title, joined((lead,)), joined((_contents(shown), body, more), "\n")), shown


def _columns(blocks: Sequence[Block]) -> Html:
    """Drawings stand side by side, each with its own heading."""
    parts: list[list[Block]] = []
    for block in blocks:
        if isinstance(block, Heading) or not parts:
            parts.append([])
        parts[-1].append(block)
    sections = (tag("section", blocks_html(part, raised=1)) for part in parts)
    return tag("div", joined(sections, "\n"), class_="columns")


def _contents(blocks: Iterable[Block]) -> Html:
    headings = [block for block in blocks if isinstance(block, Heading)]
    chapters = [block for block in headings if block.level == 2]
    if len(chapters) < 3:
        chapters = [block for block in headings if block.level <= 3]
    if len(chapters) < 4:
        return EMPTY
    links = (tag("li", tag("a", block.text, href=f"#{slug(block.text)}")) for block in chapters)
    return tag("nav", tag("ul", joined(links)), class_="contents", aria_label="On this page")


def _calendars(policy: Policy) -> Html:
    if not policy.people:
        return EMPTY
    shades = colours(policy)
    rows = []
    for handle, person in policy.people.items():
        serves = [spec.title for spec in policy.rotations.values() if handle in spec.members]
        holds = [spec.title for spec in policy.roles.values() if spec.held_by == handle]
        shown = person_html(policy.title_of(handle), shade=shades[handle], placeholder=person.is_placeholder)
        link = tag(
            "a",
            "Calendar",
            href=f"calendars/people/{handle}.ics",
            aria_label=f"Calendar of {policy.title_of(handle)}",
        )
        rows.append(
            tag(
                "tr",
                tag("th", shown, scope="row", id=f"person-{handle}"),
                tag("td", ", ".join((*serves, *holds)) or "-"),
                tag("td", link),
            )
        )
    names = ("Person", "Serves as", "Subscribe")
    head = joined(tag("th", name, scope="col") for name in names)
    note = (
        "Subscribe to the address of a calendar, so that changes arrive; some calendars look only once a day. "
        "Each rotation has one too, on the Calendar page."
    )
    return joined(
        (
            tag("h2", "People", id="people"),
            tag("p", note),
            table_region(names, head, joined(rows, "\n"), "People"),
        )
    )


def what_if_page(policy: Policy) -> Page:
    lead = joined(
        ("Pick an incident: who would be paged, when, and why. Computed here, from the policy's data.",)
    )
    if not (policy.severities and policy.domains):
        return Page("what-if", "What if", lead, empty("The policy has no severities or no domains yet."))
    tags = [name for spec in policy.domains.values() for name in spec.tags]
    fields = [
        _choice("severity", "Severity", [(name, name) for name in policy.severities]),
        _choice("domain", "Domain", [(name, spec.title) for name, spec in policy.domains.items()]),
        _field("at", "Opened at", type="datetime-local", step="60", required=""),
    ]
    if tags:
        fields.append(_choice("tag", "Tag", [("", "none"), *((name, name) for name in dict.fromkeys(tags))]))
    fields.append(
        _field(
            "ack", "Acknowledged after, minutes", type="number", min="0", max="100000", placeholder="never"
        )
    )
    zone = policy.settings.time_zone
    return Page(
        "what-if",
        "What if",
        lead,
        joined(
            (
                tag("form", joined(fields, "\n"), id="question", class_="question"),
                tag("p", f"Times are those of {zone}.", class_="hint"),
                tag("div", tag("noscript", _without_script()), id="answer", aria_live="polite"),
            ),
            "\n",
        ),
    )


def _without_script() -> Html:
    return empty(
        "This page computes in the browser.", "Without scripts, ask `watchbill simulate P1 database`."
    )


def _choice(name: str, label: str, options: Iterable[tuple[str, str]]) -> Html:
    made = joined(tag("option", shown, value=value) for value, shown in options)
    return tag("p", tag("label", label, for_=name), tag("select", made, id=name))


def _field(name: str, label: str, **attributes: str) -> Html:
    return tag("p", tag("label", label, for_=name), tag("input", id=name, **attributes))
