"""Notes, snoozing, merging, responders and status updates; and the log."""

from __future__ import annotations

from typing import Any

from watchbill.rota.clock import DAY
from watchbill.sandbox.call import Call, Reply, Route
from watchbill.sandbox.engine import incidents as engine
from watchbill.sandbox.engine import outbox
from watchbill.sandbox.engine.logbook import By, write
from watchbill.sandbox.engine.snapshot import first_manned_level
from watchbill.sandbox.errors import ApiError, invalid, missing_ability, not_found
from watchbill.sandbox.incident_view import entry_view, incident_view, responder_view
from watchbill.sandbox.paging import sliced
from watchbill.sandbox.routes.incidents import by_requester, existing
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import reference_id, render_time, whole_number

MOST_NOTES = 2000
LONGEST_SNOOZE = 604_800
_OVERVIEW = frozenset(
    f"{what}_log_entry"
    for what in ("trigger", "acknowledge", "unacknowledge", "resolve", "escalate", "assign", "delegate")
)


def note_view(call: Call, doc: Doc) -> dict[str, Any]:
    return {
        "id": doc["id"],
        "user": call.world.views.reference("user", doc["user"]),
        "channel": {"summary": "The PagerDuty website or APIs"},
        "content": doc["content"],
        "created_at": render_time(doc["at"], "Etc/UTC"),
        "updated_at": render_time(doc["at"], "Etc/UTC"),
    }


def list_notes(call: Call) -> Reply:
    notes = call.store.children("note", existing(call)["id"])
    return Reply({"notes": [note_view(call, note) for note in notes]})


def create_note(call: Call) -> Reply:
    by, incident, body = by_requester(call), existing(call), call.wrapped("note")
    content = body.get("content")
    if not isinstance(content, str) or not content.strip():
        raise invalid("Content can't be blank")
    if len(call.store.children("note", incident["id"])) >= MOST_NOTES:
        raise invalid(f"An incident can have at most {MOST_NOTES} notes")
    note = {"id": call.store.new_id("note"), "user": by.id, "content": content, "at": call.now}
    call.store.put("note", note, parent=incident["id"])
    write(call.world, incident, "annotate", by, call.now, note=content, channel={"summary": content})
    data = {"incident": call.world.views.reference("incident", incident["id"]), "id": note["id"]}
    data |= {"content": content, "trimmed": False, "type": "incident_note"}
    outbox.emit(call.world, "incident.annotated", incident, by, call.now, data)
    return Reply({"note": note_view(call, note)})


def snooze(call: Call) -> Reply:
    """Acknowledged for so long, whatever the service's own timeout."""
    by, incident = by_requester(call), existing(call)
    seconds = whole_number(call.body.get("duration")) if isinstance(call.body, dict) else None
    if seconds is None or not 1 <= seconds <= LONGEST_SNOOZE:
        raise invalid(f"Duration must be between 1 and {LONGEST_SNOOZE} seconds")
    if incident["status"] == "resolved":
        raise engine.already_resolved()
    if incident["status"] == "triggered":
        engine.acknowledge(call.world, incident, by, call.now)
    incident["unack_at"] = call.now + seconds
    write(call.world, incident, "snooze", by, call.now, channel={"duration": seconds})
    engine.save(call.world, incident)
    return Reply({"incident": incident_view(call, incident)}, 201)


def merge(call: Call) -> Reply:
    """The sources are resolved and their alerts move over."""
    by, target = by_requester(call), existing(call)
    sent = call.body.get("source_incidents") if isinstance(call.body, dict) else None
    if not isinstance(sent, list) or not sent:
        raise invalid("Source incidents must be a list of at least one")
    if target["status"] == "resolved":
        raise engine.already_resolved()
    for item in sent:
        source = existing(call, reference_id(item) or "")
        if source["id"] == target["id"]:
            raise invalid("An incident can't be merged with itself")
        reason = {
            "type": "merge_resolve_reason",
            "incident": call.world.views.reference("incident", target["id"]),
        }
        engine.resolve(call.world, source, by, call.now, reason)
        engine.save(call.world, source)
        for alert in call.store.children("alert", source["id"]):
            call.store.put("alert", {**alert, "incident": target["id"]}, parent=target["id"])
    return Reply({"incident": call.world.views.reference("incident", target["id"])})


def request_responders(call: Call) -> Reply:
    """People beside the assignees; those of a policy are whoever it would page now."""
    if not call.world.can("coordinated_responding"):
        raise missing_ability("coordinated_responding")
    incident, body = existing(call), call.body if isinstance(call.body, dict) else {}
    requester, message = body.get("requester_id"), body.get("message")
    targets = body.get("responder_request_targets")
    if not isinstance(requester, str) or call.store.get("user", requester) is None:
        raise ApiError(400, "Requester User Not Found", 1008, ["requester_id is no user of this account"])
    if not isinstance(message, str) or not isinstance(targets, list) or not targets:
        raise invalid("message and responder_request_targets are required")
    shown = []
    for target in targets:
        inner = target.get("responder_request_target") if isinstance(target, dict) else None
        shown.append(
            _request(call, incident, inner if isinstance(inner, dict) else target, requester, message)
        )
    views = call.world.views
    request = {
        "incident": views.reference("incident", incident["id"]),
        "requester": views.reference("user", requester),
        "requested_at": render_time(call.now, "Etc/UTC"),
        "message": message,
        "responder_request_targets": shown,
    }
    return Reply({"responder_request": request})


def _request(call: Call, incident: Doc, target: Any, requester: str, message: str) -> dict[str, Any]:
    id_ = reference_id(target)
    if id_ is None:
        raise invalid("Responder request target is invalid")
    users, kind = [id_], "user"
    if str(target.get("type")).startswith("escalation_policy"):
        kind = "escalation_policy"
        policy = call.store.get("escalation_policy", id_)
        if policy is None:
            raise not_found("escalation_policy")
        users = (first_manned_level(call.world, policy, call.now) or (0, []))[1]
    elif call.store.get("user", id_) is None:
        raise not_found("user")
    asked = []
    by = By("user", requester, "api")
    for user in users:
        doc: Doc = {"id": call.store.new_id("responder"), "user": user, "requester": requester}
        doc |= {"state": "pending", "at": call.now, "asked_at": call.now, "message": message, "target": id_}
        call.store.put("responder", doc, parent=incident["id"])
        asked.append(responder_view(call, incident, doc))
        outbox.emit(call.world, "incident.responder.added", incident, by, call.now, asked[-1])
    return {"responder_request_target": {"type": kind, "id": id_, "incidents_responders": asked}}


def cancel_responders(call: Call) -> Reply:
    incident, body = existing(call), call.body if isinstance(call.body, dict) else {}
    targets = body.get("responder_request_targets")
    if not isinstance(body.get("requester_id"), str) or not isinstance(targets, list):
        raise invalid("requester_id and responder_request_targets are required")
    results = []
    for target in targets:
        id_ = reference_id(target)
        if id_ is None or target.get("type") not in {"user_reference", "escalation_policy_reference"}:
            raise invalid("Responder request target is invalid")
        pending = [
            doc
            for doc in call.store.children("responder", incident["id"])
            if doc["state"] == "pending" and id_ in (doc["user"], doc["target"])
        ]
        for doc in pending:
            call.store.put(
                "responder", {**doc, "state": "user_cancelled", "at": call.now}, parent=incident["id"]
            )
        result = "cancelled" if pending else "not_found"
        results.append({"type": target["type"], "id": id_, "result": result})
    return Reply({"responder_request_targets": results})


def publish_status(call: Call) -> Reply:
    by, incident, body = by_requester(call), existing(call), call.body if isinstance(call.body, dict) else {}
    message = body.get("message")
    if not isinstance(message, str) or not message.strip():
        raise invalid("Message can't be blank")
    update: dict[str, Any] = {
        "id": call.store.new_id("status_update"),
        "message": message,
        "created_at": render_time(call.now, "Etc/UTC"),
        "sender": call.world.views.reference("user", by.id),
    }
    update |= {key: body[key] for key in ("subject", "html_message") if isinstance(body.get(key), str)}
    call.store.put("status_update", update, parent=incident["id"])
    outbox.emit(call.world, "incident.status_update_published", incident, by, call.now, update)
    return Reply({"status_update": update})


def list_account_entries(call: Call) -> Reply:
    teams = call.many("team_ids")
    entries = [e for e in call.store.all("log_entry") if not teams or _teams_of(call, e) & set(teams)]
    return _entries(call, entries)


def list_entries(call: Call) -> Reply:
    return _entries(call, call.store.children("log_entry", existing(call)["id"]))


def _entries(call: Call, entries: list[Doc]) -> Reply:
    """Newest first; with since or until only those between."""
    since, until = call.instant("since"), call.instant("until")
    if since is not None and until is not None and (until < since or until - since > 400 * DAY):
        raise ApiError(400, "Invalid date range", 2005, ["Until must not be before since."])
    shown = [
        entry
        for entry in reversed(entries)
        if (since is None or entry["at"] >= since)
        and (until is None or entry["at"] < until)
        and (not call.flag("is_overview") or entry["type"] in _OVERVIEW)
    ]
    return sliced(call, "log_entries", shown, lambda entry: entry_view(call, entry))


def _teams_of(call: Call, entry: Doc) -> set[str]:
    service = call.store.get("service", entry["service"]) or {}
    policy = call.store.get("escalation_policy", service.get("escalation_policy", "")) or {}
    return set(policy.get("teams", ()))


def show_entry(call: Call) -> Reply:
    entry = call.store.get("log_entry", call.params["id"])
    if entry is None:
        raise not_found()
    return Reply({"log_entry": entry_view(call, entry)})


ROUTES = [
    Route("GET", "/incidents/{id}/notes", list_notes),
    Route("POST", "/incidents/{id}/notes", create_note),
    Route("POST", "/incidents/{id}/snooze", snooze),
    Route("PUT", "/incidents/{id}/merge", merge),
    Route("POST", "/incidents/{id}/responder_requests", request_responders),
    Route("PUT", "/incidents/{id}/responder_requests/cancel", cancel_responders),
    Route("POST", "/incidents/{id}/status_updates", publish_status),
    Route("GET", "/incidents/{id}/log_entries", list_entries),
    Route("GET", "/log_entries", list_account_entries),
    Route("GET", "/log_entries/{id}", show_entry),
]
