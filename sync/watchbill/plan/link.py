"""Which object of the account is which wanted one: by pinned id, then marker, then former key; never by name alone.

An object that has a wanted name and is not ours is in the way: it blocks the wanted one, and `claim` settles it.
"""

from __future__ import annotations

from collections.abc import Collection

from watchbill.account.digest import as_written
from watchbill.account.objects import Account, ManagedObject, ServiceRouting
from watchbill.account.wanted import Wanted, WantedObject
from watchbill.plan.document import Notice
from watchbill.plan.linked import (
    COPIED_MARKER,
    KIND_WORD,
    ONE_EACH,
    PIN_DELETED,
    UNROUTABLE,
    Index,
    Links,
    block,
    copied,
)
from watchbill.plan.names import free_names


def link(wanted: Wanted, account: Account, claims: Collection[str] = ()) -> Links:
    """`claims`: keys of wanted objects that may take an unmarked object of their exact name."""
    links = Links(blocked=dict(wanted.refused))
    index = Index(account)
    pinned = {item.want.id for item in wanted.objects if item.want.id}
    still_there = {item.want.key for item in wanted.objects} | set(wanted.refused)
    for item in wanted.objects:
        if isinstance(item.want, ServiceRouting):
            continue
        _link_one(item, index, pinned, still_there, links)
        if item.want.key in claims and item.want.key not in links.current:
            _claim(item, index, links)
    _one_each(wanted, links)
    for item in wanted.objects:
        if isinstance(item.want, ServiceRouting):
            _link_routing(item, item.want, index, account, links)
    free_names(wanted, index, links)
    _leftovers(wanted, account, links)
    for key, why in wanted.refused.items():
        marked = [obj for (_, of), objs in index.by_marker.items() if of == key for obj in objs]
        if len(marked) == 1:
            links.standing[key] = marked[0]
        message = f"{key} is left as it is: {why}"
        links.notices.append(Notice(rule="left-alone", severity="error", message=message))
    return links


def _link_one(
    item: WantedObject, index: Index, pinned: set[str], still_there: set[str], links: Links
) -> None:
    want = item.want
    if want.id:
        found = index.by_id.get((want.kind, want.id))
        if found is None:
            _pin_missing(item, links)
        else:
            links.current[want.key] = found
            _report_copies(item, found, index, links)
        return
    if item.policy_only:
        links.current[want.key] = index.called(want.kind, want.name)[0]
        return
    former = item.previously if item.previously not in still_there else ""
    for key in filter(None, (want.key, former)):
        candidates = [obj for obj in index.by_marker.get((want.kind, key), []) if obj.id not in pinned]
        ours = candidates if len(candidates) == 1 else [obj for obj in candidates if obj.name == want.name]
        if len(ours) == 1:
            links.current[want.key] = ours[0]
            _report_copies(item, ours[0], index, links)
            return
        if candidates:
            ids = ", ".join(obj.id for obj in candidates)
            message = f"{len(candidates)} objects carry the marker of {key}: {ids}"
            block(item, links, COPIED_MARKER, message, "remove it from the copies, or pin the right id")
            return


def _pin_missing(item: WantedObject, links: Links) -> None:
    want = item.want
    if item.pin is not None and item.pin.read is not None:
        what = f"{KIND_WORD[want.kind]} {want.name!r} ({want.id})"
        message = f"{what} was deleted in the account after it was imported"
        hint = "take it out of the policy; or take out its `pagerduty` id and record, and it is made again"
        block(item, links, PIN_DELETED, message, hint)
        return
    message = f"{want.key} is pinned to {want.id}, which the account does not have"
    block(item, links, "pin-missing", message, "correct the id; or leave it out, and it is made anew")


def _one_each(wanted: Wanted, links: Links) -> None:
    """One id pinned twice, or one `previously:` said twice: nobody knows whose the object is."""
    found: dict[tuple[str, str], list[WantedObject]] = {}
    for item in wanted.objects:
        current = links.current.get(item.want.key)
        if current is not None and not item.policy_only:
            found.setdefault((current.kind, current.id), []).append(item)
    for (kind, id_), items in found.items():
        if len(items) > 1:
            keys = " and ".join(item.want.key for item in items)
            message = (
                f"{keys} would all be {KIND_WORD[kind]} {links.current[items[0].want.key].name!r} ({id_})"
            )
            for item in items:
                if item is items[0]:
                    block(item, links, ONE_EACH, message, "leave its `id` or `previously` to one of them")
                links.blocked[item.want.key] = message
                links.standing[item.want.key] = links.current.pop(item.want.key)


def _link_routing(
    item: WantedObject, want: ServiceRouting, index: Index, account: Account, links: Links
) -> None:
    """A rule set is its service's, whatever stands in it."""
    service = links.current.get(want.service.key)
    if service is None:
        return
    why = account.unroutable.get(service.id)
    if why is not None:
        message = (
            f"{want.name!r}: its event rules cannot be read, so every alert goes to its one ladder: {why}"
        )
        block(
            item,
            links,
            UNROUTABLE,
            message,
            "`routing` needs service orchestrations; `event_rules: false` in "
            "settings.pagerduty does without them",
        )
        return
    found = index.by_id.get((want.kind, service.id))
    if found is not None:
        links.current[want.key] = found


def _claim(item: WantedObject, index: Index, links: Links) -> None:
    named = [o for o in index.called(item.want.kind, item.want.name) if o.marker is None]
    same = [o for o in named if o.name == item.want.name] or named
    if len(same) == 1:
        links.current[item.want.key] = same[0]


def _leftovers(wanted: Wanted, account: Account, links: Links) -> None:
    keys = {item.want.key for item in wanted.objects} | set(wanted.refused)
    keys |= {item.previously for item in wanted.objects if item.want.key in links.blocked}
    in_the_way = {
        (item.want.kind, item.want.name) for item in wanted.objects if item.want.key in links.blocked
    }
    owned = {(obj.kind, obj.id) for obj in (*links.current.values(), *links.standing.values())}
    marked: dict[tuple[str, str], list[ManagedObject]] = {}
    for obj in account.everything():
        if obj.marker is not None and obj.marker.key not in keys:
            marked.setdefault((obj.kind, obj.marker.key), []).append(obj)
    for (_, key), objs in marked.items():
        renamed = [obj for obj in objs if (obj.kind, obj.id) in owned]
        ours = renamed or _ours_of(objs)
        links.notices += [copied(obj, key) for obj in objs if obj not in ours]
        links.leftovers += [obj for obj in ours if not renamed and (obj.kind, obj.name) not in in_the_way]


def _ours_of(objs: list[ManagedObject]) -> list[ManagedObject]:
    """Of several with one marker, the one that stands as it was written."""
    written = [obj for obj in objs if len(objs) == 1 or as_written(obj)]
    return written if len(written) == 1 else []


def _report_copies(item: WantedObject, ours: ManagedObject, index: Index, links: Links) -> None:
    for obj in index.by_marker.get((item.want.kind, item.want.key), []):
        if obj.id != ours.id:
            links.notices.append(copied(obj, item.want.key))
