"""What a write does to the layers of a schedule."""

from __future__ import annotations

from typing import Any

from watchbill.doctor.lab import Lab, Unsettled, layer, past
from watchbill.doctor.probe import AS_ASSUMED, Probe, Seen
from watchbill.pagerduty.answers import Item
from watchbill.pagerduty.problems import Refused
from watchbill.rota.clock import DAY, HOUR, iso, parse_instant

DO_NOT_APPLY = "not as watchbill assumes: do not apply to this account before it was reported and looked into"


def two_layers(lab: Lab, about: str) -> Item:
    base, top = lab.users
    start = past(lab.now)
    return lab.schedule(about, [layer([base], start, name="base"), layer([top], start, name="top")])


def _winner(lab: Lab, id_: str) -> tuple[str, list[Item]]:
    """Who is on call in an hour, and the layers as they come back."""
    shown = lab.shown(id_, lab.now + HOUR, lab.now + 2 * HOUR)
    entries = shown["final_schedule"]["rendered_schedule_entries"]
    if len({entry["user"]["id"] for entry in entries}) != 1:
        raise Unsettled("the schedule renders nobody, or several people, where two layers overlap")
    return str(entries[0]["user"]["id"]), list(shown["schedule_layers"])


def layer_order(lab: Lab) -> Seen:
    """POST /schedules with the layers base and top; GET it with since and until; no ids are sent."""
    made = two_layers(lab, "layer-order")
    winner, layers = _winner(lab, made["id"])
    last_wins = winner == lab.users[1]
    reversed_ = [x["name"] for x in layers] == ["top", "base"]
    how = "in reverse" if reversed_ else "in the order in which they were sent"
    answer = f"the layer sent {'last' if last_wins else 'first'} wins; they come back {how}"
    return Seen(answer, AS_ASSUMED if last_wins and reversed_ else DO_NOT_APPLY)


def layer_order_with_ids(lab: Lab) -> Seen:
    """POST /schedules; GET; PUT both layers with their ids, the other way round; GET."""
    made = two_layers(lab, "layer-order-with-ids")
    before, layers = _winner(lab, made["id"])
    by_name = {x["name"]: x for x in layers}
    start = past(lab.now)
    bodies = [
        layer([user], start, name=name, id=by_name[name]["id"])
        for user, name in zip(reversed(lab.users), ("top", "base"), strict=True)
    ]
    lab.rewrite(made, bodies)
    after, _ = _winner(lab, made["id"])
    kept = after == before
    answer = (
        "layers with ids keep their stored order" if kept else "layers with ids take the order of the array"
    )
    return Seen(answer, "watchbill sends both together, so it is right either way")


def omitted_layer(lab: Lab) -> Seen:
    """POST /schedules with two layers; GET; PUT only one of them; GET."""
    made = two_layers(lab, "omitted-layer")
    _, layers = _winner(lab, made["id"])
    base = next(x for x in layers if x["name"] == "base")
    try:
        lab.rewrite(made, [layer([lab.users[0]], past(lab.now), name="base", id=base["id"])])
    except Refused as no:
        return Seen(f"the write is refused: {no.said}", "watchbill sends every layer, so it never meets this")
    _, after = _winner(lab, made["id"])
    top = next((x for x in after if x["name"] == "top"), None)
    what = "disappears" if top is None else "stays as it is" if top["end"] is None else "is ended"
    return Seen(f"a layer left out of a write {what}", "watchbill sends every layer, so it never meets this")


def end_left_out(lab: Lab) -> Seen:
    """POST /schedules with a layer that ends in 30 days; PUT the layer without `end`; GET."""
    start, end = past(lab.now), lab.now + 30 * DAY
    made = lab.schedule("end-left-out", [layer([lab.users[0]], start, end=end - end % 60)])
    stored = made["schedule_layers"][0]
    lab.rewrite(made, [layer([lab.users[0]], start, id=stored["id"])])
    shown = lab.get(f"/schedules/{made['id']}").item("schedule")
    cleared = shown["schedule_layers"][0]["end"] is None
    answer = "leaving out `end` clears it" if cleared else "leaving out `end` keeps it"
    return Seen(answer, "watchbill makes a layer anew rather than clear its end, so it is right either way")


def overrides_survive(lab: Lab) -> Seen:
    """POST /schedules; POST an override of tomorrow; PUT the layers; GET the overrides."""
    made = two_layers(lab, "overrides-survive")
    start = lab.now - lab.now % HOUR + DAY
    user: Any = {"id": lab.users[0], "type": "user_reference"}
    body = {"overrides": [{"start": iso(start), "end": iso(start + HOUR), "user": user}]}
    path = f"/schedules/{made['id']}/overrides"
    lab.post(path, body)
    window = {"since": iso(start - DAY), "until": iso(start + DAY)}
    if not lab.get(path, window).items("overrides"):
        raise Unsettled("the override was not made")
    stored = {x["name"]: x["id"] for x in made["schedule_layers"]}
    began = past(lab.now)
    bodies = [
        layer([who], began, name=name, id=stored[name])
        for who, name in zip(lab.users, ("base", "top"), strict=True)
    ]
    bodies[0]["rotation_turn_length_seconds"] = DAY
    lab.rewrite(made, bodies)
    kept = bool(lab.get(path, window).items("overrides"))
    answer = "overrides stay when the layers are written" if kept else "a write of the layers loses overrides"
    return Seen(answer, AS_ASSUMED if kept else DO_NOT_APPLY)


def create_status(lab: Lab) -> Seen:
    """POST /schedules."""
    body = lab.schedule_body("create-status", [layer([lab.users[0]], past(lab.now))])
    status = lab.post("/schedules", body).status
    return Seen(f"a schedule that was made is answered with {status}", "watchbill takes any 2xx")


def past_start(lab: Lab) -> Seen:
    """POST /schedules with a layer that began a week ago; GET."""
    made = lab.schedule("past-start", [layer([lab.users[0]], lab.now - 7 * DAY)])
    shown = lab.get(f"/schedules/{made['id']}").item("schedule")
    stored = parse_instant(shown["schedule_layers"][0]["start"])
    moved = stored > lab.now - DAY
    answer = "a start in the past becomes the time of the write" if moved else "a start in the past is kept"
    return Seen(answer, "watchbill takes every past start for the same, so it is right either way")


def duplicate_name(lab: Lab) -> Seen:
    """POST /schedules twice with one name."""
    body = lab.schedule_body("duplicate-name", [layer([lab.users[0]], past(lab.now))])
    lab.post("/schedules", body)
    try:
        lab.post("/schedules", body)
    except Refused as no:
        return Seen(f"refused with {no.status}: {no.said}", AS_ASSUMED)
    return Seen("two schedules may have one name", "watchbill itself refuses a name that is taken")


def many_layers(lab: Lab) -> Seen:
    """POST /schedules/preview with 100 layers; nothing is saved."""
    start = past(lab.now)
    body = lab.schedule_body("many-layers", [layer([lab.users[0]], start, name=f"L{n}") for n in range(100)])
    try:
        lab.post("/schedules/preview", body)
    except Refused as no:
        return Seen(f"100 layers are refused: {no.said}", "an apply of that many would be refused too")
    return Seen("100 layers are taken", "no rotation needs as many")


PROBES = (
    Probe(
        "layer-order",
        "2.4",
        "Which of two new layers wins, and in which order do they come back?",
        layer_order,
    ),
    Probe(
        "layer-order-with-ids",
        "2.4",
        "Do layers sent with their ids take the order of the array?",
        layer_order_with_ids,
    ),
    Probe("omitted-layer", "2.5, 16", "What does a write do to a layer that it leaves out?", omitted_layer),
    Probe("end-left-out", "2.5", "Does a write without `end` clear a layer's end?", end_left_out),
    Probe("overrides-survive", "2.6", "Do overrides survive a write of the layers?", overrides_survive),
    Probe("past-start", "2.3", "What becomes of a layer's start in the past?", past_start),
    Probe("create-status", "2.1", "With which status is a new schedule answered?", create_status),
    Probe(
        "duplicate-schedule-name", "2.2, 16", "What is said to a second schedule of one name?", duplicate_name
    ),
    Probe("many-layers", "16", "How many layers may a schedule have?", many_layers),
)
