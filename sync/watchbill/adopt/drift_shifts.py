"""A hand-edited shift-based schedule in the words of its rotation.

Ways to say who serves, the one that changes least first: a new dated crew from the instant of the change; else the
rotation's turns as an import would write them.  Events of a fallback are left out: who falls back to whom is no
matter of a crew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from watchbill.account.canon import form_of
from watchbill.account.cycles import live_events
from watchbill.account.objects import ShiftRotation, ShiftSchedule
from watchbill.account.zones import zone_name
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.drift_edit import Candidate, Change, Edit, Spoken, held, put, renamed
from watchbill.adopt.shift_forms import label_of, shift_forms
from watchbill.adopt.shift_rest import FALLBACK
from watchbill.adopt.turns import with_time
from watchbill.config.change_form import dated_form
from watchbill.config.edit import insert_item
from watchbill.findings import Place
from watchbill.model.policy import Policy
from watchbill.model.rotations import Rotation
from watchbill.rota.build import sequence_of
from watchbill.rota.clock import MINUTE, WEEK, Instant, zone

_SINCE_EVER = "2024-01-01"
_MOST_FORMS = 6
_LONGEST = 60 * WEEK
"""How far ahead the turns of a new crew are looked for."""
_TURN_KEYS = ("crew", "crews", "from", "first", "turn", "handoff", "counted", "turns_each", "layers", "until")


def shift_candidates(
    handle: str,
    policy: Policy,
    raw: Mapping[str, Any],
    want: ShiftSchedule,
    current: ShiftSchedule,
    spoken: Spoken,
    at: Instant,
    now: Instant,
) -> Iterator[Candidate]:
    """`at`: when the account was edited.  Raises CannotSay."""
    place: Place = ("rotations", handle)
    spec = policy.rotations[handle]
    plain = tuple(Edit(place, change) for change in _fields(raw, policy, want, current))
    if form_of(want, now=now).get("events") == form_of(current, now=now).get("events"):
        yield Candidate(plain, "its own fields")
        return
    if spec.crew is None and spec.crews is None and spec.layers is None:
        how = "the crew of another rotation" if spec.same_crew else "shifts that are listed one by one"
        raise CannotSay(f"its turns come from {how}, and the edit gives it others")
    own = [e for e in live_events(current.rotations, now) if not label_of(e).startswith(FALLBACK)]
    bare = current.model_copy(update={"rotations": (ShiftRotation(events=tuple(own)),)})
    forms, why = shift_forms(bare, spoken.people, now, _MOST_FORMS)
    since = min(at - at % MINUTE, now)
    for form in forms:
        entry = _entry(policy, handle, form, current.time_zone, since)
        if entry is not None:
            yield Candidate((Edit(place, _dated(spec, entry)), *plain), f"a crew from {entry['from']} on")
    for form in forms:
        yield Candidate((Edit(place, _anew(form)), *plain), "its turns, as they are now")
    if why is not None and not forms:
        raise why


def _fields(
    raw: Mapping[str, Any], policy: Policy, want: ShiftSchedule, current: ShiftSchedule
) -> Iterator[Change]:
    if current.name.strip() != want.name.strip():
        yield renamed(raw, current.name, current.name)
    if current.description != want.description:
        yield put("description", value=current.description or None)
    if zone_name(current.time_zone) != zone_name(want.time_zone):
        usual = zone_name(current.time_zone) == zone_name(policy.settings.time_zone)
        yield put("time_zone", value=None if usual else current.time_zone)


def _entry(
    policy: Policy, handle: str, form: Mapping[str, Any], zone_of: str, since: Instant
) -> dict[str, Any] | None:
    """The crew as it goes on from `since`; None where more than the people changed."""
    spec = policy.rotations[handle]
    crew = form.get("crew")
    if crew is None or spec.layers is not None or form.get("turns_each", 1) != 1:
        return None
    said = {"turn": spec.turn, "handoff": spec.handoff}
    if len(set(crew)) > 1 and any(form.get(k) != (v.text if v else None) for k, v in said.items()):
        return None
    keys = {k: v for k, v in form.items() if k in ("crew", "from", "turn", "handoff", "counted")}
    rotation = Rotation.model_validate({"title": spec.title, "time_zone": zone_of, **keys})
    sequence = sequence_of(policy.model_copy(update={"rotations": {handle: rotation}}), handle)
    turns = sequence.turns(since, since + _LONGEST) if sequence is not None else iter(())
    order = [turn.holder for turn in islice(turns, len(crew))]
    if len(order) < len(crew):
        order = list(crew) if len(set(crew)) == 1 else []
    return {"from": with_time(since, zone(zone_of)), "order": order} if order else None


def _dated(spec: Rotation, entry: dict[str, Any]) -> Change:
    def change(text: str, path: Place, file: str) -> str:
        if spec.crew is not None:
            anchor = _SINCE_EVER if "from" not in held(text, path) else None
            text = dated_form(text, path, anchor=anchor, file=file)
        return insert_item(text, (*path, "crews"), None, entry, file=file)

    return change


def _anew(form: Mapping[str, Any]) -> Change:
    """Keys that say the same keep their lines; hours stay as they are named."""

    def change(text: str, path: Place, file: str) -> str:
        for key in _TURN_KEYS:
            if held(text, path).get(key) != form.get(key):
                text = put(key, value=form.get(key))(text, path, file)
        return text

    return change
