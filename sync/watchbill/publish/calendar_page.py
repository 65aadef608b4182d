"""Calendar: eight weeks of each rotation; many rotations take several pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from watchbill.ladder.outlook import Outlook
from watchbill.ladder.resolve import resolve
from watchbill.model.policy import Policy
from watchbill.publish.colours import colours
from watchbill.publish.page import Page, empty, person_html
from watchbill.publish.safe_html import EMPTY, Html, joined, tag
from watchbill.publish.timeline import WEEKS, Scale, timeline, weeks_around
from watchbill.report.times import short
from watchbill.rota.clock import DAY, Instant, zone
from watchbill.rota.duty import Roster, Shift
from watchbill.rota.spans import Span, union

ON_A_PAGE = 20
_MOST_ROWS = 24


@dataclass(frozen=True, slots=True)
class _Drawn:
    policy: Policy
    roster: Roster
    now: Instant
    shades: Mapping[str, int]
    alarms: Mapping[str, Sequence[Span]]
    """By rotation: when a level of a ladder that stands on it reaches nobody, undeclared."""


def calendar_pages(policy: Policy, roster: Roster, now: Instant) -> list[Page]:
    handles = [handle for handle, spec in policy.rotations.items() if spec.has_schedule]
    parts = [handles[i : i + ON_A_PAGE] for i in range(0, len(handles), ON_A_PAGE)] or [[]]
    drawn = _Drawn(policy, roster, now, colours(policy), _alarms(policy, roster, now))
    sizes = [len(part) for part in parts]
    return [_page(drawn, part, number, sizes) for number, part in enumerate(parts)]


def _alarms(policy: Policy, roster: Roster, now: Instant) -> dict[str, list[Span]]:
    """With a day more on both sides: each rotation's weeks begin in its own zone."""
    since, until = weeks_around(zone(policy.settings.time_zone), now)
    found: dict[str, list[Span]] = {}
    for gap in Outlook(roster, since - DAY, until + DAY).gaps():
        for target in gap.targets if gap.declared is None else ():
            paged = resolve(policy, target)
            if paged is not None and paged.rotation is not None:
                found.setdefault(paged.rotation, []).extend(gap.spans)
    return {rotation: union(spans) for rotation, spans in found.items()}


def _page(drawn: _Drawn, handles: Sequence[str], number: int, sizes: Sequence[int]) -> Page:
    where = zone(drawn.policy.settings.time_zone)
    first = where.at(weeks_around(where, drawn.now)[0]).strftime("%Y-%m-%d")
    how = " Point at a shift, or focus a rotation and step with the arrow keys."
    lead = joined((f"Eight weeks from {first}.", tag("span", how, class_="screen")))
    shown = joined((_rotation(drawn, handle) for handle in handles), "\n")
    body = joined(
        (
            _legend(),
            _pager(number, sizes),
            shown if handles else empty("The policy has no rotations with a schedule yet."),
            _pager(number, sizes) if len(sizes) > 1 else EMPTY,
        ),
        "\n",
    )
    return Page(file_name(number), "Calendar", lead, body, under="calendar")


def file_name(number: int) -> str:
    return "calendar" if number == 0 else f"calendar-{number + 1}"


def _legend() -> Html:
    kinds = (
        ("turn", "turn"),
        ("fallback", "fallback"),
        ("override", "override"),
        ("off", "nobody"),
        ("gap", "a ladder reaches nobody"),
        ("today", "now"),
    )
    return tag(
        "p",
        joined(
            tag("span", tag("span", class_=f"key {kind}", aria_hidden="true"), words) for kind, words in kinds
        ),
        class_="legend",
    )


def _pager(number: int, sizes: Sequence[int]) -> Html:
    if len(sizes) == 1:
        return EMPTY
    links, first = [], 1
    for other, size in enumerate(sizes):
        words = f"{first} to {first + size - 1}"
        first += size
        current = "page" if other == number else None
        links.append(tag("a", words, href=f"{file_name(other)}.html", aria_current=current))
    return tag("nav", joined(links, "\n"), class_="pager", aria_label="Rotations")


def _rotation(drawn: _Drawn, handle: str) -> Html:
    policy, shades, now = drawn.policy, drawn.shades, drawn.now
    where = zone(policy.zone_of(handle))
    scale = Scale(*weeks_around(where, now))
    shifts = drawn.roster.shifts(handle, scale.since, scale.until)
    title = policy.title_of(handle)
    crew = [p for p in dict.fromkeys(s.person for s in shifts) if p is not None]
    return tag(
        "section",
        tag(
            "div",
            tag("h2", title, id=f"rotation-{handle}"),
            tag(
                "a", "Subscribe", href=f"calendars/rotations/{handle}.ics", aria_label=f"Subscribe to {title}"
            ),
            class_="head",
        ),
        tag(
            "div",
            timeline(policy, handle, shifts, shades, drawn.alarms.get(handle, ()), scale, where, now),
            class_="chart",
            tabindex="0",
            role="group",
            aria_label=f"{title}, {WEEKS} weeks. The arrow keys step through the shifts.",
            data_rotation=handle,
            data_since=str(scale.since),
            data_until=str(scale.until),
        ),
        tag("p", "", class_="detail", aria_live="polite"),
        tag("p", joined((_person(policy, p, shades) for p in crew), " "), class_="crew"),
        _table(policy, shifts, now, where.name, handle),
        class_="rotation",
    )


def _person(policy: Policy, handle: str, shades: Mapping[str, int]) -> Html:
    person = policy.people.get(handle)
    return person_html(
        policy.title_of(handle), shade=shades.get(handle), placeholder=bool(person and person.is_placeholder)
    )


def _table(policy: Policy, shifts: Sequence[Shift], now: Instant, where: str, handle: str) -> Html:
    """The shifts that are still to come, stretches of one person told once."""
    local = zone(where)
    runs = [
        list(run)
        for _, run in groupby((s for s in shifts if s.end > now), key=lambda s: (s.person, s.because))
    ]
    rows = [
        tag(
            "tr",
            tag("td", short(run[0].start, local, now)),
            tag("td", short(run[-1].end, local, now)),
            tag("td", policy.title_of(run[0].person) if run[0].person else "nobody"),
            tag("td", _why(policy, run, handle)),
        )
        for run in runs[:_MOST_ROWS]
    ]
    head = tag("tr", joined(tag("th", name, scope="col") for name in ("From", "Until", "Who", "Why")))
    more = tag("p", f"and {len(runs) - _MOST_ROWS} more") if len(runs) > _MOST_ROWS else EMPTY
    made = tag("table", tag("thead", head), tag("tbody", joined(rows, "\n")))
    words = f"The next shifts as a table ({where} time)"
    return tag(
        "details",
        tag("summary", words),
        tag(
            "div", made, more, class_="table", tabindex="0", role="region", aria_label=policy.title_of(handle)
        ),
    )


def _why(policy: Policy, run: Sequence[Shift], handle: str) -> str:
    first = run[0]
    reasons = {
        "turn": "turn",
        "shift": "listed shift",
        "override": "override",
        "pagerduty": "PagerDuty's schedule",
    }
    if first.because == "fallback":
        other = "" if first.rotation == handle else f" to {policy.title_of(first.rotation)}"
        return f"fallback{other}"
    return reasons[first.because] + (f" ({len(run)} stretches)" if len(run) > 1 else "")
