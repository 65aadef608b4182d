"""Overrides that people made in the account, written into the YAML: one file each, as `override add` does it.

Taken is only what the plan has nothing to say about afterwards: neither a change of the schedule nor an override
to make or to take back.  Rotations that fall back to this one follow declared overrides, so they may change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchbill.account.objects import Marker, OverrideSlot, ShiftOverrideSlot
    from watchbill.cli.changing import Draft
    from watchbill.cli.planning import Reading
    from watchbill.plan.document import Plan
    from watchbill.report.adopt import Adopted, LeftAlone


@dataclass(frozen=True, slots=True)
class _Found:
    rotation: str
    slot: OverrideSlot | ShiftOverrideSlot


@dataclass(slots=True)
class AdoptingOverrides:
    draft: Draft
    reading: Reading
    plan: Plan
    """Of the draft as it is by now."""
    adopted: list[Adopted] = field(default_factory=list)
    left: list[LeftAlone] = field(default_factory=list)

    def adopt(self, rotation: str = "") -> None:
        """Of one rotation, or of all that have a schedule.  What is over is nobody's business any more."""
        for found in self._foreign(rotation):
            self._one(found)

    def _foreign(self, rotation: str) -> Iterator[_Found]:
        from watchbill.cli.spoken import spoken_of

        policy = self.draft.before
        refs = spoken_of(policy, self.reading).refs
        own = [h for h, spec in policy.rotations.items() if spec.has_schedule and rotation in ("", h)]
        ids = {refs[handle][1]: handle for handle in own if refs.get(handle, ("", ""))[0] == "schedule"}
        account = self.reading.with_overrides(tuple(ids), policy)
        known = self._known(account.at)
        markers = {s.id: s.marker for s in account.schedules}
        for id_, handle in ids.items():
            slots: list[OverrideSlot | ShiftOverrideSlot] = [*account.overrides.get(id_, ())]
            slots += account.shift_overrides.get(id_, ())
            for slot in slots:
                said = (handle, self._handle(slot.user), max(slot.start, account.at), slot.end)
                is_ours = said in known or self._is_derived(markers.get(id_), slot)
                if slot.end > account.at and not is_ours:
                    yield _Found(handle, slot)

    def _known(self, now: int) -> set[tuple[str, str | None, int, int]]:
        """Declared ones, and those that are being taken back."""
        from watchbill.rota.duty import override_span

        policy = self.draft.before
        spans = ((o, override_span(policy, o)) for o in policy.overrides)
        return {(o.rotation, o.person, max(start, now), end) for o, (start, end) in spans}

    def _is_derived(self, marker: Marker | None, slot: OverrideSlot | ShiftOverrideSlot) -> bool:
        from watchbill.plan.shift_slots import hashes_of

        if marker is None:
            return False
        return not {one.lstrip("-") for one in marker.derived}.isdisjoint(hashes_of(marker.key, slot))

    def _one(self, found: _Found) -> None:
        from watchbill.cli.adopting_reach import belongs, followers
        from watchbill.cli.overriding import local_minutes, override_name
        from watchbill.errors import PolicyInvalid
        from watchbill.report.adopt import Adopted, LeftAlone

        policy, slot = self.draft.before, found.slot
        title = policy.rotations[found.rotation].vendor_name
        key = f"rotation/{found.rotation}"
        person = self._handle(slot.user)
        told = f"an override for {person or self._name(slot.user)}"

        def leave(reason: str, nearest: str = "") -> None:
            self.left.append(LeftAlone(key=key, name=title, reason=f"{told}: {reason}", nearest=nearest))

        if person is None:
            leave("the policy has no such person", "add them under `people`, with their e-mail")
            return
        if slot.start % 60 or slot.end % 60:
            leave("it does not begin and end on a whole minute, and the files know minutes only")
            return
        since, until = local_minutes(policy, found.rotation, slot.start, slot.end)
        item = {"rotation": found.rotation, "person": person, "from": since, "until": until}
        path = self.draft.create(override_name(found.rotation, since, person), "overrides", dict(item))
        try:
            loaded, after = self.draft.after()
        except PolicyInvalid as invalid:
            self.draft.drop(path)
            first = invalid.findings[0].message if invalid.findings else str(invalid)
            leave(f"the policy would be wrong: {first}")
            return
        plan = self.reading.plan(loaded, after)
        before = {change.ref for change in self.plan.changes}
        follow = followers(after, key)
        new = [change for change in plan.changes if change.ref not in before and not belongs(change, follow)]
        if new:
            self.draft.drop(path)
            leave(f"in the policy's words it would change {new[0].name}")
            return
        self.plan = plan
        self.adopted.append(Adopted(key=key, name=title, told=f"{told}, {since} to {until}"))

    def _handle(self, user: str) -> str | None:
        from watchbill.account.lookup import Lookup

        return Lookup(self.draft.before, self.reading.account).people.get(user)

    def _name(self, user: str) -> str:
        return next((u.name for u in self.reading.account.users if u.id == user), user)
