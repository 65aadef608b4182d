"""Published calendars: another library reads the same shifts out of them, and their bytes change only with the duty."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event, EventStatus

from policy_text import at, policy_of
from publish_policies import CALENDARS
from shared import ROOT
from watchbill.cli.main import root
from watchbill.config.load import load_valid
from watchbill.errors import UsageError
from watchbill.model.policy import Policy
from watchbill.publish import ics
from watchbill.publish.folder import calendars
from watchbill.rota.clock import DAY, Instant
from watchbill.rota.duty import Roster

NOW = at("2026-11-23 14:00")
FEW = "rotations:\n" + "\n".join(
    line
    for line in CALENDARS.splitlines()
    if any(name in line for name in ("  primary:", "  slow:", "overrides:", "swap"))
)


def write(folder: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return files


def parsed(data: bytes) -> Calendar:
    return IcsCalendarStream.calendar_from_ics(data.decode())


def instant(moment: date) -> Instant:
    assert isinstance(moment, datetime)
    return int(moment.timestamp())


def expanded(data: bytes, since: Instant, until: Instant) -> list[tuple[Instant, Instant, str]]:
    found: list[Event] = parsed(data).timeline.overlapping(
        datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)
    )
    return [
        (max(instant(e.start), since), min(instant(e.end), until), str(e.summary))
        for e in found
        if e.status != EventStatus.CANCELLED
    ]


def by_hand(
    policy: Policy, rotation: str, since: Instant, until: Instant
) -> list[tuple[Instant, Instant, str]]:
    title = policy.rotations[rotation].title
    return [
        (s.start, s.end, f"{title}: {policy.title_of(s.person) if s.person else 'nobody'}")
        for s in Roster(policy).shifts(rotation, since, until)
    ]


@pytest.mark.parametrize(
    "rotation",
    ["primary", "daily", "halves", "real", "office", "abroad", "world", "alone", "slow", "covered"],
)
def test_a_year_of_a_feed_is_the_rotations_year(rotation: str, tmp_path: Path) -> None:
    policy = policy_of(CALENDARS)
    data = calendars(policy, tmp_path, NOW)[f"rotations/{rotation}.ics"]
    until = NOW + 366 * DAY
    assert expanded(data, NOW, until) == by_hand(policy, rotation, NOW, until)


def test_the_shipped_rotations_too(tmp_path: Path) -> None:
    policy = load_valid(ROOT / "policies").policy
    assert policy is not None
    files = calendars(policy, tmp_path, NOW)
    assert len(files) == len(policy.rotations) + len(policy.people)
    for rotation in policy.rotations:
        until = NOW + 366 * DAY
        assert expanded(files[f"rotations/{rotation}.ics"], NOW, until) == by_hand(
            policy, rotation, NOW, until
        )


def test_a_person_has_all_their_duty_in_one_feed(tmp_path: Path) -> None:
    policy = policy_of(CALENDARS)
    files = calendars(policy, tmp_path, NOW)
    until = NOW + 366 * DAY
    for person in policy.people:
        wanted = [
            (s.start, s.end, f"On call: {spec.title}")
            for rotation, spec in policy.rotations.items()
            for s in Roster(policy).shifts(rotation, NOW, until)
            if s.person == person and spec.covered_by is None
        ]
        assert sorted(expanded(files[f"people/{person}.ics"], NOW, until)) == sorted(wanted)


def test_shifts_are_whole_at_the_ends(tmp_path: Path) -> None:
    events = parsed(calendars(policy_of(CALENDARS), tmp_path, NOW)["rotations/primary.ics"]).events
    assert {instant(e.end) - instant(e.start) for e in events} >= {7 * DAY}
    assert instant(events[0].start) == at("2026-09-28 09:00")
    assert instant(events[-1].end) == at("2028-01-03 09:00")


def test_no_change_no_byte(tmp_path: Path) -> None:
    policy = policy_of(FEW)
    first = calendars(policy, tmp_path, NOW)
    assert calendars(policy, tmp_path / "elsewhere", NOW + 3600) == first
    write(tmp_path, first)
    assert calendars(policy, tmp_path, NOW + 6 * DAY) == first


def blocks(data: bytes) -> dict[bytes, bytes]:
    """Each event's bytes by its UID."""
    found = data.split(b"BEGIN:VEVENT\r\n")[1:]
    return {part.split(b"UID:")[1].split(b"\r\n")[0]: part.split(b"END:VEVENT")[0] for part in found}


def test_a_new_month_leaves_what_stays_as_it_was(tmp_path: Path) -> None:
    policy = policy_of(FEW)
    before = write(tmp_path, calendars(policy, tmp_path, NOW))
    after = calendars(policy, tmp_path, NOW + 31 * DAY)
    for name in ("rotations/primary.ics", "people/ana.ics"):
        old, new = blocks(before[name]), blocks(after[name])
        assert old != new
        assert old.keys() & new.keys()
        assert all(old[uid] == new[uid] for uid in old.keys() & new.keys())
        assert b"CANCELLED" not in after[name]


def test_a_turn_of_months_stays_one_event_while_months_go_by(tmp_path: Path) -> None:
    policy = policy_of(FEW)
    for month in range(20):
        files = write(tmp_path, calendars(policy, tmp_path, NOW + month * 30 * DAY))
        assert b"CANCELLED" not in files["rotations/slow.ics"]
        assert b"SEQUENCE:1" not in files["rotations/slow.ics"]


def test_duty_without_end_is_one_event_that_moves_on(tmp_path: Path) -> None:
    policy = policy_of("rotations: {alone: {title: Alone, crew: [gil]}}\n")
    uids = set()
    for month in range(3):
        files = write(tmp_path, calendars(policy, tmp_path, NOW + month * 31 * DAY))
        (event,) = parsed(files["rotations/alone.ics"]).events
        assert (event.sequence, event.status) == (month, EventStatus.CONFIRMED)
        uids.add(event.uid)
    assert len(uids) == 1


def test_what_is_no_longer_wanted_is_cancelled_once(tmp_path: Path) -> None:
    write(tmp_path, calendars(policy_of(FEW), tmp_path, NOW))
    swapped = FEW.replace("person: gil, from", "person: fay, from")
    later = NOW + 3600
    after = write(tmp_path, calendars(policy_of(swapped), tmp_path, later))
    day = at("2026-12-24 09:00")

    def of(name: str) -> list[Event]:
        return [e for e in parsed(after[name]).events if instant(e.start) == day]

    gone, new = sorted(of("rotations/primary.ics"), key=lambda e: str(e.status), reverse=False)
    assert (gone.summary, gone.status, gone.sequence) == ("Primary: Gil", EventStatus.CANCELLED, 1)
    assert (new.summary, new.status, new.sequence) == ("Primary: Fay", EventStatus.CONFIRMED, 0)
    assert gone.uid != new.uid
    assert instant(gone.dtstamp) == later
    assert [e.status for e in of("people/gil.ics") if "Primary" in str(e.summary)] == [EventStatus.CANCELLED]
    assert calendars(policy_of(swapped), tmp_path, later + 7200) == after

    back = write(tmp_path, calendars(policy_of(FEW), tmp_path, later + 9000))["rotations/primary.ics"]
    again = {e.summary: e for e in parsed(back).events if instant(e.start) == day}
    assert (again["Primary: Gil"].status, again["Primary: Gil"].sequence) == (EventStatus.CONFIRMED, 2)
    assert (again["Primary: Fay"].status, again["Primary: Fay"].sequence) == (EventStatus.CANCELLED, 1)


def test_a_rotation_that_is_gone_says_goodbye_and_leaves(tmp_path: Path) -> None:
    write(tmp_path, calendars(policy_of(FEW), tmp_path, NOW))
    without = "\n".join(line for line in FEW.splitlines() if "Slow" not in line)
    after = write(tmp_path, calendars(policy_of(without), tmp_path, NOW))
    events = parsed(after["rotations/slow.ics"]).events
    assert len(events) == 3
    assert {e.status for e in events} == {EventStatus.CANCELLED}
    assert "rotations/slow.ics" not in calendars(policy_of(without), tmp_path, NOW + 900 * DAY)


def test_a_new_title_is_a_new_version_of_the_same_event(tmp_path: Path) -> None:
    write(tmp_path, calendars(policy_of(FEW), tmp_path, NOW))
    renamed = calendars(policy_of(FEW.replace("title: Primary", "title: First")), tmp_path, NOW)
    events = parsed(renamed["rotations/primary.ics"]).events
    assert {(e.sequence, e.status) for e in events} == {(1, EventStatus.CONFIRMED)}


@pytest.mark.parametrize("month", [1, 2, 3, 10, 12])
@pytest.mark.parametrize("where", ["America/New_York", "Pacific/Auckland", "UTC", "Asia/Kathmandu"])
def test_every_month_in_every_zone(month: int, where: str, tmp_path: Path) -> None:
    """2028 has a 29th of February."""
    policy = policy_of(FEW.replace("title: Primary,", f"title: Primary, time_zone: {where},"))
    for year in (2026, 2027):
        now = at(f"{year}-{month:02d}-01 00:30")
        data = calendars(policy, tmp_path, now)["rotations/primary.ics"]
        assert expanded(data, now, now + 365 * DAY) == by_hand(policy, "primary", now, now + 365 * DAY)


def test_line_ends_changed_by_git_change_nothing(tmp_path: Path) -> None:
    files = calendars(policy_of(FEW), tmp_path, NOW)
    write(tmp_path, {name: data.replace(b"\r\n", b"\n") for name, data in files.items()})
    assert calendars(policy_of(FEW), tmp_path, NOW) == files


@pytest.mark.parametrize(
    "text", [b"", b"notes", b"BEGIN:VCALENDAR\r\nPRODID:-//me\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"]
)
def test_somebody_elses_file_is_left_alone(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "ana.ics").write_bytes(text)
    with pytest.raises(UsageError, match=r"ana\.ics"):
        calendars(policy_of(FEW), tmp_path, NOW)


def test_a_folder_of_a_files_name_is_refused_and_nothing_else_written(tmp_path: Path) -> None:
    out = tmp_path / "calendars"
    (out / "people" / "backend-1.ics").mkdir(parents=True)
    done = CliRunner().invoke(
        root, ["--policies", str(ROOT / "policies"), "publish", "calendars", "--out", str(out)]
    )
    assert isinstance(done.exception, UsageError)
    assert "is not a file" in str(done.exception)
    assert [path.name for path in out.rglob("*.ics")] == ["backend-1.ics"]


@pytest.mark.parametrize(
    "name", ['<b>"x"</b>; a, b\\n\\', "\u202egnp.exe", "BEGIN:VEVENT", "x" * 255, "ă" * 200, "END:VCALENDAR"]
)
def test_hostile_names_are_one_line_of_text(name: str, tmp_path: Path) -> None:
    policy = policy_of(FEW)
    ana = policy.people["ana"].model_copy(update={"name": name})
    hostile = policy.model_copy(update={"people": {**policy.people, "ana": ana}})
    data = calendars(hostile, tmp_path, NOW)
    until = NOW + 60 * DAY
    shown = name.replace("\u202e", "·")
    told = [s.replace(name, shown) for _, _, s in by_hand(hostile, "primary", NOW, until)]
    assert [s for _, _, s in expanded(data["rotations/primary.ics"], NOW, until)] == told
    assert parsed(data["people/ana.ics"]).events
    assert all(len(line) <= 75 for line in data["people/ana.ics"].split(b"\r\n"))


def test_the_verb_writes_checks_and_names_what_is_stale(tmp_path: Path) -> None:
    out = tmp_path / "calendars"

    def run(*words: str, now: str = "2026-11-23T12:00:00Z") -> tuple[int, str]:
        base = ["--policies", str(ROOT / "policies"), "--now", now, "publish", "calendars", "--out", str(out)]
        done = CliRunner().invoke(root, [*base, *words])
        return done.exit_code, done.output

    assert run("--check")[0] == 10
    assert not out.exists()
    assert run()[0] == 0
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.ics")}
    assert len(before) == 34
    assert run("--check", now="2026-11-30T20:00:00Z")[0] == 0
    assert run()[0] == 0
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*.ics")}
    (out / "people" / "primary-1.ics").unlink()
    code, told = run("--check")
    assert code == 10
    assert "primary-1.ics is missing or stale" in told
    assert not list(out.rglob("*.tmp"))


@pytest.mark.parametrize("length", [1, 68, 69, 70, 71, 72, 143, 144, 145, 219, 400])
def test_uids_are_folded_as_the_library_folds_them(length: int) -> None:
    uid = ("1790834400-backend-ana@rotations.acme-" * 11)[:length]
    assert ics._uid(uid) == ics._line("UID", uid)
    assert ics._uid(f"{uid};,\\") == ics._line("UID", f"{uid};,\\")
