"""Taking somebody out of the policy: every place that names them, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from watchbill.errors import UsageError, WatchbillError
from watchbill.model.base import UNSET

if TYPE_CHECKING:
    from watchbill.checks.uses import Use
    from watchbill.cli.changing import Draft
    from watchbill.config.load import Loaded
    from watchbill.findings import Place, Spot
    from watchbill.model.policy import Policy
    from watchbill.report.change import LeftOver
    from watchbill.rota.clock import Instant
    from watchbill.rota.crew_change import CrewChange


@dataclass
class Leaver:
    """`crews`: the rotations whose crew changes.  Past duty is history and keeps its names."""

    draft: Draft
    person: str
    successor: str | None
    since: Instant | None
    at_once: bool
    crews: dict[str, CrewChange] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _left: list[tuple[Place, str, str]] = field(default_factory=list)

    @property
    def policy(self) -> Policy:
        return self.draft.before

    def leave(self) -> None:
        self._crews()
        for use in sorted(
            self._uses(self.policy), key=lambda u: [str(p).rjust(9) for p in u.place], reverse=True
        ):
            self._use(use)

    def left(self) -> list[LeftOver]:
        """With the lines as they are after the edit."""
        from watchbill.report.change import LeftOver

        found = [LeftOver(what, hint, self._spot(place)) for place, what, hint in self._left]
        return sorted(found, key=lambda item: (item.spot.file, item.spot.line) if item.spot else ("", 0))

    def _spot(self, place: Place) -> Spot | None:
        from watchbill.config.yaml_reader import read_yaml

        home = self.draft.loaded.locator.home(place)
        if home is None:
            return None
        document, path = home
        return read_yaml(self.draft.texts.get(document.file, document.text), document.file).spot(path)

    def forget(self, after: Loaded) -> None:
        """The entry in `people`, when nothing refers to it any more."""
        from watchbill.config.edit import remove

        assert after.policy is not None
        spots = [after.locator.spot(use.place) for use in self._uses(after.policy)]
        if spots:
            said = dict.fromkeys(f"{s.file}:{s.line}" for s in spots if s)
            self.notes.append(f"{self.person} stays in `people`: still named in {', '.join(said)}")
            return
        self.draft.edit(("people", self.person), lambda text, path, file: remove(text, path, file=file))

    def _uses(self, policy: Policy) -> list[Use]:
        from watchbill.checks.uses import uses

        return [use for use in uses(policy) if use.name == self.person and "people" in use.kinds]

    def _crews(self) -> None:
        from watchbill.cli.crew import hand_over
        from watchbill.config.change_crews import write_crews
        from watchbill.rota.crew_change import change_crew
        from watchbill.rota.crew_places import Ask

        for handle, spec in self.policy.rotations.items():
            if self.person not in spec.members or spec.layers is not None or spec.together:
                continue
            ask = Ask("remove", self.person, since=self.since, at_once=self.at_once)
            try:
                change = change_crew(self.policy, handle, ask, self.draft.options.now)
            except UsageError as error:
                if self._is_past(handle):
                    continue
                self._leave(("rotations", handle), error.message, error.remedy)
                continue
            self.crews[handle] = change
            self.draft.edit(
                ("rotations", handle),
                lambda text, path, file, change=change: write_crews(text, path, change, file=file),  # type: ignore[misc]
            )
            self.notes += [f"{handle}: {note}" for note in change.notes]
            if change.takes_over is not None:
                hand_over(self.draft, change, self.person)

    def _is_past(self, handle: str) -> bool:
        """Only in crews that are over."""
        from watchbill.rota.handoffs import entries

        return all(
            e.end <= self.draft.options.now for e in entries(self.policy, handle) if self.person in e.order
        )

    def _use(self, use: Use) -> None:
        place, kind = use.place, use.place[0]
        key = next((p for p in reversed(place) if isinstance(p, str)), "")
        if kind == "rotations":
            self._rotation(place)
        elif kind in ("overrides", "absences", "shifts"):
            self._dated(place)
        elif key in ("held_by", "primary", "backup") and kind in ("roles", "experts"):
            self._put(place, self.successor or UNSET)
        elif key == "or":
            self._remove(place)
        elif isinstance(place[-1], int):
            self._out_of_list(place)
        elif self.successor is not None and kind != "expectations":
            self._put(place, self.successor)
        else:
            self._leave(place, f"only {self.person} is named here", "name somebody else")

    def _rotation(self, place: Place) -> None:
        handle = str(place[1])
        spec = self.policy.rotations[handle]
        if place[2] in ("covered_by", "otherwise"):
            if self.successor is not None:
                self._put(place, self.successor)
            else:
                self._leave(place, f"{self.person} stands in for {handle} here", "name somebody else")
        elif spec.layers is not None:
            item = spec.layers[int(place[3])]
            name = item.name or int(place[3]) + 1
            hint = f"`watchbill crew remove {handle} {self.person} --layer '{name}'` takes them out"
            self._leave(place, f"{self.person} is in the crew of layer {name}", hint)
        elif spec.together:
            others = {name for name in spec.crew or () if name != self.person}
            if others:
                self._remove(place)
            else:
                self._leave(place, f"nobody else is in the crew of {handle}", "add somebody first")

    def _dated(self, place: Place) -> None:
        from watchbill.cli.overriding import cancel_at
        from watchbill.ladder.leave import leave_span
        from watchbill.rota.duty import override_span, wall

        policy, now = self.policy, self.draft.options.now
        kind, index, key = str(place[0]), int(place[1]), str(place[2])
        if kind == "absences":
            absence = policy.absences[index]
            if key == "covered_by" and leave_span(policy, absence)[1] > now:
                self._remove(place)
                self.notes.append(
                    f"the leave of {absence.person} from {absence.first_day} on has no cover now"
                )
            return
        if kind == "shifts":
            entry = policy.shifts[index]
            if wall(entry.until.text, policy.zone_of(entry.rotation)) > now:
                self._leave(place, f"a shift of {self.person} from {entry.from_}", "name somebody else")
            return
        override = policy.overrides[index]
        start, end = override_span(policy, override)
        if override.cancelled or end <= now or key == "requested_by":
            return
        change = self.crews.get(override.rotation)
        gone = change.at if change is not None else now
        if key == "instead_of" and end <= gone:
            return
        if start <= now:
            hint = f"`watchbill override cancel {override.rotation} {override.person}` ends it at once"
            self._leave(place, f"{override.person} stands in until {override.until or 'its end'}", hint)
            return
        cancel_at(self.draft, index)
        self.notes.append(f"cancelled: {override.person} in {override.rotation} from {override.from_}")

    def _out_of_list(self, place: Place) -> None:
        """Others are named beside them.  A pair that must never meet is no pair without one of them."""
        names = self._list_at(place[:-1])
        if place[0] == "expectations" and place[2] == "never_together" and len(names) < 3:
            self._leave(
                place, f"{self.person} is one of two here", "delete the expectation, or name somebody else"
            )
        elif self.successor is not None and self.successor not in names and place[0] != "expectations":
            self._put(place, self.successor)
        else:
            self._remove(place)

    def _list_at(self, place: Place) -> list[str]:
        home = self.draft.loaded.locator.home(place)
        assert home is not None
        data = home[0].data
        for step in home[1]:
            data = data[step]
        return [str(item) for item in data]

    def _put(self, place: Place, value: str) -> None:
        from watchbill.config.edit import set_value

        self._edit(place, lambda text, path, file: set_value(text, path, value, file=file))

    def _remove(self, place: Place) -> None:
        from watchbill.config.edit import remove

        self._edit(place, lambda text, path, file: remove(text, path, file=file))

    def _edit(self, place: Place, change: object) -> None:
        """What cannot be edited well is left to a human."""
        try:
            self.draft.edit(place, change)  # type: ignore[arg-type]
        except WatchbillError as error:
            self._leave(place, error.message, error.remedy)

    def _leave(self, place: Place, what: str, hint: str) -> None:
        self._left.append((place, what, hint))
