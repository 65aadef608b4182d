"""A folder of published files: what is there, what is stale, and writing it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from watchbill.errors import UsageError
from watchbill.model.policy import Policy
from watchbill.publish.feeds import feeds, reach_at
from watchbill.publish.ics import NotOurs, calendar, farewell
from watchbill.rota.clock import Instant, zone
from watchbill.rota.duty import Roster

FOLDERS = ("rotations", "people")

Files = Mapping[str, bytes]


def calendars(policy: Policy, folder: Path, now: Instant, roster: Roster | None = None) -> dict[str, bytes]:
    """Every calendar by its path, in step with those that `folder` holds already.

    Raises UsageError for a file of such a name that is not ours.
    """
    reach = reach_at(policy, now)
    there = calendars_in(folder)
    wanted = {feed.path: feed for feed in feeds(policy, roster or Roster(policy), reach)}
    made: dict[str, bytes] = {}
    for path in dict.fromkeys((*wanted, *there)):
        try:
            if path in wanted:
                made[path] = calendar(wanted[path], reach, now, there.get(path))
            elif (data := farewell(there[path], zone(policy.settings.time_zone), reach, now)) is not None:
                made[path] = data
        except NotOurs as why:
            remedy = "choose another folder, or move the file"
            raise UsageError(f"{folder / path} {why}", remedy=remedy) from None
    return made


def calendars_in(folder: Path) -> dict[str, bytes]:
    return {
        f"{name}/{path.name}": path.read_bytes()
        for name in FOLDERS
        for path in sorted((folder / name).glob("*.ics"))
        if path.is_file()
    }


def stale(files: Files, there: Files) -> list[str]:
    """Paths that are missing, differ, or are no longer wanted."""
    return sorted(path for path in files.keys() | there.keys() if files.get(path) != there.get(path))
