"""What is told of objects that an edit took out of our hands: the marker is gone, or copied, or the name is taken."""

from __future__ import annotations

from collections.abc import Collection

from watchbill.account.objects import Account
from watchbill.account.wanted import Wanted
from watchbill.plan.acknowledged import drift_id, short_id
from watchbill.plan.document import Notice
from watchbill.plan.linked import COPIED_MARKER, KIND_WORD, LOST_MARKER, NAME_TAKEN, TAKEN_AWAY, Links
from watchbill.plan.sides import with_ids
from watchbill.rota.clock import Instant


def told(
    notice: Notice, wanted: Wanted, account: Account, links: Links, unmarked: Collection[str], now: Instant
) -> Notice:
    """`unmarked`: keys of objects that others of ours still point at, and that carry no marker any more."""
    notice = _lost(notice, links, unmarked)
    if notice.rule not in TAKEN_AWAY or not notice.id:
        return notice
    return notice.model_copy(update={"drift_id": _id(notice, wanted, account, links, now)})


def _lost(notice: Notice, links: Links, unmarked: Collection[str]) -> Notice:
    """Somebody deleted the marker: not a stranger with our name, but an edit."""
    key = next((k for k in unmarked if links.blocked[k] == notice.message), None)
    if key is None or notice.rule != NAME_TAKEN:
        return notice
    message = f"{KIND_WORD[links.holders[key].kind]} {links.holders[key].name!r} lost its watchbill line"
    message += "; until it is ours again, it is left as it is"
    return notice.model_copy(update={"rule": LOST_MARKER, "message": message})


def _id(notice: Notice, wanted: Wanted, account: Account, links: Links, now: Instant) -> str:
    """By how the object differs from the wanted one: another edit of it is another drift."""
    found = next(o for o in account.everything() if (o.kind, o.id) == (notice.kind, notice.id))
    wants = [
        item.want for item in wanted.objects if (item.want.kind, item.want.key) == (found.kind, notice.key)
    ]
    how = "copied" if notice.rule == COPIED_MARKER else "taken"
    if not wants:  # a copy of what left the policy
        return short_id([how, found.kind, found.id, notice.key])
    return drift_id(with_ids(wants[0], links), found, [how, found.id], now)
