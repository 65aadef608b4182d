"""Writing what was edited in the account into the YAML: each way to say it is tried until the plan is content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from watchbill.adopt.cannot import CannotSay

if TYPE_CHECKING:
    from watchbill.account.objects import EscalationPolicy, ManagedObject, ShiftSchedule
    from watchbill.adopt.drift_edit import Candidate, Spoken
    from watchbill.adopt.drift_ladder import Cell
    from watchbill.cli.changing import Draft
    from watchbill.cli.planning import Reading
    from watchbill.model.policy import Policy
    from watchbill.plan.document import Change, Plan
    from watchbill.plan.drift import Attribution
    from watchbill.report.adopt import Adopted, LeftAlone

NO_WORDS = "the format has no words for it"


@dataclass(slots=True)
class Adopting:
    draft: Draft
    reading: Reading
    plan: Plan
    """Of the draft as it is by now."""
    edits: tuple[Attribution, ...]
    adopted: list[Adopted] = field(default_factory=list)
    left: list[LeftAlone] = field(default_factory=list)

    def adopt(self, ref: str, *, named: bool) -> None:
        """Does nothing where an earlier edit has said it already.  `named`: asked for by its name."""
        from watchbill.report.adopt import Adopted, LeftAlone

        change = next((c for c in self.plan.changes if c.ref == ref), None)
        if change is None:
            return
        why: list[str] = []
        nearest = ""
        try:
            for candidate in self._candidates(change, named=named):
                refused = self._try(change, candidate)
                if not refused:
                    self.adopted.append(Adopted(key=change.key, name=change.name, told=candidate.told))
                    return
                why.append(refused)
        except CannotSay as cannot:
            why.insert(0, cannot.reason)
            nearest = cannot.nearest if isinstance(cannot, _Left) else ""
        reason = why[0] if why else NO_WORDS
        nearest = nearest or self._nearest(change)
        self.left.append(LeftAlone(key=change.key, name=change.name, reason=reason, nearest=nearest))

    def _try(self, change: Change, candidate: Candidate) -> str:
        """ "" if it was taken into the draft, else why not."""
        from watchbill.config.edit_errors import EditRefused
        from watchbill.errors import PolicyInvalid

        if not candidate.edits:
            return NO_WORDS
        saved = self.draft.save()
        try:
            for edit in candidate.edits:
                self.draft.edit(edit.place, edit.change)
            loaded, policy = self.draft.after()
            plan = self.reading.plan(loaded, policy)
        except EditRefused as refusal:
            self.draft.restore(saved)
            return refusal.message
        except PolicyInvalid as invalid:
            self.draft.restore(saved)
            return (
                f"the policy would be wrong: {invalid.findings[0].message if invalid.findings else invalid}"
            )
        refused = self._refused(change, plan, policy)
        if refused:
            self.draft.restore(saved)
            return refused
        self.plan = plan
        return ""

    def _refused(self, change: Change, plan: Plan, policy: Policy) -> str:
        """Why the draft does not say just this edit; "" if it does."""
        from watchbill.cli.adopting_reach import belongs, followers, newer_lost

        now = next((c for c in plan.changes if c.ref == change.ref), None)
        if now is not None:
            fields = ", ".join(dict.fromkeys(f.path for f in now.fields))
            return f"in words it would differ: {fields}"
        allowed = followers(policy, change.key)
        lost = newer_lost(self.plan, plan, allowed | {change.key})
        if lost:
            return f"the same words would take out what is newer in the policy: {', '.join(lost[:3])}"
        known = {c.ref for c in self.plan.changes}
        new = [c for c in plan.changes if c.ref not in known and not belongs(c, allowed)]
        if new:
            names = ", ".join(dict.fromkeys(c.name for c in new[:3]))
            return f"the same words would change {names} too" + (
                f" and {len(new) - 3} more" if len(new) > 3 else ""
            )
        errors = {n.message for n in self.plan.notices if n.severity == "error"}
        fresh = [n.message for n in plan.notices if n.severity == "error" and n.message not in errors]
        return fresh[0] if fresh else ""

    def _candidates(self, change: Change, *, named: bool) -> Iterator[Candidate]:
        from watchbill.account.objects import EscalationPolicy, Schedule, Service, ShiftSchedule

        if change.class_ == "conflict" and not named:
            handle = change.key.partition("/")[2]
            raise _Left("the policy was changed too", f"`watchbill adopt {handle}` lets the account win")
        if not named and change.kind != "routing" and self._is_unknown(change):
            handle = change.key.partition("/")[2]
            reason = "nothing shows whether the policy or the account changed last"
            raise _Left(reason, f"`watchbill adopt {handle}` lets the account win")
        policy = self.draft.after()[1]
        current, want = self._current(change), change.want
        if change.kind == "routing":
            reason = "event rules follow from severities, domains and tags"
            raise _Left(reason, "`from_alerts` of a severity says which alerts open it")
        if change.action == "create" and change.kind != "override":
            yield self._without(change, policy, named=named)
            return
        if current is None or want is None or change.kind == "override":
            raise _Left("it is an override", "`watchbill adopt --overrides` declares those of other people")
        from watchbill.cli.spoken import spoken_of

        spoken = spoken_of(policy, self.reading)
        handle = change.key.partition("/")[2]
        if isinstance(want, ShiftSchedule) and isinstance(current, ShiftSchedule):
            yield from self._shifts(handle, policy, change, want, current, spoken)
        if isinstance(want, Schedule) and isinstance(current, Schedule):
            from watchbill.adopt.drift_people import with_newcomers
            from watchbill.adopt.drift_rotation import rotation_candidates

            spoken, newcomers = with_newcomers(
                [user for layer in current.layers for user in layer.users],
                self.reading.account,
                policy,
                spoken,
            )
            raw = self.draft.raw(("rotations", handle))
            spec = policy.rotations[handle]
            found = rotation_candidates(
                handle,
                spec,
                raw,
                want,
                current,
                spoken,
                policy.settings,
                self._when(change),
                self.reading.now,
            )
            for candidate in found:
                yield type(candidate)((*newcomers, *candidate.edits), candidate.told)
        elif isinstance(want, EscalationPolicy) and isinstance(current, EscalationPolicy):
            yield from self._ladder(handle, policy, want, current, spoken)
        elif isinstance(want, Service) and isinstance(current, Service):
            from watchbill.adopt.drift_service import service_candidates

            yield from service_candidates(
                handle, self.draft.raw(("services", handle)), policy, want, current, spoken
            )

    def _shifts(
        self,
        handle: str,
        policy: Policy,
        change: Change,
        want: ShiftSchedule,
        current: ShiftSchedule,
        spoken: Spoken,
    ) -> Iterator[Candidate]:
        from watchbill.adopt.drift_people import with_newcomers
        from watchbill.adopt.drift_shifts import shift_candidates

        members = [m for r in current.rotations for e in r.events for m in e.members if m]
        spoken, newcomers = with_newcomers(members, self.reading.account, policy, spoken)
        raw = self.draft.raw(("rotations", handle))
        at, now = self._when(change), self.reading.now
        try:
            for candidate in shift_candidates(handle, policy, raw, want, current, spoken, at, now):
                yield type(candidate)((*newcomers, *candidate.edits), candidate.told)
        except CannotSay as cannot:
            raise _Left(cannot.reason, "edit the rotation's crew in the YAML instead") from None

    def _ladder(
        self,
        handle: str,
        policy: Policy,
        want: EscalationPolicy,
        current: EscalationPolicy,
        spoken: Spoken,
    ) -> Iterator[Candidate]:
        """In its own words, or the severity's; else in those of its domain."""
        from watchbill.adopt.drift_ladder import domain_words, ladder_candidates
        from watchbill.cli.adopting_reach import cell_of, ladder_place

        cell = cell_of(policy, handle)
        why: CannotSay | None = None
        try:
            self._stop_at_one_cell(policy, cell)
            raw = self.draft.raw(ladder_place(policy, handle))
            yield from ladder_candidates(handle, cell, raw, policy, want, current, spoken)
        except CannotSay as cannot:
            why = cannot
        if cell.domain is not None:
            raw = self.draft.raw(("domains", cell.domain))
            yield from domain_words(cell, raw, policy, current, spoken)
        if why is not None:
            raise why

    def _without(self, change: Change, policy: Policy, *, named: bool) -> Candidate:
        """Somebody deleted it: its words go too, where it has words of its own and nobody else needs them."""
        from watchbill.adopt.drift_edit import Candidate, Edit
        from watchbill.cli.adopting_reach import changed_since
        from watchbill.config.edit import remove

        kind, _, handle = change.key.partition("/")
        place = ({"rotation": "rotations", "ladder": "ladders"}.get(kind, "services"), handle)
        if self.draft.raw(place) is None:
            reason = "it was deleted in the account, and is made of a domain and a severity"
            raise _Left(reason, "take these out of the YAML, or `watchbill apply` makes it again")
        when = self._when(change)
        if not named and when < self.reading.now and changed_since(self.reading, policy, change.key, when):
            reason = "it was deleted in the account, and the policy changed it after that"
            raise _Left(reason, f"`watchbill adopt {handle}` takes it out of the YAML")
        gone = Edit(place, lambda text, where, file: remove(text, where, file=file))
        return Candidate((gone,), "it was deleted in the account, so it is taken out")

    def _stop_at_one_cell(self, policy: Policy, cell: Cell) -> None:
        """A severity's steps are every domain's: they can be said only if all of them were edited."""
        from watchbill.ladder.compose import compose
        from watchbill.plan.document import DRIFT_CLASSES

        if cell.severity is None:
            return
        edited = {change.key for change in self.plan.changes if change.class_ in DRIFT_CLASSES}
        same = [ladder for ladder in compose(policy).values() if ladder.severity == cell.severity]
        others = [ladder.vendor_name for ladder in same if f"ladder/{ladder.key}" not in edited]
        if others:
            more = f" and {len(others) - 2} more" if len(others) > 2 else ""
            reason = f"severity {cell.severity} pages every domain alike, and {', '.join(others[:2])}{more} would change too"
            raise _Left(reason, "")

    def _is_unknown(self, change: Change) -> bool:
        """An update of an object that has neither a marker nor a record."""
        from watchbill.account.wanted import pins_of

        current = self._current(change)
        pin = pins_of(self.draft.before).get(change.key)
        return current is not None and current.marker is None and (pin is None or pin.read is None)

    def _current(self, change: Change) -> ManagedObject | None:
        everything = self.reading.account.everything()
        return next((o for o in everything if (o.kind, o.id) == (change.kind, change.id)), None)

    def _when(self, change: Change) -> int:
        """The last edit, where the audit trail knows it; else now."""
        from watchbill.rota.clock import parse_instant

        whens = [parse_instant(e.when) for e in self.edits if e.key == change.key and e.when]
        return max(whens, default=self.reading.now)

    def _nearest(self, change: Change) -> str:
        from watchbill.adopt.drift_ladder import nearest
        from watchbill.cli.adopting_reach import cell_of

        if change.kind != "escalation_policy":
            return ""
        policy = self.draft.after()[1]
        return nearest(cell_of(policy, change.key.partition("/")[2]), policy)


class _Left(CannotSay):
    """With what can be said instead."""

    def __init__(self, reason: str, nearest: str) -> None:
        super().__init__(reason)
        self.nearest = nearest
