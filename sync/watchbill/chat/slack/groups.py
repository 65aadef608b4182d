"""Slack user groups (`@oncall-database`) that hold whoever is on duty now.

The call replaces the whole list, so an empty one is never written, and people Slack does not know are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from watchbill.chat.slack.people import SlackPeople
from watchbill.ladder.resolve import reached
from watchbill.rota.duty import Roster


@dataclass(frozen=True, slots=True)
class Synced:
    group: str
    changed: bool
    people: tuple[str, ...]
    """Handles."""
    trouble: str = ""


def sync_groups(client: WebClient, people: SlackPeople, roster: Roster, now: int) -> list[Synced]:
    """Each on its own: what Slack refuses for one is told there."""
    wanted = roster.policy.settings.chat.groups
    if not wanted:
        return []
    try:
        groups = {
            str(g["handle"]): g
            for g in client.usergroups_list(include_users=True, include_disabled=False)["usergroups"]
        }
    except SlackApiError as refused:
        return [
            Synced(group, False, (), f"Slack refused: {refused.response.get('error')}") for group in wanted
        ]
    return [
        _one(client, people, roster, now, group, rotations, groups.get(group))
        for group, rotations in wanted.items()
    ]


def _one(
    client: WebClient,
    people: SlackPeople,
    roster: Roster,
    now: int,
    group: str,
    rotations: tuple[str, ...],
    there: dict[str, object] | None,
) -> Synced:
    handles = tuple(dict.fromkeys(duty.person for name in rotations for duty in reached(roster, name, now)))
    if there is None:
        return Synced(group, False, handles, f"Slack has no user group @{group}: make it once, by hand")
    policy = roster.policy
    found = [(h, people.user(policy.people[h].email)) for h in handles if h in policy.people]
    users = [user for _, user in found if user is not None]
    absent = ", ".join(h for h, user in found if user is None)
    if not users:
        return Synced(
            group, False, handles, f"@{group} is left as it is: Slack knows nobody of {absent or 'it'}"
        )
    before = there.get("users")
    if isinstance(before, list) and set(before) == set(users):
        return Synced(group, False, handles)
    try:
        client.usergroups_users_update(usergroup=str(there["id"]), users=users)
    except SlackApiError as refused:
        why = str(refused.response.get("error"))
        hint = "; an admin has to let everyone manage user groups" if why == "permission_denied" else ""
        return Synced(group, False, handles, f"Slack refused: {why}{hint}")
    return Synced(group, True, handles, f"not in Slack: {absent}" if absent else "")
