"""Names that several objects of an account have: a policy can say only one of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from watchbill.account.objects import Account, NamedObject
from watchbill.adopt.names import Key


def doubles(account: Account) -> Iterator[tuple[Key, str]]:
    """Which are left, and why."""
    names = Counter((obj.kind, obj.name) for obj in account.objects())
    for obj in account.objects():
        key = (obj.kind, obj.id)
        if names[obj.kind, obj.name] > 1:
            ids = sorted(o.id for o in account.objects() if (o.kind, o.name) == (obj.kind, obj.name))
            yield key, f"several have this name: {', '.join(ids)}; rename all but one in PagerDuty"
        other = _like(obj, account)
        if other is not None:
            yield key, f"its name differs from that of {other.id} in blanks only; rename it in PagerDuty"


def _like(obj: NamedObject, account: Account) -> NamedObject | None:
    """Blanks at the ends are dropped when a name is written, so of such names only the bare one can be ours."""
    like = [
        other
        for other in account.objects()
        if other.kind == obj.kind and other.name.strip() == obj.name.strip() and other.name != obj.name
    ]
    bare = [o for o in like if o.name == o.name.strip()]
    return (bare or like)[0] if like and (bare or min(o.id for o in like) < obj.id) else None
