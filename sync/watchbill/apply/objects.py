"""One change to a schedule, an escalation policy or a service: look, write, read back.

Nothing is written twice: after a write whose answer was lost the account is looked at first.
"""

from __future__ import annotations

from watchbill.account.objects import NamedObject, ObjectKind, Schedule, ServiceRouting, ShiftSchedule
from watchbill.apply import shifts, verify
from watchbill.apply.fit import OTHER_KIND, is_as_wanted, stale_because
from watchbill.apply.ground import READS, RUN_AGAIN, TRIES, Failed, Ground, Record, Stale, not_ours
from watchbill.apply.overrides import put_back, snapshot
from watchbill.apply.resolve import marked, with_ids
from watchbill.pagerduty import normal, shift_writes, write
from watchbill.pagerduty.problems import AmbiguousWrite, NotFound, OtherKind, Refused
from watchbill.pagerduty.read import find_objects, read_object, read_wire
from watchbill.pagerduty.wire import WireObject
from watchbill.plan.document import Change, IntegrationWrite, OverrideWrite


def carry_out(change: Change, ground: Ground, record: Record) -> None:
    """Raises Stale, Failed, NotYetMade, or what the transport raises."""
    if isinstance(change.want, ShiftSchedule):
        shifts.carry_out(change, change.want, ground, record)
    elif change.action == "create":
        _create(change, ground, record)
    elif change.action == "delete":
        _delete(change, ground, record)
    else:
        _update(change, ground, record)


def _final(change: Change, ground: Ground) -> NamedObject:
    assert change.want is not None
    assert not isinstance(change.want, OverrideWrite | IntegrationWrite)
    want = marked(with_ids(change.want, ground.ids), ground.now)
    assert not isinstance(want, ServiceRouting)
    return want


def _kind(change: Change) -> ObjectKind:
    assert change.kind != "override"
    assert change.kind != "routing"
    assert change.kind != "integration"
    return change.kind


def _create(change: Change, ground: Ground, record: Record) -> None:
    want = _final(change, ground)
    found = _look(want, ground)
    if found is not None:
        if not is_as_wanted(want, found, ground.now):
            raise Stale(stale_because(change, found))
        record.id = found.id
        return
    done = _post(want, ground, record)
    record.written(done.id, done.request_ids)
    _read_back(want, done, ground, record)


def _post(want: NamedObject, ground: Ground, record: Record) -> write.Written:
    for attempt in range(TRIES):
        record.about_to_write()
        try:
            return write.create(ground.transport, want, now=ground.now)
        except AmbiguousWrite:
            ground.settle(attempt)
        except Refused:
            if not attempt:
                raise
            made = _look(want, ground)  # the name may be taken by what an earlier try made after all
            if made is None:
                raise
            return write.Written(made.id)
        made = _look(want, ground)
        if made is not None:
            return write.Written(made.id)
    raise Failed("PagerDuty lost the answer each time and does not have the object", RUN_AGAIN)


def _look(want: NamedObject, ground: Ground) -> NamedObject | None:
    """Ours, if it is there.  Raises Failed when somebody else's object has the name."""
    found = find_objects(ground.transport, want.kind, name=want.name, key=want.key, now=ground.now)
    ours = [x for x in found if x.key == want.key]
    if ours:
        return ours[0]
    if found:
        raise not_ours(want, found[0].id)
    return None


def _update(change: Change, ground: Ground, record: Record) -> None:
    try:
        stored = _stored(change, ground)
    except OtherKind as upgraded:
        if change.action != "forget":
            raise Stale(OTHER_KIND) from upgraded
        shifts.forget(change, ground, record)
        return
    as_planned = normal.of(stored, now=ground.planned_at)
    want = (
        as_planned.model_copy(update={"marker": None})
        if change.action == "forget"
        else _final(change, ground)
    )
    trouble = stale_because(change, as_planned)
    if trouble:
        if not is_as_wanted(want, normal.of(stored, now=ground.now), ground.now):
            raise Stale(trouble)
        record.id = stored.id
        return
    _, turned_round = verify.rendering_note(as_planned, stored, ground.now)
    if turned_round:
        raise Failed(
            "this account lists the layers of a schedule in the opposite order; nothing was written",
            "report it: accounts like this one cannot be written yet",
        )
    overrides = snapshot(want, stored.id, ground)
    done = _put(want, stored, ground, record)
    put_back(overrides, ground, record)
    _read_back(want, done, ground, record)


def _put(want: NamedObject, stored: WireObject, ground: Ground, record: Record) -> write.Written:
    for attempt in range(TRIES):
        record.about_to_write(stored.id)
        try:
            done = write.update(ground.transport, want, stored, now=ground.now)
        except AmbiguousWrite:
            ground.settle(attempt)
            stored = read_wire(ground.transport, want.kind, stored.id)
            if not is_as_wanted(want, normal.of(stored, now=ground.now), ground.now):
                continue
            done = write.Written(stored.id)
        record.written(done.id, done.request_ids)
        return done
    raise Failed("PagerDuty lost the answer each time and does not have the change", RUN_AGAIN)


def _stored(change: Change, ground: Ground) -> WireObject:
    span = verify.window(ground.now) if change.kind == "schedule" else None
    try:
        return read_wire(ground.transport, _kind(change), change.id, rendered=span)
    except NotFound as gone:
        raise Stale("it is gone from the account") from gone


def _delete(change: Change, ground: Ground, record: Record) -> None:
    record.id = change.id
    try:
        found = read_object(ground.transport, _kind(change), change.id, now=ground.planned_at)
    except NotFound:
        return
    trouble = stale_because(change, found)
    if trouble:
        raise Stale(trouble)
    record.about_to_write(change.id)
    shift_based = isinstance(found, ShiftSchedule)
    if shift_based:
        done = shift_writes.delete_schedule(ground.transport, change.id)
    else:
        done = write.delete(ground.transport, _kind(change), change.id)
    record.written(done.id, done.request_ids)
    for attempt in range(READS):
        try:
            read_object(ground.transport, _kind(change), change.id, now=ground.now, shifts=shift_based)
        except NotFound:
            return
        ground.settle(attempt)
    raise Failed("PagerDuty took the delete and still has the object")


def _read_back(want: NamedObject, done: write.Written, ground: Ground, record: Record) -> None:
    span = verify.window(ground.now) if isinstance(want, Schedule) else None
    odd: tuple[str, ...] = ()
    for attempt in range(READS):
        wire = read_wire(ground.transport, want.kind, done.id, rendered=span)
        odd = verify.differences(want, wire, now=ground.now, ended=done.ended_layers)
        if not odd:
            break
        ground.settle(attempt)
    if odd:
        raise Failed(
            f"written, but PagerDuty now shows another {', '.join(odd)}",
            "run `watchbill plan` to see what differs",
        )
    note, turned_round = verify.rendering_note(want, wire, ground.now)
    if turned_round:
        raise Failed(
            f"written, but {note}",
            "the people on call may be wrong: correct the order of the layers in PagerDuty's web page now",
        )
    if note:
        record.notes.append(note)
