"""Users."""

from __future__ import annotations

import re
from typing import Any

from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import invalid, not_found
from watchbill.sandbox.paging import listing
from watchbill.sandbox.routes.contacts import method_reference, method_view, rule_reference, rule_view
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import known_zone, text_field

ROLES = frozenset({"admin", "limited_user", "observer", "owner", "read_only_user", "restricted_access"}) | {
    "read_only_limited_user",
    "user",
}
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+$")


def user_view(call: Call, doc: Doc, *, single: bool = False) -> dict[str, Any]:
    """`single`: with the calendar links, which are secrets and come with one user only."""
    id_, views = doc["id"], call.world.views
    methods = call.store.children("contact_method", id_)
    rules = call.store.children("notification_rule", id_)
    method_of, rule_of = (
        method_view if call.includes("contact_methods") else method_reference,
        rule_view if call.includes("notification_rules") else rule_reference,
    )
    view = {
        **views.head("user", doc),
        "name": doc["name"],
        "email": doc["email"],
        "time_zone": doc["time_zone"],
        "color": doc["color"],
        "role": doc["role"],
        "avatar_url": f"https://pd-static-assets.pagerduty.com/users/{id_}.png",
        "description": doc["description"],
        "invitation_sent": False,
        "created_via_sso": False,
        "job_title": doc["job_title"],
        "teams": views.references("team", team_ids(call, id_)),
        "contact_methods": [method_of(call, id_, m) for m in methods],
        "notification_rules": [rule_of(call, id_, r) for r in rules],
    }
    if single:
        view["http_cal_url"] = f"https://{call.world.options.subdomain}.pagerduty.com/private/{id_}/feed"
        view["web_cal_url"] = f"webcal://{call.world.options.subdomain}.pagerduty.com/private/{id_}/feed"
    return view


def team_ids(call: Call, user_id: str) -> list[str]:
    return [m.split(":")[0] for m in call.store.linked_from("membership", "user", user_id)]


def list_users(call: Call) -> Reply:
    members = None
    if call.many("team_ids"):
        links = (m for t in call.many("team_ids") for m in call.store.linked_from("membership", "team", t))
        members = {m.split(":")[1] for m in links}
    return listing(call, "users", "user", lambda doc: user_view(call, doc), ids_in=members)


def show_user(call: Call) -> Reply:
    return Reply({"user": user_view(call, existing(call), single=True)})


def show_me(call: Call) -> Reply:
    """Account tokens have no user; the From header lends them one, as the sandbox's only kind of identity."""
    user = call.requester(required=False)
    if user is None:
        raise invalid("Account API keys have no current user")
    return Reply({"user": user_view(call, user, single=True)})


def create_user(call: Call) -> Reply:
    call.requester()
    body = call.wrapped("user")
    user = {
        "id": call.store.new_id("user"),
        "time_zone": "Etc/UTC",
        "color": "purple",
        "role": "user",
        "description": None,
        "job_title": "",
        **_fields(call, body, None),
    }
    call.store.put("user", user)
    call.world.record("user", None, user)
    first: Doc = {
        "id": call.store.new_id("contact_method"),
        "type": "email_contact_method",
        "label": "Default",
    }
    first |= {"address": user["email"], "send_short_email": False}
    call.store.put("contact_method", first, parent=user["id"])
    return Reply({"user": user_view(call, user, single=True)}, 201)


def update_user(call: Call) -> Reply:
    before = existing(call)
    after = {**before, **_fields(call, {**before, **call.wrapped("user")}, before)}
    call.store.put("user", after)
    call.world.record("user", before, after)
    return Reply({"user": user_view(call, after, single=True)})


def delete_user(call: Call) -> Reply:
    user = existing(call)
    if call.store.linked_from("incident", "user", user["id"]) and not call.world.options.offboarding:
        raise invalid("User can't be deleted while they have incidents assigned")
    call.store.delete("user", user["id"], tombstone_at=call.now)
    for membership in call.store.linked_from("membership", "user", user["id"]):
        call.store.delete("membership", membership)
    call.world.record("user", user, None)
    return NO_CONTENT


def existing(call: Call, param: str = "id") -> Doc:
    user = call.store.get("user", call.params[param])
    if user is None:
        raise not_found("user")
    return user


def _fields(call: Call, body: dict[str, Any], before: Doc | None) -> dict[str, Any]:
    """What a write sets, checked; a name's inner blanks are collapsed, an e-mail is stored in lower case."""
    name = text_field(body, "name", "Name", most=100, required=True)
    email = text_field(body, "email", "Email", most=100, required=True)
    assert name is not None
    assert email is not None
    email = email.strip().lower()
    if len(email) < 6 or not _EMAIL.match(email):
        raise invalid("Email is invalid")
    other = call.world.user_by_email(email)
    if other is not None and (before is None or other["id"] != before["id"]):
        raise invalid("Email has already been taken")
    fields: dict[str, Any] = {"name": " ".join(name.split()), "email": email}
    if "time_zone" in body:
        if not known_zone(body["time_zone"], listed_only=False):
            raise invalid("Time zone is invalid")
        fields["time_zone"] = body["time_zone"]
    if "role" in body:
        if body["role"] not in ROLES:
            raise invalid("Role is invalid")
        fields["role"] = body["role"]
    for key, most in (("description", 1024), ("job_title", 100), ("color", 50)):
        if key in body:
            value = text_field(body, key, key.capitalize().replace("_", " "), most=most)
            fields[key] = value if key == "description" else value or ""
    return fields


ROUTES = [
    Route("GET", "/users", list_users),
    Route("POST", "/users", create_user),
    Route("GET", "/users/me", show_me),
    Route("GET", "/users/{id}", show_user),
    Route("PUT", "/users/{id}", update_user),
    Route("DELETE", "/users/{id}", delete_user),
]
