"""`/_sandbox/...`: for those who run the sandbox, not part of PagerDuty's API; never logged."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from watchbill.rota.clock import iso
from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import invalid
from watchbill.sandbox.faults import parse_fault
from watchbill.sandbox.load import save_account
from watchbill.sandbox.wire import parse_time

PREFIX = "/_sandbox"


def show_clock(call: Call) -> Reply:
    clock = call.world.clock
    return Reply({"now": iso(clock.now()), "running": clock.running})


def move_clock(call: Call) -> Reply:
    """`{"now": ISO}`, `{"advance_seconds": n}`, `{"run": true|false}`"""
    body, clock = call.body if isinstance(call.body, dict) else {}, call.world.clock
    known = False
    if "now" in body:
        instant = parse_time(body["now"])
        if instant is None:
            raise invalid("now must be a time like 2026-11-23T14:00:00Z")
        call.world.move(instant)
        known = True
    if "advance_seconds" in body:
        seconds = body["advance_seconds"]
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
            raise invalid("advance_seconds must be a number of at least 0")
        call.world.move(clock.now() + int(seconds))
        known = True
    if "run" in body:
        (clock.run if body["run"] else clock.stop)()
        known = True
    if not known:
        raise invalid('send {"now": ISO}, {"advance_seconds": n} or {"run": true}')
    return show_clock(call)


def list_requests(call: Call) -> Reply:
    return Reply({"requests": [asdict(entry) for entry in call.store.logged()]})


def clear_requests(call: Call) -> Reply:
    call.store.clear_log()
    return NO_CONTENT


def show_state(call: Call) -> Reply:
    return Reply(save_account(call.store))


def tamper_with(call: Call) -> Reply:
    """`{"kind": ..., "name": name or id, "changes": {...}, "by": user name}`"""
    body: dict[str, Any] = call.body if isinstance(call.body, dict) else {}
    changes = body.get("changes")
    if (
        not isinstance(body.get("kind"), str)
        or not isinstance(body.get("name"), str)
        or not isinstance(changes, dict)
    ):
        raise invalid('send {"kind": ..., "name": ..., "changes": {...}}')
    from watchbill.sandbox.tamper import tamper  # noqa: PLC0415  it uses the routes that this module is one of

    tamper(
        call.store, body["kind"], body["name"], changes, by=str(body.get("by") or ""), clock=call.world.clock
    )
    return NO_CONTENT


def set_faults(call: Call) -> Reply:
    """`{"faults": ["429:0.1", "drop-response:after=3"]}`; an empty list ends all of them."""
    texts = call.body.get("faults") if isinstance(call.body, dict) else None
    if not isinstance(texts, list) or not all(isinstance(t, str) for t in texts):
        raise invalid('send {"faults": [...]}')
    call.world.faults.replace([parse_fault(text) for text in texts])
    return NO_CONTENT


ROUTES = [
    Route("POST", PREFIX + "/faults", set_faults),
    Route("GET", PREFIX + "/clock", show_clock),
    Route("POST", PREFIX + "/clock", move_clock),
    Route("GET", PREFIX + "/requests", list_requests),
    Route("DELETE", PREFIX + "/requests", clear_requests),
    Route("GET", PREFIX + "/state", show_state),
    Route("POST", PREFIX + "/tamper", tamper_with),
]
