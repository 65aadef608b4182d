"""Which object of the account is which wanted one: by pinned id, then marker, then former key; never by name alone.

An object that has a wanted name and is not ours is in the way: it blocks the wanted one, and `claim` settles it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from watchbill.account.digest import as_written
from watchbill.account.objects import Account, ManagedObject, ServiceRouting
from watchbill.account.wanted import Wanted, WantedObject
from watchbill.plan.document import Notice

KIND_WORD = {
    "schedule": "schedule",
    "escalation_policy": "escalation policy",
    "service": "service",
    "routing": "routing of",
}

LOST_MARKER = "lost-marker"
NAME_TAKEN = "name-taken"
COPIED_MARKER = "copied-marker"
ONE_EACH = "one-object-twice"
UNROUTABLE = "rules-not-readable"


@dataclass(slots=True)
class Links:
    current: dict[str, ManagedObject] = field(default_factory=dict)
    """Key of a wanted object -> the account's object that is it."""
    standing: dict[str, ManagedObject] = field(default_factory=dict)
    """Key of a refused object -> what was written of it earlier; others may go on pointing at it."""
    holders: dict[str, ManagedObject] = field(default_factory=dict)
    """Key of a blocked object -> the object that has its name and is not ours, or is so no more."""
    twins: dict[str, ManagedObject] = field(default_factory=dict)
    """Key -> another object whose name differs from that of ours by letter case alone."""
    blocked: dict[str, str] = field(default_factory=dict)
    """Key -> why it is left alone this time."""
    leftovers: list[ManagedObject] = field(default_factory=list)
    """Marked objects that the policy no longer wants."""
    notices: list[Notice] = field(default_factory=list)

    def id_of(self, key: str) -> str:
        """ "" for an object that is still to be made."""
        found = self.current.get(key) or self.standing.get(key)
        return found.id if found is not None else ""


class _Index:
    def __init__(self, account: Account) -> None:
        self.by_id: dict[tuple[str, str], ManagedObject] = {}
        self.by_name: dict[tuple[str, str], list[ManagedObject]] = {}
        """Letter case aside: PagerDuty takes "Ops" and "ops" for one name."""
        self.by_marker: dict[tuple[str, str], list[ManagedObject]] = {}
        for obj in account.everything():
            self.by_id[obj.kind, obj.id] = obj
            self.by_name.setdefault((obj.kind, _folded(obj.name)), []).append(obj)
            if obj.marker is not None:
                self.by_marker.setdefault((obj.kind, obj.marker.key), []).append(obj)

    def called(self, kind: str, name: str) -> list[ManagedObject]:
        """Exactly so, before those of other letter case."""
        found = self.by_name.get((kind, _folded(name)), [])
        return sorted(found, key=lambda obj: obj.name != name)


def _folded(name: str) -> str:
    return name.strip().casefold()


def link(wanted: Wanted, account: Account, claims: Collection[str] = ()) -> Links:
    """`claims`: keys of wanted objects that may take an unmarked object of their exact name."""
    links = Links(blocked=dict(wanted.refused))
    index = _Index(account)
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
    names = {item.want.key: item.want.name for item in wanted.objects}
    owners: dict[tuple[str, str], str] = {(obj.kind, obj.id): key for key, obj in links.current.items()}
    for item in wanted.objects:
        if item.want.key not in links.blocked and item.want.kind != "routing":
            _free_name(item, index, names, owners, links)
    _leftovers(wanted, account, links)
    for key, why in wanted.refused.items():
        marked = [obj for (_, of), objs in index.by_marker.items() if of == key for obj in objs]
        if len(marked) == 1:
            links.standing[key] = marked[0]
        message = f"{key} is left as it is: {why}"
        links.notices.append(Notice(rule="left-alone", severity="error", message=message))
    return links


def _link_one(
    item: WantedObject, index: _Index, pinned: set[str], still_there: set[str], links: Links
) -> None:
    want = item.want
    if want.id:
        found = index.by_id.get((want.kind, want.id))
        if found is None:
            message = f"{want.key} is pinned to {want.id}, which the account does not have"
            _block(
                item, links, "pin-missing", message, "correct the id; or leave it out, and it is made anew"
            )
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
            _block(item, links, COPIED_MARKER, message, "remove it from the copies, or pin the right id")
            return


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
                _block(item, links, ONE_EACH, message, "leave its `id` or `previously` to one of them")
                links.standing[item.want.key] = links.current.pop(item.want.key)


def _link_routing(
    item: WantedObject, want: ServiceRouting, index: _Index, account: Account, links: Links
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
        _block(
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


def _claim(item: WantedObject, index: _Index, links: Links) -> None:
    named = [o for o in index.called(item.want.kind, item.want.name) if o.marker is None]
    same = [o for o in named if o.name == item.want.name] or named
    if len(same) == 1:
        links.current[item.want.key] = same[0]


def _free_name(
    item: WantedObject,
    index: _Index,
    names: Mapping[str, str],
    owners: Mapping[tuple[str, str], str],
    links: Links,
) -> None:
    """Names are unique in PagerDuty: somebody else's object of that name would make every write fail.

    Two that differ by letter case and stand there already block only a change.
    """
    want = item.want
    mine = links.current.get(want.key)
    for obj in index.called(want.kind, want.name):
        if obj is mine:
            continue
        owner = owners.get((obj.kind, obj.id))
        if owner is not None and _folded(names[owner]) != _folded(want.name):
            continue  # ours too, and about to get another name
        if mine is not None and mine.name == want.name != obj.name:
            links.twins.setdefault(want.key, obj)
            continue
        links.holders[want.key] = obj
        if obj.marker is None:
            message = f"there is a {KIND_WORD[want.kind]} named {obj.name!r} ({obj.id}) that is not ours"
            hint = f"`watchbill claim {want.key.partition('/')[2]}` makes it ours; or pin it: `pagerduty: {{id: {obj.id}}}`"
        else:
            has = "has it" if obj.name == want.name else f"has {obj.name!r}"
            message = f"{want.key} wants the name {want.name!r}; {obj.id} {has}, marked {obj.marker.key}"
            hint = (
                f"after a rename say `previously: {obj.marker.key.partition('/')[2]}`; else take another name"
            )
        _block(item, links, NAME_TAKEN, message, hint, obj)
        return


def name_like(want: ManagedObject, links: Links) -> Notice | None:
    """Why a change of what stands there would be refused."""
    twin = links.twins.get(want.key)
    if twin is None:
        return None
    message = f"{want.key} is left as it is: PagerDuty takes {want.name!r} and {twin.name!r} ({twin.id}) for one name"
    hint = "give one of them another name in PagerDuty"
    notice = Notice(rule=NAME_TAKEN, severity="error", message=message, hint=hint)
    return notice.model_copy(update={"kind": twin.kind, "id": twin.id, "key": want.key})


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
        links.notices += [_copied(obj, key) for obj in objs if obj not in ours]
        links.leftovers += [obj for obj in ours if not renamed and (obj.kind, obj.name) not in in_the_way]


def _ours_of(objs: list[ManagedObject]) -> list[ManagedObject]:
    """Of several with one marker, the one that stands as it was written."""
    written = [obj for obj in objs if len(objs) == 1 or as_written(obj)]
    return written if len(written) == 1 else []


def _copied(obj: ManagedObject, key: str) -> Notice:
    message = f"{obj.name!r} ({obj.id}) carries a copy of the marker of {key}; it is not touched"
    hint = "remove the watchbill line from its description"
    notice = Notice(rule=COPIED_MARKER, severity="warning", message=message, hint=hint)
    return notice.model_copy(update={"kind": obj.kind, "id": obj.id, "key": key})


def _report_copies(item: WantedObject, ours: ManagedObject, index: _Index, links: Links) -> None:
    for obj in index.by_marker.get((item.want.kind, item.want.key), []):
        if obj.id != ours.id:
            links.notices.append(_copied(obj, item.want.key))


def _block(
    item: WantedObject,
    links: Links,
    rule: str,
    message: str,
    hint: str,
    obj: ManagedObject | None = None,
) -> None:
    """`obj`: the account's object that is in the way."""
    links.blocked[item.want.key] = message
    notice = Notice(rule=rule, severity="error", message=message, hint=hint)
    links.notices.append(notice if obj is None else _about(notice, item, obj))


def _about(notice: Notice, item: WantedObject, obj: ManagedObject) -> Notice:
    return notice.model_copy(update={"kind": obj.kind, "id": obj.id, "key": item.want.key})
