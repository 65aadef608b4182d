"""Overrides that stand on a schedule the plan deletes: whoever made them, they go with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from watchbill.account.digest import bridges_of
from watchbill.account.objects import Account, AnySchedule, ManagedObject, ShiftSchedule, Slot
from watchbill.plan import words
from watchbill.plan.document import Change, Notice
from watchbill.plan.fields import Names
from watchbill.plan.linked import Links
from watchbill.plan.overrides import LEAVING
from watchbill.plan.shift_slots import hashes_of
from watchbill.rota.clock import Instant

RULE = "override-deleted"
NAMED = 3
"""So many are told one by one."""


def leaving_schedules(links: Links, history: Collection[str] | None) -> tuple[str, ...]:
    """Ids of the schedules that the policy had once and has no more."""
    ours = [obj for obj in links.leftovers if isinstance(obj, AnySchedule)]
    return tuple(obj.id for obj in ours if obj.marker is not None and obj.marker.key in (history or ()))


def deleted_with(
    changes: Sequence[Change], links: Links, account: Account, names: Names, now: Instant
) -> Iterator[Notice]:
    leaving: dict[str, ManagedObject] = {obj.id: obj for obj in links.leftovers}
    for change in changes:
        schedule = leaving.get(change.id)
        if change.action != "delete" or not isinstance(schedule, AnySchedule):
            continue
        slots = sorted(
            _meant(change.key, schedule, account, now), key=lambda slot: (slot.start, slot.end, slot.user)
        )
        if slots:
            told = [_told(slot, names, schedule.time_zone) for slot in slots[:NAMED]]
            more = [f"{len(slots) - NAMED} more"] if len(slots) > NAMED else []
            what = "an override goes" if len(slots) == 1 else f"{len(slots)} overrides go"
            message = f"{schedule.name!r} is deleted, and {what} with it: {'; '.join([*told, *more])}"
            hint = "make them where those people shall serve now, if they still shall"
            yield Notice(rule=RULE, severity="warning", message=message, hint=hint, key=change.key)


def _meant(key: str, schedule: AnySchedule, account: Account, now: Instant) -> Iterator[Slot]:
    """Made by people, here or through the policy; those that the policy only derived mean nothing without it."""
    marker = schedule.marker
    derived = {one.removeprefix(LEAVING) for one in marker.derived} if marker is not None else set()
    slots: tuple[Slot, ...] = account.overrides.get(schedule.id, ())
    if isinstance(schedule, ShiftSchedule):
        shown = next(s for s in account.schedules if s.id == schedule.id)
        assert isinstance(shown, ShiftSchedule)
        bridges = bridges_of(shown)
        custom = (slot for slot in shown.custom_shifts if slot not in bridges)
        slots = (*account.shift_overrides.get(schedule.id, ()), *custom)
    for slot in slots:
        if slot.end > now and derived.isdisjoint(hashes_of(key, slot)):
            yield slot


def _told(slot: Slot, names: Names, zone_name: str) -> str:
    return (
        f"{names.user(slot.user) if slot.user else 'nobody'}, {words.span(slot.start, slot.end, zone_name)}"
    )
