"""Shift-based schedules (v3) -> requests, in PagerDuty's documented shapes only; one function, one request.

A POST whose answer was lost raises AmbiguousWrite: look before sending it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.account.marker import join_description
from watchbill.account.objects import CustomShiftSlot, ShiftEvent, ShiftOverrideSlot, ShiftSchedule
from watchbill.pagerduty.answers import Answer
from watchbill.pagerduty.problems import NotFound, Refused
from watchbill.pagerduty.shift_normal import EVERY, ROTATING
from watchbill.pagerduty.shift_read import PATH
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.write import Body, Written, made_id, reference
from watchbill.rota.clock import HOUR, MINUTE, Instant, iso, zone


def create_schedule(transport: Transport, want: ShiftSchedule) -> Written:
    """Without its rotations: they take requests of their own."""
    body = _header(want)
    if want.teams:
        body["teams"] = [reference(team, "team") for team in want.teams]
    answer = transport.post(PATH, {"schedule": body})
    return _made(answer, "schedule")


def update_schedule(transport: Transport, id_: str, want: ShiftSchedule, *, teams_too: bool) -> Written:
    """`teams_too`: the document does not list teams here; Terraform and PagerDuty's own tools send them."""
    body = _header(want)
    if teams_too:
        body["teams"] = [reference(team, "team") for team in want.teams]
    return Written(id_, (transport.put(f"{PATH}/{id_}", {"schedule": body}).request_id,))


def _header(want: ShiftSchedule) -> Body:
    """Name and zone each time: the document says that both may be left out, the service was seen to refuse it."""
    return {
        "name": want.name,
        "time_zone": want.time_zone,
        "description": join_description(want.description, want.marker),
    }


def delete_schedule(transport: Transport, id_: str) -> Written:
    return Written(id_, (transport.delete(f"{PATH}/{id_}").request_id,))


def create_rotation(transport: Transport, schedule_id: str) -> Written:
    return _made(transport.post(f"{PATH}/{schedule_id}/rotations", {}), "rotation")


def create_event(
    transport: Transport, schedule_id: str, rotation_id: str, event: ShiftEvent, *, now: Instant
) -> Written:
    answer = transport.post(_events(schedule_id, rotation_id), {"event": event_body(event, now)})
    return _made(answer, "event")


def edit_event(
    transport: Transport,
    schedule_id: str,
    rotation_id: str,
    event_id: str,
    into: ShiftEvent,
    *,
    now: Instant,
) -> Written:
    """One still to come: all of its fields, since some say that a PUT replaces the whole."""
    body = {"effective_until": None, **event_body(into, now)}
    path = f"{_events(schedule_id, rotation_id)}/{event_id}"
    return Written(event_id, (transport.put(path, {"event": body}).request_id,))


def end_event(
    transport: Transport, schedule_id: str, rotation_id: str, event_id: str, until: Instant | None
) -> Written:
    """A running one takes this field and no other, not even unchanged."""
    body = {"effective_until": None if until is None else iso(until)}
    path = f"{_events(schedule_id, rotation_id)}/{event_id}"
    return Written(event_id, (transport.put(path, {"event": body}).request_id,))


def delete_event(transport: Transport, schedule_id: str, rotation_id: str, event_id: str) -> Written:
    return _gone(transport, f"{_events(schedule_id, rotation_id)}/{event_id}", event_id)


def create_custom_shifts(
    transport: Transport, schedule_id: str, slots: Sequence[CustomShiftSlot]
) -> tuple[Written, ...]:
    """In one request."""
    bodies = [
        {
            "type": "custom_shift",
            "start_time": iso(slot.start),
            "end_time": iso(slot.end),
            "assignments": [{"type": "shift_assignment", "member": _member(slot.user)}],
        }
        for slot in slots
    ]
    answer = transport.post(f"{PATH}/{schedule_id}/custom_shifts", {"custom_shifts": bodies})
    return _all_made(answer, "custom_shifts", len(slots))


def end_custom_shift(transport: Transport, schedule_id: str, id_: str, end: Instant) -> Written:
    """The only field that may move once it has begun."""
    body = {"custom_shift": {"end_time": iso(end)}}
    return Written(id_, (transport.put(f"{PATH}/{schedule_id}/custom_shifts/{id_}", body).request_id,))


def delete_custom_shift(transport: Transport, schedule_id: str, id_: str) -> Written:
    """A running one ends now instead."""
    return _gone(transport, f"{PATH}/{schedule_id}/custom_shifts/{id_}", id_)


def create_override(transport: Transport, schedule_id: str, slot: ShiftOverrideSlot) -> Written:
    """Its source has an id by now."""
    assert slot.source.id, f"{slot.source.key} has no id yet"
    body = {
        "type": "override_shift",
        f"{slot.source.kind}_id": slot.source.id,
        "start_time": iso(slot.start),
        "end_time": iso(slot.end),
        "overridden_member": _member(slot.instead_of),
        "overriding_member": _member(slot.user),
    }
    answer = transport.post(f"{PATH}/{schedule_id}/overrides", {"overrides": [body]})
    return _all_made(answer, "overrides", 1)[0]


def delete_override(transport: Transport, schedule_id: str, id_: str) -> Written:
    """A running one ends now instead."""
    return _gone(transport, f"{PATH}/{schedule_id}/overrides/{id_}", id_)


def event_body(event: ShiftEvent, now: Instant) -> Body:
    strategy: Body = {
        "type": EVERY if event.per_member is None else ROTATING,
        "members": [_member(member) for member in event.members],
    }
    if event.per_member is not None:
        strategy["shifts_per_member"] = event.per_member
    # A past instant means now, by PagerDuty's clock; an hour leaves room for clocks that differ.
    since = event.since if event.since is not None else now - now % MINUTE - HOUR
    body: Body = {
        "name": event.name,
        "start_time": _zoned(event.start, event.time_zone),
        "end_time": _zoned(event.end, event.time_zone),
        "effective_since": iso(since),
        "recurrence": [f"RRULE:{event.rule}", *(f"EXDATE:{_compact(at)}" for at in event.excluded)],
        "assignment_strategy": strategy,
    }
    if event.until is not None:
        body["effective_until"] = iso(event.until)
    return body


def _zoned(at: Instant, time_zone: str) -> Body:
    """The wall clock with its offset: right whether the text is read as an instant or as the zone's own clock."""
    return {"date_time": zone(time_zone).at(at).isoformat(), "time_zone": time_zone}


def _compact(at: Instant) -> str:
    return iso(at).replace("-", "").replace(":", "")


def _member(user: str) -> Body:
    return {"type": "user_member", "user_id": user} if user else {"type": "empty_member"}


def _events(schedule_id: str, rotation_id: str) -> str:
    return f"{PATH}/{schedule_id}/rotations/{rotation_id}/events"


def _made(answer: Answer, wrapper: str) -> Written:
    return Written(made_id(answer, wrapper), (answer.request_id,))


def _all_made(answer: Answer, wrapper: str, count: int) -> tuple[Written, ...]:
    made = [item for item in answer.items(wrapper) if item.get("id")]
    if len(made) != count:
        said = f"of {count} {wrapper.replace('_', ' ')} the answer names {len(made)}"
        raise Refused(answer.status, None, "", [said])
    return tuple(Written(str(item["id"]), (answer.request_id,)) for item in made)


def _gone(transport: Transport, path: str, id_: str) -> Written:
    """One that is gone already counts as deleted."""
    try:
        answer = transport.delete(path)
    except NotFound:
        return Written(id_)
    return Written(id_, (answer.request_id,))
