"""Load: who carries how much in the weeks ahead, and how evenly a crew shares it."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.ladder.load import Fairness, Load, fairness_of, load_of
from watchbill.ladder.outlook import Outlook
from watchbill.model.policy import Policy
from watchbill.publish.blocks import Words
from watchbill.publish.colours import colours
from watchbill.publish.html import table_html
from watchbill.publish.page import Page, empty, person_html
from watchbill.publish.safe_html import Html, joined, tag
from watchbill.report.times import full
from watchbill.rota.clock import Instant, zone
from watchbill.rota.duty import Roster

_WIDE, _HIGH = 240, 12


def load_page(policy: Policy, roster: Roster, now: Instant) -> Page:
    where = zone(policy.settings.time_zone)
    until = now + policy.settings.outlook.seconds
    outlook = Outlook(roster, now, until)
    loads = load_of(outlook)
    lead = joined((f"{full(now, where)} to {full(until, where)}, each hour counted once.",))
    if not loads:
        return Page("load", "Load and fairness", lead, empty("Nobody has duty in these weeks."))
    parts = [tag("h2", "Hours per person"), _legend(), _people(policy, loads)]
    fairness = fairness_of(outlook, loads)
    if fairness:
        parts += [tag("h2", "How evenly a rotation is shared"), _fairness(policy, fairness)]
    notes = (
        "Nights are 22:00 to 06:00, weekends Saturday and Sunday, both in the person's own zone. Rest is the "
        "shortest break between two stretches of duty, in hours."
    )
    return Page("load", "Load and fairness", lead, joined((*parts, tag("p", notes, class_="hint")), "\n"))


def _legend() -> Html:
    kinds = (("day", "by day"), ("night", "at night"))
    return tag(
        "p",
        joined(
            tag("span", tag("span", class_=f"key {kind}", aria_hidden="true"), words) for kind, words in kinds
        ),
        class_="legend",
    )


def _people(policy: Policy, loads: Sequence[Load]) -> Html:
    most = max(load.hours for load in loads)
    shades = colours(policy)
    rows: list[list[Words | Html]] = []
    for load in loads:
        person = policy.people.get(load.person)
        shown = person_html(
            policy.title_of(load.person),
            shade=shades.get(load.person),
            placeholder=bool(person and person.is_placeholder),
        )
        numbers = (load.hours, load.night_hours, load.weekend_hours, load.holiday_hours, load.shortest_rest)
        rows.append([shown, _bar(load, most), *(_number(number) for number in numbers)])
    names = ("Person", "Day and night", "Hours", "Nights", "Weekends", "Holidays", "Rest")
    return table_html(names, rows, label="Hours per person", numbers=range(2, len(names)))


def _bar(load: Load, most: float) -> Html:
    night = _WIDE * load.night_hours / most
    day = _WIDE * load.hours / most - night
    return tag(
        "svg",
        tag("title", f"{load.hours:.0f} hours, {load.night_hours:.0f} of them at night"),
        tag("rect", width=f"{max(day, 1):.1f}", height=str(_HIGH), class_="day"),
        tag("rect", x=f"{day:.1f}", width=f"{night:.1f}", height=str(_HIGH), class_="night"),
        viewBox=f"0 0 {_WIDE} {_HIGH}",
        width=str(_WIDE),
        height=str(_HIGH),
        role="img",
        class_="bar",
    )


def _number(value: float | None) -> Words:
    return ("-" if value is None else f"{value:.0f}",)


def _fairness(policy: Policy, fairness: Sequence[Fairness]) -> Html:
    rows: list[list[Words | Html]] = [
        [
            (policy.title_of(fair.rotation),),
            (f"{policy.title_of(fair.most[0])}, {fair.most[1]:.0f} h",),
            (f"{policy.title_of(fair.least[0])}, {fair.least[1]:.0f} h",),
            _number(fair.mean),
            ("even" if fair.spread < 1.005 else f"{(fair.spread - 1) * 100:+.0f} %",),
        ]
        for fair in fairness
    ]
    names = ("Rotation", "Most", "Least", "Mean hours", "Most over mean")
    return table_html(names, rows, label="How evenly a rotation is shared", numbers=(3, 4))
