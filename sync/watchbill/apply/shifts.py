"""One change to a shift-based schedule, which takes several requests.

Its marker says `writing` from the first to the last of them: killed in between, the next run computes what is
left from what is there.  Nothing that points at it is written before its digest is.
"""

from __future__ import annotations

from collections.abc import Iterable

from watchbill.account.canon import form_of
from watchbill.account.digest import DIGITS, bridge_hash, bridges_of, digest_of, marker_for, same
from watchbill.account.event_changes import ChangePlan, change_plan
from watchbill.account.event_steps import Bridge, End, Shorten
from watchbill.account.marker import excess
from watchbill.account.objects import CustomShiftSlot, Marker, ShiftSchedule
from watchbill.account.parts import CannotExpress
from watchbill.account.settling import SETTLING, SKEW, begun, starts_of
from watchbill.apply.fit import OTHER_KIND, is_as_wanted, stale_because
from watchbill.apply.ground import READS, Failed, Ground, Record, Stale, not_ours
from watchbill.apply.once import once
from watchbill.apply.shift_reading import Whole, read_again, read_whole, rendering_note
from watchbill.apply.shift_slots import put_back
from watchbill.apply.shift_steps import Steps
from watchbill.pagerduty import shift_read, shift_writes
from watchbill.pagerduty.problems import NotFound, OtherKind, Refused
from watchbill.pagerduty.read import find_objects
from watchbill.pagerduty.shift_normal import shift_schedule
from watchbill.pagerduty.write import Written
from watchbill.plan import words
from watchbill.plan.document import Change
from watchbill.rota.clock import MINUTE, Instant


def carry_out(change: Change, want: ShiftSchedule, ground: Ground, record: Record) -> None:
    """Raises Stale, Failed, or what the transport raises."""
    if change.action == "create":
        found = _look(want, ground)
        if found is None:
            id_ = _post(want, ground, record)
        elif stale_because(change, found) and not is_as_wanted(want, found, ground.now):
            raise Stale(stale_because(change, found))
        else:
            id_ = found.id
        before = read_whole(id_, ground)
    else:
        before = _fresh(change, ground)
        trouble = stale_because(change, shift_schedule(before.wire, now=ground.planned_at))
        if trouble and not is_as_wanted(want, before.schedule, ground.now):
            raise Stale(trouble)
    record.id = before.schedule.id
    if not is_as_wanted(want, before.schedule, ground.now):
        _finish(want, before, ground, record)


def forget(change: Change, ground: Ground, record: Record) -> None:
    """The marker goes, the rest stays."""
    before = _fresh(change, ground)
    trouble = stale_because(change, shift_schedule(before.wire, now=ground.planned_at))
    if before.schedule.marker is None:
        record.id = before.schedule.id
    elif trouble:
        raise Stale(trouble)
    else:
        want = before.schedule.model_copy(update={"marker": None})
        _head(want, before.schedule, ground, record)
        _check(want, before.schedule.id, ground)


def _fresh(change: Change, ground: Ground) -> Whole:
    try:
        return read_whole(change.id, ground)
    except NotFound as gone:
        raise Stale("it is gone from the account") from gone
    except OtherKind as other:
        raise Stale(OTHER_KIND) from other


def _look(want: ShiftSchedule, ground: Ground) -> ShiftSchedule | None:
    """Ours, if it is there.  Raises Failed when somebody else's schedule, of either kind, has the name."""
    transport, now = ground.transport, ground.now
    found = shift_read.find_shift_schedules(transport, name=want.name, key=want.key, now=now)
    ours = [x for x in found if x.key == want.key]
    if ours:
        return ours[0]
    named = [*found, *find_objects(transport, "schedule", name=want.name, key=want.key, now=now)]
    if named:
        raise not_ours(want, named[0].id)
    return None


def _post(want: ShiftSchedule, ground: Ground, record: Record) -> str:
    begin = _fitting(want, _writing(want, ()))

    def look() -> Written | None:
        made = _look(want, ground)
        return None if made is None else Written(made.id)

    def send() -> Written:
        try:
            return shift_writes.create_schedule(ground.transport, begin)
        except Refused:
            made = _look(want, ground)  # the name may be taken by what an earlier try made after all
            if made is None:
                raise
            return Written(made.id)

    request = "create schedule"
    done = once(
        "schedule", ground, before=lambda: record.about_to_write(request=request), send=send, look=look
    )
    record.written(done.id, done.request_ids, request=request)
    return done.id


def _finish(want: ShiftSchedule, before: Whole, ground: Ground, record: Record) -> None:
    id_ = before.schedule.id
    plan, bridges = _steps(want, before, ground.now)
    staying: tuple[CustomShiftSlot, ...] = plan.state.custom_shifts
    if plan.steps:
        if want.marker is not None:
            begin = _fitting(want, _writing(want, bridges))
            if _header(begin) != _header(before.schedule):
                _head(begin, before.schedule, ground, record)
        steps = Steps(before, plan, bridges, ground, record)
        for step in plan.steps:
            steps.carry_out(step)
        staying = steps.state.custom_shifts
    after = _as_wanted(want, plan, before, ground)
    if put_back(before, after, bridges, ground, record):
        record.id = id_
    final = want.model_copy(update={"id": id_, "rotations": after.schedule.rotations})
    final = final.model_copy(update={"marker": _marker(want, final, staying, ground.now)})
    if _header(final) != _header(after.schedule):
        _head(final, after.schedule, ground, record)
        _check(final, id_, ground)
    ends = [step.until for step in plan.steps if isinstance(step, End) and step.until == plan.turning]
    if ends:
        until = words.local(plan.turning, want.time_zone)
        record.notes.append(f"whoever is on call stays so until {until}, from then on as planned")
    if note := rendering_note(after, ground.now):
        record.notes.append(note)


def _steps(want: ShiftSchedule, before: Whole, now: Instant) -> tuple[ChangePlan, list[CustomShiftSlot]]:
    """And every custom shift that is a bridge at some time: only as many as the description can list."""
    rotations = begun(before.schedule.rotations, now, starts_of(want), slack=SKEW)
    left = bridges_of(before.schedule)
    most_new: int | None = None
    while True:
        try:
            plan = change_plan(rotations, want.rotations, now, left, before.overrides, most_new)
        except CannotExpress as refused:
            raise Failed(refused.reason, refused.nearest) from refused
        made = [slot for step in plan.steps for slot in _bridging(step)]
        bridges = [*left, *made]
        over = excess("", _writing(want, bridges))
        new = sum(len(step.shifts) for step in plan.steps if isinstance(step, Bridge))
        if not over or not new:
            return plan, bridges
        most_new = max(0, new - -(-over // (DIGITS + 1)))


def _bridging(step: object) -> tuple[CustomShiftSlot, ...]:
    if isinstance(step, Bridge):
        return step.shifts
    if isinstance(step, Shorten):
        return (step.shift.model_copy(update={"end": step.end}),)
    return ()


def _writing(want: ShiftSchedule, bridges: Iterable[CustomShiftSlot]) -> Marker:
    derived = want.marker.derived if want.marker else ()
    hashes = dict.fromkeys([*derived, *(bridge_hash(slot) for slot in bridges)])
    return Marker(key=want.key, digest="", at=0, state="writing", derived=tuple(hashes))


def _marker(
    want: ShiftSchedule, written: ShiftSchedule, staying: Iterable[CustomShiftSlot], now: Instant
) -> Marker | None:
    """The digest of what is there now; it shows the minute that is not over yet, as every other marker does."""
    if want.marker is None:
        return None
    hashes = dict.fromkeys([*want.marker.derived, *(bridge_hash(slot) for slot in staying if slot.end > now)])
    return marker_for(written, now + -now % MINUTE, tuple(hashes))


def _fitting(want: ShiftSchedule, marker: Marker) -> ShiftSchedule:
    """While bridges are listed the text may be cut; the last write brings it back."""
    text = want.description
    while text and excess(text, marker):
        text = text[: -excess(text, marker)].rstrip()
    return want.model_copy(update={"description": text, "marker": marker})


def _header(schedule: ShiftSchedule) -> tuple[object, ...]:
    form = form_of(schedule.model_copy(update={"rotations": ()}), now=0)
    return (form, schedule.marker)


def _head(want: ShiftSchedule, stored: ShiftSchedule, ground: Ground, record: Record) -> None:
    what = "begin" if want.marker and want.marker.state == "writing" else "finish"
    record.about_to_write(stored.id, request=what)
    teams_too = set(want.teams) != set(stored.teams)
    done = shift_writes.update_schedule(ground.transport, stored.id, want, teams_too=teams_too)
    record.written(stored.id, done.request_ids, request=what)


def _as_wanted(want: ShiftSchedule, plan: ChangePlan, before: Whole, ground: Ground) -> Whole:
    """Everything read back.  Raises Failed where its events are not the wanted ones."""
    if not plan.steps:
        return before
    meant = starts_of(want) | {plan.turning}
    for attempt in range(READS):
        after = read_whole(before.schedule.id, ground)
        rotations = begun(after.schedule.rotations, ground.now, meant, slack=SETTLING)
        # Its events alone: somebody's custom shift may be the very image of a bridge, which is still listed.
        found = after.schedule.model_copy(update={"rotations": rotations, "custom_shifts": ()})
        alike = want.model_copy(update={"description": found.description, "marker": found.marker})
        if same(alike.model_copy(update={"teams": found.teams}), found, now=ground.now):
            return after
        ground.settle(attempt)
    raise Failed("written, but PagerDuty now shows other events", "run `watchbill plan` to see what differs")


def _check(want: ShiftSchedule, id_: str, ground: Ground) -> None:
    odd: list[str] = []
    for attempt in range(READS):
        got = read_again(id_, ground)
        wanted, found = (form_of(x.model_copy(update={"rotations": ()}), now=0) for x in (want, got))
        odd = [name for name in wanted if wanted[name] != found.get(name)]
        odd += ["marker"] if want.marker != got.marker else []
        if want.marker and not odd and digest_of(got, want.marker.at) != want.marker.digest:
            odd = ["events"]
        if not odd:
            return
        ground.settle(attempt)
    raise Failed(
        f"written, but PagerDuty now shows another {', '.join(odd)}",
        "run `watchbill plan` to see what differs",
    )
