"""A user's contact methods and notification rules."""

from __future__ import annotations

from typing import Any

from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import invalid, not_found
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import reference_id, text_field, whole_number

DEVICES = frozenset({"email", "phone", "sms", "push_notification", "whatsapp"})
_WITH_COUNTRY = frozenset({"phone", "sms", "whatsapp"})


def method_view(call: Call, user_id: str, doc: Doc) -> dict[str, Any]:
    view = call.world.views.part("user", user_id, "contact_methods", doc["type"], doc, doc["label"])
    view |= {"label": doc["label"], "address": doc["address"]}
    device = doc["type"].removesuffix("_contact_method")
    if device == "email":
        view["send_short_email"] = doc.get("send_short_email", False)
    elif device == "push_notification":
        view["device_type"] = doc.get("device_type", "android")
    else:
        view |= {"country_code": doc.get("country_code", 1), "enabled": True, "blacklisted": False}
    return view


def method_reference(call: Call, user_id: str, doc: Doc) -> dict[str, Any]:
    type_ = f"{doc['type']}_reference"
    return call.world.views.part("user", user_id, "contact_methods", type_, doc, doc["label"])


def rule_view(call: Call, user_id: str, doc: Doc) -> dict[str, Any]:
    method = call.store.get("contact_method", doc["contact_method"])
    return {
        **_rule_head(call, user_id, doc, "assignment_notification_rule"),
        "start_delay_in_minutes": doc["start_delay_in_minutes"],
        "contact_method": method and method_reference(call, user_id, method),
        "urgency": doc["urgency"],
    }


def rule_reference(call: Call, user_id: str, doc: Doc) -> dict[str, Any]:
    return _rule_head(call, user_id, doc, "assignment_notification_rule_reference")


def _rule_head(call: Call, user_id: str, doc: Doc, type_: str) -> dict[str, Any]:
    summary = f"{doc['start_delay_in_minutes']} minutes: {doc['urgency']} urgency"
    return call.world.views.part("user", user_id, "notification_rules", type_, doc, summary)


def _user(call: Call) -> str:
    id_ = call.params["id"]
    if call.store.get("user", id_) is None:
        raise not_found("user")
    return id_


def _part(call: Call, kind: str, user_id: str, id_: str) -> Doc:
    for doc in call.store.children(kind, user_id):
        if doc["id"] == id_:
            return doc
    raise not_found()


def list_methods(call: Call) -> Reply:
    user = _user(call)
    methods = call.store.children("contact_method", user)
    return Reply({"contact_methods": [method_view(call, user, m) for m in methods]})


def show_method(call: Call) -> Reply:
    user = _user(call)
    method = _part(call, "contact_method", user, call.params["method_id"])
    return Reply({"contact_method": method_view(call, user, method)})


def create_method(call: Call) -> Reply:
    user = _user(call)
    method = {"id": call.store.new_id("contact_method"), **_method_fields(call.wrapped("contact_method"))}
    for other in call.store.children("contact_method", user):
        if (other["type"], other["address"]) == (method["type"], method["address"]):
            raise invalid("User Contact method must be unique")
    call.store.put("contact_method", method, parent=user)
    call.world.audit.record(call.world.actor, "contact_method", None, method, root=("user", user))
    return Reply({"contact_method": method_view(call, user, method)}, 201)


def update_method(call: Call) -> Reply:
    user = _user(call)
    before = _part(call, "contact_method", user, call.params["method_id"])
    after = {**before, **_method_fields({**before, **call.wrapped("contact_method"), "type": before["type"]})}
    call.store.put("contact_method", after, parent=user)
    call.world.audit.record(call.world.actor, "contact_method", before, after, root=("user", user))
    return Reply({"contact_method": method_view(call, user, after)})


def delete_method(call: Call) -> Reply:
    user = _user(call)
    method = _part(call, "contact_method", user, call.params["method_id"])
    for rule in call.store.children("notification_rule", user):
        if rule["contact_method"] == method["id"]:
            call.store.delete("notification_rule", rule["id"])
    call.store.delete("contact_method", method["id"])
    call.world.audit.record(call.world.actor, "contact_method", method, None, root=("user", user))
    return NO_CONTENT


def _method_fields(body: dict[str, Any]) -> dict[str, Any]:
    device = str(body.get("type")).removesuffix("_contact_method")
    if device not in DEVICES or not str(body.get("type")).endswith("_contact_method"):
        raise invalid("Type is invalid")
    fields: dict[str, Any] = {
        "type": f"{device}_contact_method",
        "label": text_field(body, "label", "Label", most=255) or device.capitalize(),
        "address": text_field(body, "address", "Address", most=255, required=True),
    }
    if device in _WITH_COUNTRY:
        code = whole_number(body.get("country_code", 1))
        if code is None or not 1 <= code <= 1999:
            raise invalid("Country code is invalid")
        fields["country_code"] = code
    elif device == "email":
        fields["send_short_email"] = bool(body.get("send_short_email", False))
    else:
        fields["device_type"] = "ios" if body.get("device_type") == "ios" else "android"
    return fields


def list_rules(call: Call) -> Reply:
    user = _user(call)
    rules = call.store.children("notification_rule", user)
    return Reply({"notification_rules": [rule_view(call, user, r) for r in rules]})


def show_rule(call: Call) -> Reply:
    user = _user(call)
    rule = _part(call, "notification_rule", user, call.params["rule_id"])
    return Reply({"notification_rule": rule_view(call, user, rule)})


def create_rule(call: Call) -> Reply:
    user = _user(call)
    rule = {"id": call.store.new_id("notification_rule")}
    rule |= _rule_fields(call, user, call.wrapped("notification_rule"))
    call.store.put("notification_rule", rule, parent=user)
    call.world.audit.record(call.world.actor, "notification_rule", None, rule, root=("user", user))
    return Reply({"notification_rule": rule_view(call, user, rule)}, 201)


def update_rule(call: Call) -> Reply:
    user = _user(call)
    before = _part(call, "notification_rule", user, call.params["rule_id"])
    body = {**before, "contact_method": {"id": before["contact_method"]}, **call.wrapped("notification_rule")}
    after = {**before, **_rule_fields(call, user, body)}
    call.store.put("notification_rule", after, parent=user)
    call.world.audit.record(call.world.actor, "notification_rule", before, after, root=("user", user))
    return Reply({"notification_rule": rule_view(call, user, after)})


def delete_rule(call: Call) -> Reply:
    user = _user(call)
    rule = _part(call, "notification_rule", user, call.params["rule_id"])
    call.store.delete("notification_rule", rule["id"])
    call.world.audit.record(call.world.actor, "notification_rule", rule, None, root=("user", user))
    return NO_CONTENT


def _rule_fields(call: Call, user_id: str, body: dict[str, Any]) -> dict[str, Any]:
    delay = whole_number(body.get("start_delay_in_minutes"))
    if delay is None or delay < 0:
        raise invalid("Start delay in minutes must be a whole number of at least 0")
    if body.get("urgency") not in {"high", "low"}:
        raise invalid("Urgency is invalid")
    method = reference_id(body.get("contact_method"))
    if method not in {m["id"] for m in call.store.children("contact_method", user_id)}:
        raise invalid("Contact method is invalid")
    return {"start_delay_in_minutes": delay, "urgency": body["urgency"], "contact_method": method}


_METHODS, _RULES = "/users/{id}/contact_methods", "/users/{id}/notification_rules"
ROUTES = [
    Route("GET", _METHODS, list_methods),
    Route("POST", _METHODS, create_method),
    Route("GET", _METHODS + "/{method_id}", show_method),
    Route("PUT", _METHODS + "/{method_id}", update_method),
    Route("DELETE", _METHODS + "/{method_id}", delete_method),
    Route("GET", _RULES, list_rules),
    Route("POST", _RULES, create_rule),
    Route("GET", _RULES + "/{rule_id}", show_rule),
    Route("PUT", _RULES + "/{rule_id}", update_rule),
    Route("DELETE", _RULES + "/{rule_id}", delete_rule),
]
