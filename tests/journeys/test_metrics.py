"""A month of incidents whose truth is known, because it was written down while they were made to happen."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median

import pytest
from jsonschema import Draft202012Validator

from journeys.conftest import Person
from stage import Stage, shipped, stage
from watchbill.incident import stand_down
from watchbill.incident.notes import Mark, with_mark
from watchbill.metrics.analytics import differences
from watchbill.metrics.document import MetricsAnswer
from watchbill.metrics.history import facts_between
from watchbill.metrics.report import Report, report_of
from watchbill.metrics.show import chart
from watchbill.rota.clock import DAY, HOUR, MINUTE, iso, parse_instant

DAYS = 30


@dataclass
class Truth:
    first: list[int] = field(default_factory=list)
    """Minutes, of P1s."""
    never: int = 0
    acks: list[int] = field(default_factory=list)
    unanswered: int = 0
    levels: list[int] = field(default_factory=list)
    needed: list[bool] = field(default_factory=list)
    missed: int = 0


@dataclass
class Month:
    live: Stage
    truth: Truth
    rng: random.Random
    day: int = 0

    def at(self, minute: int) -> None:
        self.live.sandbox.move(iso(self.live.start + self.day * DAY + minute * MINUTE))

    def begin(self, severity: str) -> str:
        self.at(0)
        return self.live.open(severity, title=f"incident of day {self.day}")

    def over(self, incident: str, minute: int) -> None:
        self.at(minute)
        self.live.put(incident, "primary-1", status="resolved")

    def quick(self) -> None:
        """Acknowledged and solved before anything moves."""
        severity = self.rng.choice(["P1", "P2"])
        incident = self.begin(severity)
        self.at(3)
        self.live.put(incident, "primary-1", status="acknowledged")
        self.over(incident, self.rng.randint(5, 25))
        self.truth.levels.append(1)
        self.truth.never += severity == "P1"

    def ladder(self) -> None:
        """Nobody answers, so the ladder pages the manager at 15; the manager takes it, or the VP at 30 does."""
        severity = self.rng.choice(["P1", "P2"])
        incident, wait = self.begin(severity), self.rng.randint(1, 12)
        second = self.rng.random() < 0.5
        taken = 30 + wait if second else 15 + wait
        who = "vp-engineering-holder" if second else "eng-manager-holder"
        self.at(taken)
        self.live.put(incident, who, status="acknowledged")
        self.over(incident, taken + 10)
        self.truth.first += [15] if severity == "P1" else []
        self.truth.acks.append(wait)
        self.truth.unanswered += second
        self.truth.levels.append(3 if second else 2)

    def asked(self) -> None:
        """Taken at once; the manager is asked to join, comes, and is released again."""
        severity = self.rng.choice(["P1", "P2"])
        incident = self.begin(severity)
        self.live.put(incident, "primary-1", status="acknowledged")
        when, join = self.rng.randint(4, 20), self.rng.randint(1, 15)
        self.at(when)
        self.live.escalate(incident, level=2, reason="stuck")
        self.at(when + join)
        self.live.join(incident, "eng-manager-holder")
        needed = self.rng.random() < 0.8
        self.at(when + join + 4)
        live = self.live
        plan = stand_down.prepare(
            live.policy,
            live.people,
            live.situation(incident),
            reason="",
            met=[1],
            needed="yes" if needed else "no",
        )
        stand_down.carry_out(live.transport, live.actor(), live.chat, plan, channel="c")
        self.over(incident, when + join + 6)
        self.truth.first += [when] if severity == "P1" else []
        self.truth.acks.append(join)
        self.truth.levels.append(2)
        self.truth.needed.append(needed)

    def stalled(self) -> None:
        """Taken, then three quarters of an hour of nothing, and no watchdog: one escalation was missed."""
        severity = "P2"
        incident = self.begin(severity)
        self.live.put(incident, "primary-1", status="acknowledged")
        self.over(incident, 45)
        self.truth.levels.append(1)
        self.truth.missed += 1


@pytest.fixture(scope="module")
def month() -> Iterator[Month]:
    with stage() as live:
        found = Month(live, Truth(), random.Random(7))
        kinds = [found.quick, found.ladder, found.asked, found.stalled]
        for day in range(DAYS):
            found.day = day
            kinds[day % 4 if day < 4 else found.rng.choice([0, 1, 1, 2, 2, 3])]()
        found.at(2 * HOUR // MINUTE)
        yield found


@pytest.fixture(scope="module")
def report(month: Month) -> Report:
    live = month.live
    facts = facts_between(live.roster, live.people, live.transport, live.start, live.now, live.now)
    return report_of(live.policy, facts, live.start, live.now)


def test_the_five_metrics_are_the_hand_computed_values(month: Month, report: Report) -> None:
    truth = month.truth
    found = {figure.handle: figure for figure in report.figures}
    assert report.incidents == DAYS
    assert found["first-escalation"].value == median(truth.first) * 60
    assert found["first-escalation"].sample.apart == truth.never
    assert found["escalation-ack"].value == median(truth.acks) * 60
    assert found["escalation-ack"].sample.apart == truth.unanswered
    assert found["levels"].value == fmean(truth.levels)
    assert found["unnecessary"].value == pytest.approx(1 - fmean(truth.needed))
    assert found["missed"].value == truth.missed
    assert truth.missed
    assert truth.unanswered
    assert not all(truth.needed)


def test_pass_and_fail_follow_the_targets(month: Month, report: Report) -> None:
    found = {figure.handle: figure.passed for figure in report.figures}
    assert found["first-escalation"] is (median(month.truth.first) < 30)
    assert found["levels"] is True
    assert found["missed"] is False


def test_groups_and_weeks_add_up(report: Report) -> None:
    place = [figure.handle for figure in report.figures].index("levels")
    whole = report.figures[place].count
    for name in ("severity", "domain", "team"):
        assert sum(figures[place].count for figures in report.groups[name].values()) == whole
    assert sum(week.figures[place].count for week in report.weeks) == whole


def test_pagerdutys_analytics_agree(month: Month) -> None:
    live = month.live
    facts = facts_between(live.roster, live.people, live.transport, live.start, live.now, live.now)
    assert differences(live.transport, facts, live.start, live.now) == [
        f"cross-check: {DAYS} incidents compared with PagerDuty's analytics, 0 differences"
    ]


def test_as_table_json_csv_and_chart(month: Month, person: Person, tmp_path: Path) -> None:
    who = person.at(month.live.sandbox)
    me = Person(who.folder, {**who.env, "WATCHBILL_NOW": iso(month.live.now)})
    chart = tmp_path / "chart.svg"
    ran = me.watchbill("metrics", "--since", "-5w", "--chart", str(chart))
    assert ran.code == 0, ran.err
    assert "Missed escalations" in ran.out
    assert "FAIL" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 100
    drawn = ET.parse(chart).getroot()
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    told = me.watchbill("metrics", "--since", "-5w", "--json")
    Draft202012Validator(MetricsAnswer.model_json_schema()).validate(told.json)
    rows = me.watchbill("metrics", "--since", "-5w", "--csv").out.splitlines()
    assert rows[0].startswith("group,name,metric,value")
    assert sum(row.startswith("all,all,") for row in rows) == 5
    assert me.watchbill("metrics", "--since", "now").code == 2


def test_a_slow_answer_counts_though_the_ladder_went_on() -> None:
    with stage() as live:
        incident = live.open("P1")
        live.minute(40)
        live.put(incident, "eng-manager-holder", status="acknowledged")
        live.put(incident, "eng-manager-holder", status="resolved")
        (facts,) = facts_between(live.roster, live.people, live.transport, live.start, live.now + 1, live.now)
    assert [e.seconds_to_answer for e in facts.escalations] == [25 * MINUTE, None]


def test_a_question_about_a_level_does_not_reach_it() -> None:
    with stage() as live:
        incident = live.open("P1")
        ours = {"what": "confirm", "level": "5"}
        live.minute(51)
        live.note(incident, with_mark("In 10 min.", Mark("reminder", ours)), "primary-1")
        live.put(incident, "primary-2", status="resolved")
        (facts,) = facts_between(live.roster, live.people, live.transport, live.start, live.now + 1, live.now)
    assert facts.levels == 3


def test_weeks_follow_the_policys_wall_clock() -> None:
    """A month with a clock change, in Bucharest."""
    since, until = (parse_instant(text) for text in ("2027-02-28T22:00:00Z", "2027-03-31T21:00:00Z"))
    found = report_of(shipped(), [], since, until)
    days = [found.zone.at(week.start).strftime("%m-%d %H:%M") for week in found.weeks]
    assert days == ["03-01 00:00", "03-04 00:00", "03-11 00:00", "03-18 00:00", "03-25 00:00"]
    assert "Escalation metrics, 2027-03-01 to 2027-04-01" in chart(found)
