"""Overrides from chat that still hold although their pull request was rejected: what GitHub has to be asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from watchbill.cli.options import Globals
from watchbill.errors import ForgeError

if TYPE_CHECKING:
    from watchbill.ladder.live import Difference
    from watchbill.model.policy import Policy
    from watchbill.plan.document import Notice


def rejected_notices(options: Globals, policy: Policy, differences: Iterable[Difference]) -> list[Notice]:
    """None without GITHUB_TOKEN and GITHUB_REPOSITORY."""
    from watchbill.plan.document import Notice

    if not (os.environ.get("GITHUB_TOKEN") and os.environ.get("GITHUB_REPOSITORY")):
        return []
    try:
        return list(_notices(options, policy, list(differences)))
    except ForgeError as failed:
        message = f"GitHub did not answer whether an override was rejected: {failed.message}"
        return [Notice(rule="rejections-unread", severity="note", message=message)]


def _notices(options: Globals, policy: Policy, differences: list[Difference]) -> Iterator[Notice]:
    from watchbill.account.ladders import rotation_key
    from watchbill.chat.proposals import rejected_acts
    from watchbill.cli.chatting import Grounds
    from watchbill.incident.ports import Silent
    from watchbill.plan.document import Notice
    from watchbill.plan.words import span

    context = Grounds(options).context(Silent(), None, "", "", policy)
    assert context.forge is not None
    with context.forge() as forge:
        acts = [(number, act) for number, act in rejected_acts(context, forge) if act is not None]
    for number, act in acts:
        for taken in act.taken:
            start, end = taken.span(context)
            if not any(
                d.rotation == taken.rotation and taken.person in d.on_call and d.start < end and start < d.end
                for d in differences
            ):
                continue
            title = policy.title_of(taken.rotation)
            when = span(start, end, policy.zone_of(taken.rotation))
            yield Notice(
                rule="override-rejected",
                severity="note",
                message=f"{title}: the override of {policy.title_of(taken.person)} {when} is still in force, "
                f"although #{number} was rejected",
                hint=f"`cancel {number}` in chat takes it back; so does deleting the override in PagerDuty",
                name=title,
                key=rotation_key(taken.rotation),
            )
