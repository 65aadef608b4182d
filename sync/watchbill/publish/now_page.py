"""Now: who has duty, until when, who is next; the script keeps it true while the page is open."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.ladder.answers import Answer, first_of, who
from watchbill.model.policy import Policy
from watchbill.publish.colours import colours
from watchbill.publish.html import table_region
from watchbill.publish.page import Page, empty, person_html
from watchbill.publish.safe_html import EMPTY, Html, joined, tag
from watchbill.report.source import NOT_ASKED, Source, difference_text, source_text
from watchbill.report.times import full, short
from watchbill.rota.clock import Instant, zone
from watchbill.rota.duty import Roster

_TITLE = "On call now"


def now_page(policy: Policy, roster: Roster, at: Instant, source: Source = NOT_ASKED) -> Page:
    where = zone(policy.settings.time_zone)
    shades = colours(policy)
    cards = [_card(policy, roster, handle, at, shades) for handle in policy.rotations]
    lead = joined(
        (
            "As of ",
            tag("time", full(at, where), id="as-of"),
            f", {where.name} time. ",
            tag("span", "", id="freshness"),
            " ",
            tag("span", f"S{source_text(source)[1:]}.", id="source"),
        )
    )
    grid = (
        tag("div", joined(cards, "\n"), class_="cards")
        if cards
        else empty("The policy has no rotations yet.")
    )
    body = (
        *_differences(policy, source, at),
        tag("h2", "Rotations", class_="hidden"),
        grid,
        *_domains(policy, roster, at, shades),
        *_roles(policy, shades),
    )
    return Page("index", _TITLE, lead, joined(body, "\n"))


def _differences(policy: Policy, source: Source, at: Instant) -> list[Html]:
    """Of PagerDuty and the files."""
    where = zone(policy.settings.time_zone)
    rows = [tag("li", difference_text(each, policy, where, at)) for each in source.differences]
    if not rows:
        return []
    return [tag("h2", "Not in the files"), tag("ul", *rows, id="differences")]


def _card(policy: Policy, roster: Roster, handle: str, at: Instant, shades: dict[str, int]) -> Html:
    """What the script finds by `data-rotation` it writes anew, in the same words."""
    spec = policy.rotations[handle]
    answers = who(roster, [handle], at)
    rotation = next((a.rotation for a in answers if a.rotation), None)
    people = joined((_person(policy, a.person, shades) for a in answers), " ")
    facts = tag("p", *_until(policy, answers, at), class_="until")
    covered = (
        tag("p", f"Covered by {policy.title_of(spec.covered_by)}", class_="cover")
        if spec.covered_by is not None
        else EMPTY
    )
    return tag(
        "section",
        tag("h3", spec.title),
        tag("p", people, class_="who"),
        covered,
        facts,
        tag("p", *_next(policy, answers, at, shades), class_="next"),
        class_="card",
        data_rotation=rotation,
    )


def _person(policy: Policy, handle: str | None, shades: dict[str, int]) -> Html:
    if handle is None:
        return tag("span", "Nobody", class_="nobody")
    person = policy.people.get(handle)
    return person_html(
        policy.title_of(handle), shade=shades.get(handle), placeholder=bool(person and person.is_placeholder)
    )


def _until(policy: Policy, answers: Sequence[Answer], at: Instant) -> list[str]:
    where = zone(policy.settings.time_zone)
    first = answers[0]
    parts = [] if first.until is None else [f"until {short(first.until, where, at)}"]
    if first.because == "override":
        parts.append("override")
    elif first.because == "fallback":
        parts.append(f"fallback to {policy.title_of(first.turn_of)}" if first.turn_of else "fallback")
    elif first.because == "nobody":
        parts.append("nobody is on duty")
    return [", ".join(parts)]


def _next(policy: Policy, answers: Sequence[Answer], at: Instant, shades: dict[str, int]) -> list[str | Html]:
    then = answers[0].next
    if then is None:
        return []
    where = zone(policy.settings.time_zone)
    return [
        "then ",
        _person(policy, then.person, shades),
        " ",
        tag("span", f"from {short(then.since, where, at)}", class_="whole"),
    ]


def _domains(policy: Policy, roster: Roster, at: Instant, shades: dict[str, int]) -> list[Html]:
    if not policy.domains:
        return []
    rows = []
    for domain, target in [(d, target) for d in policy.domains for target in first_of(policy, d)]:
        answers = who(roster, [target], at)
        people = [_person(policy, a.person, shades) for a in answers]
        rotation = next((a.rotation for a in answers if a.rotation), None)
        rows.append(
            tag(
                "tr",
                tag("th", policy.domains[domain].title, scope="row"),
                tag("td", joined(people, " "), class_="who", data_rotation=rotation),
                tag("td", policy.title_of(target)),
            )
        )
    return [tag("h2", "First for each domain"), _table(("Domain", "Now", "As"), rows)]


def _roles(policy: Policy, shades: dict[str, int]) -> list[Html]:
    rows = []
    for spec in policy.roles.values():
        holder = spec.holder
        told = f", told in #{spec.notify.slack}" if spec.notify and spec.notify.slack else ""
        shown: Html = tag("span", f"nobody yet{told}", class_="quiet")
        rotation = None
        if holder is not None and holder in policy.rotations:
            shown, rotation = tag("span", policy.title_of(holder)), holder
        elif holder is not None:
            shown = _person(policy, holder, shades)
        rows.append(
            tag(
                "tr",
                tag("th", spec.title, scope="row"),
                tag("td", shown, class_="who" if rotation else None, data_rotation=rotation),
            )
        )
    return [tag("h2", "Roles"), _table(("Role", "Held by"), rows)] if rows else []


def _table(names: Sequence[str], rows: Sequence[Html]) -> Html:
    head = joined(tag("th", name, scope="col") for name in names)
    return table_region(names, head, joined(rows, "\n"))
