"""Names are unique in PagerDuty, letter case aside: who has one, who gives it up, whose change it would refuse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from watchbill.account.objects import ManagedObject
from watchbill.account.wanted import Wanted, WantedObject
from watchbill.plan.document import Change, Notice
from watchbill.plan.linked import KIND_WORD, NAME_TAKEN, Index, Links, block, folded


def free_names(wanted: Wanted, index: Index, links: Links) -> None:
    """blocks those whose name somebody else has, and keeps."""
    names = {item.want.key: item.want.name for item in wanted.objects}
    owners: dict[tuple[str, str], str] = {(obj.kind, obj.id): key for key, obj in links.current.items()}
    blocked = -1
    while blocked != len(links.blocked):  # who is blocked keeps the name that another one waits for
        blocked = len(links.blocked)
        for item in wanted.objects:
            if item.want.key not in links.blocked and item.want.kind != "routing":
                _free_name(item, index, names, owners, links)


def _free_name(
    item: WantedObject,
    index: Index,
    names: Mapping[str, str],
    owners: Mapping[tuple[str, str], str],
    links: Links,
) -> None:
    """Names are unique in PagerDuty: somebody else's object of that name would make every write fail.

    Two that differ by letter case and stand there already block only a change; blanks around a name are none.
    """
    want = item.want
    mine = links.current.get(want.key)
    for obj in index.called(want.kind, want.name):
        if obj is mine:
            continue
        owner = owners.get((obj.kind, obj.id))
        if owner is not None and owner not in links.blocked and folded(names[owner]) != folded(want.name):
            links.gives_name[want.key] = owner
            continue  # ours too, and about to get another name
        if mine is not None and mine.name.strip() == want.name.strip() != obj.name.strip():
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
        block(item, links, NAME_TAKEN, message, hint, obj)
        return


def chain(gives: Mapping[str, str], key: str) -> list[str]:
    """Who must give a name up before it: its giver, the giver's giver; ends where it closes."""
    found: list[str] = []
    at = key
    while at in gives and gives[at] not in found:
        at = gives[at]
        found.append(at)
    return found


def name_like(want: ManagedObject, links: Links) -> Notice | None:
    """Why a change of what stands there would be refused."""
    twin = links.twins.get(want.key)
    if twin is None:
        return None
    message = f"{want.key} is left as it is: PagerDuty takes {want.name!r} and {twin.name!r} ({twin.id}) for one name"
    hint = "give one of them another name in PagerDuty"
    notice = Notice(rule=NAME_TAKEN, severity="error", message=message, hint=hint)
    return notice.model_copy(update={"kind": twin.kind, "id": twin.id, "key": want.key})


def name_kept(item: WantedObject, links: Links, changes: Iterable[Change]) -> Notice | None:
    """By one that was to give it up, and is not changed after all; those that trade names are told apart later."""
    key = item.want.key
    before = chain(links.gives_name, key)
    if not before or before[-1] == key or any(c.key == before[0] for c in changes):
        return None
    message = f"{key} is left as it is: {before[0]} has the name {item.want.name!r}, and keeps it for now"
    return Notice(
        rule=NAME_TAKEN, severity="error", message=message, hint="see why that one is left as it is"
    )
