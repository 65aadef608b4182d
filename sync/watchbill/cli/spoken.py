"""What the policy calls the account's objects, for those who write what the account has into the YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchbill.adopt.drift_edit import RefKey, Spoken
    from watchbill.cli.planning import Reading
    from watchbill.model.policy import Policy


def spoken_of(policy: Policy, reading: Reading) -> Spoken:
    from watchbill.account.lookup import Lookup
    from watchbill.adopt.drift_edit import Spoken

    account = reading.account
    lookup = Lookup(policy, account)
    schedules = {o.marker.key: o.id for o in account.schedules if o.marker is not None}
    schedules |= {f"rotation/{h}": r.pagerduty.id for h, r in policy.rotations.items() if r.pagerduty.id}
    own = [handle for handle, spec in policy.rotations.items() if spec.has_schedule]
    names = dict.fromkeys([*own, *policy.people, *policy.external, *policy.roles, *policy.rotations])
    refs = {name: ref for name in names if (ref := _ref(policy, name, schedules, lookup)) is not None}
    ladders = {o.marker.key: o.id for o in account.policies if o.marker is not None}
    said = {ladders[f"ladder/{h}"]: h for h in policy.ladders if f"ladder/{h}" in ladders}
    said |= {spec.pagerduty.id: h for h, spec in policy.ladders.items() if spec.pagerduty.id}
    for handle, external in policy.external.items():
        found = lookup.external(handle) if external.ladder else None
        if found is not None:
            said[found.id] = handle
    teams = {id_: h for h in policy.teams if (id_ := lookup.team(h, ("teams", h))) is not None}
    called = {obj.id: obj.name for obj in account.objects()}
    called |= {u.id: u.name for u in account.users} | {t.id: t.name for t in account.teams}
    return Spoken(lookup.people, refs, said, teams, called)


def _ref(policy: Policy, name: str, schedules: dict[str, str], lookup: object) -> RefKey | None:
    from watchbill.account.lookup import Lookup
    from watchbill.ladder.resolve import resolve

    assert isinstance(lookup, Lookup)
    paged = resolve(policy, name)
    if paged is None:
        return None
    if paged.rotation is not None:
        id_ = schedules.get(f"rotation/{paged.rotation}")
        return ("schedule", id_) if id_ else None
    if paged.external is not None:
        ref = lookup.external(paged.external)
        return (ref.kind, ref.id) if ref is not None else None
    user = lookup.user(paged.person or "") if paged.person in policy.people else None
    return ("user", user) if user else None
