"""Teams, their members, and the policies on them."""

from __future__ import annotations

from typing import Any

from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import (
    POLICY_TAKEN,
    TEAM_IN_USE,
    USER_IN_TEAM_POLICY,
    ApiError,
    invalid,
    not_found,
)
from watchbill.sandbox.paging import listing, sliced
from watchbill.sandbox.routes.users import user_view
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import text_field

ROLES = ("observer", "responder", "manager")


def team_view(call: Call, doc: Doc) -> dict[str, Any]:
    return {
        **call.world.views.head("team", doc),
        "name": doc["name"],
        "description": doc.get("description") or "",
        "default_role": doc.get("default_role", "manager"),
    }


def list_teams(call: Call) -> Reply:
    return listing(call, "teams", "team", lambda doc: team_view(call, doc))


def show_team(call: Call) -> Reply:
    return Reply({"team": team_view(call, existing(call))})


def create_team(call: Call) -> Reply:
    team = {"id": call.store.new_id("team"), **_fields(call, call.wrapped("team"), None)}
    call.store.put("team", team)
    call.world.record("team", None, team)
    return Reply({"team": team_view(call, team)}, 201)


def update_team(call: Call) -> Reply:
    before = existing(call)
    after = {**before, **_fields(call, {**before, **call.wrapped("team")}, before)}
    call.store.put("team", after)
    call.world.record("team", before, after)
    return Reply({"team": team_view(call, after)})


def delete_team(call: Call) -> Reply:
    """`reassignment_team` only moves its incidents; associations always stand in the way."""
    team = existing(call)
    if any(
        call.store.linked_from(k, "team", team["id"])
        for k in ("escalation_policy", "schedule", "schedule_v3")
    ):
        raise ApiError(400, TEAM_IN_USE, 6006, [TEAM_IN_USE])
    for membership in call.store.linked_from("membership", "team", team["id"]):
        call.store.delete("membership", membership)
    call.store.delete("team", team["id"])
    call.world.record("team", team, None)
    return NO_CONTENT


def list_members(call: Call) -> Reply:
    team = existing(call)
    members = [
        call.store.get("membership", m) for m in call.store.linked_from("membership", "team", team["id"])
    ]
    return sliced(call, "members", [m for m in members if m], lambda m: _member_view(call, m))


def _member_view(call: Call, membership: Doc) -> dict[str, Any]:
    user = call.store.get("user", membership["user"]) if call.includes("users") else None
    shown = user_view(call, user) if user else call.world.views.reference("user", membership["user"])
    return {"user": shown, "role": call.world.visible_role(membership)}


def put_member(call: Call) -> Reply:
    """Adds a member, or changes the role of one; without a body the role is the team's default."""
    team, user = existing(call), call.store.get("user", call.params["user_id"])
    if user is None:
        raise not_found("user")
    id_ = f"{team['id']}:{user['id']}"
    before = call.store.get("membership", id_)
    role = call.body.get("role") if isinstance(call.body, dict) else None
    if role is None:
        role = before["role"] if before else "manager"
    if role not in ROLES or user["role"] == "read_only_user":
        raise invalid("Role is invalid")
    after = {"id": id_, "team": team["id"], "user": user["id"], "role": role}
    if before is not None and before["role"] != role:
        after |= {"old_role": before["role"], "changed_at": call.world.clock.exact()}
    call.store.put("membership", after, parent=team["id"])
    call.world.audit.record(call.world.actor, "membership", before, after, root=("team", team["id"]))
    return NO_CONTENT


def delete_member(call: Call) -> Reply:
    team = existing(call)
    membership = call.store.get("membership", f"{team['id']}:{call.params['user_id']}")
    if membership is None:
        raise not_found("user")
    policies = set(call.store.linked_from("escalation_policy", "team", team["id"]))
    if policies & set(call.store.linked_from("escalation_policy", "user", membership["user"])):
        raise invalid(USER_IN_TEAM_POLICY)
    call.store.delete("membership", membership["id"])
    call.world.audit.record(call.world.actor, "membership", membership, None, root=("team", team["id"]))
    return NO_CONTENT


def put_policy(call: Call) -> Reply:
    team, policy = existing(call), _policy(call)
    if policy["teams"] and policy["teams"] != [team["id"]]:
        raise ApiError(400, POLICY_TAKEN, 2001)
    _set_teams(call, policy, [team["id"]])
    return NO_CONTENT


def delete_policy(call: Call) -> Reply:
    """204 also for a policy that is not on the team (terraform-provider-pagerduty#709)."""
    team, policy = existing(call), _policy(call)
    _set_teams(call, policy, [t for t in policy["teams"] if t != team["id"]])
    return NO_CONTENT


def _policy(call: Call) -> Doc:
    policy = call.store.get("escalation_policy", call.params["policy_id"])
    if policy is None:
        raise not_found("escalation_policy")
    return policy


def _set_teams(call: Call, policy: Doc, teams: list[str]) -> None:
    after = {**policy, "teams": teams}
    call.store.put("escalation_policy", after)
    call.world.record("escalation_policy", policy, after)


def existing(call: Call) -> Doc:
    team = call.store.get("team", call.params["id"])
    if team is None:
        raise not_found("team")
    return team


def _fields(call: Call, body: dict[str, Any], before: Doc | None) -> dict[str, Any]:
    name = text_field(body, "name", "Name", most=100, required=True)
    for other in call.store.named("team", name or ""):
        if before is None or other["id"] != before["id"]:
            raise invalid("Name has already been taken")
    role = body.get("default_role", "manager")
    if role not in {"manager", "none"}:
        raise invalid("Default role is invalid")
    description = text_field(body, "description", "Description", most=1024)
    return {"name": name, "description": description or "", "default_role": role}


ROUTES = [
    Route("GET", "/teams", list_teams),
    Route("POST", "/teams", create_team),
    Route("GET", "/teams/{id}", show_team),
    Route("PUT", "/teams/{id}", update_team),
    Route("DELETE", "/teams/{id}", delete_team),
    Route("GET", "/teams/{id}/members", list_members),
    Route("PUT", "/teams/{id}/users/{user_id}", put_member),
    Route("DELETE", "/teams/{id}/users/{user_id}", delete_member),
    Route("PUT", "/teams/{id}/escalation_policies/{policy_id}", put_policy),
    Route("DELETE", "/teams/{id}/escalation_policies/{policy_id}", delete_policy),
]
