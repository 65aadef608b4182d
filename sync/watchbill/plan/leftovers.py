"""Objects that carry our marker and are in the policy no more.

A delete needs the marker, the matching digest, and the object in the policy's history; an object that somebody
edited since is only released; one that this policy never had is none of its business (rulings 1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from watchbill.account.digest import as_written, fingerprint_of, is_half_written
from watchbill.account.objects import Account, ManagedObject, Service, ServiceRouting
from watchbill.plan.document import Change, Notice
from watchbill.plan.linked import KIND_WORD, Links
from watchbill.plan.order import points_at
from watchbill.plan.preflight_incidents import without_open


def leftover_changes(
    links: Links,
    account: Account,
    history: Collection[str] | None,
    becomes: Mapping[tuple[str, str], ManagedObject],
    *,
    created: Collection[ManagedObject] = (),
    is_cut: bool = False,
    unrouted: bool = False,
) -> tuple[list[Change], list[Notice]]:
    """`becomes`: (kind, id) of each object that the plan changes -> what it will be.  `history`: keys that
    earlier versions of the policy had; None = unknown, so nothing is deleted.
    `created`: what the plan makes.  `unrouted`: the policy says that no service of its has event rules, so its history need not know them."""
    changes: list[Change] = []
    notices: list[Notice] = []
    doomed: set[tuple[str, str]] = {
        (obj.kind, obj.id)
        for obj in links.leftovers
        if ((unrouted and _stays(obj, links)) or (history is not None and _key(obj) in history))
        and (as_written(obj) or is_half_written(obj))
    }
    doomed = without_open(_without_used(doomed, account, becomes, created, notices), account, notices)
    for obj in links.leftovers:
        key, what = _key(obj), f"{KIND_WORD[obj.kind]} {obj.name!r}"
        if obj.kind == "routing" and ("service", obj.id) in doomed:
            continue  # a rule set goes with its service
        if (obj.kind, obj.id) in doomed:
            changes.append(_gone(obj, "delete"))
        elif (history is None or key not in history) and not (unrouted and _stays(obj, links)):
            if obj.kind == "routing" and not _stays(obj, links):
                continue  # told of the service already
            notices.append(_unknown(what, key, is_cut=is_cut))
        elif not as_written(obj):
            message = (
                f"{what} left the policy, but was edited in the account since; it is released, not deleted"
            )
            hint = "delete it in PagerDuty if nobody needs it"
            notices.append(Notice(rule="edited-leftover", severity="warning", message=message, hint=hint))
            changes.append(_gone(obj, "forget"))
    return changes, notices


def _unknown(what: str, key: str, *, is_cut: bool) -> Notice:
    if is_cut:
        return Notice(
            rule="history-is-cut",
            severity="error",
            message=f"{what} is in the policy no more, and whether it ever was cannot be told from this shallow clone; "
            "left alone",
            hint="fetch the whole history: `git fetch --unshallow`; in GitHub Actions `fetch-depth: 0` at checkout",
        )
    return Notice(
        rule="not-in-history",
        severity="note",
        message=f"{what} carries the marker {key}, which is in no known version of this policy; left alone",
        hint=f"`watchbill forget {key.partition('/')[2]}` takes the marker off",
    )


def _stays(obj: ManagedObject, links: Links) -> bool:
    """The service stays, and is routed no more."""
    wanted = any(isinstance(o, Service) and o.id == obj.id for o in links.current.values())
    return isinstance(obj, ServiceRouting) and wanted


def _without_used(
    doomed: set[tuple[str, str]],
    account: Account,
    becomes: Mapping[tuple[str, str], ManagedObject],
    created: Collection[ManagedObject],
    notices: list[Notice],
) -> set[tuple[str, str]]:
    """PagerDuty deletes nothing that others point at; who stays keeps what it points at."""
    kept = set(doomed)
    names: dict[tuple[str, str], str] = {(obj.kind, obj.id): obj.name for obj in account.everything()}
    while True:
        users = [
            obj
            for obj in account.everything()
            if (obj.kind, obj.id) not in kept
            and not (isinstance(obj, ServiceRouting) and ("service", obj.id) in kept)
        ]
        used = {
            (ref.kind, ref.id): obj
            for obj in (*users, *created)
            for ref in points_at(becomes.get((obj.kind, obj.id), obj))
            if (ref.kind, ref.id) in kept
        }
        if not used:
            return kept
        for (kind, vendor_id), user in used.items():
            what = f"{KIND_WORD[kind]} {names[kind, vendor_id]!r}"
            id_ = f" ({user.id})" if user.id else ""
            message = f"{what} cannot be deleted: {KIND_WORD[user.kind]} {user.name!r}{id_} uses it"
            hint = "take it out there first, then plan again"
            notices.append(Notice(rule="in-use", severity="warning", message=message, hint=hint))
            kept.discard((kind, vendor_id))


def forget_changes(links: Links, keys: Iterable[str]) -> tuple[list[Change], list[Notice]]:
    """Takes the marker off objects that the policy still wants, or wanted once.

    One that an apply was killed at is finished first: whoever takes it over would not know what is still to do.
    """
    wished = set(keys)
    marked = [*links.current.values(), *links.leftovers]
    found = [o for o in marked if o.marker is not None and o.marker.key in wished]
    half = [
        o
        for o in links.current.values()
        if o in found and o.marker is not None and o.marker.state == "writing"
    ]
    notices = [
        Notice(
            rule="half-written",
            severity="error",
            message=f"{_key(obj)} is not released yet: an apply was killed while it changed it",
            hint="apply once more first",
        )
        for obj in half
    ]
    return [_gone(o, "forget") for o in found if o not in half], notices


def _gone(obj: ManagedObject, action: str) -> Change:
    return Change.model_validate(
        {
            "action": action,
            "class": "pending",
            "kind": obj.kind,
            "key": _key(obj),
            "name": obj.name,
            "id": obj.id,
            "fingerprint": fingerprint_of(obj),
        }
    )


def _key(obj: ManagedObject) -> str:
    assert obj.marker is not None
    return obj.marker.key
