"""What is linked with what: the result of linking, and what its parts share."""

from __future__ import annotations

from dataclasses import dataclass, field

from watchbill.account.objects import Account, ManagedObject
from watchbill.account.wanted import WantedObject
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
PIN_DELETED = "pin-deleted"
TAKEN_AWAY = frozenset({LOST_MARKER, NAME_TAKEN, COPIED_MARKER, PIN_DELETED})
"""What is said of objects that an edit took out of our hands."""
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
    gives_name: dict[str, str] = field(default_factory=dict)
    """Key -> key of the one that has its name today, and gives it up."""
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


class Index:
    def __init__(self, account: Account) -> None:
        self.by_id: dict[tuple[str, str], ManagedObject] = {}
        self.by_name: dict[tuple[str, str], list[ManagedObject]] = {}
        """Letter case aside: PagerDuty takes "Ops" and "ops" for one name."""
        self.by_marker: dict[tuple[str, str], list[ManagedObject]] = {}
        for obj in account.everything():
            self.by_id[obj.kind, obj.id] = obj
            self.by_name.setdefault((obj.kind, folded(obj.name)), []).append(obj)
            if obj.marker is not None:
                self.by_marker.setdefault((obj.kind, obj.marker.key), []).append(obj)

    def called(self, kind: str, name: str) -> list[ManagedObject]:
        """Exactly so, before those of other letter case."""
        found = self.by_name.get((kind, folded(name)), [])
        return sorted(found, key=lambda obj: obj.name != name)


def folded(name: str) -> str:
    return name.strip().casefold()


def copied(obj: ManagedObject, key: str) -> Notice:
    message = f"{obj.name!r} ({obj.id}) carries a copy of the marker of {key}; it is not touched"
    hint = "remove the watchbill line from its description"
    notice = Notice(rule=COPIED_MARKER, severity="warning", message=message, hint=hint)
    return notice.model_copy(update={"kind": obj.kind, "id": obj.id, "name": obj.name, "key": key})


def block(
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
    links.notices.append(notice if obj is None else about(notice, item, obj))


def about(notice: Notice, item: WantedObject, obj: ManagedObject) -> Notice:
    return notice.model_copy(update={"kind": obj.kind, "id": obj.id, "name": obj.name, "key": item.want.key})
