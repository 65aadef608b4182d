"""What the browser computes is what the command line says."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from browser_tools import NOW, NOW_TEXT
from policy_text import SETTINGS
from shared import ROOT
from watchbill.cli.main import root
from watchbill.rota.clock import DAY, HOUR, Instant, iso

if TYPE_CHECKING:
    from browser_tools import Open

MIXED = """people:
  ana: {name: "Ana <b>Pop</b>", email: ana@x.example}
  ben: {name: placeholder, email: ben@x.example}
  cleo: {name: "Cleo שלום", email: cleo@x.example}
  dan: {name: Dan, email: dan@x.example}
roles:
  lead: {title: Lead, held_by: ben}
  empty: {title: Nobody yet, held_by: unset}
  turns: {title: By turns, held_by: halves}
rotations:
  office: {title: Office, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben], hours: business}
  halves: {title: Halves, turn: 12 hours, from: 2026-01-05 08:00, crew: [ana, ben, nobody]}
  abroad: {title: Abroad, time_zone: America/New_York, turn: 1 day, handoff: daily 01:30, from: 2026-01-05, crew: [dan, cleo]}
  stand-in: {title: Stand-in, covered_by: abroad, until: 2029-01-01, reason: for now}
  both: {title: Both, crew: [ana, dan], together: true, hours: business}
  night: {title: Night, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [cleo, dan], hours: business, otherwise: halves}
overrides:
  - {rotation: night, person: ana, from: 2026-12-24 09:00, until: 2026-12-27 09:00, reason: swap}
external:
  others: {schedule: Other team}
severities:
  P1: {urgency: high, repeat: 1, ack_timeout: 30m, steps: {0m: domain.primary, 10m: [lead, both], 25m: {page: [empty, office], confirm: really bad}, 1h: others}}
  P2: {urgency: high, repeat: 0, steps: {0m: domain.primary, 15m: {page: office, may_be_empty: office hours only}, 45m: [turns, ana]}}
  P3: {urgency: low, repeat: 0, steps: {0m: domain.primary}}
domains:
  a: {title: A & B, primary: office, default_severity: P1, tags: [money]}
  b: {title: B, primary: stand-in, default_severity: P2, also: {15m: night}}
  c: {title: C, primary: both, default_severity: P2}
  own: {title: Own, primary: night, default_severity: P1, tags: [leak, data], steps: {0m: [night, lead], 5m: empty, 20m: halves}}
"""


def ask(policies: Path, *words: str) -> Any:
    done = CliRunner().invoke(root, ["--policies", str(policies), "--now", NOW_TEXT, "--json", *words])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def published(policies: Path, folder: Path) -> Path:
    out = folder / "site"
    done = CliRunner().invoke(
        root, ["--policies", str(policies), "--now", NOW_TEXT, "publish", "site", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(params=["shipped", "mixed"])
def policies(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "shipped":
        return ROOT / "policies"
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "all.yaml").write_text(SETTINGS + MIXED, "utf-8")
    return folder


Question = tuple[str, str, Instant, list[str], int | None]


def questions(policies: Path, count: int) -> list[Question]:
    """Any second of a year ahead, round times and clock changes more often."""
    draw = random.Random(20261123)
    from watchbill.config.load import load_valid

    policy = load_valid(policies).policy
    assert policy is not None
    tags = [tag for spec in policy.domains.values() for tag in spec.tags]
    changes = [
        parse for year in (2027,) for parse in (_clock_change(year, 3, 28), _clock_change(year, 10, 31))
    ]
    made: list[Question] = []
    for _ in range(count):
        near = draw.choice([NOW + draw.randrange(0, 365 * DAY), *changes])
        at = draw.choice([near + draw.randrange(-3 * HOUR, 3 * HOUR), near // HOUR * HOUR])
        wished = [draw.choice(tags)] if tags and draw.random() < 0.25 else []
        ack = draw.choice([None, None, None, 0, 10, 20, 400])
        made.append(
            (draw.choice([*policy.severities]), draw.choice([*policy.domains]), max(at, NOW), wished, ack)
        )
    return made


def _clock_change(year: int, month: int, day: int) -> Instant:
    from watchbill.rota.clock import parse_instant

    return parse_instant(f"{year}-{month:02d}-{day:02d}T01:00:00Z")


def by_files(simulated: Any) -> Any:
    """Without what only the command line shows: where the answer comes from, and how PagerDuty differs."""
    assert simulated.pop("source")["kind"] == "files"
    for step in simulated["steps"]:
        for target in step["targets"]:
            assert target.pop("foreign_override") is None
    return simulated


def test_what_if_is_simulate(policies: Path, tmp_path: Path, open_page: Open) -> None:
    asked = questions(policies, 200)
    wanted = []
    for severity, domain, at, tags, ack in asked:
        words = ["simulate", severity, domain, "--at", iso(at)]
        words += [word for tag in tags for word in ("--tag", tag)]
        words += ["--ack-after", f"{ack}m"] if ack is not None else []
        wanted.append(by_files(ask(policies, *words)))
    with open_page(time_zone="America/St_Johns") as watched:
        watched.page.goto(f"{published(policies, tmp_path).as_uri()}/what-if.html")
        told = watched.page.evaluate(
            "asked => asked.map(([severity, domain, at, tags, ackAfter]) =>"
            " Duty.simulate(severity, domain, at, {tags, ackAfter}))",
            asked,
        )
        assert watched.said == []
    assert len(told) == 200
    for question, mine, theirs in zip(asked, told, wanted, strict=True):
        assert mine == theirs, question


def test_now_is_who(policies: Path, tmp_path: Path, open_page: Open) -> None:
    home = published(policies, tmp_path).as_uri()
    draw = random.Random(7)
    with open_page(time_zone="Pacific/Auckland") as watched:
        for _ in range(12):
            at = NOW + draw.randrange(0, 300 * DAY)
            answers = ask(policies, "who", "--at", iso(at))["answers"]
            watched.page.goto(f"{home}/index.html?at={iso(at)}")
            told = watched.page.evaluate(
                "at => [...document.querySelectorAll('.card')].map((card) => {"
                " const found = Duty.on(card.dataset.rotation, at), then = Duty.after(card.dataset.rotation, at);"
                " return [found.map((s) => s.person), then ? [then.person, then.start] : null,"
                " card.querySelectorAll('.who .person, .who .nobody').length]; })",
                at,
            )
            by_rotation: dict[str, list[dict[str, Any]]] = {}
            for answer in answers:
                by_rotation.setdefault(answer["asked"], []).append(answer)
            for (people, then, shown), found in zip(told, by_rotation.values(), strict=True):
                assert (people or [None]) == [answer["person"] for answer in found]
                following = found[0]["next"]
                assert (then and [then[0], iso(then[1])]) == (
                    following and [following["person"], following["since"]]
                )
                assert shown == len(found)
        assert watched.said == []


def test_local_times_are_read_as_the_command_line_reads_them(tmp_path: Path, open_page: Open) -> None:
    """Also where the wall clock jumps or repeats."""
    days = ("2026-11-23", "2027-03-28", "2027-10-31", "2027-03-14", "2027-11-07")
    texts = [f"{day}T{hour:02d}:{minute:02d}" for day in days for hour in range(5) for minute in (0, 30)]
    zones = ("Europe/Bucharest", "America/New_York", "Australia/Lord_Howe", "UTC")
    from datetime import date

    from watchbill.rota.clock import day_number, zone

    wanted = [
        zone(name).instant(
            day_number(date.fromisoformat(text[:10])), int(text[11:13]) * 3600 + int(text[14:]) * 60
        )
        for name in zones
        for text in texts
    ]
    with open_page() as watched:
        watched.page.goto(f"{published(ROOT / 'policies', tmp_path).as_uri()}/what-if.html")
        told = watched.page.evaluate(
            "([zones, texts]) => zones.flatMap((zone) => texts.map((text) => Clock.instant(text, zone)))",
            [list(zones), texts],
        )
    assert told == wanted


def test_an_address_that_makes_no_sense_changes_nothing(tmp_path: Path, open_page: Open) -> None:
    home = published(ROOT / "policies", tmp_path).as_uri()
    plain_words = ""
    with open_page() as watched:
        for asked in (
            "",
            "#severity=__proto__&domain=constructor&at=garbage&tag=x&ack=-5",
            "#severity=%3Cscript%3Ealert(1)%3C/script%3E&ack=1e400&toString=1",
            "#at=2026-11-23T16:00Z&domain=&ack=1.5",
        ):
            watched.page.goto("about:blank")
            watched.page.goto(f"{home}/what-if.html{asked}")
            told = watched.page.locator("#answer").inner_text()
            plain_words = plain_words or told
            assert told == plain_words, asked
        assert "API-Backend P1" in plain_words
        assert watched.said == []


def test_how_old_the_page_is_does_not_depend_on_the_time_asked_for(tmp_path: Path, open_page: Open) -> None:
    home = published(ROOT / "policies", tmp_path).as_uri()
    with open_page() as watched:
        watched.page.goto(f"{home}/index.html?at=2026-12-24T03:00:00Z")
        assert watched.page.locator("#as-of").inner_text() == "Thu 2026-12-24 05:00"
        assert watched.page.locator("#freshness").inner_text() == "Published just now."
